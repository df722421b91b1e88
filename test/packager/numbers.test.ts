/** Numbers in JSON bodies: every digit counts, and a body of nothing but numbers means what the same body with more in it means. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ModelServer, modelFolder, modelPath, serveModel } from './model-server.js';
import { type Value, writeModel } from './onnx-writer.js';

const TYPES: Value['type'][] = ['double', 'float', 'int32', 'int64'];

const ECHO = writeModel({
  nodes: TYPES.map((type) => ({ operator: 'Identity', inputs: [type], outputs: [`${type}_out`] })),
  inputs: TYPES.map((type) => ({ name: type, type, shape: ['n'] })),
  outputs: TYPES.map((type) => ({ name: `${type}_out`, type, shape: ['n'] })),
});

let folder: Awaited<ReturnType<typeof modelFolder>>;
let echo: ModelServer;
let mlp: ModelServer;
beforeAll(async () => {
  folder = await modelFolder({ 'model.onnx': ECHO });
  [echo, mlp] = await Promise.all([
    serveModel(folder.path, { args: ['-w', '1'] }),
    serveModel(modelPath('d_cars_columns'), { args: ['-w', '1'] }),
  ]);
});
afterAll(async () => {
  await Promise.all([echo.stop(), mlp.stop()]);
  await folder.remove();
});

/** Numbers from 0 to 1, the same at every run. */
function generator(): () => number {
  let state = 20;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Texts of numbers: as programs print them, with more digits than a double has, and just beside the middle of two doubles. */
function numberTexts(count: number): string[] {
  const random = generator();
  const bits = new DataView(new ArrayBuffer(8));
  return Array.from({ length: count }, (_, at) => {
    const value = (random() * 4 - 2) * 10 ** Math.floor(random() * 12 - 6);
    switch (at % 6) {
      case 0:
        return String(value);
      case 1:
        return value.toFixed(4);
      case 2:
        return value.toPrecision(16 + Math.floor(random() * 8));
      case 3: {
        bits.setUint32(0, random() * 2 ** 32);
        bits.setUint32(4, random() * 2 ** 32);
        const any = bits.getFloat64(0);
        return Number.isFinite(any) ? any.toExponential() : '-0.0';
      }
      case 4: {
        const middle = BigInt(Math.floor(random() * 2 ** 53)) * 2n + 1n;
        const digits = ((middle * 10n ** 54n) >> 54n).toString().padStart(54, '0');
        return `0.${digits.slice(0, 17 + Math.floor(random() * 8))}`;
      }
      default:
        return String(Math.floor(value * 1e6));
    }
  });
}

const SPECIAL = ['0', '-0', '-0.0', '0e5', '1E+2', '1e-2', '5e-324', '1.7976931348623157e308', '1e-400', '0.1e1'];

describe('every number is read as JavaScript reads it', () => {
  const texts = [...SPECIAL, ...numberTexts(30_000)];

  test('by a double', async () => {
    const { status, text } = await echo.post(
      `{"inputs":{"double":[${texts}],"float":[${texts}],"int32":[1],"int64":[1]}}`,
    );
    expect(status).toBe(200);
    const { predictions } = JSON.parse(text);
    const doubles = texts.map(Number);
    expect(predictions.double_out.every((value: number, at: number) => Object.is(value, doubles[at]))).toBe(true);
    const floats = Float32Array.from(doubles);
    const read = Float32Array.from(predictions.float_out, (value: number | null) => value ?? Number.POSITIVE_INFINITY);
    expect(read.every((value, at) => Math.abs(value) === Math.abs(floats[at] as number))).toBe(true);
  });
});

/** Bodies for `d_cars_columns` and the echo, good and bad. */
const ROW = '[1,2,3,4,5,6]';
const BODIES: [string, string][] = [
  ['white space everywhere', '{ "inputs" :\n{"double":[ 1 , 2.5\t],"float":[1],"int32":[ 3],"int64":[4 ] } }'],
  ['long integers', '{"inputs":{"double":[9007199254740993],"float":[1],"int32":[1],"int64":[9007199254740993]}}'],
  ['a fraction for an integer', '{"inputs":{"double":[1],"float":[1],"int32":[1.5],"int64":[1]}}'],
  ['a whole number with a point for an integer', '{"inputs":{"double":[1],"float":[1],"int32":[1.0],"int64":[1e2]}}'],
  ['out of range', '{"inputs":{"double":[1],"float":[1],"int32":[2147483648],"int64":[1]}}'],
  ['ragged', '{"inputs":{"double":[[1,2],[3]],"float":[1],"int32":[1],"int64":[1]}}'],
  ['deeper than it should be', '{"inputs":{"double":[[[1],[2]],[[3],[4]]],"float":[1],"int32":[1],"int64":[1]}}'],
  ['empty', '{"inputs":{"double":[],"float":[],"int32":[],"int64":[]}}'],
  [
    'instances by name',
    '{"instances":[{"double":1,"float":2,"int32":3,"int64":4},{"double":5,"float":6,"int32":7,"int64":8}]}',
  ],
  ['instances of lists', '{"instances":[{"double":[1],"float":[2],"int32":[3],"int64":[4]}]}'],
  [
    'instances in another order',
    '{"instances":[{"double":1,"float":2,"int32":3,"int64":4},{"float":6,"double":5,"int32":7,"int64":8}]}',
  ],
  [
    'records',
    '{"dataframe_records":[{"double":1,"float":2,"int32":3,"int64":4},{"double":5,"float":6,"int32":7,"int64":8}]}',
  ],
  [
    'records that lack a key',
    '{"dataframe_records":[{"double":1,"float":2,"int32":3,"int64":4},{"double":5,"float":6}]}',
  ],
  ['records of lists', '{"dataframe_records":[{"double":[1,2],"float":[2],"int32":[3],"int64":[4]}]}'],
  [
    'a split frame',
    '{"dataframe_split":{"columns":["int64","double","float","int32"],"index":[0,1],"data":[[1,2,3,4],[5,6,7,8]]}}',
  ],
  [
    'a split frame of lists',
    '{"dataframe_split":{"columns":["int64","double","float","int32"],"data":[[[1],[2],[3],[4]]]}}',
  ],
  [
    'a split frame with another index',
    '{"dataframe_split":{"columns":["int64","double","float","int32"],"index":[0],"data":[[1,2,3,4],[5,6,7,8]]}}',
  ],
  ['a split frame with numbers for names', '{"dataframe_split":{"columns":[0,1,2,3],"data":[[1,2,3,4]]}}'],
  ['a split frame that is a list', '{"dataframe_split":[[1,2]]}'],
  ['a split frame of numbers', '{"dataframe_split":{"data":[1,2]}}'],
  ['records that are numbers', '{"dataframe_records":[1,2]}'],
  ['a list of numbers', '{"inputs":[1,2,3]}'],
  ['a number', '{"inputs":3}'],
  ['a matrix', `{"inputs":[${ROW},${ROW}]}`],
  ['a key twice', `{"inputs":[${ROW}],"inputs":[${ROW},${ROW}]}`],
  ['two fields', `{"inputs":[${ROW}],"instances":[${ROW}]}`],
  ['a comma too many', `{"inputs":[${ROW},]}`],
  ['a leading zero', '{"inputs":[01]}'],
  ['a point without digits', '{"inputs":[1.]}'],
  ['an exponent without digits', '{"inputs":[1e]}'],
  ['a plus sign', '{"inputs":[+1]}'],
  ['text behind it', `{"inputs":[${ROW}]} x`],
  ['no end', `{"inputs":[${ROW}`],
  ['a list that is closed twice', `{"inputs":[${ROW}]]}`],
];

describe('a body of numbers alone means what it means with a text in it', () => {
  // An escape in another key is enough for the whole of the body to be read by JSON.parse.
  const withText = (body: string) => body.replace('{', '{"\\u0070arams":null,');

  test.each(BODIES)('%s', async (_, body) => {
    for (const server of [echo, mlp]) {
      const [plain, other] = await Promise.all([server.post(body), server.post(withText(body))]);
      expect(plain.status).toBe(other.status);
      // What is said of bad JSON, or of the keys given, differs by what was added.
      if (plain.status === 200 || !/valid JSON|input fields/.test(plain.text)) expect(plain.text).toBe(other.text);
    }
  });
});
