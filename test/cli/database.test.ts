/** Databases as a whole: deleted things are removed for good, and copies are taken and put back, beside a running server. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Connection, connect, startRun } from '../../client/node/index.js';
import { type Finished, finished } from '../harness/finished.js';
import { CLI, startServer, type TestServer } from '../harness/server.js';

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
  const run = startRun({ client, experimentId: experiment_id, params: { p: '1' } });
  run.logMetric('m', 1);
  run.logBytes('bytes', 'a/file.txt');
  run.setTag('t', 'v');
  await client.logInputs({
    run_id: await run.id(),
    datasets: [
      {
        dataset: { name: 'd', digest: 'x', source_type: 'local', source: '{}' },
        tags: [{ key: 'mlflow.data.context', value: 'train' }],
      },
    ],
  });
  return run.id();
}

function rowsOf(table: string): number {
  const db = new Database(join(cwd, 'mltrack.db'), { readonly: true });
  const count = db.prepare(`select count(*) from ${table}`).pluck().get() as number;
  db.close();
  return count;
}

test('a backup beside eight loggers has all that was acknowledged before it, and is put back', async () => {
  await start();
  const runs = await Promise.all(Array.from({ length: 8 }, () => startRun({ client }).id()));
  const acknowledged = runs.map(() => 0);
  let over = false;
  const logging = runs.map(async (run_id, i) => {
    for (let step = 0; !over; step++) {
      await client.logMetric({ run_id, key: 'loss', value: step, step, timestamp: Date.now() });
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
  for (const [i, run_id] of runs.entries()) {
    const { metrics = [] } = await client.getMetricHistory({ run_id, metric_key: 'loss' });
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
