/** The writer's promises when things break inside a group: nothing is acknowledged that is not kept, and nothing untrue is remembered. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { api, type EndpointName } from '../../api/index.js';
import { hostPolicy } from '../../server/artifacts/host-addressed.js';
import type { Identity } from '../../server/auth/identity.js';
import { migrate } from '../../server/db/migrate.js';
import { sql } from '../../server/db/sql.js';
import { openWriter, type SqliteDb } from '../../server/db/sqlite.js';
import type { StoreEndpointName } from '../../server/endpoints.js';
import { lengthRules } from '../../server/length-rules.js';
import { createMemory, type Memory } from '../../server/store/context.js';
import { createDefaultExperiment } from '../../server/store/experiments.js';
import { read } from '../../server/threads/reader.js';
import { Writer } from '../../server/threads/writer.js';
import { webhookSettings } from '../../server/webhooks/settings.js';

const settingsWith = (defaultArtifactRoot: string) => ({
  defaultArtifactRoot,
  lengths: lengthRules({}),
  webhooks: webhookSettings({}),
  artifactHosts: hostPolicy({}, []),
});

let folder: string;
let db: SqliteDb;
let memory: Memory;
let writer: Writer;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mltrack-writer-'));
  db = openWriter(join(folder, 'mltrack.db'));
  const settings = settingsWith('mlflow-artifacts:');
  db.control('begin immediate');
  await migrate(db, 0);
  await createDefaultExperiment({ db, settings, now: () => 0 });
  db.control('commit');
  memory = createMemory(true);
  writer = new Writer(db, { settings, memory });
});
afterEach(async () => {
  db.close();
  await rm(folder, { recursive: true });
});

const request = (endpoint: EndpointName, body: unknown) => ({
  endpoint,
  fields: {},
  body: Buffer.from(JSON.stringify(body)),
  requestId: 'test',
});
const bodyOf = (response: { body: Uint8Array } | undefined) => JSON.parse(Buffer.from(response?.body ?? []).toString());

async function newRun(): Promise<string> {
  const [response] = await writer.group([request('createRun', { experiment_id: '0' })]);
  return bodyOf(response).run.info.run_id;
}

test('a request that fails undoes only its own', async () => {
  const run_id = await newRun();
  const param = (key: string, value: string) => request('logParam', { run_id, key, value });
  const responses = await writer.group([
    param('a', '1'),
    param('a', '2'),
    param('b', '3'),
    request('logParam', { run_id }),
  ]);
  expect(responses.map((response) => response.status)).toEqual([200, 400, 200, 400]);
  expect(await db.all(sql`select key, value from params order by key`)).toEqual([
    { key: 'a', value: '1' },
    { key: 'b', value: '3' },
  ]);
});

test('a metric key learnt in a group that failed is learnt again', async () => {
  const run_id = await newRun();
  const metric = request('logMetric', { run_id, key: 'fresh', value: 2, timestamp: 2 });
  const big = request('logBatch', { run_id, tags: manyTags() });
  db.limitPages(1);
  expect((await writer.group([metric, big])).map((response) => response.status)).toEqual([503, 503]);
  db.limitPages(1_000_000);
  expect(memory.keys.get('fresh')).toBeUndefined();
  expect((await writer.group([metric]))[0]?.status).toBe(200);
  expect(await db.all(sql`select name from metric_keys`)).toEqual([{ name: 'fresh' }]);
  await writer.findUnfolded();
  for (let run = writer.folds.next(); run !== undefined; run = writer.folds.next()) await writer.fold(run);
  expect(await db.all(sql`select name, value from metric_series join metric_keys on metric_keys.id = key`)).toEqual([
    { name: 'fresh', value: 2 },
  ]);
});

test('a run’s state learnt in a group that failed is not believed', async () => {
  const run_id = await newRun();
  const log = request('logMetric', { run_id, key: 'm', value: 1, timestamp: 1 });
  await writer.group([log]);
  db.limitPages(1);
  // Deleting fits into the pages there are; the big tag does not, and takes the whole group with it.
  const responses = await writer.group([
    request('deleteRun', { run_id }),
    request('logBatch', { run_id: await otherRun(), tags: manyTags() }),
  ]);
  db.limitPages(1_000_000);
  expect(responses.map((response) => response.status)).toEqual([503, 503]);
  expect((await writer.group([log]))[0]?.status).toBe(200);
});

let other: string | undefined;
async function otherRun(): Promise<string> {
  db.limitPages(1_000_000);
  other = await newRun();
  db.limitPages(1);
  return other;
}

const manyTags = () => Array.from({ length: 100 }, (_, i) => ({ key: `t${i}`, value: 'v'.repeat(8000) }));

test('a full disk inside a group: 503 for all of it, none of it kept, and the next group works', async () => {
  const run_id = await newRun();
  const small = (i: number) => request('logParam', { run_id, key: `p${i}`, value: '1' });
  const big = request('logBatch', { run_id, tags: manyTags() });
  db.limitPages(1);
  const responses = await writer.group([small(1), big, small(2)]);
  expect(responses.map((response) => response.status)).toEqual([503, 503, 503]);
  expect(bodyOf(responses[0])).toMatchObject({ error_code: 'TEMPORARILY_UNAVAILABLE' });
  expect(db.inTransaction).toBe(false);
  expect(await db.all(sql`select * from params`)).toEqual([]);
  db.limitPages(1_000_000);
  expect((await writer.group([small(1), big, small(2)])).map((response) => response.status)).toEqual([200, 200, 200]);
  expect(await db.get(sql`select count(*) as n from params`)).toEqual({ n: 2 });
});

test('a bad request is answered 400 even where the group is lost', async () => {
  const run_id = await newRun();
  db.limitPages(1);
  const responses = await writer.group([
    request('logParam', { run_id }),
    request('logBatch', { run_id, tags: manyTags() }),
  ]);
  expect(responses.map((response) => response.status)).toEqual([400, 503]);
});

test('what another process writes is seen', async () => {
  const run_id = await newRun();
  const log = request('logMetric', { run_id, key: 'm', value: 1, timestamp: 1 });
  expect((await writer.group([log]))[0]?.status).toBe(200);
  const elsewhere = openWriter(join(folder, 'mltrack.db'));
  await elsewhere.run(sql`update runs set lifecycle_stage = 'deleted' where run_id = ${run_id}`);
  elsewhere.close();
  const [response] = await writer.group([log]);
  expect(response?.status).toBe(400);
  expect(bodyOf(response).message).toContain("must be in the 'active' state");
});

test('a fold that fails leaves the log as it was', async () => {
  const run_id = await newRun();
  const metrics = Array.from({ length: 1000 }, (_, i) => ({ key: `k${i}`, value: i + 0.5, timestamp: 1 }));
  await writer.group([request('logBatch', { run_id, metrics })]);
  const before = await db.get(sql`select count(*) as n from metric_log`);
  const run = writer.folds.next() as number;
  db.limitPages(1);
  await expect(writer.fold(run)).rejects.toThrow(/full/);
  db.limitPages(1_000_000);
  expect(await db.get(sql`select count(*) as n from metric_log`)).toEqual(before);
  expect(writer.folds.next()).toBe(run);
  await writer.fold(run);
  expect(await db.get(sql`select count(*) as n from metric_log`)).toEqual({ n: 0 });
  expect(await db.get(sql`select count(*) as n from metric_series`)).toEqual({ n: 1000 });
});

test('histories that an earlier version has folded get their levels when there is nothing else to do', async () => {
  const run_id = await newRun();
  for (let at = 0; at < 9000; at += 1000) {
    const metrics = Array.from({ length: 1000 }, (_, i) => ({
      key: 'm',
      value: at + i,
      timestamp: at + i,
      step: at + i,
    }));
    await writer.group([request('logBatch', { run_id, metrics })]);
  }
  const foldAll = async () => {
    for (let run = writer.folds.next(); run !== undefined; run = writer.folds.next()) await writer.fold(run);
  };
  const levels = () => db.all(sql`select * from metric_levels order by series, level, seq`);
  const curves = async () => {
    const body = request('getMetricCurves', { run_ids: [run_id], metric_keys: ['m'], buckets: 10 });
    const asked = { ...body, id: 0, deadline: Date.now() + 60_000 };
    // Means are put together in another order, and so may differ in their last digit.
    const { mean, ...rest } = bodyOf(await read(db, { settings: settingsWith('x'), memory }, asked)).curves[0];
    return { ...rest, mean: mean.map((each: number) => each.toFixed(3)) };
  };
  await foldAll();
  const [kept, drawn] = [await levels(), await curves()];
  expect(kept).toHaveLength(4);
  await db.run(sql`insert into chunks_without_levels (run, series, seq)
                   select run, series, seq from metric_chunks join metric_series on metric_series.id = series`);
  await db.run(sql`delete from metric_levels`);
  expect(await curves()).toEqual(drawn);
  await writer.findUnfolded();
  await foldAll();
  expect(await levels()).toEqual(kept);
  expect(await db.all(sql`select * from chunks_without_levels`)).toEqual([]);
  expect(await curves()).toEqual(drawn);
});

/** Asks as the admin of a server with users, beside whom there is ana. */
async function signedIn() {
  const auth = { defaultPermission: 'READ' as const };
  const guarded = new Writer(db, { settings: { ...settingsWith('mlflow-artifacts:'), auth }, memory });
  const ask = async (endpoint: StoreEndpointName, body: unknown, identity: Identity) =>
    (await guarded.group([{ ...request('createRun', body), endpoint, identity }]))[0];
  await ask('addFirstAdmin', { username: 'admin', password_hash: 'x' }, 'server');
  await ask('addUser', { username: 'ana', password_hash: 'x' }, 'server');
  const admin = await db.get<{ id: number; revision: number }>(
    sql`select id, revision from users where username = 'admin'`,
  );
  const person = { user: admin?.id ?? 0, username: 'admin', revision: admin?.revision ?? 0 };
  return (endpoint: EndpointName, body: unknown) => ask(endpoint, body, person);
}

test('no write awaits anything but the database: each is over before the event loop turns', async () => {
  const run_id = await newRun();
  const [created] = await writer.group([request('createExperiment', { name: 'e', tags: [{ key: 'k', value: 'v' }] })]);
  const { experiment_id } = bodyOf(created);
  const [logged] = await writer.group([request('createLoggedModel', { experiment_id: '0', params: [], tags: [] })]);
  const { model_id } = bodyOf(logged).model.info;
  const pair = { key: 'key', value: 'value' };
  const webhook = { name: 'w', url: 'https://example.com', run_events: [{ action: 'FAILED' }] };
  const [hooked] = await writer.group([request('createWebhook', webhook)]);
  const { webhook_id } = bodyOf(hooked).webhook;
  const [saved] = await writer.group([request('createView', { name: 'first', query: 'q' })]);
  const { view_id } = bodyOf(saved).view;
  const version = { name: 'net', version: '1' };
  const s3 = { source: 's3://bucket/model' };
  const writes: Partial<Record<EndpointName, unknown>> = {
    createExperiment: { name: 'another' },
    updateExperiment: { experiment_id, new_name: 'f' },
    setExperimentTag: { experiment_id, ...pair },
    deleteExperimentTag: { experiment_id, key: 'key' },
    deleteExperiment: { experiment_id },
    restoreExperiment: { experiment_id },
    createRun: { experiment_id: '0' },
    updateRun: { run_id, run_name: 'n', status: 'FINISHED' },
    logMetric: { run_id, key: 'm', value: 1, timestamp: 1 },
    logParam: { run_id, ...pair },
    logBatch: { run_id, metrics: [{ key: 'n', value: 1, timestamp: 1, model_id }], params: [pair], tags: [pair] },
    setTag: { run_id, ...pair },
    deleteTag: { run_id, key: 'key' },
    logInputs: {
      run_id,
      datasets: [{ dataset: { name: 'd', digest: '1' }, tags: [pair] }],
      models: [{ model_id }],
    },
    logModel: {
      run_id,
      model_json: JSON.stringify({ artifact_path: 'm', flavors: {}, run_id, utc_time_created: 't' }),
    },
    logOutputs: { run_id, models: [{ model_id, step: 1 }] },
    deleteRun: { run_id },
    restoreRun: { run_id },
    createLoggedModel: { experiment_id: '0', params: [pair], tags: [pair] },
    finalizeLoggedModel: { model_id, status: 'LOGGED_MODEL_READY' },
    setLoggedModelTags: { model_id, tags: [pair] },
    deleteLoggedModelTag: { model_id, tag_key: 'key' },
    logLoggedModelParams: { model_id, params: [pair] },
    deleteLoggedModel: { model_id },
    createRegisteredModel: { name: 'net', tags: [pair] },
    updateRegisteredModel: { name: 'net', description: 'd' },
    setRegisteredModelTag: { name: 'net', ...pair },
    deleteRegisteredModelTag: { name: 'net', key: 'key' },
    createModelVersion: { name: 'net', ...s3, tags: [pair] },
    updateModelVersion: { ...version, description: 'd' },
    transitionModelVersionStage: { ...version, stage: 'Staging', archive_existing_versions: true },
    setModelVersionTag: { ...version, ...pair },
    deleteModelVersionTag: { ...version, key: 'key' },
    setRegisteredModelAlias: { ...version, alias: 'best' },
    deleteRegisteredModelAlias: { name: 'net', alias: 'best' },
    deleteModelVersion: version,
    renameRegisteredModel: { name: 'net', new_name: 'net2' },
    deleteRegisteredModel: { name: 'net2' },
    startTrace: {
      trace: {
        trace_info: {
          trace_id: 'tr-1',
          trace_location: { mlflow_experiment: { experiment_id: '0' } },
          request_time: '2026-01-02T03:04:05Z',
          trace_metadata: { 'mlflow.sourceRun': run_id },
          tags: { key: 'value' },
        },
      },
    },
    setTraceTag: { trace_id: 'tr-1', ...pair },
    deleteTraceTag: { trace_id: 'tr-1', key: 'key' },
    startOlderTrace: { experiment_id: '0', timestamp_ms: 1, tags: [pair], request_metadata: [pair] },
    endOlderTrace: { request_id: 'tr-1', timestamp_ms: 2, status: 'OK', tags: [pair], request_metadata: [pair] },
    setOlderTraceTag: { request_id: 'tr-1', ...pair },
    deleteOlderTraceTag: { request_id: 'tr-1', key: 'key' },
    linkTracesToRun: { trace_ids: ['tr-1'], run_id },
    linkPromptsToTrace: { trace_id: 'tr-1', prompt_versions: [{ name: 'p', version: '1' }] },
    createAssessment: { trace_id: 'tr-1', assessment: { assessment_id: 'a-1', feedback: { value: true } } },
    updateAssessment: {
      trace_id: 'tr-1',
      assessment_id: 'a-1',
      assessment: { rationale: 'r' },
      update_mask: 'rationale',
    },
    deleteAssessment: { trace_id: 'tr-1', assessment_id: 'a-1' },
    deleteTraces: { experiment_id: '0', request_ids: ['tr-1'] },
    deleteOlderTraces: { experiment_id: '0', max_timestamp_millis: 5 },
    sendHeartbeat: { run_id },
    createView: { experiment_id: '0', name: 'v', query: 'q' },
    updateView: { view_id, name: 'w' },
    deleteView: { view_id },
    createWebhook: { ...webhook, secret: 's' },
    updateWebhook: { webhook_id, secret: 't' },
    deleteWebhook: { webhook_id },
    createExperimentPermission: { experiment_id: '0', username: 'ana', permission: 'READ' },
    updateExperimentPermission: { experiment_id: '0', username: 'ana', permission: 'EDIT' },
    deleteExperimentPermission: { experiment_id: '0', username: 'ana' },
    createRegisteredModelPermission: { name: 'kept', username: 'ana', permission: 'READ' },
    updateRegisteredModelPermission: { name: 'kept', username: 'ana', permission: 'EDIT' },
    deleteRegisteredModelPermission: { name: 'kept', username: 'ana' },
    grantUserPermission: { username: 'ana', resource_type: 'experiment', resource_id: '0', permission: 'READ' },
    revokeUserPermission: { username: 'ana', resource_type: 'experiment', resource_id: '0' },
    createToken: { name: 'nightly' },
    revokeToken: { token_id: 1 },
    updateUserAdmin: { username: 'ana', is_admin: true },
    deleteUser: { username: 'ana' },
  };
  const asAdmin = await signedIn();
  await asAdmin('createRegisteredModel', { name: 'kept' });
  // Passwords are hashed, sessions answered and artifacts removed outside of the store.
  const others = ['createUser', 'updateUserPassword', 'createSession', 'deleteSession', 'emptyTrash'];
  const names = (Object.keys(api) as EndpointName[]).filter(
    (name) => api[name].access === 'write' && !others.includes(name),
  );
  expect(Object.keys(writes).sort()).toEqual(names.sort());
  for (const [name, body] of Object.entries(writes)) {
    let turned = false;
    const turn = setImmediate(() => {
      turned = true;
    });
    const response = await asAdmin(name as EndpointName, body);
    clearImmediate(turn);
    expect(turned, name).toBe(false);
    expect(response?.status, name).toBe(200);
  }
});

test('a search that takes too long ends with 504, between two of its slices', async () => {
  const creates = Array.from({ length: 1500 }, () => request('createRun', { experiment_id: '0' }));
  for (let at = 0; at < creates.length; at += 500) await writer.group(creates.slice(at, at + 500));
  const search = (deadline: number) =>
    read(
      db,
      {
        settings: settingsWith(''),
        // Nothing of an earlier search.
        memory: createMemory(false),
      },
      {
        ...request('searchRuns', { experiment_ids: ['0'], max_results: 2000 }),
        id: 1,
        deadline,
      },
    );
  expect(bodyOf(await search(Date.now() + 60_000)).runs).toHaveLength(1500);
  expect((await search(Date.now() + 2)).status).toBe(504);
  expect(db.inTransaction).toBe(false);
});
