/** Made-up names for runs and models: adjective-noun-number, as MLflow's, at most 20 characters. */
import { randomInt } from 'node:crypto';

const ADJECTIVES =
  'able agile amber apt bold brave bright brisk calm clean clever cool crisp deft eager fair fast fine fresh gentle glad grand happy keen kind light lively lucid lucky merry mild neat noble plucky proud quick quiet rapid ready sharp shiny smart smooth snug solid steady sunny swift tidy upbeat vivid warm wise witty zesty'.split(
    ' ',
  );
const NOUNS =
  'ant auk bass bear bee bird boar calf carp cat chimp cod colt crab crane crow cub deer doe dove duck eel elk fawn finch fish fox frog gnat goat goose grouse gull hare hawk hen heron horse hound ibex jay kite koi lamb lark lion loon lynx mare mink mole moose moth mouse mule newt orca otter owl ox panda perch pig puma quail ram ray robin seal shark shrew skink sloth slug snail snipe sole squid stag stoat stork swan tern tiger toad trout vole wasp whale wolf wren yak zebra'.split(
    ' ',
  );

const pick = (words: readonly string[]) => words[randomInt(words.length)] as string;

export function randomName(): string {
  return `${pick(ADJECTIVES)}-${pick(NOUNS)}-${randomInt(1000)}`;
}
