/** `mltrack experiments restore`. */
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import { EXPERIMENT_ID, onServer } from '../tracking-server.js';

interface Args {
  experimentId: string;
}

async function run({ experimentId: experiment_id }: ArgumentsCamelCase<Args>): Promise<void> {
  await onServer((client) => client.restoreExperiment({ experiment_id }));
  console.log(`Experiment with id ${experiment_id} has been restored.`);
}

export const restore: CommandModule<object, Args> = {
  command: 'restore',
  describe: 'Make a deleted experiment and its runs active again',
  builder: (yargs) => yargs.option('experiment-id', EXPERIMENT_ID) as unknown as Argv<Args>,
  handler: run,
};
