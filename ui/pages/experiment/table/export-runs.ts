/** Runs as a file, or as the Python that reads them: those that match, or the selected ones. */
import type { MenuItem } from '../../../components/Menu.js';
import { keyColumn } from '../../../display/run-columns.js';
import { client } from '../../../queries/connection.js';
import { eachRow, type RunRow } from '../../../queries/run-rows.js';
import type { RunScope } from '../../../state/run-scope.js';
import { toast, toastError } from '../../../state/toasts.js';

/** Ids a filter may list. */
const MOST_LISTED = 5_000;

export function exportItems(
  scope: RunScope,
  ids: readonly string[],
  selected: readonly string[] | undefined,
): MenuItem[] {
  const saveAs = (format: Format) => () =>
    save(scope, ids, selected, format).catch((error) => toastError('Not exported', error));
  return [
    { label: 'CSV', run: saveAs('csv') },
    { label: 'JSON', run: saveAs('json') },
    { label: 'Copy as Python', run: () => copyPython(scope, selected) },
  ];
}

type Format = 'csv' | 'json';

const listFilter = (runIds: readonly string[]) => `run_id IN (${runIds.map((id) => `'${id}'`).join(', ')})`;

async function save(
  scope: RunScope,
  ids: readonly string[],
  selected: readonly string[] | undefined,
  format: Format,
): Promise<void> {
  const which = selected
    ? { ...scope.which, filter: listFilter(selected.slice(0, MOST_LISTED)), run_view_type: 'ALL' as const }
    : scope.which;
  const rows: RunRow[] = [];
  for await (const row of eachRow(which, scope.orderBy, ids)) rows.push(row);
  const values = ids.filter((id) => keyColumn(id));
  const text =
    format === 'csv'
      ? csvOf(rows, values)
      : JSON.stringify(
          rows.map((row) => recordOf(row, values)),
          null,
          2,
        );
  download(text, `runs.${format}`, format === 'csv' ? 'text/csv' : 'application/json');
  toast(`${rows.length.toLocaleString('en')} runs written to runs.${format}`);
}

const FACTS = ['run_id', 'run_name', 'experiment_id', 'status', 'user_id', 'start_time', 'end_time'] as const;

function recordOf({ info, values }: RunRow, ids: readonly string[]): Record<string, unknown> {
  const facts = FACTS.map((fact) => [fact, info[fact] ?? null]);
  return Object.fromEntries([...facts, ...ids.map((id) => [id, plain(values[id])])]);
}

/** JSON has no NaN and no infinities. */
const plain = (value: number | string | undefined) =>
  typeof value === 'number' && !Number.isFinite(value) ? String(value) : (value ?? null);

function csvOf(rows: readonly RunRow[], ids: readonly string[]): string {
  const lines = rows.map((row) => Object.values(recordOf(row, ids)).map((value) => field(value ?? '')));
  return `${[[...FACTS, ...ids].map(field), ...lines].map((line) => line.join()).join('\r\n')}\r\n`;
}

/** A field as RFC 4180 has it; what a spreadsheet would take for a formula is kept from being one. */
function field(value: unknown): string {
  const text = typeof value === 'string' && /^[=+@\t\r]|^-(?![\d.])/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function download(text: string, name: string, type: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** What reads the same runs with MLflow's client. */
export function pythonOf(
  { experimentIds, filter, orderBy }: RunScope,
  selected: readonly string[] | undefined,
): string {
  const shown = selected ? listFilter(selected) : filter;
  const lines = [
    `experiment_ids=${JSON.stringify(experimentIds)},`,
    ...(shown ? [`filter_string=${JSON.stringify(shown)},`] : []),
    ...(orderBy.length > 0 ? [`order_by=${JSON.stringify(orderBy)},`] : []),
  ];
  const call = `runs = mlflow.search_runs(\n${lines.map((line) => `    ${line}\n`).join('')})`;
  return `import mlflow\n\nmlflow.set_tracking_uri(${JSON.stringify(client.uri)})\n${call}\n`;
}

async function copyPython(scope: RunScope, selected: readonly string[] | undefined): Promise<void> {
  try {
    await navigator.clipboard.writeText(pythonOf(scope, selected));
    toast('Python copied');
  } catch (error) {
    toastError('Not copied', error);
  }
}
