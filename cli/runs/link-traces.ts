/** `mltrack runs link-traces`. */
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import { onServer, RUN_ID } from '../tracking-server.js';

interface Args {
  runId: string;
  traceId: readonly string[];
}

function options(yargs: Argv): Argv<Args> {
  return yargs
    .option('run-id', RUN_ID)
    .option('trace-id', {
      alias: 't',
      type: 'array',
      string: true,
      nargs: 1,
      demandOption: true,
      describe: 'ID of a trace; may be given up to 100 times',
    })
    .parserConfiguration({ 'duplicate-arguments-array': true }) as unknown as Argv<Args>;
}

async function run({ runId: run_id, traceId }: ArgumentsCamelCase<Args>): Promise<void> {
  await onServer((client) => client.linkTracesToRun({ trace_ids: [...traceId], run_id }));
  console.log(`Successfully linked ${traceId.length} trace(s) to run '${run_id}'`);
}

export const linkTraces: CommandModule<object, Args> = {
  command: 'link-traces',
  describe: 'Make a search for the run’s traces find these, too',
  builder: options,
  handler: run,
};
