/** `mltrack experiments create`. */
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import { JSON_RESULT, onServer } from '../tracking-server.js';

interface Args {
  experimentName: string;
  artifactLocation: string | undefined;
  json: boolean;
}

function options(yargs: Argv): Argv<Args> {
  return yargs
    .option('experiment-name', {
      alias: 'n',
      type: 'string',
      demandOption: true,
      describe: 'Its name, which is unique',
    })
    .option('artifact-location', {
      alias: 'l',
      type: 'string',
      defaultDescription: 'where the server keeps artifacts',
      describe: 'URI below which its runs keep their artifacts',
    })
    .option('json', JSON_RESULT) as unknown as Argv<Args>;
}

async function run({ experimentName: name, artifactLocation, json }: ArgumentsCamelCase<Args>): Promise<void> {
  const { experiment_id } = await onServer((client) =>
    client.createExperiment({ name, ...(artifactLocation && { artifact_location: artifactLocation }) }),
  );
  console.log(json ? JSON.stringify({ experiment_id, name }) : `Created experiment '${name}' with id ${experiment_id}`);
}

export const create: CommandModule<object, Args> = {
  command: 'create',
  describe: 'Create an experiment',
  builder: options,
  handler: run,
};
