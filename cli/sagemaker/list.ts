/** `mltrack sagemaker list`. */
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import { REGION_NAME } from './flags.js';
import { interruptible } from './interruptible.js';

interface Args {
  regionName: string | undefined;
  json: boolean;
}

function options(yargs: Argv): Argv<Args> {
  return yargs
    .option('region-name', REGION_NAME)
    .option('json', { type: 'boolean', default: false, describe: 'Print one JSON list' }) as unknown as Argv<Args>;
}

async function run({ regionName: region, json }: ArgumentsCamelCase<Args>): Promise<void> {
  const packager = await import('../../packager/index.js');
  const endpoints = await interruptible(({ signal }) => packager.listEndpoints({ region, signal }));
  if (json) console.log(JSON.stringify(endpoints));
  else for (const { name, status, modified } of endpoints) console.log(`${name}\t${status}\t${modified}`);
}

export const list: CommandModule<object, Args> = {
  command: 'list',
  describe: 'The endpoints of a region: name, status, time of the last change',
  builder: options,
  handler: run,
};
