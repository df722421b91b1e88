/** Trying models on the tracking server: real ONNX models, real processes. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { type Connection, connect } from '../../client/connect.js';
import { describeServing, tryModel } from '../../client/serving.js';
import { PATIENCE } from '../harness/browser.js';
import { type ServerOptions, startServer, type TestServer } from '../harness/server.js';

const MODELS = fileURLToPath(new URL('../models/', import.meta.url));
const CARS = join(MODELS, 'd_cars_columns/mlmodel');
const IRIS = join(MODELS, 'd_iris_zipmap/mlmodel');
const CARS_BODY = { inputs: { Horsepower: [[130]], Weight_in_lbs: [[3504]], Origin: [['USA']] } };
const IRIS_BODY = { inputs: [[5.1, 3.5, 1.4, 0.2]] };

let server: TestServer;
let client: Connection;

async function start(options: ServerOptions = {}): Promise<void> {
  server = await startServer(options);
  client = connect(server.url, { retries: 0 });
}
afterEach(async () => void (await server.stop()));

/** Logs a folder, with other or further files, as an artifact of a new run. */
async function logged(
  folder: string,
  files: Record<string, string | undefined> = {},
): Promise<{ uri: string; source: string; run_id: string }> {
  const { run } = await client.createRun({ experiment_id: '0' });
  const { artifact_uri, run_id } = run.info;
  for (const name of await readdir(folder)) {
    if (name in files) continue;
    await client.artifacts.put(artifact_uri, `model/${name}`, await readFile(join(folder, name)));
  }
  for (const [name, content] of Object.entries(files)) {
    if (content !== undefined) await client.artifacts.put(artifact_uri, `model/${name}`, content);
  }
  return { uri: `runs:/${run_id}/model`, source: `${artifact_uri}/model`, run_id };
}

const predict = async (uri: string, body: unknown) => JSON.parse(await tryModel(client, uri, JSON.stringify(body)));
const isRunning = async (uri: string) => (await describeServing(client, uri)).is_running;

/** The processes that the server has started. */
async function children(): Promise<number[]> {
  const { pid } = server.process;
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return text.split(' ').filter(Boolean).map(Number);
}

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('a model that can be tried', () => {
  it('is described and answers by each of its URIs', async () => {
    await start();
    const { uri, source, run_id } = await logged(CARS);
    await client.createRegisteredModel({ name: 'cars' });
    const { model_version } = await client.createModelVersion({ name: 'cars', source, run_id });
    const { model } = await client.createLoggedModel({ experiment_id: '0', name: 'cars' });
    for (const name of await readdir(CARS)) {
      await client.artifacts.put(model.info.artifact_uri ?? '', name, await readFile(join(CARS, name)));
    }
    const uris = [uri, `models:/cars/${model_version.version}`, `models:/${model.info.model_id}`];
    for (const each of uris) {
      const described = await describeServing(client, each);
      expect(described).toMatchObject({ model_uri: each, flavors: ['onnx', 'python_function'], can_try: true });
      expect(described.inputs.map(({ name, type, shape }) => [name, type, shape])).toEqual([
        ['Horsepower', 'float32', [-1, 1]],
        ['Weight_in_lbs', 'float32', [-1, 1]],
        ['Origin', 'str', [-1, 1]],
      ]);
      expect(described.outputs).toEqual([
        { kind: 'tensor', name: 'variable', type: 'float32', shape: [-1, 1], required: true },
      ]);
      expect(described.is_running).toBe(false);
      const { predictions } = await predict(each, CARS_BODY);
      expect(predictions.variable?.[0]?.[0] ?? predictions[0]).toBeDefined();
      expect(await isRunning(each)).toBe(true);
    }
    // Two at a time: the first has made room.
    expect(await isRunning(uri)).toBe(false);
    expect(await children()).toHaveLength(2);
  });

  it('brings its example along, whole or in the way of older clients', async () => {
    await start();
    const mlmodel = await readFile(join(IRIS, 'MLmodel'), 'utf8');
    const whole = await logged(IRIS, {
      MLmodel: `${mlmodel}saved_input_example_info:\n  artifact_path: input_example.json\n  serving_input_path: serving_input_example.json\n  type: ndarray\n`,
      'serving_input_example.json': JSON.stringify(IRIS_BODY),
    });
    const { input_example } = await describeServing(client, whole.uri);
    expect(input_example).toEqual(IRIS_BODY);
    expect((await predict(whole.uri, input_example)).predictions).toBeDefined();
    const older = await logged(IRIS, {
      MLmodel: `${mlmodel}saved_input_example_info:\n  artifact_path: input_example.json\n  pandas_orient: split\n  type: dataframe\n`,
      'input_example.json': '{"columns":["a"],"data":[[1]]}',
    });
    expect((await describeServing(client, older.uri)).input_example).toEqual({
      dataframe_split: { columns: ['a'], data: [[1]] },
    });
    const broken = await logged(IRIS, {
      MLmodel: `${mlmodel}saved_input_example_info:\n  serving_input_path: ../../../etc/passwd\n`,
    });
    expect(await describeServing(client, broken.uri)).not.toHaveProperty('input_example');
  });

  it('answers in its own words what it cannot take', async () => {
    await start();
    const { uri } = await logged(IRIS);
    await expect(predict(uri, { inputs: 'x' })).rejects.toMatchObject({ code: 'INVALID_PARAMETER_VALUE' });
    await expect(predict(uri, {})).rejects.toThrow();
    expect(await tryModel(client, uri, '0,1,2,3\n5.1,3.5,1.4,0.2\n', 'text/csv')).toContain('predictions');
    expect(await children()).toHaveLength(1);
  });
});

describe('a model that cannot be tried', () => {
  it('says why', async () => {
    await start();
    const pickled = await logged(IRIS, {
      MLmodel:
        'flavors:\n  python_function:\n    loader_module: mlflow.sklearn\n  sklearn:\n    pickled_model: model.pkl\n',
    });
    const described = await describeServing(client, pickled.uri);
    expect(described).toMatchObject({ can_try: false, flavors: ['python_function', 'sklearn'] });
    expect(described.why_not).toMatch(/no onnx flavor \(it has: python_function, sklearn\): only ONNX is run here/);
    const bare = await logged(IRIS, { MLmodel: undefined });
    const garbled = await logged(IRIS, { MLmodel: 'a: [' });
    expect((await describeServing(client, bare.uri)).why_not).toMatch(/no MLmodel/);
    expect((await describeServing(client, garbled.uri)).why_not).toMatch(/is not YAML/);
    await client.createRegisteredModel({ name: 'away' });
    await client.createModelVersion({ name: 'away', source: 's3://bucket/model' });
    expect((await describeServing(client, 'models:/away/1')).why_not).toMatch(/does not serve/);
    for (const uri of [pickled.uri, bare.uri, garbled.uri, 'models:/away/1']) {
      await expect(predict(uri, IRIS_BODY)).rejects.toMatchObject({ code: 'INVALID_PARAMETER_VALUE' });
    }
    expect(await children()).toEqual([]);
  });

  it('is refused where it is not there, or is not named for good', async () => {
    await start();
    for (const uri of ['models:/none/1', 'models:/m-none', 'runs:/none/model']) {
      await expect(describeServing(client, uri)).rejects.toMatchObject({ code: 'RESOURCE_DOES_NOT_EXIST' });
      await expect(predict(uri, IRIS_BODY)).rejects.toMatchObject({ code: 'RESOURCE_DOES_NOT_EXIST' });
    }
    const { run_id } = await logged(IRIS);
    const twice = await fetch(`${server.url}/api/2.0/mltrack/serving/describe?model_uri=models:/a/1&model_uri=x`);
    expect(twice.status).toBe(400);
    for (const uri of ['', 'x', 'models:/a/Production', 'models:/a@b', '/etc', 's3://a/b', `runs:/${run_id}/../..`]) {
      await expect(describeServing(client, uri)).rejects.toMatchObject({ code: 'INVALID_PARAMETER_VALUE' });
    }
  });

  it('tells of its process why it does not start', async () => {
    await start();
    const { uri } = await logged(IRIS, { 'model.onnx': 'no model at all' });
    expect((await describeServing(client, uri)).can_try).toBe(true);
    const error = await predict(uri, IRIS_BODY).catch((each) => each);
    expect(error).toMatchObject({ code: 'TEMPORARILY_UNAVAILABLE' });
    expect(error.message).toMatch(/The model does not start: .*model/);
    expect(await isRunning(uri)).toBe(false);
    await expect.poll(children, PATIENCE).toEqual([]);
  });
});

describe('a model’s process', () => {
  it('ends when nobody has asked it for a while, and starts again', async () => {
    await start({ env: { MLTRACK_TRY_IDLE: '1' } });
    const { uri } = await logged(IRIS);
    await predict(uri, IRIS_BODY);
    await expect.poll(() => isRunning(uri), PATIENCE).toBe(false);
    await expect.poll(children, PATIENCE).toEqual([]);
    expect((await predict(uri, IRIS_BODY)).predictions).toBeDefined();
  });

  it('that crashes is started again, and a model that was logged anew is loaded anew', async () => {
    await start();
    const { uri, run_id } = await logged(IRIS);
    await Promise.all([predict(uri, IRIS_BODY), predict(uri, IRIS_BODY), predict(uri, IRIS_BODY)]);
    const [first, ...others] = await children();
    expect(others).toEqual([]);
    process.kill(first as number, 'SIGKILL');
    await expect.poll(() => isRunning(uri), PATIENCE).toBe(false);
    expect((await predict(uri, IRIS_BODY)).predictions).toBeDefined();
    const { run } = await client.getRun({ run_id });
    for (const name of await readdir(CARS)) {
      await client.artifacts.put(run.info.artifact_uri, `model/${name}`, await readFile(join(CARS, name)));
    }
    expect((await predict(uri, CARS_BODY)).predictions).toBeDefined();
  });

  it.each(['SIGTERM', 'SIGKILL'] as const)('ends with the server (%s)', async (signal) => {
    const folder = await mkdtemp(join(tmpdir(), 'mltrack-test-'));
    await start({ env: { TMPDIR: folder } });
    await predict((await logged(IRIS)).uri, IRIS_BODY);
    const [child] = await children();
    const models = async () => (await readdir(folder)).filter((name) => name.startsWith('mltrack-try-'));
    expect(await models()).toHaveLength(1);
    server.process.kill(signal);
    await expect.poll(() => isAlive(child as number), PATIENCE).toBe(false);
    if (signal === 'SIGTERM') await expect.poll(models, PATIENCE).toEqual([]);
    await rm(folder, { recursive: true });
  });

  it('is not there where the operator does not want it', async () => {
    await start({ env: { MLTRACK_TRY_MODELS: '0' } });
    const { uri } = await logged(IRIS);
    expect(await describeServing(client, uri)).toMatchObject({
      can_try: false,
      why_not: expect.stringMatching(/MLTRACK_TRY_MODELS/),
    });
    await expect(predict(uri, IRIS_BODY)).rejects.toMatchObject({ code: 'INVALID_PARAMETER_VALUE' });
  });
});

it('where users sign in, who may read a model may try it', async () => {
  const password = 'correct horse battery';
  await start({ args: ['--app-name', 'basic-auth'], env: { MLTRACK_ADMIN_PASSWORD: password } });
  client = connect(server.url, { username: 'admin', password });
  for (const username of ['reader', 'outsider']) await client.createUser({ username, password });
  const { uri, source, run_id } = await logged(IRIS);
  await client.createRegisteredModel({ name: 'iris' });
  await client.createModelVersion({ name: 'iris', source, run_id });
  await client.createExperimentPermission({ experiment_id: '0', username: 'outsider', permission: 'NO_PERMISSIONS' });
  await client.createRegisteredModelPermission({ name: 'iris', username: 'outsider', permission: 'NO_PERMISSIONS' });
  const body = JSON.stringify(IRIS_BODY);
  for (const each of [uri, 'models:/iris/1']) {
    const as = (username: string) => connect(server.url, { username, password, retries: 0 });
    await expect(tryModel(connect(server.url, { retries: 0 }), each, body)).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    });
    await expect(describeServing(as('outsider'), each)).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
    await expect(tryModel(as('outsider'), each, body)).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
    expect(JSON.parse(await tryModel(as('reader'), each, body)).predictions).toBeDefined();
  }
});
