/** `mltrack experiments rename`. */
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import { EXPERIMENT_ID, onServer } from '../tracking-server.js';

interface Args {
  experimentId: string;
  newName: string;
}

function options(yargs: Argv): Argv<Args> {
  return yargs
    .option('experiment-id', EXPERIMENT_ID)
    .option('new-name', { type: 'string', demandOption: true, describe: 'Its new name' }) as unknown as Argv<Args>;
}

async function run({ experimentId: experiment_id, newName: new_name }: ArgumentsCamelCase<Args>): Promise<void> {
  await onServer((client) => client.updateExperiment({ experiment_id, new_name }));
  console.log(`Experiment with id ${experiment_id} has been renamed to '${new_name}'.`);
}

export const rename: CommandModule<object, Args> = {
  command: 'rename',
  describe: 'Give an active experiment another name',
  builder: options,
  handler: run,
};
