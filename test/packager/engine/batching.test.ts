/** Requests that share a run: only where rows are independent, never with another answer, and none spoils its neighbours'. */
import { afterAll, describe, expect, test } from 'vitest';
import {
  casesOf,
  expectClose,
  MODEL_NAMES,
  type ModelServer,
  metric,
  modelFolder,
  modelPath,
  serveModel,
} from '../model-server.js';
import {
  floatTensor,
  intsAttribute,
  mapsInfo,
  type Node,
  stringsAttribute,
  type Value,
  writeModel,
} from '../onnx-writer.js';

const ends: (() => Promise<unknown>)[] = [];
afterAll(() => Promise.all(ends.map((end) => end())));

/** One worker, so that requests meet in the queue. */
async function serving(files: Record<string, Uint8Array | string>): Promise<ModelServer> {
  const folder = await modelFolder(files);
  const server = await serveModel(folder.path, { args: ['-w', '1'] });
  ends.push(async () => {
    await server.stop();
    await folder.remove();
  });
  return server;
}

/** Why requests share runs, or why not. */
async function batching(server: ModelServer): Promise<{ on: boolean; reason: string }> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  const [, reason = '', on] = /^mltrack_batching\{reason="(.*)"\} (\d)$/m.exec(text) ?? [];
  expect(server.log()).toContain(`requests ${on === '1' ? 'share runs' : 'run one by one'}: ${reason}`);
  return { on: on === '1', reason };
}

/** Sends every body `times` over, 64 at once, and gives the answers to each body. */
async function at64<Body>(bodies: Body[], times: number, send: (body: Body) => Promise<unknown>): Promise<unknown[][]> {
  const answers = bodies.map((): unknown[] => []);
  const jobs = Array.from({ length: bodies.length * times }, (_, at) => at % bodies.length);
  const connection = async () => {
    for (let place = jobs.pop(); place !== undefined; place = jobs.pop()) {
      (answers[place] as unknown[]).push(await send(bodies[place] as Body));
    }
  };
  await Promise.all(Array.from({ length: 64 }, connection));
  return answers;
}

/** The single rows of a recorded case, and the case itself. */
function bodiesOf(name: string, batched: boolean): { inputs: Record<string, unknown[]> }[] {
  return casesOf(name).flatMap(({ inputs }) => {
    const columns = inputs as Record<string, unknown[]>;
    const [first] = Object.values(columns) as [unknown[]];
    const row = (at: number) => Object.fromEntries(Object.entries(columns).map(([key, rows]) => [key, [rows[at]]]));
    return [{ inputs: columns }, ...(batched ? first.map((_, at) => ({ inputs: row(at) })) : [])];
  });
}

const REASONS: Record<string, string> = {
  d_bc_mlp: 'random rows give the same together and alone',
  d_bc_xgb: 'random rows give the same together and alone',
  d_cars_columns: "random values are no valid string input 'Origin', and no input example has more rows",
  // onnxruntime's linear classifier sums a matrix in another order than a row: 1.1e-6 of a probability.
  d_iris_zipmap: "output 'output_probability' differs between random rows run together and alone",
  d_mlp_small: 'random rows give the same together and alone',
  d_ort_logreg_iris: "the first axis of input 'float_input' is not free",
  d_ort_mul_1: "the first axis of input 'X' is not free",
  d_ort_sigmoid: "the first axis of input 'x' is not free",
  d_strings: "random values are no valid string input 's', and no input example has more rows",
  d_two_inputs: "random values are no valid int64 input 'a', and no input example has more rows",
};

test.each(MODEL_NAMES)('%s: at 64 connections every answer is the one at 1', async (name) => {
  const server = await serveModel(modelPath(name), { args: ['-w', '1'] });
  const { on, reason } = await batching(server);
  expect(reason).toBe(REASONS[name]);
  const bodies = bodiesOf(name, on);
  const alone: unknown[] = [];
  for (const body of bodies) alone.push(await server.predict(body));
  expect(await metric(server, 'mltrack_batched_requests_total')).toBe(0);
  const together = await at64(bodies, Math.ceil(320 / bodies.length), (body) => server.predict(body));
  for (const [index, answers] of together.entries()) {
    for (const answer of answers) expectClose(answer, alone[index]);
  }
  const joined = await metric(server, 'mltrack_batched_requests_total');
  if (on) expect(joined).toBeGreaterThan(0);
  else expect(joined).toBe(0);
  await server.stop();
});

const ROWS: Value[] = [{ name: 'x', type: 'float', shape: ['n', 2] }];
const model = (nodes: Node[], outputs: Value[] = [{ name: 'y', type: 'float', shape: ['n', 2] }]) =>
  writeModel({ nodes, inputs: ROWS, outputs });

describe('rows that depend on each other are found out', () => {
  const mean = { operator: 'ReduceMean', inputs: ['x'], outputs: ['mean'], attributes: [intsAttribute('axes', [0])] };
  const GRAPHS: [string, Uint8Array, string][] = [
    [
      'a mean over axis 0',
      model([mean, { operator: 'Sub', inputs: ['x', 'mean'], outputs: ['y'] }]),
      "output 'y' differs between random rows run together and alone",
    ],
    [
      'an output of another number of rows',
      model([{ operator: 'Unique', inputs: ['x'], outputs: ['y'] }], [{ name: 'y', type: 'float', shape: ['k'] }]),
      "output 'y' does not have one row for each row of the inputs",
    ],
    [
      'every row with every other',
      model(
        [
          { operator: 'Transpose', inputs: ['x'], outputs: ['t'] },
          { operator: 'MatMul', inputs: ['x', 't'], outputs: ['y'] },
        ],
        [{ name: 'y', type: 'float', shape: ['n', 'm'] }],
      ),
      "output 'y' differs between random rows run together and alone",
    ],
    [
      'noise',
      model([
        { operator: 'RandomNormalLike', inputs: ['x'], outputs: ['noise'] },
        { operator: 'Add', inputs: ['x', 'noise'], outputs: ['y'] },
      ]),
      "output 'y' differs between random rows run together and alone",
    ],
    [
      'an answer that is always the same',
      model([{ operator: 'Sub', inputs: ['x', 'x'], outputs: ['y'] }]),
      'random rows all give the same: that shows nothing',
    ],
    [
      'an output whose first axis is fixed',
      model([{ ...mean, outputs: ['y'] }], [{ name: 'y', type: 'float', shape: [1, 2] }]),
      "the first axis of output 'y' is not free",
    ],
  ];

  test.each(GRAPHS)('%s', async (_name, onnx, reason) => {
    const server = await serving({ 'model.onnx': onnx });
    expect(await batching(server)).toEqual({ on: false, reason });
    await at64([{ inputs: [[1, 2]] }, { inputs: [[5, 1]] }], 50, (body) => server.predict(body));
    expect(await metric(server, 'mltrack_batched_requests_total')).toBe(0);
  });
});

/** Looks up a row of three for every index: 3 is out of range. */
const LOOKUP = writeModel({
  nodes: [{ operator: 'Gather', inputs: ['table', 'id'], outputs: ['y'] }],
  inputs: [{ name: 'id', type: 'int64', shape: ['n'] }],
  outputs: [{ name: 'y', type: 'float', shape: ['n', 2] }],
  initializers: [floatTensor('table', [3, 2], [0, 1, 10, 11, 20, 21])],
});
const LOOKUP_FILES = {
  'model.onnx': LOOKUP,
  MLmodel: `flavors: {onnx: {data: model.onnx}}
saved_input_example_info: {artifact_path: input_example.json, serving_input_path: serving_input_example.json}`,
};

test('indices are probed with the rows of the input example', async () => {
  const server = await serving({ ...LOOKUP_FILES, 'serving_input_example.json': '{"inputs": {"id": [0, 2, 1]}}' });
  expect(await batching(server)).toEqual({
    on: true,
    reason: 'the rows of the input example give the same together and alone',
  });
});

test.each(['{"inputs": {"id": [1]}}', '{"inputs": {"other": 1}}', 'no JSON'])(
  'indices are not joined with the input example %s',
  async (example) => {
    const server = await serving({ ...LOOKUP_FILES, 'serving_input_example.json': example });
    expect(await batching(server)).toEqual({
      on: false,
      reason: "random values are no valid int64 input 'id', and no input example has more rows",
    });
  },
);

test('a request that the graph or the reader refuses leaves its neighbours their answers', async () => {
  const server = await serving({ ...LOOKUP_FILES, 'serving_input_example.json': '{"inputs": {"id": [0, 2, 1]}}' });
  const bodies = ['{"inputs":[0]}', '{"inputs":[3]}', '{"inputs":[2,1]}', '{"inputs":["a"]}', '{', '{"inputs":[]}'];
  await at64(bodies.slice(0, 1), 200, (body) => server.predict(body));
  expect(await metric(server, 'mltrack_batched_requests_total')).toBeGreaterThan(0);
  const answers = await at64(bodies, 60, async (body) => {
    const { status, text } = await server.post(body);
    return status === 200 ? text : status;
  });
  expect(answers.map((each) => [...new Set(each)])).toEqual([
    ['{"predictions":{"y":[[0.0,1.0]]}}'],
    [400],
    ['{"predictions":{"y":[[20.0,21.0],[10.0,11.0]]}}'],
    [400],
    [400],
    ['{"predictions":{"y":[]}}'],
  ]);
});

test('maps are made for the own rows of each request', async () => {
  const labels = [stringsAttribute('classlabels_strings', ['no', 'yes'])];
  const server = await serving({
    'model.onnx': writeModel({
      nodes: [{ operator: 'ZipMap', domain: 'ai.onnx.ml', inputs: ['x'], outputs: ['y'], attributes: labels }],
      inputs: ROWS,
      outputs: [mapsInfo('y')],
    }),
  });
  expect((await batching(server)).on).toBe(true);
  const answers = await at64(
    [
      [[1, 2]],
      [
        [3, 4],
        [5, 6],
      ],
    ],
    60,
    (inputs) => server.predict({ inputs }),
  );
  expect(answers.map((each) => [...new Set(each.map((answer) => JSON.stringify(answer)))])).toEqual([
    ['{"predictions":{"y":[{"no":1,"yes":2}]}}'],
    ['{"predictions":{"y":[{"no":3,"yes":4},{"no":5,"yes":6}]}}'],
  ]);
  expect(await metric(server, 'mltrack_batched_requests_total')).toBeGreaterThan(0);
});

test('requests of different shapes below axis 0 are answered each in its own', async () => {
  const server = await serving({
    'model.onnx': writeModel({
      nodes: [{ operator: 'Add', inputs: ['x', 'x'], outputs: ['y'] }],
      inputs: [{ name: 'x', type: 'float', shape: ['n', 'width'] }],
      outputs: [{ name: 'y', type: 'float', shape: ['n', 'width'] }],
    }),
  });
  expect((await batching(server)).on).toBe(true);
  const answers = await at64(
    [
      [[1]],
      [[1, 2]],
      [
        [3, 4],
        [5, 6],
      ],
    ],
    60,
    (inputs) => server.predict({ inputs }),
  );
  expect(answers.map((each) => [...new Set(each.map((answer) => JSON.stringify(answer)))])).toEqual([
    ['{"predictions":{"y":[[2]]}}'],
    ['{"predictions":{"y":[[2,4]]}}'],
    ['{"predictions":{"y":[[6,8],[10,12]]}}'],
  ]);
  expect(await metric(server, 'mltrack_batched_requests_total')).toBeGreaterThan(0);
});
