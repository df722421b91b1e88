/** `mltrack runs restore`. */
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import { onServer, RUN_ID } from '../tracking-server.js';

interface Args {
  runId: string;
}

async function run({ runId: run_id }: ArgumentsCamelCase<Args>): Promise<void> {
  await onServer((client) => client.restoreRun({ run_id }));
  console.log(`Run with id ${run_id} has been restored.`);
}

export const restore: CommandModule<object, Args> = {
  command: 'restore',
  describe: 'Make a deleted run active again',
  builder: (yargs) => yargs.option('run-id', RUN_ID) as unknown as Argv<Args>,
  handler: run,
};
