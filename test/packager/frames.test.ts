/** Frames: `dataframe_split`, `dataframe_records`, CSV and MLflow 1.x's bare arrays. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  casesOf,
  expectClose,
  type ModelServer,
  modelFolder,
  modelPath,
  type RecordedCase,
  serveModel,
  type VARIANTS,
} from './model-server.js';
import { writeModel } from './onnx-writer.js';

const SPLIT_1X = 'application/json; format=pandas-split';
const RECORDS_1X = 'application/json; format=pandas-records';

interface Table {
  columns: string[];
  data: unknown[][];
}

const records = ({ columns, data }: Table) =>
  data.map((row) => Object.fromEntries(columns.map((name, at) => [name, row[at]])));

function csv({ columns, data }: Table, end = '\n'): string {
  const line = (cells: unknown[]) =>
    cells.map((cell) => (typeof cell === 'string' ? `"${cell}"` : String(cell))).join(',');
  return [line(columns), ...data.map(line)].map((each) => each + end).join('');
}

function serving(name: string, variant: (typeof VARIANTS)[number]): () => ModelServer {
  let server: ModelServer;
  beforeAll(async () => {
    server = await serveModel(modelPath(name, variant), { args: ['-w', '1'] });
  });
  afterAll(async () => {
    await server.stop();
  });
  return () => server;
}

/** A case's only input as a table with columns c0, c1, …, and its only output's values. */
function matrixOf(name: string) {
  const [recorded] = casesOf(name).slice(-1);
  if (!recorded) throw new Error(`No case of ${name}`);
  const data = Object.values(recorded.inputs)[0] as unknown[][];
  const columns = (data[0] as unknown[]).map((_, at) => `c${at}`);
  return { table: { columns, data }, outputs: recorded.outputs };
}

describe('one input takes the whole matrix', () => {
  const server = serving('d_mlp_small', 'mlmodel_nosig');
  const { table, outputs } = matrixOf('d_mlp_small');
  const values = (outputs.y as number[][]).map(([value]) => value);
  const expected = { predictions: values.map((y) => ({ y })) };

  test('a split frame, with an index and without columns too', async () => {
    expectClose(await server().predict({ dataframe_split: table }), expected);
    const index = table.data.map((_, row) => row + 10);
    expectClose(await server().predict({ dataframe_split: { index, data: table.data } }), expected);
  });

  test('records', async () => {
    expectClose(await server().predict({ dataframe_records: records(table) }), expected);
  });

  test('CSV with LF, with CRLF, with a byte order mark, without an end of line', async () => {
    for (const text of [csv(table), csv(table, '\r\n'), `\ufeff${csv(table)}`, csv(table).trimEnd()]) {
      expectClose(await server().predict(text, 'text/csv'), expected);
    }
  });

  test('CSV whose first line is numbers is data, and column numbers are a header', async () => {
    const lines = csv(table).split('\n').slice(1).join('\n');
    expectClose(await server().predict(lines, 'text/csv'), expected);
    expectClose(await server().predict(`${table.columns.map((_, at) => at).join()}\n${lines}`, 'text/csv'), expected);
    expectClose(await server().predict(lines, 'text/csv; header=absent'), expected);
    const dropped = { predictions: expected.predictions.slice(1) };
    expectClose(await server().predict(lines, 'Text/CSV; Charset="UTF-8"; header=present'), dropped);
  });

  test('an empty cell of CSV, and null, are a missing number', async () => {
    const [row] = table.data;
    const line = `${table.columns.join()}\n,${row?.slice(1).join()}\n`;
    expect(await server().predict(line, 'text/csv')).toEqual({ predictions: [{ y: null }] });
    const data = [[null, ...(row ?? []).slice(1)]];
    expect(await server().predict({ dataframe_split: { columns: table.columns, data } })).toEqual({
      predictions: [{ y: null }],
    });
  });

  test('1.x: one value a row makes a bare array', async () => {
    expectClose(await server().predict(table, SPLIT_1X), values);
    expectClose(await server().predict(records(table), RECORDS_1X), values);
  });
});

describe('outputs of one row that differ in width', () => {
  const server = serving('d_bc_mlp', 'mlmodel_nosig');
  const { table, outputs } = matrixOf('d_bc_mlp');

  test('make no table, as in MLflow', async () => {
    const { status, text } = await server().post({ dataframe_split: table });
    expect(status).toBe(400);
    expect(JSON.parse(text)).toEqual({
      error_code: 'BAD_REQUEST',
      message: expect.stringContaining('"label" has 7, "probabilities" has 14 values'),
    });
  });

  test('1.x: each row is an object of its values and lists', async () => {
    const labels = outputs.label as number[];
    const probabilities = outputs.probabilities as number[][];
    expectClose(
      await server().predict(table, SPLIT_1X),
      labels.map((label, row) => ({ label, probabilities: probabilities[row] })),
    );
  });
});

describe('an output of maps', () => {
  const server = serving('d_iris_zipmap', 'mlmodel_nosig');
  const { table, outputs } = matrixOf('d_iris_zipmap');
  const rows = (outputs.output_label as number[]).map((output_label, row) => ({
    output_label,
    output_probability: (outputs.output_probability as unknown[])[row],
  }));

  test('is one object a record', async () => {
    expectClose(await server().predict({ dataframe_split: table }), { predictions: rows });
    expectClose(await server().predict(csv(table), 'text/csv'), { predictions: rows });
    expectClose(await server().predict(table, SPLIT_1X), rows);
  });
});

const CARS = casesOf('d_cars_columns')[0] as RecordedCase;
const CARS_TABLE = {
  columns: ['Origin', 'Horsepower', 'Weight_in_lbs', 'unused'],
  data: (CARS.inputs.Origin as string[][]).map(([origin], row) => [
    origin,
    (CARS.inputs.Horsepower as number[][])[row]?.[0],
    (CARS.inputs.Weight_in_lbs as number[][])[row]?.[0],
    row,
  ]),
};
const CARS_VALUES = CARS.outputs.variable as number[][];

describe('several inputs take one column each, by name', () => {
  const server = serving('d_cars_columns', 'mlmodel_nosig');
  const expected = { predictions: CARS_VALUES.map(([variable]) => ({ variable })) };

  test('from split, records and CSV', async () => {
    expectClose(await server().predict({ dataframe_split: CARS_TABLE }), expected);
    expectClose(await server().predict({ dataframe_records: records(CARS_TABLE) }), expected);
    expectClose(await server().predict(csv(CARS_TABLE), 'text/csv'), expected);
  });

  test('1.x', async () => {
    const values = CARS_VALUES.map(([value]) => value);
    expectClose(await server().predict(CARS_TABLE, SPLIT_1X), values);
    expectClose(await server().predict(records(CARS_TABLE), RECORDS_1X), values);
  });

  test('a column that is missing is named', async () => {
    const { status, text } = await server().post({ dataframe_split: { columns: ['Origin'], data: [['USA']] } });
    expect(status).toBe(400);
    expect(text).toContain("Model is missing inputs ['Horsepower', 'Weight_in_lbs'].");
  });
});

describe('with a tensor signature a frame is a dictionary of tensors', () => {
  const cars = serving('d_cars_columns', 'mlmodel');
  const mlp = serving('d_mlp_small', 'mlmodel');
  const strings = serving('d_strings', 'mlmodel');
  const { table, outputs } = matrixOf('d_mlp_small');

  test('and so is the reply', async () => {
    expectClose(await cars().predict({ dataframe_split: CARS_TABLE }), { predictions: { variable: CARS_VALUES } });
    const rows = { columns: ['x'], data: table.data.map((row) => [row]) };
    expectClose(await mlp().predict({ dataframe_split: rows }), { predictions: outputs });
  });

  test('values are cast to its types', async () => {
    const ones = await mlp().predict({ inputs: [new Array(30).fill(1)] });
    expect(await mlp().predict({ inputs: [new Array(30).fill(true)] })).toEqual(ones);
    expect(await mlp().predict({ inputs: [new Array(30).fill('1')] })).toEqual(ones);
  });

  test('but a number is no text', async () => {
    const { status, text } = await strings().post({ inputs: ['a', 1] });
    expect([status, text]).toEqual([400, expect.stringContaining("input 's' at [1]: 1 is not of type string")]);
  });
});

describe('with a column signature', () => {
  const { table, outputs } = matrixOf('d_mlp_small');
  const expected = { predictions: (outputs.y as number[][]).map(([y]) => ({ y })) };
  const spec = table.columns.map((name) => ({ type: 'double', name, required: true }));
  let folder: Awaited<ReturnType<typeof modelFolder>>;
  let server: ModelServer;
  beforeAll(async () => {
    folder = await modelFolder({
      MLmodel: `flavors: {onnx: {data: model.onnx}}\nsignature: {inputs: '${JSON.stringify(spec)}'}`,
      'model.onnx': await readFile(join(modelPath('d_mlp_small'), 'model.onnx')),
    });
    server = await serveModel(folder.path, { args: ['-w', '1'] });
  });
  afterAll(async () => {
    await server.stop();
    await folder.remove();
  });

  test('columns are taken by name, in its order, and others dropped', async () => {
    const columns = ['more', ...table.columns.toReversed()];
    const data = table.data.map((row) => ['x', ...row.toReversed()]);
    expectClose(await server.predict({ dataframe_split: { columns, data } }), expected);
    expectClose(await server.predict(csv({ columns, data }), 'text/csv'), expected);
  });

  test('a dictionary of its columns is a frame, and so is the reply', async () => {
    const inputs = Object.fromEntries(table.columns.map((name, at) => [name, table.data.map((row) => row[at])]));
    expectClose(await server.predict({ inputs }), expected);
    expectClose(await server.predict({ instances: records(table) }), expected);
    const uneven = await server.post({ inputs: { ...inputs, c0: [1] } });
    expect([uneven.status, uneven.text]).toEqual([400, expect.stringContaining('are not the same')]);
  });

  test('a column that is missing is named, with those that are too many', async () => {
    const { status, text } = await server.post({ dataframe_records: [{ c0: 1, other: 2 }] });
    expect(status).toBe(400);
    expect(text).toMatch(/Model is missing inputs \['c1', .*'c29'\]. Note that there were extra inputs: \['other'\]/);
  });
});

describe('with a signature that says more than the graph', () => {
  const graph = writeModel({
    nodes: [{ operator: 'Identity', inputs: ['x'], outputs: ['y'] }],
    inputs: [{ name: 'x', type: 'float', shape: ['n', 'm'] }],
    outputs: [{ name: 'y', type: 'float', shape: ['n', 'm'] }],
  });
  const answers = async (specs: unknown[], bodies: unknown[]) => {
    const folder = await modelFolder({
      MLmodel: `flavors: {onnx: {data: model.onnx}}\nsignature: {inputs: '${JSON.stringify(specs)}'}`,
      'model.onnx': graph,
    });
    const server = await serveModel(folder.path, { args: ['-w', '1'] });
    const found: unknown[] = [];
    for (const body of bodies) {
      const { status, text } = await server.post(body);
      const { predictions, message } = JSON.parse(text);
      found.push(status === 200 ? predictions : message);
    }
    await server.stop();
    await folder.remove();
    return found;
  };

  test('the lengths of its tensor are kept', async () => {
    const spec = { name: 'x', type: 'tensor', 'tensor-spec': { dtype: 'float32', shape: [-1, 2] } };
    expect(await answers([spec], [{ inputs: [[1, 2]] }, { inputs: [[1, 2, 3]] }])).toEqual([
      { y: [[1, 2]] },
      "Shape of input 'x' (1, 3) does not match expected shape (-1, 2).",
    ]);
  });

  test('a list is the only column, and a list in it is no number', async () => {
    const spec = { name: 'c', type: 'double', required: true };
    expect(await answers([spec], [{ inputs: [1, 2] }, { instances: [3] }, { inputs: { c: [[1, 2]] } }])).toEqual([
      [{ y: 1 }, { y: 2 }],
      [{ y: 3 }],
      'Incompatible input types for column c. A list is not of type double.',
    ]);
  });

  test("columns with the names of the graph's inputs are a frame", async () => {
    const spec = { name: 'x', type: 'double', required: true };
    expect(await answers([spec], [{ inputs: { x: [1, 2] } }])).toEqual([[{ y: 1 }, { y: 2 }]]);
  });

  test('columns without names are as many as it has', async () => {
    const spec = { type: 'double', required: true };
    const split = (data: number[][]) => ({
      dataframe_split: { columns: ['a', 'a', 'b'].slice(-(data[0]?.length ?? 0)), data },
    });
    expect(await answers([spec, spec], [{ inputs: [[1, 2]] }, split([[1, 2, 3]]), split([[1]])])).toEqual([
      [{ y: 1 }, { y: 2 }],
      [{ y: 1 }, { y: 2 }],
      'Model inference is missing inputs: it has 2, and 1 were given.',
    ]);
  });
});

test('with a tensor signature without a name a frame is one tensor, and the reply a dictionary', async () => {
  const { table, outputs } = matrixOf('d_mlp_small');
  const signature = '[{"type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [-1, 30]}}]';
  const folder = await modelFolder({
    MLmodel: `flavors: {onnx: {data: model.onnx}}\nsignature: {inputs: '${signature}'}`,
    'model.onnx': await readFile(join(modelPath('d_mlp_small'), 'model.onnx')),
  });
  const server = await serveModel(folder.path, { args: ['-w', '1'] });
  expectClose(await server.predict({ dataframe_split: table }), { predictions: outputs });
  await server.stop();
  await folder.remove();
});
