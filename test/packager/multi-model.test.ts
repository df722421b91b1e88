/** A multi-model server (`SAGEMAKER_MULTI_MODEL=true`): models come and go by name, within a memory limit, and nothing hangs or leaks. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  casesOf,
  expectClose,
  MODEL_NAMES,
  type ModelServer,
  metric,
  mltrack,
  modelFolder,
  modelPath,
  serveModel,
} from './model-server.js';
import { floatTensor, slowModel, writeModel } from './onnx-writer.js';

const MULTI = { SAGEMAKER_MULTI_MODEL: 'true' };
const ends: (() => Promise<unknown>)[] = [];
afterAll(() => Promise.all(ends.map((end) => end())));

interface Answer {
  status: number;
  body: unknown;
}

type MultiModelServer = ModelServer & { call(method: string, path: string, body?: unknown): Promise<Answer> };

async function serving(args: string[] = [], env: Record<string, string> = {}, uri?: string): Promise<MultiModelServer> {
  const server = await serveModel(uri, { args, env: { ...MULTI, ...env } });
  ends.push(() => server.stop());
  const call: MultiModelServer['call'] = async (method, path, body) => {
    const answer = await fetch(`${server.url}${path}`, {
      method,
      ...(body !== undefined && {
        body: typeof body === 'string' ? body : JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      }),
    });
    return { status: answer.status, body: await answer.json() };
  };
  return { ...server, call };
}

async function folderOf(files: Record<string, Uint8Array | string>): Promise<string> {
  const folder = await modelFolder(files);
  ends.push(folder.remove);
  return folder.path;
}

const MUL = modelPath('d_ort_mul_1');
const BODY = { inputs: casesOf('d_ort_mul_1')[0]?.inputs };
const ANSWER = { predictions: casesOf('d_ort_mul_1')[0]?.outputs };

let slow: string;
beforeAll(async () => {
  slow = await folderOf({ 'model.onnx': slowModel(20) });
});

describe('a server without a model', () => {
  let server: MultiModelServer;
  beforeAll(async () => {
    server = await serving();
  });

  test('answers /ping, and nothing at /invocations', async () => {
    const { status } = await fetch(`${server.url}/ping`);
    expect(status).toBe(200);
    expect(await server.call('GET', '/models')).toEqual({ status: 200, body: { models: [] } });
    expect((await server.call('POST', '/invocations', BODY)).status).toBe(404);
  });

  test.each(MODEL_NAMES)('loads %s, answers as it does alone, and forgets it', async (name) => {
    const url = modelPath(name);
    const described = { modelName: name, modelUrl: url };
    expect(await server.call('POST', '/models', { model_name: name, url })).toEqual({ status: 200, body: described });
    expect(await server.call('GET', `/models/${name}`)).toEqual({ status: 200, body: described });
    expect(await server.call('GET', '/models')).toEqual({ status: 200, body: { models: [described] } });
    for (const { inputs, outputs } of casesOf(name)) {
      const { status, body } = await server.call('POST', `/models/${name}/invoke`, { inputs });
      expect(status).toBe(200);
      expectClose(body, { predictions: outputs });
    }
    expect((await server.call('POST', `/models/${name}/invoke`, '{')).status).toBe(400);
    expect(await server.call('DELETE', `/models/${name}`)).toEqual({ status: 200, body: {} });
    for (const [method, path, sent] of [
      ['GET', `/models/${name}`],
      ['DELETE', `/models/${name}`],
      ['POST', `/models/${name}/invoke`, BODY],
    ] as const) {
      expect(await server.call(method, path, sent)).toEqual({
        status: 404,
        body: { error_code: 'RESOURCE_DOES_NOT_EXIST', message: `The model '${name}' is not loaded.` },
      });
    }
  });

  test('refuses a name that is taken, and leaves its model as it was', async () => {
    await server.call('POST', '/models', { model_name: 'taken', url: MUL });
    expect(await server.call('POST', '/models', { model_name: 'taken', url: modelPath('d_strings') })).toEqual({
      status: 409,
      body: { error_code: 'ALREADY_EXISTS', message: "The model 'taken' is already loaded." },
    });
    expect((await server.call('POST', '/models/taken/invoke', BODY)).body).toEqual(ANSWER);
    await server.call('DELETE', '/models/taken');
  });

  test('refuses what is no model, in words that say why, and may load the name afterwards', async () => {
    const broken = await folderOf({ 'model.onnx': 'no model' });
    const refused = async (body: unknown) => {
      const answer = await server.call('POST', '/models', body);
      expect(answer).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
      return (answer.body as { message: string }).message;
    };
    expect(await refused({ model_name: 'm', url: '/nowhere' })).toBe('No model at /nowhere: no such folder');
    expect(await refused({ model_name: 'm', url: broken })).toMatch(/^The model at .* does not load: /);
    expect(await refused({ model_name: 'm' })).toBe("'url' must be a text that is not empty.");
    expect(await refused({ model_name: '', url: MUL })).toBe("'model_name' must be a text that is not empty.");
    expect(await refused({ model_name: ['m'], url: MUL })).toBe("'model_name' must be a text that is not empty.");
    for (const body of ['', '{', 'null', '[]', '"m"']) expect(await refused(body)).toMatch(/must be/);
    expect(await server.call('GET', '/models')).toEqual({ status: 200, body: { models: [] } });
    expect((await server.call('POST', '/models', { model_name: 'm', url: MUL })).status).toBe(200);
    expect((await server.call('DELETE', '/models/m')).status).toBe(200);
  });

  test.each(['a/b', 'with space', 'ümlaut', '%', 'invoke', 'a?b#c', '__proto__'])(
    'takes %j as a name',
    async (name) => {
      const path = `/models/${encodeURIComponent(name)}`;
      expect((await server.call('POST', '/models', { model_name: name, url: MUL })).status).toBe(200);
      expect((await server.call('GET', path)).body).toEqual({ modelName: name, modelUrl: MUL });
      expect((await server.call('POST', `${path}/invoke`, BODY)).body).toEqual(ANSWER);
      expect((await server.call('GET', '/models')).body).toEqual({ models: [{ modelName: name, modelUrl: MUL }] });
      expect((await server.call('DELETE', path)).status).toBe(200);
    },
  );
});

describe('at once', () => {
  test('two loads of a name: one loads it, the other is refused', async () => {
    const server = await serving();
    for (let round = 0; round < 5; round++) {
      const answers = await Promise.all(
        [1, 2, 3].map(() => server.call('POST', '/models', { model_name: 'm', url: MUL })),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
      const gone = await Promise.all([1, 2, 3].map(() => server.call('DELETE', '/models/m')));
      expect(gone.map(({ status }) => status).sort()).toEqual([200, 404, 404]);
    }
  });

  test('a load that fails leaves the name to the next', async () => {
    const server = await serving();
    const answers = await Promise.all(
      ['/nowhere', MUL].map((url) => server.call('POST', '/models', { model_name: 'm', url })),
    );
    expect(answers.map(({ status }) => status)).toEqual([400, 200]);
  });

  test('an unload waits for the load before it, and a load for the unload', async () => {
    const server = await serving();
    const load = () => server.call('POST', '/models', { model_name: 'm', url: MUL });
    const unload = () => server.call('DELETE', '/models/m');
    const answers = await Promise.all([load(), unload(), load(), unload(), load()]);
    // Requests on several connections may overtake each other; each is answered by what it found.
    const { body } = await server.call('GET', '/models');
    const loads = [answers[0], answers[2], answers[4]].filter((answer) => answer?.status === 200).length;
    const unloads = [answers[1], answers[3]].filter((answer) => answer?.status === 200).length;
    expect((body as { models: unknown[] }).models).toHaveLength(loads - unloads);
  });

  test('an unload while requests run: each is answered, and then it is gone', async () => {
    const server = await serving(['-w', '1']);
    await server.call('POST', '/models', { model_name: 'slow', url: slow });
    const invoke = (size: number) => server.call('POST', '/models/slow/invoke', { inputs: [size, size] });
    const running = invoke(1000);
    await expect.poll(() => metric(server, 'mltrack_workers_busy'), { interval: 5 }).toBe(1);
    const waiting = [3, 3, 3].map(invoke);
    await expect.poll(() => metric(server, 'mltrack_queue_length'), { interval: 5 }).toBe(3);
    const unloading = server.call('DELETE', '/models/slow');
    await expect.poll(async () => (await invoke(3)).status).toBe(404);
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([503, 503, 503]);
    expect((await running).status).toBe(200);
    expect((await unloading).status).toBe(200);
  });

  test('an unload does not wait longer than the timeout for an inference', async () => {
    const server = await serving(['-w', '1', '-t', '0.2']);
    await server.call('POST', '/models', { model_name: 'slow', url: slow });
    const running = fetch(`${server.url}/models/slow/invoke`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"inputs":[2000,2000]}',
    });
    await expect.poll(() => metric(server, 'mltrack_workers_busy'), { interval: 5 }).toBe(1);
    const busy = {
      status: 503,
      body: { error_code: 'TEMPORARILY_UNAVAILABLE', message: "The model 'slow' is still being unloaded." },
    };
    expect(await server.call('DELETE', '/models/slow')).toEqual(busy);
    expect((await running).status).toBe(504);
    expect((await server.call('GET', '/models/slow')).status).toBe(404);
    const load = () => server.call('POST', '/models', { model_name: 'slow', url: MUL });
    expect(await load()).toEqual(busy);
    // The name is free when the inference has ended.
    await expect.poll(async () => (await load()).status, { timeout: 30_000 }).toBe(200);
    expect((await server.call('POST', '/models/slow/invoke', BODY)).body).toEqual(ANSWER);
  });

  test('models that are loaded, invoked and unloaded by many answer right or not at all', async () => {
    const server = await serving();
    const statuses = new Set<string>();
    const client = async (name: string) => {
      for (let round = 0; round < 6; round++) {
        const loaded = await server.call('POST', '/models', { model_name: name, url: MUL });
        const invoked = await server.call('POST', `/models/${name}/invoke`, BODY);
        if (invoked.status === 200) expect(invoked.body).toEqual(ANSWER);
        const gone = await server.call('DELETE', `/models/${name}`);
        statuses.add(`${loaded.status} ${invoked.status} ${gone.status}`);
      }
    };
    await Promise.all(['a', 'a', 'b', 'b', 'c'].map(client));
    for (const seen of statuses) expect(seen).toMatch(/^(200|409) (200|404|503) (200|404)$/);
    expect((await server.call('GET', '/models')).body).toEqual({ models: [] });
    expect(server.log()).not.toContain('starting another');
  });
});

describe('memory', () => {
  /** A model of 40 MB. */
  const big = () => {
    const n = 3162;
    const weights = floatTensor('w', [n, n], new Array<number>(n * n).fill(1));
    return writeModel({
      nodes: [{ operator: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
      inputs: [{ name: 'x', type: 'float', shape: ['n', n] }],
      outputs: [{ name: 'y', type: 'float', shape: ['n', n] }],
      initializers: [weights],
    });
  };
  const residentMiB = (server: ModelServer) =>
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.process.pid}/status`, 'utf8'))?.[1]) / 1024;
  const ALONE = { MLTRACK_SUPERVISED: '0' };

  test('a model beyond the limit is 507, until another is unloaded', async () => {
    const url = await folderOf({ 'model.onnx': big() });
    const server = await serving([], { ...ALONE, MLTRACK_MODEL_MEMORY_MB: '150' });
    const load = (name: string) => server.call('POST', '/models', { model_name: name, url });
    // Two on their way together have room for each other.
    expect((await Promise.all([load('a'), load('b')])).map(({ status }) => status)).toEqual([200, 200]);
    const before = residentMiB(server);
    expect(await load('c')).toEqual({
      status: 507,
      body: {
        error_code: 'RESOURCE_EXHAUSTED',
        message: expect.stringMatching(/^The model 'c' needs about \d+ MiB; \d+ of 150 MiB are taken\.$/),
      },
    });
    expect((await server.call('GET', '/models/c')).status).toBe(404);
    expect((await server.call('DELETE', '/models/a')).status).toBe(200);
    expect(residentMiB(server)).toBeLessThan(before - 30);
    expect((await load('c')).status).toBe(200);
  });

  test('thirty rounds of loading, invoking and unloading leave nothing behind', async () => {
    const server = await serving([], ALONE);
    const round = async () => {
      expect((await server.call('POST', '/models', { model_name: 'm', url: MUL })).status).toBe(200);
      expect((await server.call('POST', '/models/m/invoke', BODY)).body).toEqual(ANSWER);
      expect((await server.call('DELETE', '/models/m')).status).toBe(200);
    };
    for (let warm = 0; warm < 5; warm++) await round();
    const before = residentMiB(server);
    for (let count = 0; count < 30; count++) await round();
    // A model that stayed would be 10 MiB a round.
    expect(residentMiB(server) - before).toBeLessThan(40);
    expect(await metric(server, 'mltrack_workers_ready')).toBe(0);
  });
});

test('the list comes in pages of 50 by name', async () => {
  const server = await serving([], { MLTRACK_MODEL_MEMORY_MB: '100000' });
  const names = Array.from({ length: 51 }, (_, at) => `m${String(at).padStart(3, '0')}`);
  const load = async (name: string) =>
    expect((await server.call('POST', '/models', { model_name: name, url: MUL })).status).toBe(200);
  for (const name of names) await load(name);
  const page = async (query: string) => {
    const { body } = await server.call('GET', `/models${query}`);
    const { models, nextPageToken } = body as { models: { modelName: string }[]; nextPageToken?: string };
    return { names: models.map(({ modelName }) => modelName), nextPageToken };
  };
  const first = await page('');
  expect(first.names).toEqual(names.slice(0, 50));
  expect(await page(`?next_page_token=${encodeURIComponent(String(first.nextPageToken))}`)).toEqual({
    names: ['m050'],
    nextPageToken: undefined,
  });
  expect(await metric(server, 'mltrack_models_loaded')).toBe(51);
});

test('a model that is named at the start is served beside the others', async () => {
  const server = await serving([], {}, modelPath('d_mlp_small'));
  await server.call('POST', '/models', { model_name: 'mul "1"', url: MUL });
  const [{ inputs, outputs }] = casesOf('d_mlp_small') as [ReturnType<typeof casesOf>[0]];
  expectClose(await server.predict({ inputs }), { predictions: outputs });
  const text = await (await fetch(`${server.url}/metrics`)).text();
  expect(text).toContain('mltrack_execution_provider{provider="cpu"} 1\n');
  expect(text).toContain('mltrack_execution_provider{model="mul \\"1\\"",provider="cpu"} 1\n');
});

test('each model has one worker, or as many as are asked for', async () => {
  const one = await serving();
  await one.call('POST', '/models', { model_name: 'm', url: MUL });
  expect(one.log()).toContain('mltrack: m: workers: 1, threads each: 1');
  const two = await serving([], { SAGEMAKER_MODEL_SERVER_WORKERS: '2' });
  await two.call('POST', '/models', { model_name: 'm', url: MUL });
  await expect.poll(() => metric(two, 'mltrack_workers_ready')).toBe(2);
});

test('without a model and without SAGEMAKER_MULTI_MODEL=true the start is refused', async () => {
  const { code, stderr } = await mltrack(['models', 'serve', '-p', '0'], { SAGEMAKER_MULTI_MODEL: 'false' });
  expect([code, stderr]).toEqual([
    1,
    'mltrack: No model: name one with --model-uri, or set SAGEMAKER_MULTI_MODEL=true\n',
  ]);
});

test('WebGPU is refused: two sessions that run at once would end the process', async () => {
  const { code, stderr } = await mltrack(['models', 'serve', '-p', '0', '--provider', 'webgpu'], MULTI);
  expect([code, stderr]).toEqual([
    1,
    'mltrack: The execution provider webgpu does not work here: it can run one model only\n',
  ]);
});
