/**
 * `logTable`: columns or rows as a JSON artifact that MLflow's `load_table` and evaluation page read (pandas' orient "split").
 * Source: `MlflowClient.log_table` in `mlflow/tracking/client.py`.
 */
import { type ContentTarget, checkedFile, invalid, type LoggedContent } from './target.js';

/** Values by column, or one object for each row. A column of one value (no list) makes a table of one row. */
export type TableData = Readonly<Record<string, unknown>> | readonly Readonly<Record<string, unknown>>[];

export interface Table {
  columns: string[];
  data: unknown[][];
}

/** The tag that lists a run's tables. */
const LOGGED_ARTIFACTS = 'mlflow.loggedArtifacts';

/** Per run: what it has logged so far, so that an append does not wait for what is still on its way to the server. */
interface Known {
  readonly tables: Map<string, Table>;
  /** The value of the tag, as soon as it was looked up. */
  listed: { path: string; type: string }[] | undefined;
  /** The last append: they come one after the other. */
  last: Promise<void>;
}

const known = new WeakMap<ContentTarget, Known>();

/**
 * Logs a table as the artifact `file`, which ends in `.json`; rows are added where the run has this table. Columns that one side lacks
 * are null there. Two processes that append to one table at once overwrite each other, as with MLflow.
 * Rejects with INVALID_PARAMETER_VALUE when the data is no table or the file no JSON file.
 */
export async function logTable(
  run: ContentTarget,
  data: TableData,
  file: string,
  logged?: LoggedContent,
): Promise<void> {
  if (!checkedFile(file).endsWith('.json')) {
    throw invalid(`Invalid artifact file path '${file}': a table is logged as a file that ends in .json`);
  }
  const added = tableOf(data);
  const state = known.get(run) ?? { tables: new Map(), listed: undefined, last: Promise.resolve() };
  known.set(run, state);
  const append = state.last.then(() => appendTable(run, state, added, file, logged));
  // A failed append is told to its caller only.
  state.last = append.catch(() => {});
  await append;
}

async function appendTable(run: ContentTarget, state: Known, added: Table, file: string, logged?: LoggedContent) {
  const before = state.tables.get(file) ?? (await readTable(file, logged));
  const table = before ? joined(before, added) : added;
  await run.logBytes(JSON.stringify(table), file);
  state.tables.set(file, table);
  state.listed ??= listIn((await logged?.tag(LOGGED_ARTIFACTS)) ?? '[]');
  if (state.listed.some(({ path, type }) => path === file && type === 'table')) return;
  const listed = [...state.listed, { path: file, type: 'table' }];
  await run.setTags({ [LOGGED_ARTIFACTS]: JSON.stringify(listed) });
  state.listed = listed;
}

async function readTable(file: string, logged: LoggedContent | undefined): Promise<Table | undefined> {
  const text = await logged?.text(file);
  if (text === undefined) return undefined;
  try {
    const table = JSON.parse(text) as Partial<Table>;
    if (Array.isArray(table.columns) && Array.isArray(table.data)) return { columns: table.columns, data: table.data };
  } catch {
    // Said below, as for JSON of another form.
  }
  throw invalid(`The artifact '${file}' is there already and is no table`);
}

function listIn(json: string): { path: string; type: string }[] {
  try {
    const list: unknown = JSON.parse(json);
    return Array.isArray(list) ? list : [];
  } catch {
    // Somebody's own text in MLflow's tag: the list begins anew.
    return [];
  }
}

/** Columns and rows of JSON values. Throws INVALID_PARAMETER_VALUE. */
export function tableOf(data: TableData): Table {
  if (isRows(data)) {
    const columns = [...new Set(data.flatMap((row) => Object.keys(row)))];
    return { columns, data: data.map((row) => columns.map((column) => cell(row[column]))) };
  }
  if (typeof data !== 'object' || data === null) throw invalid('A table is columns of values, or a list of rows');
  const columns = Object.keys(data);
  const lists = columns.map((column) => valuesOf(data[column]));
  const given = lists.filter((list) => list !== undefined);
  const height = given.length === 0 ? Math.min(1, columns.length) : Math.max(...given.map((list) => list.length));
  for (const [at, list] of lists.entries()) {
    if (list && list.length !== height) {
      throw invalid(`All columns must be of one length: '${columns[at]}' has ${list.length} values, not ${height}`);
    }
  }
  const rows = Array.from({ length: height }, (_, row) =>
    columns.map((column, at) => cell(lists[at] ? lists[at][row] : data[column])),
  );
  return { columns, data: rows };
}

function isRows(data: TableData): data is readonly Readonly<Record<string, unknown>>[] {
  if (!Array.isArray(data)) return false;
  const odd = data.findIndex((row) => typeof row !== 'object' || row === null || Array.isArray(row));
  if (odd >= 0) throw invalid(`Row ${odd} of the table is no object of columns and values`);
  return true;
}

/** The values of a column; undefined for one value by itself. */
function valuesOf(column: unknown): readonly unknown[] | undefined {
  if (Array.isArray(column)) return column;
  return ArrayBuffer.isView(column) && Symbol.iterator in column ? [...(column as Iterable<unknown>)] : undefined;
}

function joined(before: Table, added: Table): Table {
  const columns = [...new Set([...before.columns, ...added.columns])];
  const rows = (table: Table) => {
    const places = columns.map((column) => table.columns.indexOf(column));
    return table.data.map((row) => places.map((place) => (place < 0 ? null : row[place])));
  };
  return { columns, data: [...rows(before), ...rows(added)] };
}

/** As pandas writes a value: NaN and infinities are null, dates ISO 8601. */
function cell(value: unknown): unknown {
  if (value === undefined || (typeof value === 'number' && !Number.isFinite(value))) return null;
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (ArrayBuffer.isView(value)) return valuesOf(value)?.map(cell) ?? null;
  return value;
}
