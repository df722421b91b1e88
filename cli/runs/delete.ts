/** `mltrack runs delete`. */
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import { onServer, RUN_ID } from '../tracking-server.js';

interface Args {
  runId: string;
}

async function run({ runId: run_id }: ArgumentsCamelCase<Args>): Promise<void> {
  await onServer((client) => client.deleteRun({ run_id }));
  console.log(`Run with ID ${run_id} has been deleted.`);
}

export const remove: CommandModule<object, Args> = {
  command: 'delete',
  describe: 'Mark a run deleted; it may be restored until `mltrack gc`',
  builder: (yargs) => yargs.option('run-id', RUN_ID) as unknown as Argv<Args>,
  handler: run,
};
