/** `mltrack sagemaker invoke`: a file to an endpoint, and its answer to stdout, byte for byte. */
import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import { CommandError } from '../failure.js';
import { APP_NAME, REGION_NAME } from './flags.js';
import { interruptible } from './interruptible.js';

interface Args {
  appName: string;
  input: string;
  contentType: string;
  accept: string | undefined;
  regionName: string | undefined;
}

/** Standard input. */
const STANDARD = '-';

function options(yargs: Argv): Argv<Args> {
  return yargs
    .option('app-name', APP_NAME)
    .option('input', { type: 'string', demandOption: true, describe: 'File with the body; - is standard input' })
    .option('content-type', { type: 'string', default: 'application/json', describe: 'Media type of the body' })
    .option('accept', { type: 'string', describe: 'Media type of the answer' })
    .option('region-name', REGION_NAME) as unknown as Argv<Args>;
}

async function run({ appName, input, contentType, accept, regionName }: ArgumentsCamelCase<Args>): Promise<void> {
  const body = await (input === STANDARD ? buffer(process.stdin) : readFile(input)).catch((error: Error) => {
    throw new CommandError(`Cannot read ${input}: ${error.message}`);
  });
  const { Predictor } = await import('../../packager/index.js');
  const answer = await interruptible(({ signal }) =>
    new Predictor(appName, { region: regionName, signal }).invoke(body, { contentType, accept }),
  );
  process.stdout.write(answer.body);
}

export const invoke: CommandModule<object, Args> = {
  command: 'invoke',
  describe: 'Ask an endpoint for predictions',
  builder: options,
  handler: run,
};
