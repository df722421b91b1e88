/** Every element type onnxruntime-node has, there and back, and graphs that need care: 0-d tensors, several inputs, maps with weights outside. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ModelServer, modelFolder, serveModel } from './model-server.js';
import { externalTensor, mapsInfo, stringsAttribute, TYPE, type Value, writeModel } from './onnx-writer.js';

interface Served {
  readonly server: ModelServer;
  end(): Promise<void>;
}

async function serveGraph(files: Record<string, Uint8Array>): Promise<Served> {
  const folder = await modelFolder(files);
  const server = await serveModel(folder.path, { args: ['-w', '1'] });
  return {
    server,
    async end() {
      await server.stop();
      await folder.remove();
    },
  };
}

const TYPES = Object.keys(TYPE) as Value['type'][];

/** A graph that answers what it is asked: one input and output of each type. */
const ECHO = writeModel({
  nodes: TYPES.map((type) => ({ operator: 'Identity', inputs: [type], outputs: [`${type}_out`] })),
  inputs: TYPES.map((type) => ({ name: type, type, shape: ['n'] })),
  outputs: TYPES.map((type) => ({ name: `${type}_out`, type, shape: ['n'] })),
});

/** Values of each type, as JSON, that must come back the same. */
const SAME: Record<Value['type'], string> = {
  float: '[1.5,-2.0,3.4028234663852886e+38]',
  double: '[0.1,-0.0,1.7976931348623157e+308]',
  float16: '[0.5,-65504.0,5.960464477539063e-8]',
  int8: '[-128,0,127]',
  int16: '[-32768,0,32767]',
  int32: '[-2147483648,0,2147483647]',
  int64: '[-9223372036854775808,9007199254740993,9223372036854775807]',
  uint8: '[0,1,255]',
  uint16: '[0,1,65535]',
  uint32: '[0,1,4294967295]',
  uint64: '[0,9007199254740993,18446744073709551615]',
  bool: '[true,false,true]',
  string: '["","日本\\n\\"","9007199254740993"]',
};

/** A value that the type cannot hold. */
const WRONG: Partial<Record<Value['type'], string[]>> = {
  float: ['"1"', 'true', '"NaN"'],
  int8: ['128', '-129', '1.5', 'null', 'true'],
  int16: ['32768'],
  int32: ['2147483648', 'NaN'],
  int64: ['9223372036854775808', '-9223372036854775809', '0.5', '1e300', '"1"'],
  uint8: ['256', '-1'],
  uint16: ['65536'],
  uint32: ['4294967296'],
  uint64: ['18446744073709551616', '-1'],
  bool: ['1', '"true"', 'null'],
  string: ['1', 'null', 'true'],
};

describe('every element type', () => {
  let served: Served;
  beforeAll(async () => {
    served = await serveGraph({ 'model.onnx': ECHO });
  });
  afterAll(() => served.end());

  const body = (values: Record<string, string>) =>
    `{"inputs":{${Object.entries(values).map(([name, value]) => `"${name}":${value}`)}}}`;

  test('keeps its values, digit for digit', async () => {
    const { status, text } = await served.server.post(body(SAME));
    expect({ status, text }).toEqual({
      status: 200,
      text: `{"predictions":{${TYPES.map((type) => `"${type}_out":${SAME[type]}`)}}}`,
    });
  });

  test.each(Object.entries(WRONG).flatMap(([type, values]) => values.map((value) => [type, value])))(
    '%s refuses %s',
    async (type, value) => {
      const wrong = { ...SAME, [type as string]: `[${value},${value}]` };
      const { status, text } = await served.server.post(body(wrong));
      expect(status).toBe(400);
      expect(JSON.parse(text).message).toContain(`Incompatible value for input '${type}' at [0]`);
    },
  );

  test('missing and endless numbers: null and Python’s literals in, null out', async () => {
    const odd = { float: '[null,NaN,-Infinity]', double: '[NaN,Infinity,null]', float16: '[null,70000,-Infinity]' };
    const { text } = await served.server.post(body({ ...SAME, ...odd }));
    const { predictions } = JSON.parse(text);
    for (const type of ['float', 'double', 'float16']) expect(predictions[`${type}_out`]).toEqual([null, null, null]);
  });

  test('numbers are rounded to the nearest value of the type', async () => {
    const close = { float: '[0.1,16777217,7]', float16: '[0.1,2049,2051]' };
    const { text } = await served.server.post(body({ ...SAME, ...close }));
    const { predictions } = JSON.parse(text);
    expect(predictions.float_out).toEqual([Math.fround(0.1), 16777216, 7]);
    expect(predictions.float16_out).toEqual([0.0999755859375, 2048, 2052]);
  });

  test('an empty list is a tensor of none', async () => {
    const none = Object.fromEntries(TYPES.map((type) => [type, '[]']));
    expect(await served.server.predict(body(none))).toEqual({
      predictions: Object.fromEntries(TYPES.map((type) => [`${type}_out`, []])),
    });
  });

  test('CSV cells are read as the type of their column', async () => {
    const header = TYPES.join();
    const cells: Record<Value['type'], string> = {
      ...(Object.fromEntries(TYPES.map((type) => [type, '7'])) as Record<Value['type'], string>),
      bool: 'True',
      int64: '9007199254740993',
      string: '"a ""b"", c"',
      float: ' 1e-3',
      double: 'inf',
    };
    const { status, text } = await served.server.post(`${header}\n${TYPES.map((type) => cells[type])}\n`, 'text/csv');
    expect(status).toBe(200);
    const expected: Record<string, string> = {
      ...Object.fromEntries(TYPES.map((type) => [type, /float/.test(type) ? '7.0' : '7'])),
      bool: 'true',
      int64: '9007199254740993',
      string: '"a \\"b\\", c"',
      float: String(Math.fround(1e-3)),
      double: 'null',
    };
    expect(text).toBe(`{"predictions":[{${TYPES.map((type) => `"${type}_out":${expected[type]}`)}}]}`);
  });
});

test('a 0-d tensor is a bare number both ways', async () => {
  const model = writeModel({
    nodes: [{ operator: 'Add', inputs: ['x', 'x'], outputs: ['y'] }],
    inputs: [{ name: 'x', type: 'float', shape: [] }],
    outputs: [{ name: 'y', type: 'float', shape: [] }],
  });
  const { server, end } = await serveGraph({ 'model.onnx': model });
  expect(await server.predict({ inputs: 2.5 })).toEqual({ predictions: { y: 5 } });
  expect(await server.predict({ inputs: { x: 1 } })).toEqual({ predictions: { y: 2 } });
  expect((await server.post({ inputs: [2.5] })).status).toBe(400);
  await end();
});

test('a graph that refuses its input at run time: 400 with its reason', async () => {
  const model = writeModel({
    nodes: [{ operator: 'MatMul', inputs: ['a', 'b'], outputs: ['y'] }],
    inputs: ['a', 'b'].map((name) => ({ name, type: 'float', shape: ['n', 'm'] })),
    outputs: [{ name: 'y', type: 'float', shape: ['n', 'm'] }],
  });
  const { server, end } = await serveGraph({ 'model.onnx': model });
  expect(await server.predict({ inputs: { a: [[2]], b: [[3]] } })).toEqual({ predictions: { y: [[6]] } });
  const { status, text } = await server.post({ inputs: { a: [[1, 2, 3]], b: [[1, 2]] } });
  expect(status).toBe(400);
  expect(JSON.parse(text)).toEqual({ error_code: 'BAD_REQUEST', message: expect.stringContaining('MatMul') });
  await end();
});

test('maps with text keys, beside the tensor they are made of, with weights in another file', async () => {
  const model = writeModel({
    nodes: [
      { operator: 'MatMul', inputs: ['x', 'weights'], outputs: ['scores'] },
      {
        operator: 'ZipMap',
        inputs: ['scores'],
        outputs: ['named'],
        domain: 'ai.onnx.ml',
        attributes: [stringsAttribute('classlabels_strings', ['yes', '"no"', '__proto__'])],
      },
    ],
    inputs: [{ name: 'x', type: 'float', shape: ['n', 2] }],
    outputs: [mapsInfo('named'), { name: 'scores', type: 'float', shape: ['n', 3] }],
    initializers: [externalTensor('weights', [2, 3], 'weights.bin')],
  });
  const weights = new Uint8Array(Float32Array.of(1, 2, 3, 4, 5, 6).buffer);
  const { server, end } = await serveGraph({ 'model.onnx': model, 'weights.bin': weights });
  const { text } = await server.post({
    inputs: [
      [1, 0],
      [0, 1],
    ],
  });
  expect(text).toBe(
    '{"predictions":{"named":[{"yes":1.0,"\\"no\\"":2.0,"__proto__":3.0},{"yes":4.0,"\\"no\\"":5.0,"__proto__":6.0}],' +
      '"scores":[[1.0,2.0,3.0],[4.0,5.0,6.0]]}}',
  );
  await end();
});
