/** Databases as a whole: deleted things are removed for good, and copies are taken and put back, beside a running server. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Connection, connect, startRun } from '../../client/node/index.js';
import { type Finished, finished } from '../harness/finished.js';
import { CLI, startServer, type TestServer } from '../harness/server.js';
import { createDatabase } from '../harness/store.js';

let cwd: string;
let server: TestServer | undefined;
let client: Connection;

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'mltrack-database-'));
});
afterEach(async () => {
  await server?.stop();
  server = undefined;
  await rm(cwd, { recursive: true });
});

async function start(...args: string[]): Promise<void> {
  server = await startServer({ cwd, args });
  client = connect(server.url);
}

const mltrack = (...args: string[]): Promise<Finished> =>
  finished(spawn(process.execPath, [CLI, ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] }));

async function newRun(experiment_id: string): Promise<string> {
  const run = await startRun(client, { experimentId: experiment_id, params: { p: '1' } });
  await run.logMetric('m', 1);
  await run.logBytes('bytes', 'a/file.txt');
  await run.setTag('t', 'v');
  await client.logInputs({
    run_id: run.id,
    datasets: [
      {
        dataset: { name: 'd', digest: 'x', source_type: 'local', source: '{}' },
        tags: [{ key: 'mlflow.data.context', value: 'train' }],
      },
    ],
  });
  return run.id;
}

const folderOf = (experiment_id: string, id: string) => join(cwd, 'mlartifacts', experiment_id, id, 'artifacts');

function rowsOf(table: string): number {
  const db = new Database(join(cwd, 'mltrack.db'), { readonly: true });
  const count = db.prepare(`select count(*) from ${table}`).pluck().get() as number;
  db.close();
  return count;
}

test.each(['sqlite', 'postgres'])(
  'gc on %s, beside the server: what is deleted goes with its artifacts, the rest stays',
  async (kind) => {
    const database = kind === 'postgres' ? ['--backend-store-uri', await createDatabase()] : [];
    await start(...database);
    const { experiment_id } = await client.createExperiment({ name: 'doomed' });
    const kept = await newRun('0');
    const gone = await newRun('0');
    const inside = await newRun(experiment_id);
    const { model } = await client.createLoggedModel({
      experiment_id,
      name: 'net',
      params: [{ key: 'a', value: 'b' }],
    });
    await client.deleteRun({ run_id: gone });
    await client.deleteExperiment({ experiment_id });

    const refused = await mltrack('gc', ...database, '--run-ids', kept);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining(`Run ${kept} is not in \`deleted\``) });
    const missing = await mltrack('gc', ...database, '--experiment-ids', '77');
    expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining('No Experiment with id=77 exists') });
    const dry = JSON.parse((await mltrack('gc', ...database, '--dry-run', '--json')).stdout);
    expect(dry).toEqual({
      runs: [gone, inside],
      models: [model.info.model_id],
      experiments: [experiment_id],
      unreached: [],
    });
    const young = JSON.parse((await mltrack('gc', ...database, '--older-than', '1d', '--json')).stdout);
    expect(young).toMatchObject({ runs: [], models: [], experiments: [] });
    expect((await client.getRun({ run_id: gone })).run.info.lifecycle_stage).toBe('deleted');

    const { code, stdout } = await mltrack('gc', ...database);
    expect(code).toBe(0);
    expect(stdout).toContain(`run ${gone} removed`);
    expect(stdout).toContain('2 runs, 1 logged models, 1 experiments removed');
    await expect(client.getRun({ run_id: gone })).rejects.toMatchObject({ status: 404 });
    await expect(client.setTag({ run_id: gone, key: 'k', value: 'v' })).rejects.toMatchObject({ status: 404 });
    await expect(client.getRun({ run_id: inside })).rejects.toMatchObject({ status: 404 });
    await expect(client.getExperiment({ experiment_id })).rejects.toMatchObject({ status: 404 });
    expect(existsSync(folderOf('0', gone))).toBe(false);
    expect(existsSync(folderOf(experiment_id, inside))).toBe(false);
    expect(existsSync(folderOf('0', kept))).toBe(true);
    const { data, inputs } = (await client.getRun({ run_id: kept })).run;
    expect(data).toMatchObject({ params: [{ key: 'p', value: '1' }], metrics: [{ key: 'm', value: 1 }] });
    expect(inputs?.dataset_inputs).toHaveLength(1);
    expect((await client.createExperiment({ name: 'doomed' })).experiment_id).not.toBe('');
    expect((await mltrack('gc', ...database)).stdout).toContain('0 runs, 0 logged models, 0 experiments removed');
  },
  120_000,
);

test('artifacts out of reach stay, and are named', async () => {
  await start('--default-artifact-root', 's3://no-such-bucket-here/root');
  const { run } = await client.createRun({ experiment_id: '0' });
  await client.deleteRun({ run_id: run.info.run_id });
  const { code, stdout, stderr } = await mltrack('gc');
  expect(code).toBe(0);
  expect(stdout).toContain('1 runs');
  expect(stderr).toContain(`artifacts at ${run.info.artifact_uri} stay: `);
});

test('a backup beside eight loggers has all that was acknowledged before it, and is put back', async () => {
  await start();
  const runs = await Promise.all(Array.from({ length: 8 }, () => startRun(client, {})));
  const acknowledged = runs.map(() => 0);
  let over = false;
  const logging = runs.map(async (run, i) => {
    for (let step = 0; !over; step++) {
      await run.logMetrics({ loss: step, acc: 1 - step }, { step });
      acknowledged[i] = step + 1;
    }
  });
  await expect.poll(() => Math.min(...acknowledged)).toBeGreaterThan(5);
  const before = [...acknowledged];
  const { code, stderr } = await mltrack('db', 'backup', 'copy.db');
  expect(code, stderr).toBe(0);
  over = true;
  await Promise.all(logging);
  const again = await mltrack('db', 'backup', 'copy.db');
  expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('copy.db is there already') });

  const inUse = await mltrack('db', 'restore', 'copy.db');
  expect(inUse).toMatchObject({ code: 1, stderr: expect.stringContaining('Another server uses') });
  await client.createExperiment({ name: 'after the backup' });
  await server?.stop();
  const restored = await mltrack('db', 'restore', 'copy.db');
  expect(restored).toMatchObject({ code: 0, stdout: expect.stringContaining('What was there before is kept at') });
  await start();
  for (const [i, run] of runs.entries()) {
    const { metrics = [] } = await client.getMetricHistory({ run_id: run.id, metric_key: 'loss' });
    expect(metrics.length).toBeGreaterThanOrEqual(before[i] as number);
    expect(metrics.map(({ step }) => step)).toEqual(metrics.map((_, step) => step));
  }
  await expect(client.getExperimentByName({ experiment_name: 'after the backup' })).rejects.toMatchObject({
    status: 404,
  });
}, 60_000);

test('what is no whole database is not put in its place', async () => {
  await start();
  await newRun('0');
  await server?.stop();
  server = undefined;
  expect((await mltrack('db', 'backup', 'copy.db')).code).toBe(0);
  await truncate(join(cwd, 'copy.db'), 40_000);
  const damaged = await mltrack('db', 'restore', 'copy.db');
  expect(damaged).toMatchObject({ code: 1, stderr: expect.stringMatching(/copy\.db is (damaged|no database)/) });
  expect(await mltrack('db', 'restore', 'nothing.db')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('no backup at'),
  });
  expect(rowsOf('runs')).toBe(1);
  const postgres = await mltrack('db', 'backup', 'x.db', '--backend-store-uri', 'postgresql://host/db');
  expect(postgres).toMatchObject({ code: 1, stderr: expect.stringContaining('for PostgreSQL use pg_dump') });
  expect((await mltrack('db', 'upgrade')).stdout).toMatch(/schema version \d+/);
});
