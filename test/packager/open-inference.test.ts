/** The Open Inference Protocol: health, metadata, inference in JSON and in bytes, and what is refused. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import {
  casesOf,
  expectClose,
  MODEL_NAMES,
  type ModelServer,
  metric,
  modelFolder,
  modelPath,
  serveModel,
} from './model-server.js';
import { echoModel, mapsModel, slowModel, TYPE, type Value } from './onnx-writer.js';

const ended: (() => Promise<unknown>)[] = [];
async function serving(
  model: Uint8Array | string,
  args: string[] = [],
  env: Record<string, string> = {},
): Promise<ModelServer> {
  let path = model as string;
  if (model instanceof Uint8Array) {
    const folder = await modelFolder({ 'model.onnx': model });
    ended.push(folder.remove);
    path = folder.path;
  }
  const server = await serveModel(path, { args: ['-w', '1', ...args], env });
  ended.push(() => server.stop());
  return server;
}
afterAll(() => Promise.all(ended.map((end) => end())));

interface Answer {
  status: number;
  type: string | null;
  json: Record<string, unknown>;
  /** What follows the JSON. */
  bytes: Uint8Array;
}

async function get(server: ModelServer, path: string): Promise<{ status: number; json: unknown }> {
  const answer = await fetch(server.url + path);
  return { status: answer.status, json: await answer.json() };
}

interface Sent {
  path?: string;
  headers?: Record<string, string>;
}

/** Sends a request, with the bytes after its JSON when there are any. */
async function infer(server: ModelServer, request: unknown, bytes?: Uint8Array, sent: Sent = {}): Promise<Answer> {
  const json = typeof request === 'string' ? request : JSON.stringify(request);
  const head = new TextEncoder().encode(json);
  const answer = await fetch(server.url + (sent.path ?? '/v2/models/model/infer'), {
    method: 'POST',
    headers: { ...(bytes && { 'Inference-Header-Content-Length': String(head.length) }), ...sent.headers },
    body: Buffer.concat([head, bytes ?? new Uint8Array(0)]),
  });
  const body = new Uint8Array(await answer.arrayBuffer());
  const length = Number(answer.headers.get('inference-header-content-length') ?? body.length);
  return {
    status: answer.status,
    type: answer.headers.get('content-type'),
    json: JSON.parse(new TextDecoder().decode(body.subarray(0, length))),
    bytes: body.slice(length),
  };
}

const f32 = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer);
const joined = (...parts: Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));
const FLOAT = { name: 'float', datatype: 'FP32', shape: [1, 2] };

const DATATYPES: Record<Value['type'], string> = {
  float: 'FP32',
  double: 'FP64',
  float16: 'FP16',
  int8: 'INT8',
  int16: 'INT16',
  int32: 'INT32',
  int64: 'INT64',
  uint8: 'UINT8',
  uint16: 'UINT16',
  uint32: 'UINT32',
  uint64: 'UINT64',
  bool: 'BOOL',
  string: 'BYTES',
};
const TYPES = Object.keys(TYPE) as Value['type'][];

describe('what is served is told', () => {
  let server: ModelServer;
  beforeAll(async () => {
    server = await serving(echoModel(['float', 'string']), ['--name', 'my model']);
  });

  test('server and model are alive, ready and described, by name and version', async () => {
    expect(await get(server, '/v2')).toEqual({
      status: 200,
      json: { name: 'mltrack', version: packageJson.version, extensions: ['binary_tensor_data'] },
    });
    expect(await get(server, '/v2/health/live')).toEqual({ status: 200, json: { live: true } });
    expect(await get(server, '/v2/health/ready')).toEqual({ status: 200, json: { ready: true } });
    for (const path of ['/v2/models/my%20model', '/v2/models/my%20model/versions/1']) {
      expect(await get(server, `${path}/ready`)).toEqual({ status: 200, json: { name: 'my model', ready: true } });
      expect(await get(server, path)).toEqual({
        status: 200,
        json: {
          name: 'my model',
          versions: ['1'],
          platform: 'onnxruntime_onnx',
          parameters: { execution_provider: 'cpu' },
          inputs: [
            { name: 'float', datatype: 'FP32', shape: [-1, -1] },
            { name: 'string', datatype: 'BYTES', shape: [-1, -1] },
          ],
          outputs: [
            { name: 'float_out', datatype: 'FP32', shape: [-1, -1] },
            { name: 'string_out', datatype: 'BYTES', shape: [-1, -1] },
          ],
        },
      });
    }
  });

  test('other models, versions and paths are 404', async () => {
    expect(await get(server, '/v2/models/model')).toEqual({
      status: 404,
      json: { error: "There is no model 'model'. The model's name is 'my model'." },
    });
    for (const path of [
      '/v2/models/model/ready',
      '/v2/models/my%20model/versions/2',
      '/v2/models/my%20model/config',
      '/v2/x',
    ]) {
      expect(await get(server, path)).toEqual({ status: 404, json: { error: expect.any(String) } });
    }
    const { status, json } = await infer(server, {});
    expect([status, json]).toEqual([404, { error: expect.stringContaining("'model'") }]);
  });
});

test.each(MODEL_NAMES)('%s answers as recorded', async (name) => {
  const server = await serving(modelPath(name));
  const { json } = await get(server, '/v2/models/model');
  const { inputs, outputs } = json as Record<
    'inputs' | 'outputs',
    { name: string; datatype: string; parameters?: unknown }[]
  >;
  for (const recorded of casesOf(name)) {
    const request = {
      inputs: inputs.map((input) => {
        const data = recorded.inputs[input.name];
        return { ...input, shape: shapeOf(data), data };
      }),
    };
    const answer = await infer(server, request);
    expect(answer.status, JSON.stringify(answer.json)).toBe(200);
    for (const [at, output] of (
      answer.json.outputs as { name: string; shape: number[]; data: unknown[] }[]
    ).entries()) {
      const expected = recorded.outputs[output.name];
      const labels = outputs[at]?.parameters as { labels: string } | undefined;
      const rows = labels
        ? (expected as Record<string, number>[]).map((map) =>
            (JSON.parse(labels.labels) as string[]).map((key) => map[key]),
          )
        : expected;
      expect(output.shape).toEqual(shapeOf(rows));
      expectClose(output.data, [rows].flat(9));
    }
  }
});

function shapeOf(value: unknown): number[] {
  return Array.isArray(value) ? [value.length, ...shapeOf(value[0])] : [];
}

describe('every datatype', () => {
  let server: ModelServer;
  beforeAll(async () => {
    server = await serving(echoModel(TYPES));
  });

  /** Values of each type as JSON and as bytes. */
  const VALUES: Record<Value['type'], [string, ArrayBufferView]> = {
    float: ['[1.5,-2.0]', Float32Array.of(1.5, -2)],
    double: ['[0.1,1e+300]', Float64Array.of(0.1, 1e300)],
    float16: ['[0.5,-65504.0]', Uint16Array.of(0x3800, 0xfbff)],
    int8: ['[-128,127]', Int8Array.of(-128, 127)],
    int16: ['[-32768,32767]', Int16Array.of(-32768, 32767)],
    int32: ['[-2147483648,2147483647]', Int32Array.of(-2147483648, 2147483647)],
    int64: ['[-9223372036854775808,9007199254740993]', BigInt64Array.of(-(2n ** 63n), 9007199254740993n)],
    uint8: ['[0,255]', Uint8Array.of(0, 255)],
    uint16: ['[0,65535]', Uint16Array.of(0, 65535)],
    uint32: ['[0,4294967295]', Uint32Array.of(0, 4294967295)],
    uint64: ['[0,18446744073709551615]', BigUint64Array.of(0n, 2n ** 64n - 1n)],
    bool: ['[true,false]', Uint8Array.of(1, 0)],
    string: ['["é","a\\nb"]', Uint8Array.of(2, 0, 0, 0, 0xc3, 0xa9, 3, 0, 0, 0, 97, 10, 98)],
  };
  const bytesOf = (type: Value['type']) => {
    const { buffer, byteOffset, byteLength } = VALUES[type][1];
    return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
  };
  const inputs = (rest: (type: Value['type']) => string) =>
    TYPES.map((type) => `{"name":"${type}","datatype":"${DATATYPES[type]}","shape":[1,2],${rest(type)}}`);

  const asJson = TYPES.map(
    (type) => `{"name":"${type}_out","datatype":"${DATATYPES[type]}","shape":[1,2],"data":${VALUES[type][0]}}`,
  );
  const inJson = `{"id":"7","inputs":[${inputs((type) => `"data":${VALUES[type][0]}`)}]}`;
  const inBytes = `{"inputs":[${inputs((type) => `"parameters":{"binary_data_size":${bytesOf(type).length}}`)}]`;
  const bytes = joined(...TYPES.map(bytesOf));

  test('keeps its values in JSON, digit for digit, flat or nested', async () => {
    for (const request of [inJson, inJson.replaceAll(/"data":(\[.*?\])\}/g, '"data":[$1]}')]) {
      const answer = await fetch(`${server.url}/v2/models/model/infer`, { method: 'POST', body: request });
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json']);
      expect(await answer.text()).toBe(`{"model_name":"model","model_version":"1","id":"7","outputs":[${asJson}]}`);
    }
  });

  // The JSON's length decides which of the tensors are aligned in the body.
  test.each([0, 1, 2, 3, 4, 5, 6, 7])('keeps its values in bytes, after %d bytes more of JSON', async (more) => {
    const answer = await infer(
      server,
      `${inBytes},"parameters":{"binary_data_output":true}}${' '.repeat(more)}`,
      bytes,
    );
    expect(answer.status, JSON.stringify(answer.json)).toBe(200);
    expect(answer.type).toBe('application/octet-stream');
    expect(answer.json).toEqual({
      model_name: 'model',
      model_version: '1',
      outputs: TYPES.map((type) => ({
        name: `${type}_out`,
        datatype: DATATYPES[type],
        shape: [1, 2],
        parameters: { binary_data_size: bytesOf(type).length },
      })),
    });
    expect(answer.bytes).toEqual(bytes);
  });

  test('outputs are those that are asked for, in that order, each as it is asked for', async () => {
    const wanted = [
      { name: 'string_out' },
      { name: 'float_out', parameters: { binary_data: true } },
      { name: 'int8_out', parameters: { binary_data: false } },
    ];
    const { json, bytes: rest } = await infer(server, `${inBytes},"outputs":${JSON.stringify(wanted)}}`, bytes);
    expect((json.outputs as object[]).map((output) => Object.values(output))).toEqual([
      ['string_out', 'BYTES', [1, 2], ['é', 'a\nb']],
      ['float_out', 'FP32', [1, 2], { binary_data_size: 8 }],
      ['int8_out', 'INT8', [1, 2], [-128, 127]],
    ]);
    expect(rest).toEqual(bytesOf('float'));
    const all = JSON.stringify(wanted).replace('"outputs"', '');
    const binary = await infer(server, `${inBytes},"outputs":${all},"parameters":{"binary_data_output":true}}`, bytes);
    expect(binary.bytes).toEqual(joined(bytesOf('string'), bytesOf('float')));
  });
});

describe('what is refused', () => {
  let server: ModelServer;
  beforeAll(async () => {
    server = await serving(echoModel(['float', 'string', 'bool']), [], { SAGEMAKER_MAX_PAYLOAD_IN_MB: '1' });
  });

  const STRING = { name: 'string', datatype: 'BYTES', shape: [1, 1], data: ['a'] };
  const BOOL = { name: 'bool', datatype: 'BOOL', shape: [1, 1], data: [true] };
  const GOOD = { ...FLOAT, data: [1, 2] };
  const withFloat = (change: object) => ({ inputs: [{ ...GOOD, ...change }, STRING, BOOL] });
  const binary = (size: unknown, change: object = {}) => ({
    inputs: [{ ...FLOAT, parameters: { binary_data_size: size }, ...change }, STRING, BOOL],
  });
  const texts = (size: number) => ({
    inputs: [GOOD, { ...STRING, data: undefined, parameters: { binary_data_size: size } }, BOOL],
  });
  const inOrder = { inputs: [GOOD, STRING, BOOL] };

  test('nothing of the request that the others are made from', async () => {
    expect((await infer(server, inOrder)).status).toBe(200);
    expect((await infer(server, binary(8), f32(1, 2))).status).toBe(200);
  });

  test.each<[string, unknown, Uint8Array | undefined, string]>([
    ['no JSON', '{"inputs":', undefined, 'valid JSON formatted string'],
    ['nothing', '', undefined, 'valid JSON formatted string'],
    ['a list', [], undefined, 'must be a JSON object. Got list'],
    ['no inputs', {}, undefined, "The 'inputs' must be a list of tensors"],
    [
      'inputs that are an object',
      { inputs: { float: [1] } },
      undefined,
      "The 'inputs' must be a list of tensors. Got dictionary",
    ],
    ['an input without a name', { inputs: [{ ...GOOD, name: undefined }] }, undefined, "with a 'name'"],
    ['an input that is missing', { inputs: [GOOD] }, undefined, "Model is missing inputs ['string']"],
    [
      'an input of another name',
      { inputs: [{ ...GOOD, name: 'z' }] },
      undefined,
      "no input 'z'. Its inputs: ['float', 'string', 'bool']",
    ],
    ['an input twice', { inputs: [GOOD, GOOD, STRING, BOOL] }, undefined, "'float' is there twice"],
    ['an id that is a number', { ...inOrder, id: 7 }, undefined, "The 'id' must be a string"],
    ['no datatype', withFloat({ datatype: undefined }), undefined, "'datatype' of input 'float' must be one of BOOL"],
    [
      'a datatype of long digits',
      '{"inputs":[{"name":"float","datatype":9223372036854775807}]}',
      undefined,
      'Got 922337203',
    ],
    [
      'a shape of very deep lists',
      `{"inputs":[{"name":"float","datatype":"FP32","shape":${'['.repeat(50_000)}${']'.repeat(50_000)}}]}`,
      undefined,
      'Got ["…"]',
    ],
    ['an unknown datatype', withFloat({ datatype: 'FP8' }), undefined, 'Got "FP8"'],
    [
      'a datatype that is not the model’s',
      withFloat({ datatype: 'FP64' }),
      undefined,
      "datatype of input 'float' is FP32. Got FP64",
    ],
    [
      'no shape',
      withFloat({ shape: undefined }),
      undefined,
      "'shape' of input 'float' must be a list of lengths. Got nothing",
    ],
    ['a negative shape', withFloat({ shape: [-1, 2] }), undefined, 'Got [-1,2]'],
    ['a shape of text', withFloat({ shape: ['1', 2] }), undefined, 'Got ["1",2]'],
    ['a shape beyond all memory', withFloat({ shape: [1e15, 1e15] }), undefined, 'must be a list of lengths'],
    [
      'a shape of long digits',
      '{"inputs":[{"name":"float","datatype":"FP32","shape":[9223372036854775807],"data":[]}]}',
      undefined,
      'Got ["9223372036854775807"]',
    ],
    [
      'a shape that is not the model’s',
      withFloat({ shape: [2] }),
      undefined,
      "Shape of input 'float' (2,) does not match expected shape (-1, -1)",
    ],
    ['more elements than the shape has', withFloat({ data: [1, 2, 3] }), undefined, 'nor its 2 elements in a row'],
    ['lists that are not the shape', withFloat({ data: [[1], [2]] }), undefined, 'has shape (2, 1): not (1, 2)'],
    ['ragged lists', withFloat({ data: [[1, 2], [3]] }), undefined, "lists of 'float' differ in length"],
    ['text for a number', withFloat({ data: [1, 'b'] }), undefined, '"b" is not of type float32'],
    ['a long name', withFloat({ name: 'n'.repeat(10_000) }), undefined, 'nnn…'],
    ['no data', withFloat({ data: undefined }), undefined, "either 'data' or a parameter 'binary_data_size'"],
    ['data twice', withFloat({ parameters: { binary_data_size: 8 } }), f32(1, 2), "either 'data' or a parameter"],
    [
      'parameters that are a list',
      withFloat({ parameters: [] }),
      undefined,
      "Input 'float' has 'parameters' that are no object",
    ],
    [
      'bytes that are not announced',
      binary(8),
      undefined,
      "'binary_data_size' of input 'float' is 8, and 0 bytes are left",
    ],
    ['bytes that are cut', binary(8), f32(1), "'binary_data_size' of input 'float' is 8, and 4 bytes are left"],
    ['bytes beyond those that are told', binary(8), f32(1, 2, 3), '4 bytes follow the inputs'],
    ['a size that is not the shape’s', binary(12), f32(1, 2, 3), '(1, 2) and datatype FP32 has 8 bytes. Got 12'],
    ['a negative size', binary(-8), f32(1, 2), 'must be a number of bytes. Got -8'],
    ['a size that is a list', binary([8]), f32(1, 2), 'must be a number of bytes. Got [8]'],
    ['a size of text', binary('8'), f32(1, 2), 'must be a number of bytes. Got "8"'],
    [
      'a bool of 2',
      { inputs: [GOOD, STRING, { ...BOOL, data: undefined, parameters: { binary_data_size: 1 } }] },
      Uint8Array.of(2),
      'neither 0 nor 1',
    ],
    [
      'a text longer than its bytes',
      texts(5),
      Uint8Array.of(2, 0, 0, 0, 97),
      "Element 0 of input 'string' is longer than its bytes",
    ],
    ['a text of 4 GiB', texts(5), Uint8Array.of(255, 255, 255, 255, 97), "Element 0 of input 'string' is longer"],
    ['a text whose length is cut', texts(3), Uint8Array.of(1, 0, 0), "Element 0 of input 'string' is longer"],
    ['a text that is not UTF-8', texts(5), Uint8Array.of(1, 0, 0, 0, 0xff), "Element 0 of input 'string' is not UTF-8"],
    ['more texts than the shape has', texts(8), new Uint8Array(8), "Input 'string' must have 1 elements. Got 2"],
    [
      'an output that is not there',
      { ...inOrder, outputs: [{ name: 'y' }] },
      undefined,
      "no output 'y'. Its outputs: ['float_out', 'string_out', 'bool_out']",
    ],
    [
      'an output twice',
      { ...inOrder, outputs: [{ name: 'bool_out' }, { name: 'bool_out' }] },
      undefined,
      "'bool_out' is asked for twice",
    ],
    [
      'outputs that are names',
      { ...inOrder, outputs: ['bool_out'] },
      undefined,
      "Each of the 'outputs' must be an object",
    ],
    ['outputs that are no list', { ...inOrder, outputs: 'bool_out' }, undefined, "The 'outputs' must be a list"],
    [
      'a flag that is none',
      { ...inOrder, outputs: [{ name: 'bool_out', parameters: { binary_data: 1 } }] },
      undefined,
      "'binary_data' of output 'bool_out' must be true or false",
    ],
    [
      'a flag of text',
      { ...inOrder, parameters: { binary_data_output: 'yes' } },
      undefined,
      "'binary_data_output' of the request must be true or false",
    ],
  ])('%s: 400', async (_, request, bytes, reason) => {
    const { status, type, json } = await infer(server, request, bytes);
    expect({ status, type, json }).toEqual({
      status: 400,
      type: 'application/json',
      json: { error: expect.stringContaining(reason) },
    });
  });

  test.each(['1000', '-1', 'many', '1e1', ''])('Inference-Header-Content-Length of %j: 400', async (length) => {
    const headers = { 'Inference-Header-Content-Length': length };
    const { status, json } = await infer(server, inOrder, f32(1), { headers });
    expect([status, json]).toEqual([400, { error: expect.stringContaining('Inference-Header-Content-Length') }]);
  });

  test('a body over the limit: 413', async () => {
    const { status, json } = await infer(server, ' '.repeat(2 ** 20 + 1));
    expect([status, json]).toEqual([413, { error: 'The body is larger than 1 MiB.' }]);
  });
});

test('a request that takes too long: 504', async () => {
  const server = await serving(slowModel(20), ['-t', '0.2']);
  const { status, json } = await infer(server, {
    inputs: [{ name: 'dims', datatype: 'INT64', shape: [2], data: [1500, 1500] }],
  });
  expect([status, json]).toEqual([504, { error: 'Request processing time exceeded limit' }]);
});

test('maps are the tensor of their values, with the keys beside it', async () => {
  const server = await serving(mapsModel());
  const parameters = { labels: '["yes","no"]' };
  expect((await get(server, '/v2/models/model')).json).toMatchObject({
    outputs: [{ name: 'p', datatype: 'FP32', shape: [-1, 2], parameters }],
  });
  const { json } = await infer(server, { inputs: [{ ...FLOAT, name: 'x', data: [1, 2] }] });
  expect(json.outputs).toEqual([{ name: 'p', datatype: 'FP32', shape: [1, 2], parameters, data: [1, 2] }]);
});

test('requests share runs with each other and with those of /invocations, and are counted', async () => {
  const server = await serving(modelPath('d_mlp_small'));
  const row = Array.from({ length: 30 }, (_, at) => at / 30);
  const alone = (await server.predict({ inputs: [row] })) as { predictions: { y: number[][] } };
  const [[expected]] = alone.predictions.y as [[number]];
  const request = { inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 30], parameters: { binary_data_size: 120 } }] };
  const wanted = { ...request, parameters: { binary_data_output: true } };
  await expect
    .poll(async () => {
      const answers = await Promise.all(
        Array.from({ length: 32 }, async (_, at) => {
          if (at % 2) return ((await server.predict({ inputs: [row] })) as typeof alone).predictions.y[0]?.[0];
          const { bytes } = await infer(server, wanted, f32(...row));
          return new Float32Array(bytes.buffer)[0];
        }),
      );
      for (const answer of answers) expectClose(answer, expected);
      return metric(server, 'mltrack_batched_requests_total');
    })
    .toBeGreaterThan(1);
  const text = await (await fetch(`${server.url}/metrics`)).text();
  expect(Number(/status="200"\} (\d+)/.exec(text)?.[1])).toBeGreaterThanOrEqual(33);
});
