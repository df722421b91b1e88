/** `mltrack sagemaker list`. */
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import { DRY_RUN, REGION_NAME } from './flags.js';
import { runVerb } from './interruptible.js';

interface Args {
  regionName: string | undefined;
  dryRun: boolean;
  json: boolean;
}

function options(yargs: Argv): Argv<Args> {
  return yargs
    .option('region-name', REGION_NAME)
    .option('dry-run', DRY_RUN)
    .option('json', { type: 'boolean', default: false, describe: 'Print one JSON list' }) as unknown as Argv<Args>;
}

async function run(args: ArgumentsCamelCase<Args>): Promise<void> {
  const { regionName: region, json } = args;
  const packager = await import('../../packager/index.js');
  await runVerb(
    args,
    (talk) => packager.listEndpoints({ region, ...talk }),
    (endpoints) => {
      if (json) console.log(JSON.stringify(endpoints));
      else for (const { name, status, modified } of endpoints) console.log(`${name}\t${status}\t${modified}`);
    },
  );
}

export const list: CommandModule<object, Args> = {
  command: 'list',
  describe: 'The endpoints of a region: name, status, time of the last change',
  builder: options,
  handler: run,
};
