/** The server as a process: killed at random moments, started where it cannot work, and asked to stop. */
import { spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect } from '../../client/connect.js';
import { CLI, startServer } from '../harness/server.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mltrack-faults-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs `mltrack server` where it must fail. */
function failing(cwd: string, ...args: string[]): Promise<{ code: number | null; stderr: string; stdout: string }> {
  const child = spawn(process.execPath, [CLI, 'server', ...args], { cwd });
  let stderr = '';
  let stdout = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stderr, stdout })));
}

test('killed 20 times during log-batch calls: every acknowledged value is there, nothing is half there', async () => {
  const cwd = join(folder, 'kill');
  await mkdir(cwd);
  const first = await startServer({ cwd });
  const run_id = (await connect(first.url).createRun({ experiment_id: '0' })).run.info.run_id;
  await first.stop();
  const acknowledged = new Set<number>();
  const sent = new Set<number>();
  let batch = 0;
  for (let round = 0; round < 20; round++) {
    const server = await startServer({ cwd });
    const client = connect(server.url, { retries: 0 });
    const logger = async () => {
      for (;;) {
        const id = batch++;
        sent.add(id);
        // Three values, a param and a tag that must come together or not at all.
        const metrics = [0, 1, 2].map((part) => ({ key: `part${part}`, value: id, timestamp: id, step: id }));
        const pair = [{ key: `batch${id}`, value: String(id) }];
        await client.logBatch({ run_id, metrics, params: pair, tags: pair });
        acknowledged.add(id);
      }
    };
    const loggers = [1, 2, 3, 4].map(() => logger().catch(() => {}));
    const until = acknowledged.size + 5 + Math.floor(Math.random() * 60);
    while (acknowledged.size < until) await new Promise((resolve) => setTimeout(resolve, Math.random() * 5));
    await server.kill();
    await Promise.all(loggers);
  }
  const server = await startServer({ cwd });
  const client = connect(server.url);
  const { params, tags } = (await client.getRun({ run_id })).run.data;
  const kept = new Set(params?.map((param) => Number(param.value)));
  expect([...acknowledged].filter((id) => !kept.has(id))).toEqual([]);
  expect([...kept].filter((id) => !sent.has(id))).toEqual([]);
  expect(new Set(tags?.filter((tag) => tag.key.startsWith('batch')).map((tag) => Number(tag.value)))).toEqual(kept);
  for (const part of [0, 1, 2]) {
    const { metrics } = await client.getMetricHistory({ run_id, metric_key: `part${part}` });
    expect(new Set(metrics?.map((metric) => metric.value))).toEqual(kept);
  }
  expect(await server.stop()).toBe(0);
}, 180_000);

test('SIGTERM finishes what runs, folds, and exits 0', async () => {
  const cwd = join(folder, 'term');
  await mkdir(cwd);
  const server = await startServer({ cwd });
  const client = connect(server.url, { retries: 0 });
  const run_id = (await client.createRun({ experiment_id: '0' })).run.info.run_id;
  const metrics = Array.from({ length: 1000 }, (_, i) => ({ key: 'm', value: i, timestamp: i, step: i }));
  const answers = Array.from({ length: 8 }, (_, i) =>
    client.logBatch({ run_id, metrics: metrics.map((metric) => ({ ...metric, step: metric.step + 1000 * i })) }),
  );
  await answers[0];
  const exit = server.stop();
  const ends = await Promise.allSettled(answers);
  expect(await exit).toBe(0);
  const done = ends.filter((end) => end.status === 'fulfilled').length;
  const db = new Database(join(cwd, 'mltrack.db'), { readonly: true });
  expect(db.prepare('select count(*) as n from metric_log').get()).toEqual({ n: 0 });
  const { points } = db.prepare('select sum(points) as points from metric_chunks').get() as { points: number };
  expect(points).toBeGreaterThanOrEqual(done * 1000);
  db.close();
});

test('a port in use: one line, exit 1', async () => {
  const blocker = createServer();
  await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
  const { port } = blocker.address() as { port: number };
  const { code, stderr } = await failing(folder, '--port', String(port));
  blocker.close();
  expect(code).toBe(1);
  expect(stderr).toBe(
    `mltrack: Port ${port} of 127.0.0.1 is in use: stop what uses it, or choose another with --port.\n`,
  );
});

test('a second server on the same file: one line, exit 1, and the first goes on', async () => {
  const cwd = join(folder, 'second');
  await mkdir(cwd);
  const server = await startServer({ cwd });
  const { code, stderr } = await failing(cwd, '--port', '0');
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /^mltrack: Another server uses .*mltrack\.db: stop it, or give this one its own --backend-store-uri\.\n$/,
  );
  await connect(server.url).createRun({ experiment_id: '0' });
  await server.stop();
});

test('a database of a newer version: one line, exit 1, and it is left alone', async () => {
  const cwd = join(folder, 'newer');
  await mkdir(cwd);
  await (await startServer({ cwd })).stop();
  const db = new Database(join(cwd, 'mltrack.db'));
  db.exec("insert into migrations values (999, 'future', 0)");
  db.close();
  const { code, stderr } = await failing(cwd, '--port', '0');
  expect(code).toBe(1);
  expect(stderr).toMatch(/^mltrack: The database has schema version 999, this mltrack knows \d+: upgrade mltrack.*\n$/);
});

test('a file that is no database: one line, exit 1', async () => {
  const cwd = join(folder, 'text');
  await mkdir(cwd);
  await writeFile(join(cwd, 'mltrack.db'), 'x'.repeat(5000));
  const { code, stderr } = await failing(cwd, '--port', '0');
  expect(code).toBe(1);
  expect(stderr).toMatch(/^mltrack: Cannot open the database .*: it is no SQLite database\. .*\n$/);
});

test('folders that cannot be written: one line, exit 1', async () => {
  const cwd = join(folder, 'blocked');
  await mkdir(cwd);
  await writeFile(join(cwd, 'file'), '');
  await chmod(cwd, 0o755);
  // Below a file nothing can be made, not even by root.
  const store = await failing(cwd, '--port', '0', '--backend-store-uri', 'sqlite:///file/mltrack.db');
  expect(store.code).toBe(1);
  expect(store.stderr).toMatch(
    /^mltrack: Cannot open the database .*Choose a writable place with --backend-store-uri\.\n$/,
  );
  const artifacts = await failing(cwd, '--port', '0', '--artifacts-destination', 'file/artifacts');
  expect(artifacts.code).toBe(1);
  expect(artifacts.stderr).toMatch(
    /^mltrack: Cannot write artifacts to .*Choose a writable folder with --artifacts-destination\.\n$/,
  );
});

test('settings that cannot be: one line, exit 1', async () => {
  const cases: [string[], RegExp][] = [
    [['--backend-store-uri', 'mysql://x'], /--backend-store-uri must be sqlite/],
    [['--port', '99999'], /--port must be 0 to 65535/],
    [['--workers', '0', '--port', '0'], /--workers must be 1 to 64/],
    [['--port', '0', '--artifacts-destination', 'gs://bucket'], /must be a folder of this machine or s3:/],
    [['--port', '0', '--artifacts-destination', 's3://x'], /--artifacts-destination: 's3:\/\/x' names no bucket/],
    [['--port', '0', '--artifacts-only', '--no-serve-artifacts'], /--artifacts-only serves artifacts/],
    [
      ['--port', '0', '--backend-store-uri', 'postgresql://u:secret@127.0.0.1:1/x'],
      /Cannot reach the database postgresql:\/\/u:…@127\.0\.0\.1:1/,
    ],
  ];
  for (const [args, message] of cases) {
    const { code, stderr } = await failing(folder, ...args);
    expect(code, stderr).toBe(1);
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).not.toContain('secret');
  }
});
