/** `mltrack experiments csv`: the runs of an experiment as a table for other programs. */
import { writeFile } from 'node:fs/promises';
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import type { RunEntity } from '../../client/node/index.js';
import { CommandError } from '../failure.js';
import { allRuns } from '../runs/all-runs.js';
import { EXPERIMENT_ID, onServer } from '../tracking-server.js';

interface Args {
  experimentId: string;
  filename: string | undefined;
}

function options(yargs: Argv): Argv<Args> {
  return yargs.option('experiment-id', EXPERIMENT_ID).option('filename', {
    alias: 'o',
    type: 'string',
    defaultDescription: 'standard output',
    describe: 'File to write',
  }) as unknown as Argv<Args>;
}

async function run({ experimentId, filename }: ArgumentsCamelCase<Args>): Promise<void> {
  const text = csvOf(await onServer((client) => allRuns(client, experimentId, 'ACTIVE_ONLY')));
  if (filename === undefined) return console.log(text);
  await writeFile(filename, text).catch((error: Error) => {
    throw new CommandError(`Cannot write ${filename}: ${error.message}`);
  });
  console.log(`Experiment with ID ${experimentId} has been exported as a CSV to file: ${filename}.`);
}

type Row = Record<string, string>;

/** Columns as `mlflow.search_runs` names them; of metrics the latest values. */
function csvOf(runs: readonly RunEntity[]): string {
  const facts: Row[] = runs.map(({ info }) => ({
    run_id: info.run_id,
    experiment_id: info.experiment_id,
    status: info.status,
    artifact_uri: info.artifact_uri,
    start_time: timeOf(info.start_time),
    end_time: timeOf(info.end_time),
  }));
  const parts = [
    facts,
    runs.map(({ data }) => named('metrics', data.metrics, ({ value }) => pythonFloat(value))),
    runs.map(({ data }) => named('params', data.params, ({ value }) => value)),
    runs.map(({ data }) => named('tags', data.tags, ({ value }) => value)),
  ];
  const columns = parts.flatMap((rows) => [...new Set(rows.flatMap((row) => Object.keys(row)))]);
  const rows = runs.map((_, i): Row => Object.assign({}, ...parts.map((part) => part[i])));
  const lines = rows.map((row) => columns.map((column) => quoted(row[column] ?? '')).join(','));
  return `${[columns.map(quoted).join(','), ...lines].join('\n')}\n`;
}

function named<T extends { key: string }>(noun: string, pairs: readonly T[] | undefined, text: (pair: T) => string) {
  return Object.fromEntries((pairs ?? []).map((pair) => [`${noun}.${pair.key}`, text(pair)]));
}

const quoted = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** As pandas writes a time in UTC. */
function timeOf(ms: number | bigint | undefined): string {
  if (ms === undefined) return '';
  const [date, time] = new Date(Number(ms)).toISOString().slice(0, -1).split('T') as [string, string];
  return `${date} ${time.endsWith('.000') ? time.slice(0, -4) : time}+00:00`;
}

/** As pandas writes a double: NaN is an empty cell. */
function pythonFloat(value: number): string {
  if (Number.isNaN(value)) return '';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0.0';
  const size = Math.abs(value);
  if (size >= 1e16 || (size > 0 && size < 1e-4)) {
    return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
  }
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

export const csv: CommandModule<object, Args> = {
  command: 'csv',
  describe: 'All active runs of an experiment as CSV',
  builder: options,
  handler: run,
};
