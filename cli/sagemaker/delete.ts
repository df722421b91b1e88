/** `mltrack sagemaker delete`. */
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import { CommandError } from '../failure.js';
import { APP_NAME, ARCHIVE, ASYNC, DRY_RUN, JSON_RESULT, REGION_NAME, TIMEOUT } from './flags.js';
import { runVerb } from './interruptible.js';

interface Args {
  appName: string;
  regionName: string | undefined;
  archive: boolean;
  async: boolean;
  timeout: number | undefined;
  dryRun: boolean;
  json: boolean;
}

function options(yargs: Argv): Argv<Args> {
  return yargs
    .option('app-name', APP_NAME)
    .option('region-name', REGION_NAME)
    .option('archive', { ...ARCHIVE, default: false })
    .option('async', { ...ASYNC, default: false })
    .option('timeout', { ...TIMEOUT, defaultDescription: '300' })
    .option('dry-run', DRY_RUN)
    .option('json', JSON_RESULT) as unknown as Argv<Args>;
}

async function run(args: ArgumentsCamelCase<Args>): Promise<void> {
  const { appName: app, regionName: region, archive, async, timeout, json } = args;
  if (timeout !== undefined && !(timeout > 0)) throw new CommandError('--timeout must be a number of seconds above 0');
  const packager = await import('../../packager/index.js');
  const status = async ? 'Deleting' : 'Deleted';
  await runVerb(
    args,
    (talk) => packager.deleteDeployment({ app, region, archive, async, timeout, ...talk }),
    () => console.log(json ? JSON.stringify({ endpoint: app, status }) : `${app} ${status}`),
  );
}

export const deleteApp: CommandModule<object, Args> = {
  command: 'delete',
  describe: 'Remove an endpoint and all that was made for it',
  builder: options,
  handler: run,
};
