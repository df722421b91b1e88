/** `mltrack experiments delete`. */
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import { EXPERIMENT_ID, onServer } from '../tracking-server.js';

interface Args {
  experimentId: string;
}

async function run({ experimentId: experiment_id }: ArgumentsCamelCase<Args>): Promise<void> {
  await onServer((client) => client.deleteExperiment({ experiment_id }));
  console.log(`Experiment with ID ${experiment_id} has been deleted.`);
}

export const remove: CommandModule<object, Args> = {
  command: 'delete',
  describe: 'Mark an experiment and its runs deleted; they may be restored until `mltrack gc`',
  builder: (yargs) => yargs.option('experiment-id', EXPERIMENT_ID) as unknown as Argv<Args>,
  handler: run,
};
