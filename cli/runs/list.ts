/** `mltrack runs list`. */
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import { CommandError } from '../failure.js';
import { headed } from '../table.js';
import { JSON_RESULT, onServer, VIEW, viewOf } from '../tracking-server.js';
import { allRuns } from './all-runs.js';

interface Args {
  experimentId: string | undefined;
  view: string;
  json: boolean;
}

function options(yargs: Argv): Argv<Args> {
  return yargs
    .option('experiment-id', { type: 'string', describe: 'ID of the experiment [MLFLOW_EXPERIMENT_ID]' })
    .option('view', VIEW)
    .option('json', JSON_RESULT) as unknown as Argv<Args>;
}

async function run({ experimentId, view, json }: ArgumentsCamelCase<Args>): Promise<void> {
  const experiment = experimentId ?? process.env.MLFLOW_EXPERIMENT_ID;
  if (!experiment) throw new CommandError('Say which experiment: --experiment-id, or MLFLOW_EXPERIMENT_ID');
  const view_type = viewOf(view);
  const found = await onServer((client) => allRuns(client, experiment, view_type));
  if (json) return console.log(JSON.stringify(found));
  const rows = found
    .sort((a, b) => Number(b.info.start_time ?? 0) - Number(a.info.start_time ?? 0))
    .map(({ info }) => [dateOf(Number(info.start_time ?? 0)), info.run_name, info.status, info.run_id]);
  console.log(headed(['Date', 'Name', 'Status', 'ID'], rows));
}

/** In the time of this machine, which is named. */
function dateOf(ms: number): string {
  const date = new Date(ms);
  const zone = new Intl.DateTimeFormat('en', { timeZoneName: 'short' })
    .formatToParts(date)
    .find(({ type }) => type === 'timeZoneName');
  return `${date.toLocaleString('sv')} ${zone?.value ?? ''}`;
}

export const list: CommandModule<object, Args> = {
  command: 'list',
  describe: 'The runs of an experiment, the newest first',
  builder: options,
  handler: run,
};
