/** A table of a request, what pandas calls a DataFrame: read from its `split` and `records` forms. */
import { MltrackError } from '../../api/errors.js';

export interface Frame {
  readonly columns: readonly string[];
  /** Each as long as `columns`. */
  readonly rows: readonly (readonly unknown[])[];
  /** Whether the cells are text to be read as the graph's types (CSV), or values with types of their own. */
  readonly text: boolean;
}

export const column = (frame: Frame, index: number): unknown[] => frame.rows.map((row) => row[index]);

const bad = (message: string) => new MltrackError('BAD_REQUEST', `Invalid input. ${message}`);

/** `{columns?, index?, data}`; columns that are not named are called 0, 1, …. Throws BAD_REQUEST for anything else. */
export function frameOfSplit(value: unknown): Frame {
  if (!isObject(value)) throw bad(`Dataframe split format must be a dictionary. Got ${kindOf(value)}.`);
  const keys = Object.keys(value);
  if (!keys.includes('data') || keys.some((key) => !['columns', 'index', 'data'].includes(key))) {
    throw bad(
      `Dataframe split format must have 'data' field and optionally 'columns' and 'index' fields. Got ${names(keys)}.`,
    );
  }
  const { data, columns, index } = value;
  if (!Array.isArray(data) || !data.every(Array.isArray))
    throw bad("The field 'data' must be a list of rows, each a list.");
  const rows: unknown[][] = data;
  const width = rows[0]?.length ?? 0;
  if (rows.some((row) => row.length !== width)) throw bad("The rows of 'data' differ in length.");
  if (Array.isArray(index) && index.length !== rows.length) {
    throw bad(`The field 'index' has ${index.length} entries for ${rows.length} rows.`);
  }
  return { columns: columnNames(columns, width, rows.length), rows, text: false };
}

function columnNames(columns: unknown, width: number, rows: number): string[] {
  if (columns === undefined || columns === null) return Array.from({ length: width }, (_, index) => String(index));
  if (!Array.isArray(columns)) throw bad("The field 'columns' must be a list of names.");
  if (rows > 0 && columns.length !== width)
    throw bad(`${columns.length} columns passed, passed data had ${width} columns.`);
  return columns.map(String);
}

/** A list of objects, one a row; a key that a row lacks is a missing value there. Throws BAD_REQUEST for anything else. */
export function frameOfRecords(value: unknown): Frame {
  if (!Array.isArray(value)) throw bad(`Dataframe records format must be a list of records. Got ${kindOf(value)}.`);
  if (!value.every(isObject)) throw bad('Dataframe records format must be a list of records: each must be an object.');
  const columns = [...new Set(value.flatMap(Object.keys))];
  return {
    columns,
    rows: value.map((record) => columns.map((name) => (Object.hasOwn(record, name) ? record[name] : null))),
    text: false,
  };
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Python's name of a JSON value's type, as MLflow's messages have it. */
export function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'list';
  return isObject(value) ? 'dictionary' : `type ${value === null ? 'null' : typeof value}`;
}

export const names = (list: readonly string[]): string => `[${list.map((name) => `'${name}'`).join(', ')}]`;
