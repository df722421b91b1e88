/** Every endpoint and every other route, as nobody, as a user without permissions and as a reader: what is not permitted is refused. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { api, type EndpointName } from '../../api/index.js';
import { type Connection, connect } from '../../client/connect.js';
import { startServer, type TestServer } from '../harness/server.js';

const password = 'correct horse battery';

let server: TestServer;
let admin: Connection;
const ids: Record<string, string> = {};

const basic = (username: string) => `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;

beforeAll(async () => {
  server = await startServer({ args: ['--app-name', 'basic-auth'], env: { MLTRACK_ADMIN_PASSWORD: password } });
  admin = connect(server.url, { username: 'admin', password });
  for (const username of ['reader', 'outsider']) await admin.createUser({ username, password });
  const { experiment_id } = await admin.createExperiment({ name: 'secret' });
  const { run } = await admin.createRun({ experiment_id });
  const { model } = await admin.createLoggedModel({ experiment_id });
  await admin.deleteRun({ run_id: (await admin.createRun({ experiment_id })).run.info.run_id });
  const { view } = await admin.createView({ experiment_id, name: 'secret view', query: 'q' });
  ids.view_id = view.view_id;
  await admin.createRegisteredModel({ name: 'vault' });
  await admin.createModelVersion({ name: 'vault', source: 's3://bucket/model' });
  await admin.setRegisteredModelAlias({ name: 'vault', alias: 'best', version: '1' });
  await admin.createRun({ experiment_id: '0' });
  const trace_id = 'tr-00000000000000000000000000000001';
  ids.trace_id = trace_id;
  await admin.startTrace({ trace: traceIn(experiment_id) });
  await admin.artifacts.put(run.info.artifact_uri, 'file.txt', 'secret');
  await admin.createExperimentPermission({ experiment_id, username: 'outsider', permission: 'NO_PERMISSIONS' });
  await admin.createRegisteredModelPermission({ name: 'vault', username: 'outsider', permission: 'NO_PERMISSIONS' });
  Object.assign(ids, { experiment_id, run_id: run.info.run_id, model_id: model.info.model_id, trace_id });
});
afterAll(async () => void (await server.stop()));

const traceIn = (experiment_id: string) => ({
  trace_info: {
    trace_id: ids.trace_id as string,
    trace_location: { type: 'MLFLOW_EXPERIMENT' as const, mlflow_experiment: { experiment_id } },
    request_time: '2026-01-01T00:00:00Z',
    state: 'OK' as const,
  },
});

/** Values that parse, and name what the outsider may not see. */
function requestOf(name: EndpointName): Record<string, unknown> {
  const one = {
    ...ids,
    request_id: ids.trace_id,
    experiment_name: 'secret',
    version: '1',
    alias: 'best',
    stage: 'Staging',
  };
  const many = { experiment_ids: [ids.experiment_id], run_ids: [ids.run_id], trace_ids: [ids.trace_id] };
  const users = {
    username: 'admin',
    password,
    permission: 'READ',
    resource_type: 'experiment',
    resource_id: ids.experiment_id,
  };
  const all: Record<string, unknown> = {
    ...one,
    ...many,
    ...users,
    name: 'vault',
    new_name: 'other',
    token_id: 1,
    webhook_id: 'w',
  };
  const rest = {
    key: 'k',
    value: 'v',
    tag_key: 'k',
    metric_key: 'm',
    timestamp: 1,
    source: 's3://bucket',
    status: 'FINISHED',
  };
  Object.assign(all, rest, {
    url: 'https://example.org',
    is_admin: true,
    model_json: '{}',
    timestamp_ms: 1,
    max_traces: 1,
  });
  all.trace = traceIn(ids.experiment_id as string);
  Object.assign(all, {
    assessment_id: 'a-1',
    update_mask: 'rationale',
    query: 'q',
    column: 'run_name',
    metric_keys: ['m'],
    assessment: { assessment_name: 'a', feedback: { value: 1 } },
  });
  all.locations = [{ type: 'MLFLOW_EXPERIMENT', mlflow_experiment: { experiment_id: ids.experiment_id } }];
  if (name === 'getMetricHistoryBulk') all.run_id = [ids.run_id];
  if (name === 'createExperiment') all.artifact_location = 'mlflow-artifacts:/1';
  if (name === 'finalizeLoggedModel') all.status = 'LOGGED_MODEL_READY';
  if (name === 'endOlderTrace') all.status = 'OK';
  if (name === 'logMetric') all.value = 1;
  if (name === 'createWebhook' || name === 'updateWebhook') all.status = 'ACTIVE';
  const { shape } = api[name].request;
  return Object.fromEntries(Object.entries(all).filter(([key]) => Object.hasOwn(shape, key)));
}

async function send(name: EndpointName, authorization: string | undefined): Promise<{ status: number; text: string }> {
  const { method, path } = api[name];
  const request = requestOf(name);
  const filled = path.replace(/\{(\w+)\}/g, (_, key: string) => String(request[key]));
  const verb = method[0] as string;
  const query = new URLSearchParams();
  if (verb === 'GET') {
    for (const [key, value] of Object.entries(request))
      for (const each of [value].flat()) query.append(key, String(each));
  }
  const answer = await fetch(`${server.url}/api${filled}${verb === 'GET' ? `?${query}` : ''}`, {
    method: verb,
    headers: { ...(authorization && { authorization }), 'content-type': 'application/json' },
    ...(verb !== 'GET' && { body: JSON.stringify(request) }),
  });
  return { status: answer.status, text: await answer.text() };
}

/** For browsers that nobody has signed in to yet; test/api/sessions.test.ts has them. */
const OPEN: readonly EndpointName[] = ['createSession', 'getSession', 'deleteSession'];
const names = (Object.keys(api) as EndpointName[]).filter((name) => !OPEN.includes(name));

/** What any user may call: the answer has nothing but what he may read, or what is his. */
const FOR_ALL: Partial<Record<EndpointName, string>> = {
  searchExperiments: 'experiments',
  searchRuns: 'runs',
  searchRunRows: 'runs',
  countRuns: 'statuses',
  getRunColumns: 'run_ids',
  searchRunKeys: 'keys',
  searchRunValues: 'values',
  listTrash: 'items',
  searchDatasets: 'dataset_summaries',
  searchLoggedModels: 'models',
  searchRegisteredModels: 'registered_models',
  searchModelVersions: 'model_versions',
  searchTraces: 'traces',
  searchOlderTraces: 'traces',
  createRegisteredModel: '',
  getCurrentUser: '',
  createToken: '',
  listTokens: '',
  revokeToken: '',
  getServerFacts: '',
};

describe('nobody', () => {
  it.each(names)('cannot call %s', async (name) => {
    for (const authorization of [
      undefined,
      'Basic !',
      basic('nobody'),
      'Bearer mlt_x',
      `Basic ${btoa('admin:wrong password')}x`,
    ]) {
      const { status, text } = await send(name, authorization);
      expect([401, 429]).toContain(status);
      if (status === 401) expect(text).toMatch(/^You are not authenticated\. Please see https:\/\/www\.mlflow\.org/);
      if (authorization === undefined) break;
    }
  });
});

describe('a user without permissions', () => {
  it.each(names)('is refused %s, or gets nothing of it', async (name) => {
    const { status, text } = await send(name, basic('outsider'));
    const field = FOR_ALL[name];
    if (field === undefined) {
      expect([status, JSON.parse(text)]).toEqual([
        403,
        { error_code: 'PERMISSION_DENIED', message: 'Permission denied' },
      ]);
    } else if (field !== '') {
      expect(status).toBe(200);
      const found = JSON.parse(text)[field] ?? [];
      expect(JSON.stringify(found)).not.toMatch(/secret|vault/);
      // The default experiment is there for everybody.
      expect(found.length).toBe(name === 'searchExperiments' ? 1 : 0);
    } else {
      expect(status).not.toBe(401);
      expect(status).not.toBe(403);
    }
  });
});

describe('a reader', () => {
  const writes = names.filter((name) => api[name].access === 'write' && FOR_ALL[name] === undefined);
  it.each(writes)('cannot %s', async (name) => {
    expect((await send(name, basic('reader'))).status).toBe(403);
  });

  const reads = names.filter((name) => /^(get|list|search|batch)/.test(name) && !/User|Webhook|Permission/.test(name));
  it.each(reads)('may %s', async (name) => {
    const { status, text } = await send(name, basic('reader'));
    expect(text).not.toContain('PERMISSION_DENIED');
    // What has no spans or no more than this run is not found, or empty.
    expect([200, 400, 404]).toContain(status);
  });
});

describe('routes that no table has', () => {
  const artifact = '/api/2.0/mlflow-artifacts/artifacts';
  const routes = (): [string, string][] => [
    ['GET', `${artifact}?path=${ids.experiment_id}`],
    ['GET', artifact],
    ['GET', `${artifact}/${ids.experiment_id}/${ids.run_id}/artifacts/file.txt`],
    ['HEAD', `${artifact}/./${ids.experiment_id}/${ids.run_id}/artifacts/file.txt`],
    ['GET', `/ajax-api/2.0/mlflow-artifacts/Artifacts/${ids.experiment_id}/${ids.run_id}/artifacts/file.txt`],
    ['GET', `${artifact}/${ids.experiment_id}%2F${ids.run_id}/artifacts/file.txt`],
    ['GET', `${artifact}/other/file.txt`],
    ['PUT', `${artifact}/${ids.experiment_id}/${ids.run_id}/artifacts/file.txt`],
    ['PUT', `${artifact}/99/x`],
    ['DELETE', `${artifact}/${ids.experiment_id}/${ids.run_id}/artifacts/file.txt`],
    ['GET', `${artifact}?path=0&path=${ids.experiment_id}`],
    ['POST', `/api/2.0/mlflow-artifacts/mpu/create/${ids.experiment_id}/x`],
    ['GET', `/get-artifact?run_id=${ids.run_id}&path=file.txt`],
    ['GET', `/get-artifact?run_id=${ids.run_id}&run_uuid=x&path=file.txt`],
    ['POST', `/ajax-api/2.0/mlflow/upload-artifact?run_uuid=${ids.run_id}&path=x`],
    ['POST', '/api/2.0/mlflow-artifacts/mpu/create?path=0'],
    ['GET', `/api/2.0/mlflow-artifacts/presigned/${ids.experiment_id}/x`],
    ['GET', `/api/2.0/mlflow/logged-models/${ids.model_id}/artifacts/files?artifact_file_path=x`],
    ['GET', `/api/2.0/mltrack/artifacts/archive?run_id=${ids.run_id}`],
    ['GET', `/api/2.0/mltrack/artifacts/archive?run_id=x&name=vault&version=1`],
    ['GET', `/api/2.0/mltrack/events?experiment_id=${ids.experiment_id}`],
    ['GET', `/api/2.0/mltrack/serving/describe?model_uri=models:/${ids.model_id}`],
    ['POST', '/api/2.0/mltrack/serving/invocations?model_uri=models:/vault/1'],
    ['GET', `/model-versions/get-artifact?name=vault&version=1&path=x`],
  ];
  const ask = (method: string, path: string, authorization?: string) =>
    fetch(server.url + path, {
      method,
      headers: authorization ? { authorization } : {},
      ...(method === 'PUT' && { body: 'x' }),
    });

  it('are closed to nobody and to a user without permissions', async () => {
    for (const [method, path] of routes()) {
      expect([path, (await ask(method, path)).status]).toEqual([path, 401]);
      expect([path, (await ask(method, path, basic('outsider'))).status]).toEqual([path, 403]);
    }
  });

  it('let a reader read and not write', async () => {
    for (const path of [
      `/get-artifact?run_id=${ids.run_id}&path=file.txt`,
      `//get-artifact?run_uuid=${ids.run_id}&path=file.txt`,
    ]) {
      expect(await (await ask('GET', path, basic('reader'))).text()).toBe('secret');
    }
    const archive = `/api/2.0/mltrack/artifacts/archive?run_id=${ids.run_id}`;
    expect((await ask('GET', archive, basic('reader'))).status).toBe(200);
    const file = `${artifact}/${ids.experiment_id}/${ids.run_id}/artifacts/file.txt`;
    expect(await (await ask('GET', file, basic('reader'))).text()).toBe('secret');
    expect((await ask('PUT', file, basic('reader'))).status).toBe(403);
    expect((await ask('DELETE', file, basic('reader'))).status).toBe(403);
    expect((await ask('PUT', file, basic('admin'))).status).toBe(200);
  });

  it('show the UI and the health of the server to everybody, and nothing else', async () => {
    for (const path of ['/', '/experiments/1', '/health', '/version'])
      expect((await ask('GET', path)).status).toBe(200);
    expect((await ask('GET', '/api/3.0/mlflow/server-info')).status).toBe(401);
    expect((await ask('GET', '/api/3.0/mlflow/server-info', basic('reader'))).status).toBe(200);
    for (const path of ['/graphql', '/api/2.0/none', '/v1/traces']) expect((await ask('POST', path)).status).toBe(401);
    expect((await ask('POST', '/api/2.0/none', basic('reader'))).status).toBe(404);
  });
});
