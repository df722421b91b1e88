/** `mltrack gc` beside a running server: what is deleted goes with all that is its own, nothing else, and nothing by halves. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { type Connection, connect } from '../../client/connect.js';
import { finished } from '../harness/finished.js';
import { CLI, startServer, type TestServer } from '../harness/server.js';
import { createDatabase } from '../harness/store.js';

const gc = (cwd: string, ...args: string[]) => gcWith({}, cwd, ...args);

const gcWith = (env: Record<string, string>, cwd: string, ...args: string[]) =>
  spawn(process.execPath, [CLI, 'gc', ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });

async function collected(cwd: string, ...args: string[]) {
  const { code, stdout, stderr } = await finished(gc(cwd, '--json', ...args));
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as Record<'runs' | 'experiments' | 'loggedModels' | 'skipped', unknown[]>;
}

async function refusal(cwd: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await finished(gc(cwd, ...args));
  expect({ code, stdout, lines: stderr.trim().split('\n').length }).toEqual({ code: 1, stdout: '', lines: 1 });
  return stderr;
}

/** A run with something in every table, and a file. */
async function fullRun(client: Connection, experiment_id: string): Promise<string> {
  const { run } = await client.createRun({ experiment_id, tags: [{ key: 'a', value: 'b' }] });
  const { run_id, artifact_uri } = run.info;
  const metrics = Array.from({ length: 500 }, (_, i) => ({ key: `m${i % 5}`, value: i, timestamp: i, step: i }));
  await client.logBatch({ run_id, metrics, params: [{ key: 'p', value: 'v' }] });
  await client.logInputs({
    run_id,
    datasets: [
      {
        dataset: { name: 'd', digest: 'x', source_type: 's', source: 'y' },
        tags: [{ key: 'mlflow.data.context', value: 'train' }],
      },
    ],
  });
  await client.artifacts.put(artifact_uri, 'file.txt', 'content');
  return run_id;
}

const destination = (server: TestServer) => join(server.cwd, 'mlartifacts');

async function walk(backend: string[], cwd: string | undefined): Promise<void> {
  const server = await startServer({ args: backend, ...(cwd && { cwd }) });
  const client = connect(server.url);
  const { experiment_id } = await client.createExperiment({ name: 'whole' });
  const inside = await fullRun(client, experiment_id);
  const other = (await client.createLoggedModel({ experiment_id, name: 'inside' })).model.info.model_id;
  const [kept, gone] = [await fullRun(client, '0'), await fullRun(client, '0')];
  const { model } = await client.createLoggedModel({ experiment_id: '0', name: 'm', tags: [{ key: 'k', value: 'v' }] });
  const model_id = model.info.model_id;
  await client.logOutputs({ run_id: kept, models: [{ model_id, step: 0 }] });
  expect(await refusal(server.cwd, ...backend, '--run-ids', kept)).toContain(
    `Run ${kept} is not in \`deleted\` lifecycle stage. Only runs in \`deleted\` lifecycle stage can be deleted.`,
  );
  expect(await refusal(server.cwd, ...backend, '--experiment-ids', experiment_id)).toContain(
    `Experiments ['${experiment_id}'] are not in the deleted lifecycle stage.`,
  );
  expect(await refusal(server.cwd, ...backend, '--older-than', 'soon')).toContain('Could not parse any time');
  await client.deleteRun({ run_id: gone });
  await client.deleteExperiment({ experiment_id });
  await client.deleteLoggedModel({ model_id });
  expect(await refusal(server.cwd, ...backend, '--run-ids', gone, '--older-than', '1h')).toContain(
    `Run ${gone} is not older than the required age. Only runs older than 1h can be deleted.`,
  );
  expect(await collected(server.cwd, ...backend, '--older-than', '1h')).toMatchObject({ runs: [], experiments: [] });
  const dry = await collected(server.cwd, ...backend, '--dry-run');
  expect(new Set(dry.runs)).toEqual(new Set([inside, gone]));
  expect((await client.getRun({ run_id: gone })).run.info.lifecycle_stage).toBe('deleted');
  expect(existsSync(join(destination(server), '0', gone, 'artifacts/file.txt'))).toBe(true);
  const done = await collected(server.cwd, ...backend);
  expect(done).toMatchObject({ experiments: [experiment_id], skipped: [] });
  for (const { loggedModels } of [dry, done]) expect(new Set(loggedModels)).toEqual(new Set([model_id, other]));
  expect(new Set(done.runs)).toEqual(new Set([inside, gone]));
  for (const run_id of [inside, gone]) await expect(client.getRun({ run_id })).rejects.toThrow('not found');
  await expect(client.getExperiment({ experiment_id })).rejects.toThrow('exists');
  await expect(stat(join(destination(server), '0', gone, 'artifacts'))).rejects.toThrow('ENOENT');
  expect(existsSync(join(destination(server), '0', kept, 'artifacts/file.txt'))).toBe(true);
  const { run } = await client.getRun({ run_id: kept });
  expect(run.data.metrics?.length).toBe(5);
  // A row number that SQLite uses again must not show a thread's memory of the run that had it.
  const fresh = await fullRun(client, '0');
  const found = await client.searchRuns({ experiment_ids: ['0'] });
  expect(found.runs?.map(({ info }) => info.run_id).sort()).toEqual([kept, fresh].sort());
  await server.stop();
}

test('on SQLite, beside the server', () => walk([], undefined), 60_000);
test('on PostgreSQL, beside the server', async () => {
  const cwd = await mkdtemp(join(tmpdir(), 'mltrack-gc-'));
  await walk(['--backend-store-uri', await createDatabase()], cwd);
  await rm(cwd, { recursive: true });
}, 60_000);

test('killed anywhere while others log: every run is whole or gone, and the next call finishes', async () => {
  const server = await startServer();
  const client = connect(server.url);
  const doomed: string[] = [];
  for (let i = 0; i < 60; i++) doomed.push(await fullRun(client, '0'));
  for (const run_id of doomed) await client.deleteRun({ run_id });
  const { run } = await client.createRun({ experiment_id: '0' });
  let acknowledged = 0;
  let logging = true;
  const logger = (async () => {
    for (; logging; acknowledged++) {
      await client.logMetric({
        run_id: run.info.run_id,
        key: 'k',
        value: 1,
        timestamp: acknowledged,
        step: acknowledged,
      });
    }
  })();
  const watch = new Database(join(server.cwd, 'mltrack.db'), { readonly: true });
  const rowsLeft = () => watch.prepare('select count(*) from runs').pluck().get() as number;
  const interrupted: number[] = [];
  for (const below of [61, 41, 21]) {
    const child = gc(server.cwd);
    const end = finished(child);
    await expect.poll(rowsLeft, { timeout: 10_000, interval: 1 }).toBeLessThan(below);
    child.kill('SIGKILL');
    interrupted.push((await end).code === null ? rowsLeft() : 0);
    for (const run_id of doomed) {
      const found = await client.getRun({ run_id }).catch(() => undefined);
      if (found) expect([found.run.data.metrics?.length, found.run.data.params?.length]).toEqual([5, 1]);
    }
    if (rowsLeft() === 1) break;
  }
  watch.close();
  expect(interrupted[0]).toBeGreaterThan(1);
  await collected(server.cwd);
  logging = false;
  await logger;
  const { metrics } = await client.getMetricHistory({ run_id: run.info.run_id, metric_key: 'k', max_results: 25_000 });
  expect(metrics?.length).toBe(acknowledged);
  for (const run_id of doomed) {
    await expect(client.getRun({ run_id })).rejects.toThrow('not found');
    expect(existsSync(join(destination(server), '0', run_id, 'artifacts'))).toBe(false);
  }
  await server.kill();
  const db = new Database(join(server.cwd, 'mltrack.db'));
  const left = (table: string, where = '1 = 1') =>
    db.prepare(`select count(*) from ${table} where ${where}`).pluck().get();
  expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
  expect(db.pragma('foreign_key_check')).toEqual([]);
  expect([left('runs'), left('inputs'), left('params'), left('artifacts_to_remove')]).toEqual([1, 0, 0, 0]);
  expect(left('metric_chunks', 'series not in (select id from metric_series)')).toBe(0);
  db.close();
  await rm(server.cwd, { recursive: true });
}, 90_000);

test('artifacts that are out of reach are named, and left', async () => {
  const server = await startServer();
  const client = connect(server.url);
  const { experiment_id } = await client.createExperiment({ name: 'far', artifact_location: 'gs://bucket/far' });
  const { run } = await client.createRun({ experiment_id });
  const near = await fullRun(client, '0');
  await client.deleteRun({ run_id: run.info.run_id });
  await client.deleteRun({ run_id: near });
  const { skipped, runs } = await collected(server.cwd, '--artifacts-destination', '/no/such/folder');
  expect(runs).toHaveLength(2);
  expect(skipped).toEqual([
    expect.objectContaining({ uri: run.info.artifact_uri }),
    { uri: `mlflow-artifacts:/0/${near}/artifacts`, reason: expect.stringContaining('--artifacts-destination') },
  ]);
  // The next call, with the way to them, removes what it can reach.
  expect(await collected(server.cwd, '--tracking-uri', server.url)).toMatchObject({ runs: [], skipped: [] });
  expect(existsSync(join(destination(server), '0', near, 'artifacts'))).toBe(false);
  // The environment may name it, as for every other command.
  const late = await fullRun(client, '0');
  await client.deleteRun({ run_id: late });
  const there = { MLTRACK_TRACKING_URI: server.url };
  const { stdout } = await finished(gcWith(there, server.cwd, '--json', '--artifacts-destination', '/no/such/folder'));
  expect(JSON.parse(stdout)).toMatchObject({ runs: [late], skipped: [] });
  await server.stop();
}, 60_000);
