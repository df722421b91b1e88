/** A model server under way: health, load, timeouts, a dying worker, its end, and the reasons it gives for not starting. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { type ModelServer, metric, mltrack, modelFolder, modelPath, serveModel } from './model-server.js';
import { slowModel, writeModel } from './onnx-writer.js';

type Folder = Awaited<ReturnType<typeof modelFolder>>;

/** An inference of [SLOW, SLOW] takes a second or so; of [3, 3] none. */
const SLOW = 1500;
let folder: Folder;
beforeAll(async () => {
  folder = await modelFolder({ 'model.onnx': slowModel(20) });
});
afterAll(() => folder.remove());

/** With one worker: a request runs, and another waits. */
async function runningAndWaiting(server: ModelServer, signal?: AbortSignal) {
  const running = server.post({ inputs: [SLOW, SLOW] });
  const body = JSON.stringify({ inputs: [3, 3] });
  const headers = { 'content-type': 'application/json' };
  const waiting = fetch(`${server.url}/invocations`, { method: 'POST', headers, body, ...(signal && { signal }) });
  waiting.catch(() => undefined);
  await expect.poll(() => metric(server, 'mltrack_queue_length')).toBe(1);
  return { running, waiting };
}

describe('one worker', () => {
  let server: ModelServer;
  beforeAll(async () => {
    server = await serveModel(folder.path, { args: ['-w', '1', '-h', 'localhost'] });
  });
  afterAll(async () => {
    expect(await server.stop()).toBe(0);
  });

  test('/ping answers at once while an inference runs', async () => {
    let running = true;
    const inference = server.post({ inputs: [SLOW, SLOW] }).finally(() => {
      running = false;
    });
    const times: number[] = [];
    while (running) {
      const start = performance.now();
      const answer = await fetch(`${server.url}/ping`);
      times.push(performance.now() - start);
      expect([answer.status, (await answer.text()).trim()]).toEqual([200, '']);
    }
    expect((await inference).status).toBe(200);
    const sorted = times.sort((one, other) => one - other);
    expect(sorted.length).toBeGreaterThan(20);
    // The promise is 50 ms; the margin is for machines that do other things too.
    expect(sorted[Math.floor(sorted.length * 0.99)]).toBeLessThan(250);
  });

  test('a request that its client gives up leaves the queue', async () => {
    const client = new AbortController();
    const { running, waiting } = await runningAndWaiting(server, client.signal);
    client.abort();
    await expect(waiting).rejects.toThrow();
    await expect.poll(() => metric(server, 'mltrack_queue_length')).toBe(0);
    expect((await running).status).toBe(200);
  });

  test('health, version, metrics and execution parameters', async () => {
    const get = async (path: string) => {
      const answer = await fetch(server.url + path);
      return { status: answer.status, text: await answer.text() };
    };
    expect(await get('/ping')).toEqual({ status: 200, text: '\n' });
    expect(await get('/health?deep=1')).toEqual({ status: 200, text: '\n' });
    expect(await get('/version')).toEqual({ status: 200, text: packageJson.version });
    expect(JSON.parse((await get('/execution-parameters')).text)).toEqual({
      MaxConcurrentTransforms: 1,
      BatchStrategy: 'MULTI_RECORD',
      MaxPayloadInMB: 25,
    });
    await server.post('{');
    const { text } = await get('/metrics');
    expect(text).toMatch(/^mltrack_invocations_total\{status="400"\} [1-9]/m);
    expect(text).toMatch(/^mltrack_workers_ready 1$/m);
  });
});

test('with two workers a short request does not wait for a long one', async () => {
  const server = await serveModel(folder.path, { args: ['-w', '2'] });
  const long = server.post({ inputs: [SLOW, SLOW] }).then(() => 'long');
  const short = server.predict({ inputs: [3, 3] }).then(() => 'short');
  expect(await Promise.race([long, short])).toBe('short');
  await Promise.all([long, short]);
  expect(await server.stop()).toBe(0);
});

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s: what runs and waits is answered, then the process ends with 0',
  async (signal) => {
    const server = await serveModel(folder.path, { args: ['-w', '1'] });
    const { running, waiting } = await runningAndWaiting(server);
    server.process.kill(signal);
    expect((await running).status).toBe(200);
    expect((await waiting).status).toBe(200);
    expect(await server.exited).toBe(0);
    await expect(fetch(`${server.url}/ping`)).rejects.toThrow();
  },
);

test('a connection that carries no request does not hold up the end', async () => {
  const server = await serveModel(folder.path, { args: ['-w', '1'] });
  const idle = connect(Number(new URL(server.url).port), '127.0.0.1');
  await once(idle, 'connect');
  const closed = once(idle, 'close');
  expect((await server.post({ inputs: [3, 3] })).status).toBe(200);
  const start = performance.now();
  expect(await server.stop()).toBe(0);
  await closed;
  // Far below the 25 s for which what runs is waited for.
  expect(performance.now() - start).toBeLessThan(15_000);
});

test('a request that takes too long is answered 504, and the worker is there for the next', async () => {
  const server = await serveModel(folder.path, { args: ['-w', '1', '-t', '0.2'] });
  const late = await server.post({ inputs: [SLOW, SLOW] });
  expect([late.status, late.text]).toEqual([504, 'Request processing time exceeded limit']);
  await expect.poll(async () => (await server.post({ inputs: [3, 3] })).status, { timeout: 30_000 }).toBe(200);
  await server.stop();
});

test('a worker that dies: 503 for its request, and another takes its place', async () => {
  const large = await modelFolder({
    'model.onnx': writeModel({
      nodes: [{ operator: 'ConstantOfShape', inputs: ['dims'], outputs: ['y'] }],
      inputs: [{ name: 'dims', type: 'int64', shape: [2] }],
      outputs: [{ name: 'y', type: 'float', shape: ['rows', 'columns'] }],
    }),
  });
  const server = await serveModel(large.path, { args: ['-w', '1'], env: { NODE_OPTIONS: '--max-old-space-size=64' } });
  const { status, text } = await server.post({ inputs: [4000, 4000] });
  expect(status, server.log()).toBe(503);
  expect(JSON.parse(text).error_code).toBe('TEMPORARILY_UNAVAILABLE');
  expect(await server.predict({ inputs: [1, 1] })).toEqual({ predictions: { y: [[0]] } });
  expect(server.log()).toContain('memory limit');
  expect(await server.stop()).toBe(0);
  await large.remove();
});

describe('it does not start, and says why in one line', () => {
  const folders: Folder[] = [];
  afterAll(() => Promise.all(folders.map((each) => each.remove())));

  async function failure(uri: string, args: string[] = ['-p', '0'], env: Record<string, string> = {}): Promise<string> {
    const { code, stdout, stderr } = await mltrack(['models', 'serve', '-m', uri, ...args], env);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr.trim().split('\n')).toHaveLength(1);
    return stderr;
  }

  async function folderOf(files: Record<string, Uint8Array | string>): Promise<string> {
    const made = await modelFolder(files);
    folders.push(made);
    return made.path;
  }

  const onnx = slowModel(1);

  test('no folder', async () => {
    expect(await failure('/no/such/folder')).toContain('/no/such/folder: no such folder');
    expect(await failure('file:///no/such/folder')).toContain('/no/such/folder: no such folder');
  });

  test('no model in it', async () => {
    expect(await failure(await folderOf({ 'readme.txt': '' }))).toContain('no MLmodel, no model.onnx');
    const lost = await folderOf({ MLmodel: 'flavors: {onnx: {data: lost.onnx}}' });
    expect(await failure(lost)).toContain('No file lost.onnx');
  });

  test('an MLmodel that cannot be read', async () => {
    expect(await failure(await folderOf({ MLmodel: 'a: [', 'model.onnx': onnx }))).toContain('is not YAML');
    expect(await failure(await folderOf({ MLmodel: '', 'model.onnx': onnx }))).toContain('is empty');
    const signature = 'flavors: {onnx: {data: model.onnx}}\nsignature: {inputs: "["}';
    expect(await failure(await folderOf({ MLmodel: signature, 'model.onnx': onnx }))).toContain('signature');
  });

  test('no onnx flavour', async () => {
    const other = 'flavors: {sklearn: {}, python_function: {loader_module: mlflow.sklearn}}';
    const path = await folderOf({ MLmodel: other, 'model.onnx': onnx });
    expect(await failure(path)).toContain('has no onnx flavor (it has: sklearn, python_function)');
  });

  test('a model that does not load', async () => {
    expect(await failure(await folderOf({ 'model.onnx': 'no protobuf' }))).toContain('does not load');
    expect(await failure(await folderOf({ 'model.onnx': '' }))).toContain('not an ONNX model');
    expect(await failure(await folderOf({ 'model.onnx': onnx.subarray(0, -3) }))).toContain('does not load');
  });

  test('a port that is taken, and flags that make no sense', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    expect(await failure(folder.path, ['-p', String(port)])).toMatch(/127\.0\.0\.1:\d+: the port is in use/);
    other.close();
    expect(await failure(folder.path, ['-w', '0'])).toContain('--workers');
    expect(await failure(folder.path, ['-t', 'soon'])).toContain('--timeout');
    expect(await failure(folder.path, ['-p', '0'], { SAGEMAKER_MAX_PAYLOAD_IN_MB: 'much' })).toContain(
      'SAGEMAKER_MAX_PAYLOAD_IN_MB',
    );
  });
});

test('a python_function that loads mlflow.onnx, and a file: URI', async () => {
  const flavor = 'flavors: {python_function: {loader_module: mlflow.onnx, data: graph.onnx}}';
  const made = await modelFolder({ MLmodel: flavor, 'graph.onnx': slowModel(1) });
  const server = await serveModel(`file://${made.path}`, { args: ['-w', '1'] });
  expect(await server.predict({ inputs: [3, 3] })).toEqual({ predictions: { y: [[0]] } });
  await server.stop();
  await made.remove();
});

test('session options of the MLmodel are given to onnxruntime', async () => {
  const mlmodel = (affinities: string) =>
    `flavors: {onnx: {data: model.onnx, onnx_session_options: {intra_op_num_threads: 3, inter_op_num_threads: 1,
     execution_mode: PARALLEL, graph_optimization_level: 1,
     extra_session_config: {session.intra_op_thread_affinities: "${affinities}"}}}}`;
  const right = await modelFolder({ MLmodel: mlmodel('1;1'), 'model.onnx': slowModel(1) });
  const server = await serveModel(right.path, { args: ['-w', '1'] });
  expect((await server.post({ inputs: [3, 3] })).status).toBe(200);
  await server.stop();
  // Two of three threads are onnxruntime's own: it wants two affinities.
  const wrong = await modelFolder({ MLmodel: mlmodel('1'), 'model.onnx': slowModel(1) });
  const { code, stderr } = await mltrack(['models', 'serve', '-p', '0', '-m', wrong.path]);
  expect([code, stderr]).toEqual([1, expect.stringContaining('affinities')]);
  await Promise.all([right.remove(), wrong.remove()]);
});

test('the models of the tests answer by default with as many workers as there are cores', async () => {
  const server = await serveModel(modelPath('d_two_inputs'));
  const replies = await Promise.all(
    Array.from({ length: 20 }, (_, at) => server.predict({ inputs: { a: [[at, 0, 0]], b: [[0, 0, 0]] } })),
  );
  expect(replies).toEqual(replies.map((_, at) => ({ predictions: { sum: [[at, 0, 0]], best: [0] } })));
  await server.stop();
});
