/** emptyTrash over a real server: rows and artifacts go for good, what is not deleted stays, and who may do it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Connection, connect } from '../../client/connect.js';
import { startServer, type TestServer } from '../harness/server.js';

const notThere = { code: 'RESOURCE_DOES_NOT_EXIST' };
const bad = { code: 'INVALID_PARAMETER_VALUE' };
const denied = { code: 'PERMISSION_DENIED' };

describe('emptying the trash', () => {
  let server: TestServer;
  let calls: Connection;
  beforeAll(async () => {
    server = await startServer();
    calls = connect(server.url);
  });
  afterAll(() => server.stop());

  const folderOf = (experiment_id: string, owner: string) =>
    join(server.cwd, 'mlartifacts', experiment_id, owner, 'artifacts');

  async function runWithFile(experiment_id: string) {
    const { run } = await calls.createRun({ experiment_id });
    await calls.logBatch({
      run_id: run.info.run_id,
      metrics: [{ key: 'm', value: 1, timestamp: 1, step: 0 }],
      params: [{ key: 'p', value: 'v' }],
    });
    await calls.artifacts.put(run.info.artifact_uri, 'file.txt', 'text');
    return run.info;
  }

  test('a deleted run goes with its artifacts, and another stays', async () => {
    const [gone, kept] = [await runWithFile('0'), await runWithFile('0')];
    expect(existsSync(folderOf('0', gone.run_id))).toBe(true);
    await calls.deleteRun({ run_id: gone.run_id });
    expect(await calls.emptyTrash({ run_ids: [gone.run_id] })).toEqual({ experiments: 0, runs: 1, logged_models: 0 });
    await expect(calls.getRun({ run_id: gone.run_id })).rejects.toMatchObject(notThere);
    await expect(calls.logParam({ run_id: gone.run_id, key: 'k', value: 'v' })).rejects.toMatchObject(notThere);
    expect(existsSync(folderOf('0', gone.run_id))).toBe(false);
    expect(existsSync(folderOf('0', kept.run_id))).toBe(true);
    expect((await calls.listTrash({})).total).toBe(0);
  });

  test('an experiment goes with its runs, views, traces and models', async () => {
    const { experiment_id } = await calls.createExperiment({ name: 'goes' });
    const { run_id } = await runWithFile(experiment_id);
    const { model } = await calls.createLoggedModel({ experiment_id });
    const { view } = await calls.createView({ experiment_id, name: 'v', query: 'q' });
    for (let i = 0; i < 501; i++) {
      await calls.startOlderTrace({ experiment_id, timestamp_ms: i, tags: [], request_metadata: [] });
    }
    await calls.deleteExperiment({ experiment_id });
    expect(await calls.emptyTrash({ experiment_ids: [experiment_id] })).toEqual({
      experiments: 1,
      runs: 1,
      logged_models: 1,
    });
    await expect(calls.getExperiment({ experiment_id })).rejects.toMatchObject(notThere);
    await expect(calls.getRun({ run_id })).rejects.toMatchObject(notThere);
    await expect(calls.getLoggedModel({ model_id: model.info.model_id })).rejects.toMatchObject(notThere);
    await expect(calls.getView({ view_id: view.view_id })).rejects.toMatchObject(notThere);
    expect(existsSync(folderOf(experiment_id, run_id))).toBe(false);
    expect((await calls.createExperiment({ name: 'goes' })).experiment_id).not.toBe('0');
  });

  test('what is not deleted, not there or not named is refused, and nothing goes', async () => {
    const [active, deleted] = [await runWithFile('0'), await runWithFile('0')];
    await calls.deleteRun({ run_id: deleted.run_id });
    await expect(calls.emptyTrash({ run_ids: [deleted.run_id, active.run_id] })).rejects.toMatchObject(bad);
    await expect(calls.emptyTrash({ run_ids: [deleted.run_id, 'nobody'] })).rejects.toMatchObject(notThere);
    await expect(calls.emptyTrash({ run_ids: [deleted.run_id], older_than: 86_400_000 })).rejects.toMatchObject(bad);
    await expect(calls.emptyTrash({})).rejects.toMatchObject(bad);
    await expect(calls.emptyTrash({ older_than: -1 })).rejects.toMatchObject(bad);
    expect((await calls.getRun({ run_id: deleted.run_id })).run.info.lifecycle_stage).toBe('deleted');
    expect(await calls.emptyTrash({ older_than: 86_400_000 })).toEqual({ experiments: 0, runs: 0, logged_models: 0 });
    expect(await calls.emptyTrash({ older_than: 0 })).toMatchObject({ runs: 1 });
    expect(existsSync(folderOf('0', active.run_id))).toBe(true);
  });
});

test('whoever may delete a thing may empty it from the trash; everything only an admin', async () => {
  const password = 'correct horse battery';
  const server = await startServer({
    args: ['--app-name', 'basic-auth'],
    env: { MLTRACK_ADMIN_PASSWORD: password },
  });
  const admin = connect(server.url, { username: 'admin', password });
  await admin.createUser({ username: 'ana', password });
  const ana = connect(server.url, { username: 'ana', password });
  const { experiment_id } = await ana.createExperiment({ name: 'of ana' });
  const own = (await ana.createRun({ experiment_id })).run.info.run_id;
  const other = (await admin.createRun({ experiment_id: '0' })).run.info.run_id;
  await ana.deleteRun({ run_id: own });
  await admin.deleteRun({ run_id: other });
  await expect(ana.emptyTrash({ run_ids: [own, other] })).rejects.toMatchObject(denied);
  await expect(ana.emptyTrash({ older_than: 0 })).rejects.toMatchObject(denied);
  expect((await ana.listTrash({})).total).toBe(2);
  expect(await ana.emptyTrash({ run_ids: [own] })).toMatchObject({ runs: 1 });
  expect(await admin.emptyTrash({ older_than: 0 })).toMatchObject({ runs: 1 });
  await server.stop();
});
