/** ONNX models that a run logs: as MLflow lays them out, whatever their size, on servers with and without logged models. */
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { inferSignature } from '../../client/models/signature.js';
import {
  type Connection,
  connect,
  type Run,
  type RunOptions,
  registerModel,
  startRun,
} from '../../client/node/index.js';
import { outlineOf } from '../../client/node/models/outline.js';
import { graphOf } from '../../client/onnx/graph.js';
import { stringField } from '../../client/onnx/wire.js';
import { finished } from '../harness/finished.js';
import { startServer, type TestServer } from '../harness/server.js';
import { externalTensor, floatTensor, mapsModel, writeModel } from '../packager/onnx-writer.js';
import { newPlace, onlyRun, program, sync } from './program.js';

const MODELS = fileURLToPath(new URL('../models/', import.meta.url));
const onnxOf = (name: string) => join(MODELS, name, 'mlmodel/model.onnx');

let server: TestServer;
let client: Connection;
let folder: string;

const opened: Run[] = [];

/** A run that is ended with the tests: what is open stays in the spool. */
function begin(options: RunOptions): Run {
  const run = startRun(options);
  opened.push(run);
  return run;
}

beforeAll(async () => {
  server = await startServer();
  client = connect(server.url);
  folder = await mkdtemp(join(tmpdir(), 'mltrack-models-'));
});
afterAll(async () => {
  await Promise.all(opened.map((run) => run.end()));
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Adds an input to a weight: y = x + w. */
const addModel = (weight: Uint8Array) =>
  writeModel({
    nodes: [{ operator: 'Add', inputs: ['x', 'w'], outputs: ['y'] }],
    inputs: [
      { name: 'x', type: 'float', shape: ['n', 2] },
      { name: 'w', type: 'float', shape: [2] },
    ],
    outputs: [{ name: 'y', type: 'float', shape: ['n', 2] }],
    initializers: [weight],
  });

async function mlmodelAt(uri: string, path = 'MLmodel') {
  return parse(await (await client.artifacts.get(uri, path)).text());
}

describe('the signature of a graph', () => {
  test.each(readdirSync(MODELS).filter((name) => name.startsWith('d_')))(
    '%s is the one that MLflow has of it',
    (name) => {
      const { signature } = parse(readFileSync(join(MODELS, name, 'mlmodel/MLmodel'), 'utf8'));
      const inferred = inferSignature(readFileSync(onnxOf(name)));
      expect(inferred.inputs ?? null).toEqual(JSON.parse(signature.inputs ?? 'null'));
      // What is made of strings there says not even how many axes it has.
      const outputs = name === 'd_strings' ? null : JSON.parse(signature.outputs ?? 'null');
      expect(inferred.outputs ?? null).toEqual(outputs);
    },
  );

  test('has no input that an initializer fills, and no side with what is no tensor', () => {
    expect(inferSignature(addModel(floatTensor('w', [2], [1, 2]))).inputs).toEqual([
      { name: 'x', type: 'tensor', 'tensor-spec': { dtype: 'float32', shape: [-1, 2] } },
    ]);
    expect(inferSignature(mapsModel())).toEqual({ inputs: [expect.objectContaining({ name: 'x' })] });
  });
});

describe('logModel', () => {
  test('makes a logged model with all that MLflow needs, and a version of a registered model', async () => {
    const run = begin({ client });
    const logged = await run.logModel(readFileSync(onnxOf('d_two_inputs')), {
      name: 'both',
      inputExample: { tensors: { a: { data: BigInt64Array.of(1n, 2n, 3n), dims: [1, 3] }, b: [[0.5, 1, 2]] } },
      registeredModelName: 'adder',
      params: { depth: 3 },
      tags: { stage: 'trial' },
      metadata: { 'made by': 'test' },
      step: 12,
    });
    expect(logged).toMatchObject({ modelUri: `models:/${logged.modelId}`, name: 'both', runId: await run.id() });
    expect(logged.registeredVersion).toMatchObject({
      name: 'adder',
      version: '1',
      run_id: await run.id(),
      model_id: logged.modelId,
    });
    const { model } = await client.getLoggedModel({ model_id: logged.modelId ?? '' });
    expect(model.info).toMatchObject({ status: 'LOGGED_MODEL_READY', source_run_id: await run.id(), name: 'both' });
    expect(model.data.params).toEqual([{ key: 'depth', value: '3' }]);
    const { outputs } = (await client.getRun({ run_id: await run.id() })).run;
    expect(outputs?.model_outputs).toEqual([{ model_id: logged.modelId, step: 12 }]);
    const mlmodel = await mlmodelAt(logged.artifactUri);
    expect(mlmodel).toMatchObject({
      artifact_path: logged.artifactUri,
      model_id: logged.modelId,
      run_id: await run.id(),
      metadata: { 'made by': 'test' },
      flavors: { onnx: { data: 'model.onnx' }, python_function: { loader_module: 'mlflow.onnx' } },
      saved_input_example_info: { type: 'ndarray', artifact_path: 'input_example.json' },
    });
    expect(JSON.parse(mlmodel.signature.inputs)).toEqual(logged.signature?.inputs);
    expect(mlmodel.utc_time_created).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}$/);
    const serving = await client.artifacts.get(logged.artifactUri, 'serving_input_example.json');
    expect(await serving.json()).toEqual({ inputs: { a: [[1, 2, 3]], b: [[0.5, 1, 2]] } });
  });

  test('streams a file together with the files of its weights', async () => {
    const file = join(folder, 'add.onnx');
    await writeFile(file, addModel(externalTensor('w', [2], 'add.weights')));
    await expect(begin({ client }).logModel(file)).rejects.toThrow(/add\.weights.*cannot be read/);
    await writeFile(join(folder, 'add.weights'), new Uint8Array(Float32Array.of(1, 2).buffer));
    const run = begin({ client });
    const { artifactUri, signature } = await run.logModel(file);
    const weights = await client.artifacts.get(artifactUri, 'add.weights');
    expect([...new Float32Array(await weights.arrayBuffer())]).toEqual([1, 2]);
    expect((await client.artifacts.get(artifactUri, 'model.onnx')).status).toBe(200);
    expect(signature?.inputs).toHaveLength(1);
  });

  test('reads the outline of a file of 3 GB without reading its weights', async () => {
    const file = join(folder, 'large.onnx');
    const weights = 3 * 2 ** 30;
    await writeLarge(file, weights);
    const outline = await outlineOf(file);
    expect(outline.length).toBeLessThan(1000);
    expect(inferSignature(outline).inputs).toEqual([expect.objectContaining({ name: 'x' })]);
  });

  test.each<[string, Uint8Array, RegExp]>([
    ['no model', new TextEncoder().encode('hello, world'), /cannot be logged/],
    ['an empty file', new Uint8Array(0), /no graph/],
  ])('refuses %s and leaves nothing behind', async (_, bytes, message) => {
    const experiment_id = (await client.createExperiment({ name: `refused ${message}` })).experiment_id;
    const run = begin({ client, experimentId: experiment_id });
    await expect(run.logModel(bytes)).rejects.toThrow(message);
    await writeFile(join(folder, 'bad.onnx'), bytes);
    await expect(run.logModel(join(folder, 'bad.onnx'))).rejects.toMatchObject({
      code: 'INVALID_PARAMETER_VALUE',
    });
    expect((await client.searchLoggedModels({ experiment_ids: [experiment_id] })).models ?? []).toEqual([]);
  });
});

/** y = x + w, with a weight of that many bytes, which are a hole in the file. */
async function writeLarge(file: string, bytes: number) {
  const small = addModel(floatTensor('w', [2], [1, 2]));
  const tensor = [...stringField(8, 'w'), 9 * 8 + 2, ...varint(bytes)];
  const initializer = [5 * 8 + 2, ...varint(tensor.length + bytes), ...tensor];
  const graph = [...graphOf(small).bytes, ...initializer];
  const head = Uint8Array.from([7 * 8 + 2, ...varint(graph.length + bytes), ...graph]);
  await writeFile(file, head);
  await truncate(file, head.length + bytes);
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
}

/** A server that passes on what it is asked, unless `refuse` answers. */
async function inFront(refuse: (method: string, url: string) => number | undefined) {
  const front = createServer((asked, answer) => {
    const status = refuse(asked.method ?? '', asked.url ?? '');
    if (status !== undefined) {
      asked.resume();
      answer.writeHead(status, { 'content-type': 'text/html' }).end('<h1>Not here</h1>');
      return;
    }
    const { host: _, ...headers } = asked.headers;
    const passed = request(server.url + asked.url, { method: asked.method, headers }, (reply) => {
      answer.writeHead(reply.statusCode ?? 500, reply.headers);
      reply.pipe(answer);
    });
    asked.pipe(passed);
  });
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(front.address() as AddressInfo).port}`, close: () => closed(front) };
}

const closed = (front: Server) => {
  front.closeAllConnections();
  return new Promise((resolve) => front.close(resolve));
};

test('a server without logged models gets the model below the run, and a version from there', async () => {
  const old = await inFront((_, url) => (url.includes('/logged-models') ? 404 : undefined));
  try {
    const before = connect(old.url);
    const run = begin({ client: before });
    const logged = await run.logModel(onnxOf('d_bc_mlp'), { name: 'net', registeredModelName: 'old' });
    expect(logged).toMatchObject({ modelUri: `runs:/${await run.id()}/net`, modelId: undefined });
    expect(logged.registeredVersion).toMatchObject({
      version: '1',
      run_id: await run.id(),
      source: logged.artifactUri,
    });
    expect(await mlmodelAt((await run.info()).artifact_uri, 'net/MLmodel')).toMatchObject({
      artifact_path: 'net',
      run_id: await run.id(),
    });
    const { tags } = (await client.getRun({ run_id: await run.id() })).run.data;
    const history = tags?.find(({ key }) => key === 'mlflow.log-model.history')?.value ?? '';
    expect(JSON.parse(history)).toMatchObject([{ artifact_path: 'net', flavors: { onnx: {} } }]);
  } finally {
    await old.close();
  }
});

test('a logged model whose upload fails is marked so', async () => {
  const full = await inFront((method, url) => (method === 'PUT' && url.endsWith('/MLmodel') ? 507 : undefined));
  try {
    const broken = connect(full.url);
    const experiment_id = (await client.createExperiment({ name: 'full disk' })).experiment_id;
    const run = begin({ client: broken, experimentId: experiment_id });
    await expect(run.logModel(onnxOf('d_bc_mlp'))).rejects.toThrow(/507/);
    const { models } = await client.searchLoggedModels({ experiment_ids: [experiment_id] });
    expect(models).toMatchObject([{ info: { status: 'LOGGED_MODEL_UPLOAD_FAILED' } }]);
    expect((await client.getRun({ run_id: await run.id() })).run.outputs?.model_outputs ?? []).toEqual([]);
  } finally {
    await full.close();
  }
});

test('a model that nobody waits for is there when the run has ended; what goes wrong is told', async () => {
  const problems: string[] = [];
  const run = begin({ client, onError: ({ kind, message }) => problems.push(`${kind}: ${message}`) });
  run.logModel(onnxOf('d_bc_mlp'));
  run.logModel(join(folder, 'nothing.onnx'));
  await run.end();
  expect(problems).toEqual([expect.stringMatching(/^bad-value: No such file: .*nothing\.onnx/)]);
  expect((await client.getRun({ run_id: await run.id() })).run.outputs?.model_outputs).toHaveLength(1);
});

test('a model logged offline is recorded with the run, whole, and arrives with it', async () => {
  const file = join(folder, 'offline.onnx');
  await writeFile(file, addModel(externalTensor('w', [2], 'offline.weights')));
  await writeFile(join(folder, 'offline.weights'), new Uint8Array(Float32Array.of(3, 4).buffer));
  const place = await newPlace();
  const source = `const run = startRun({ experiment: 'offline model', offline: true, onError: ({ kind }) => console.log(kind) });
    await run.logModel(${JSON.stringify(file)}, { name: 'net' }).catch(({ code }) => console.log(code));
    await run.end();`;
  const { stdout } = await finished(program(source, 'http://127.0.0.1:9', place));
  expect(stdout.split('\n')).toEqual(['unreachable', 'TEMPORARILY_UNAVAILABLE', 'left', '']);
  expect(await finished(sync(server.url, place))).toMatchObject({ code: 0 });
  await place.remove();
  const { info } = await onlyRun(client, 'offline model');
  expect(await mlmodelAt(info.artifact_uri, 'net/MLmodel')).toMatchObject({ artifact_path: 'net' });
  const weights = await client.artifacts.get(info.artifact_uri, 'net/offline.weights');
  expect([...new Float32Array(await weights.arrayBuffer())]).toEqual([3, 4]);
  expect(await registerModel(client, `runs:/${info.run_id}/net`, 'from the train')).toMatchObject({ version: '1' });
});

describe('registerModel', () => {
  test('makes versions from a run’s model by its name, from a logged model, a version and an alias', async () => {
    const run = begin({ client });
    const first = await run.logModel(onnxOf('d_bc_mlp'), { name: 'net', step: 1 });
    const second = await run.logModel(onnxOf('d_bc_mlp'), { name: 'net', step: 2 });
    const made = await registerModel(client, `runs:/${await run.id()}/net`, 'net', {
      tags: { from: 'run' },
      description: 'one',
    });
    expect(made).toMatchObject({ version: '1', model_id: second.modelId, run_id: await run.id(), description: 'one' });
    expect(made.tags).toEqual([{ key: 'from', value: 'run' }]);
    expect(await registerModel(client, first.modelUri, 'net')).toMatchObject({ version: '2', model_id: first.modelId });
    await client.setRegisteredModelAlias({ name: 'net', alias: 'champion', version: '2' });
    const promoted = await registerModel(client, 'models:/net@champion', 'net-production');
    expect(promoted).toMatchObject({ name: 'net-production', version: '1', run_id: await run.id() });
    expect(await registerModel(client, 'models:/net/1', 'net-production')).toMatchObject({ version: '2' });
  });

  test('makes nothing where there is no model', async () => {
    const run = begin({ client });
    for (const uri of [
      `runs:/${await run.id()}/nothing`,
      'models:/m-00000000000000000000000000000000',
      'models:/none/1',
    ]) {
      await expect(registerModel(client, uri, 'never')).rejects.toMatchObject({ status: 404 });
    }
    await expect(client.getRegisteredModel({ name: 'never' })).rejects.toMatchObject({
      code: 'RESOURCE_DOES_NOT_EXIST',
    });
  });
});
