/** What the TypeScript client logs is read by stock MLflow in Python: models, tables, pictures, datasets; from our server and from MLflow's. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Connection, connect, type Run, type RunOptions, startRun } from '../../../client/node/index.js';
import { INSTALL_TIME } from '../../harness/python.js';
import { startServer, type TestServer } from '../../harness/server.js';
import { externalTensor, writeModel } from '../../packager/onnx-writer.js';
import { type Python, stockMlflow } from '../mlflow-python.js';
import { type MlflowServer, mlflowServer } from '../replay/mlflow-server.js';

const MODELS = fileURLToPath(new URL('../../models/', import.meta.url));
const onnxOf = (name: string) => join(MODELS, name, 'mlmodel/model.onnx');
const LOADED = ['d_bc_mlp', 'd_mlp_small', 'd_two_inputs', 'd_ort_mul_1'];

let ours: TestServer;
let theirs: MlflowServer;
let folder: string;

const opened: Run[] = [];

/** A run that is ended with the tests: what is open stays in the spool. */
function begin(options: RunOptions): Run {
  const run = startRun(options);
  opened.push(run);
  return run;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mltrack-interop-'));
  [ours, theirs] = await Promise.all([startServer(), mlflowServer(folder)]);
}, INSTALL_TIME);
afterAll(async () => {
  await Promise.all(opened.map((run) => run.end()));
  await Promise.all([ours.stop(), theirs.stop()]);
  await rm(folder, { recursive: true, force: true });
});

describe.each([
  ['mltrack', () => ours.url],
  ['MLflow', () => theirs.url],
])('on a server of %s', (_, urlOf) => {
  let client: Connection;
  let python: Python;

  beforeAll(async () => {
    client = connect(urlOf());
    python = await stockMlflow(urlOf(), folder);
  }, INSTALL_TIME);

  const read = async (name: string, args: object) =>
    expect(await python.script('sdk/logged_content.py', [name, JSON.stringify(args)])).toMatch(
      new RegExp(`^ok ${name} `, 'm'),
    );

  test('models predict in Python as they did where they were made', async () => {
    const uris: Record<string, string> = {};
    for (const name of LOADED) {
      const run = begin({ client });
      uris[name] = (await run.logModel(onnxOf(name), { name })).modelUri;
    }
    await read('models', {
      uris,
      cases: Object.fromEntries(LOADED.map((name) => [name, join(MODELS, name, 'case.json')])),
    });
  }, 180_000);

  test('models have their examples, their weights in files and their versions', async () => {
    const run = begin({ client });
    const tensors = { a: { data: BigInt64Array.of(1n, 2n, 3n), dims: [1, 3] }, b: [[0.5, 1, 2]] };
    const both = await run.logModel(await readFile(onnxOf('d_two_inputs')), {
      name: 'both',
      inputExample: { tensors },
      registeredModelName: 'both',
    });
    const row = Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`f${at}`, at / 10]));
    const frame = await run.logModel(onnxOf('d_bc_mlp'), { name: 'frame', inputExample: [row] });
    const file = join(folder, 'add.onnx');
    await writeFile(file, addModel());
    await writeFile(join(folder, 'add.weights'), new Uint8Array(Float32Array.of(1, 2).buffer));
    const split = await run.logModel(file, { name: 'split' });
    await read('examples', { uri: both.modelUri, dataframe_uri: frame.modelUri });
    await read('external', { uri: split.modelUri });
    await read('registered', { name: 'both' });
  }, 180_000);

  test('tables, pictures, values and datasets are what MLflow’s functions read', async () => {
    const run = begin({ client });
    run.logTable({ question: ['a', 'b'], score: [0.5, 1] }, 'eval.json');
    run.logTable([{ question: 'c', score: 2.5 }], 'eval.json');
    const data = Float32Array.from({ length: 300 * 300 * 3 }, (_, at) =>
      Number(at % 3 === (at < 300 * 150 * 3 ? 0 : 2)),
    );
    run.logImage({ data, shape: [300, 300, 3] }, { key: 'some/flag', step: 3 });
    const value = {
      word: 'no',
      big: 1e21,
      tiny: 1e-7,
      list: [[1, 2], { a: null }],
      text: 'two\nlines: x # y',
      2: '007',
    };
    run.logDict(value, 'c.yaml');
    const source = 's3://bucket/train.csv';
    run.logInput({ name: 'train', data: { x: [1, 2], y: ['a', 'b'] }, source, context: 'training' });
    await run.end();
    await read('content', { run_id: await run.id() });
  }, 120_000);
});

/** y = x + w, whose weights lie in a file beside it. */
const addModel = () =>
  writeModel({
    nodes: [{ operator: 'Add', inputs: ['x', 'w'], outputs: ['y'] }],
    inputs: [{ name: 'x', type: 'float', shape: ['n', 2] }],
    outputs: [{ name: 'y', type: 'float', shape: ['n', 2] }],
    initializers: [externalTensor('w', [2], 'add.weights')],
  });
