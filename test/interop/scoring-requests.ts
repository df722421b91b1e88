/** Requests to a scoring server, good and bad, in all forms that MLflow has, made from an example of a model's inputs. */

export interface Example {
  /** Nested lists by input name. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Names of a frame's columns, when the model's inputs are a table. */
  readonly columns: readonly string[];
}

export interface Asked {
  readonly name: string;
  readonly body: string;
  readonly type: string;
}

/** The example in the two forms of MLflow 1.x; none when it is no table. */
export function oldForms({ inputs, columns }: Example): Asked[] {
  const table = tableOf(inputs, columns);
  if (!table) return [];
  const split = { columns: table.columns, data: table.rows };
  return [
    { ...json('1.x, split', split), type: `${JSON_TYPE}; format=pandas-split` },
    { ...json('1.x, records', recordsOf(table)), type: `${JSON_TYPE}; format=pandas-records` },
  ];
}

interface Table {
  readonly columns: readonly unknown[];
  readonly rows: readonly (readonly unknown[])[];
}

const JSON_TYPE = 'application/json';
const CSV_TYPE = 'text/csv';

/** Tokens that `JSON.stringify` cannot write stand in the text as strings that begin with this. */
const RAW = '\u0001';
const raw = (token: string) => RAW + token;
const toJson = (value: unknown) => JSON.stringify(value).replaceAll(/"\\u0001([^"]*)"/g, '$1');
const json = (name: string, value: unknown): Asked => ({ name, body: toJson(value), type: JSON_TYPE });

/** A cell that takes the place of the first one. */
const CELLS: Readonly<Record<string, unknown>> = {
  'an integer': 1,
  'a fraction': 0.5,
  'a number in e notation': raw('1E2'),
  'a negative number': -1,
  'minus zero': raw('-0.0'),
  'a number beyond the doubles': raw('1e400'),
  'an integer beyond the doubles': raw('9007199254740993'),
  'an integer beyond int64': raw('9223372036854775808'),
  'an integer beyond uint64': raw('18446744073709551616'),
  null: null,
  NaN: raw('NaN'),
  Infinity: raw('-Infinity'),
  true: true,
  'a number as text': '1',
  'a fraction as text': '0.5',
  text: 'abc',
  'empty text': '',
  'a list': [1],
  'an object': { a: 1 },
};

/** The example in all forms, good and bad envelopes, and other values, shapes, names and texts. */
export function requestsFor(example: Example): Asked[] {
  const { inputs, columns } = example;
  const table = tableOf(inputs, columns);
  return [
    ...fewRequests(example),
    ...Object.entries(CELLS).flatMap(([what, cell]) => tensorForms(`${what} for the first value`, first(inputs, cell))),
    ...wrongTensors(inputs),
    ...(table ? [...changedFrames(table), ...csvTexts(table)] : []),
  ];
}

/** The example in all forms, and in good and bad envelopes. */
export function fewRequests({ inputs, columns }: Example): Asked[] {
  const table = tableOf(inputs, columns);
  return [
    ...tensorForms('example', inputs),
    ...tensorForms('integers everywhere', Object.fromEntries(entries(inputs, whole))),
    ...envelopes(inputs),
    ...(table ? frameForms('example', table) : []),
  ];
}

const entries = (inputs: Example['inputs'], change: (value: unknown) => unknown) =>
  Object.entries(inputs).map(([name, value]) => [name, change(value)] as const);

/** With another first value of the first input. */
function first(inputs: Example['inputs'], cell: unknown): Record<string, unknown> {
  const [[name, value], ...others] = Object.entries(inputs) as [[string, unknown], ...[string, unknown][]];
  return Object.fromEntries([[name, withFirst(value, cell)], ...others]);
}

function withFirst(value: unknown, cell: unknown): unknown {
  if (!Array.isArray(value)) return cell;
  return [withFirst(value[0], cell), ...value.slice(1)];
}

function whole(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(whole);
  return typeof value === 'number' ? Math.round(value) : value;
}

/** `inputs` and `instances`, by name and, of a single input, without. */
function tensorForms(what: string, inputs: Readonly<Record<string, unknown>>): Asked[] {
  const values = Object.values(inputs);
  const rows = values.map((value) => (Array.isArray(value) ? value.length : Number.NaN));
  const asked = [
    json(`inputs by name: ${what}`, { inputs }),
    json(`instances by name: ${what}`, { instances: inputs }),
  ];
  if (values.length === 1) {
    asked.push(json(`inputs: ${what}`, { inputs: values[0] }), json(`instances: ${what}`, { instances: values[0] }));
  }
  if (rows.every((length) => length === rows[0])) {
    const instances = Array.from({ length: rows[0] ?? 0 }, (_, row) =>
      Object.fromEntries(entries(inputs, (value) => (value as unknown[])[row])),
    );
    asked.push(json(`instances, one object a row: ${what}`, { instances }));
  }
  return asked;
}

/** Other shapes and names than the model's. */
function wrongTensors(inputs: Example['inputs']): Asked[] {
  const [[name, value], ...others] = Object.entries(inputs) as [[string, unknown], ...[string, unknown][]];
  const list = Array.isArray(value) ? value : [value];
  const row = Array.isArray(list[0]) ? list[0] : list;
  const shapes: Record<string, unknown> = {
    'an axis less': list[0],
    'an axis more': [value],
    'a row alone': list.slice(0, 1),
    'a row twice': [...list, list[0]],
    'a row that is too short': list.map((each) => (Array.isArray(each) ? each.slice(1) : each)),
    'a row that is too long': list.map((each) => (Array.isArray(each) ? [...each, each[0]] : each)),
    'rows of several lengths': [...list.slice(1), Array.isArray(list[0]) ? row.slice(1) : [list[0]]],
    'a list among values': [[list[0], ...row], ...list.slice(1)],
    'an empty list': [],
    'an empty row': [[]],
    'a scalar': 1,
    'null alone': null,
    'text alone': 'abc',
    'very deep lists': raw(`${'['.repeat(100)}1${']'.repeat(100)}`),
    'an empty object': {},
  };
  const named = (values: readonly (readonly [string, unknown])[]) => ({ inputs: Object.fromEntries(values) });
  return [
    ...Object.entries(shapes).flatMap(([what, shape]) =>
      tensorForms(what, Object.fromEntries([[name, shape], ...others])),
    ),
    json('inputs by name: another name', named([['other', value], ...others])),
    json('inputs by name: a name more', named([...Object.entries(inputs), ['other', value]])),
    json('inputs by name: a name less', named(others)),
    json('instances, one object a row: rows with other names', {
      instances: [{ [name]: list[0] }, { other: list[0] }],
    }),
    json('instances, one object a row: a number among them', { instances: [{ [name]: list[0] }, 1] }),
  ];
}

/** What stands around the values. */
function envelopes(inputs: Example['inputs']): Asked[] {
  const good = toJson({ inputs });
  const text = (name: string, body: string, type = JSON_TYPE): Asked => ({ name: `body: ${name}`, body, type });
  return [
    json('body: with params', { inputs, params: { a: 1, temperature: 0.5 } }),
    json('body: with params that are a list', { inputs, params: [1] }),
    json('body: with other keys', { inputs, signature_name: 'serving_default', id: 7 }),
    json('body: two fields', { inputs, instances: inputs }),
    json('body: no field', { data: inputs }),
    json('body: a list', [inputs]),
    json('body: a number', 1),
    json('body: null', null),
    text('nothing', ''),
    text('cut off', good.slice(0, -2)),
    text('something after it', `${good}x`),
    text('white space around it', `\n ${good}\t\r\n`),
    text('one quote', good.replaceAll('"', "'")),
    text('a comma at the end', good.replace(/}}$/, '},}')),
    text('a charset', good, 'application/json; charset=utf-8'),
    text('a charset in capitals', good, 'application/json;charset=UTF-8'),
    text('another charset', good, 'application/json; charset=latin-1'),
    text('an unknown parameter', good, 'application/json; x=y'),
    text('another type', good, 'text/plain'),
  ];
}

/** Undefined when the inputs are no columns of scalars. */
function tableOf(inputs: Example['inputs'], columns: readonly string[]): Table | undefined {
  const values = Object.values(inputs);
  const isColumn = (value: unknown): value is unknown[] =>
    Array.isArray(value) && value.every((row) => !Array.isArray(row) || (row.length === 1 && !Array.isArray(row[0])));
  const [only] = values;
  if (values.length === 1 && Array.isArray(only) && Array.isArray(only[0]) && !Array.isArray(only[0][0])) {
    return { columns: columns.length > 0 ? columns : only[0].map((_, at) => `c${at}`), rows: only };
  }
  if (!values.every(isColumn)) return undefined;
  const cells = values.map((column) => column.map((row) => (Array.isArray(row) ? row[0] : row)));
  return { columns: Object.keys(inputs), rows: (cells[0] ?? []).map((_, row) => cells.map((each) => each[row])) };
}

const recordsOf = ({ columns, rows }: Table) =>
  rows.map((row) => Object.fromEntries(columns.map((name, at) => [String(name), row[at]])));

/** `dataframe_split`, `dataframe_records` and, of scalars, CSV. */
function frameForms(what: string, table: Table): Asked[] {
  return [
    json(`split: ${what}`, { dataframe_split: { columns: table.columns, data: table.rows } }),
    json(`records: ${what}`, { dataframe_records: recordsOf(table) }),
    ...(table.rows.flat().every((cell) => typeof cell !== 'object' || cell === null) ? [csv(what, table)] : []),
  ];
}

function changedFrames(table: Table): Asked[] {
  const { columns, rows } = table;
  const split = (what: string, value: unknown) => json(`split: ${what}`, { dataframe_split: value });
  const index = rows.map((_, row) => row + 10);
  const changed: Record<string, Table> = {
    'integers everywhere': { columns, rows: rows.map((row) => row.map(whole)) },
    'a column more': { columns: [...columns, 'more'], rows: rows.map((row) => [...row, 7]) },
    'a column of texts more': { columns: ['more', ...columns], rows: rows.map((row) => ['x', ...row]) },
    'a column less': { columns: columns.slice(1), rows: rows.map((row) => row.slice(1)) },
    'the last column less': { columns: columns.slice(0, -1), rows: rows.map((row) => row.slice(0, -1)) },
    'another name': { columns: ['other', ...columns.slice(1)], rows },
    'columns in another order': { columns: columns.toReversed(), rows: rows.map((row) => row.toReversed()) },
    'a row alone': { columns, rows: rows.slice(0, 1) },
  };
  return [
    ...Object.entries(CELLS).flatMap(([what, cell]) =>
      frameForms(`${what} for the first value`, { columns, rows: withFirst(rows, cell) as unknown[][] }),
    ),
    ...Object.entries(changed).flatMap(([what, each]) => frameForms(what, each)),
    split('without columns', { data: rows }),
    split('with an index', { columns, index, data: rows }),
    split('columns that are numbers', { columns: columns.map((_, at) => at), data: rows }),
    split('a name twice', { columns: [columns.at(-1), ...columns.slice(1)], data: rows }),
    split('an index that is too short', { columns, index: [1], data: rows }),
    split('a name too many', { columns: [...columns, 'more'], data: rows }),
    split('rows of several lengths', { columns, data: [...rows, rows[0]?.slice(1)] }),
    split('another key', { columns, data: rows, more: 1 }),
    split('without data', { columns }),
    split('no rows', { columns, data: [] }),
    split('a row that is a number', { columns, data: [...rows, 1] }),
    split('data that is an object', { columns, data: {} }),
    split('a list', [rows]),
    json('records: no rows', { dataframe_records: [] }),
    json('records: an empty object', { dataframe_records: [{}] }),
    json('records: an object', { dataframe_records: recordsOf(table)[0] }),
    json('records: a number among them', { dataframe_records: [...recordsOf(table), 1] }),
    json('records: a value missing in one', {
      dataframe_records: recordsOf(table).map((record, row) =>
        row === 1 ? Object.fromEntries(Object.entries(record).slice(0, -1)) : record,
      ),
    }),
    json('records: in another order', {
      dataframe_records: recordsOf(table).map((record) => Object.fromEntries(Object.entries(record).toReversed())),
    }),
  ];
}

function csv(what: string, table: Table): Asked {
  return { name: `csv: ${what}`, body: csvText(table), type: CSV_TYPE };
}

function csvText({ columns, rows }: Table): string {
  const cell = (value: unknown) => {
    const text = value === null ? '' : typeof value === 'boolean' ? (value ? 'True' : 'False') : String(value);
    return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text.replace(RAW, '');
  };
  return `${[columns, ...rows].map((row) => row.map(cell).join(',')).join('\n')}\n`;
}

function csvTexts(table: Table): Asked[] {
  const { columns, rows } = table;
  const good = csvText(table);
  const line = rows[0]?.map(() => 1).join(',');
  const text = (name: string, body: string, type = CSV_TYPE): Asked => ({ name: `csv: ${name}`, body, type });
  const [header = '', ...lines] = good.trimEnd().split('\n');
  return [
    text('CR and LF', good.replaceAll('\n', '\r\n')),
    text('a byte order mark', `\ufeff${good}`),
    text('no end of line at the end', good.trimEnd()),
    text('blank lines', `\n${header}\n\n${lines.join('\n')}\n\n`),
    text('all cells quoted', good.replaceAll(/[^,\n"]+/g, '"$&"')),
    text(
      'with an index as pandas writes it',
      csvText({ columns: ['', ...columns], rows: rows.map((row, at) => [at, ...row]) }),
    ),
    text('a charset', good, 'text/csv; charset=utf-8'),
    text('an unknown parameter', good, 'text/csv; x=y'),
    text('nothing', ''),
    text('a header alone', `${header}\n`),
    text('a line that is too short', `${good}1\n`),
    text('a line that is too long', `${good}${line},1\n`),
    text('a quote that does not end', `${good}"1`),
  ];
}
