/** `mltrack sagemaker invoke`: a file to an endpoint, and its answer to stdout, byte for byte. */
import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import { CommandError } from '../failure.js';
import { APP_NAME, DRY_RUN, REGION_NAME } from './flags.js';
import { runVerb } from './interruptible.js';

interface Args {
  appName: string;
  input: string;
  contentType: string;
  accept: string | undefined;
  regionName: string | undefined;
  dryRun: boolean;
}

/** Standard input. */
const STANDARD = '-';

function options(yargs: Argv): Argv<Args> {
  return yargs
    .option('app-name', APP_NAME)
    .option('input', { type: 'string', demandOption: true, describe: 'File with the body; - is standard input' })
    .option('content-type', { type: 'string', default: 'application/json', describe: 'Media type of the body' })
    .option('accept', { type: 'string', describe: 'Media type of the answer' })
    .option('region-name', REGION_NAME)
    .option('dry-run', DRY_RUN) as unknown as Argv<Args>;
}

async function run(args: ArgumentsCamelCase<Args>): Promise<void> {
  const { appName, input, contentType, accept, regionName: region } = args;
  const body = await (input === STANDARD ? buffer(process.stdin) : readFile(input)).catch((error: Error) => {
    throw new CommandError(`Cannot read ${input}: ${error.message}`);
  });
  const { Predictor } = await import('../../packager/index.js');
  await runVerb(
    args,
    (talk) => new Predictor(appName, { region, ...talk }).invoke(body, { contentType, accept }),
    (answer) => process.stdout.write(answer.body),
  );
}

export const invoke: CommandModule<object, Args> = {
  command: 'invoke',
  describe: 'Ask an endpoint for predictions',
  builder: options,
  handler: run,
};
