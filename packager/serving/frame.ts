/** A table of a request, what pandas calls a DataFrame: read from its `split` and `records` forms. */
import { MltrackError } from '../../api/errors.js';
import { Numbers, Records, unpacked } from './numbers.js';

export interface Frame {
  readonly columns: readonly string[];
  /** How many. */
  readonly rows: number;
  /** Each row as long as `columns`. */
  readonly cells: readonly (readonly unknown[])[] | Numbers;
  /** Whether the cells are text to be read as the graph's types (CSV), or values with types of their own. */
  readonly text: boolean;
}

/** A column's cells: a list, or `Numbers` of one axis. */
export function column({ cells }: Frame, index: number): readonly unknown[] | Numbers {
  return cells instanceof Numbers ? cells.column(index) : cells.map((row) => row[index]);
}

/** The frame of some of the columns, in the order given. */
export function select(frame: Frame, columns: readonly string[]): Frame {
  if (columns.length === frame.columns.length && columns.every((name, at) => name === frame.columns[at])) return frame;
  const places = columns.map((name) => frame.columns.indexOf(name));
  const { cells } = frame;
  return {
    ...frame,
    columns,
    cells: cells instanceof Numbers ? cells.columns(places) : cells.map((row) => places.map((place) => row[place])),
  };
}

/** Whether the cells are lists, as far as the first one says. */
export function holdsLists({ cells }: Frame): boolean {
  return !(cells instanceof Numbers) && Array.isArray(cells[0]?.[0]);
}

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
  const { columns, index } = value;
  const { cells, rows, width } = table(value.data);
  const entries = index instanceof Numbers ? index.dims[0] : Array.isArray(index) ? index.length : rows;
  if (entries !== rows) throw bad(`The field 'index' has ${entries} entries for ${rows} rows.`);
  return { columns: columnNames(unpacked(columns), width, rows), rows, cells, text: false };
}

function table(data: unknown): Pick<Frame, 'cells' | 'rows'> & { width: number } {
  if (data instanceof Numbers && data.dims.length === 2) {
    const [rows, width] = data.dims as [number, number];
    return { cells: data, rows, width };
  }
  const cells = unpacked(data);
  if (!Array.isArray(cells) || !cells.every((row): row is unknown[] => Array.isArray(row))) {
    throw bad("The field 'data' must be a list of rows, each a list.");
  }
  const width = cells[0]?.length ?? 0;
  if (cells.some((row) => row.length !== width)) throw bad("The rows of 'data' differ in length.");
  return { cells, rows: cells.length, width };
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
  if (value instanceof Records) {
    return { columns: value.keys, rows: value.cells.dims[0] as number, cells: value.cells, text: false };
  }
  const records = unpacked(value);
  if (!Array.isArray(records)) throw bad(`Dataframe records format must be a list of records. Got ${kindOf(value)}.`);
  if (!records.every(isObject))
    throw bad('Dataframe records format must be a list of records: each must be an object.');
  const columns = [...new Set(records.flatMap(Object.keys))];
  return {
    columns,
    rows: records.length,
    cells: records.map((record) => columns.map((name) => (Object.hasOwn(record, name) ? record[name] : null))),
    text: false,
  };
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !isList(value);
}

const isList = (value: unknown) => Array.isArray(value) || value instanceof Numbers || value instanceof Records;

/** Python's name of a JSON value's type, as MLflow's messages have it. */
export function kindOf(value: unknown): string {
  if (isList(value)) return 'list';
  return isObject(value) ? 'dictionary' : `type ${value === null ? 'null' : typeof value}`;
}

export const names = (list: readonly string[]): string => `[${list.map((name) => `'${name}'`).join(', ')}]`;
