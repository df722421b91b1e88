/** The server around its endpoints: prefixes, probes, ids in log and answer, settings from flags and the environment. */
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect } from '../../client/connect.js';
import { CLI, startServer, type TestServer } from '../harness/server.js';
import { createDatabase } from '../harness/store.js';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

test('both prefixes serve the same endpoints', async () => {
  const one = await fetch(`${server.url}/api/2.0/mlflow/experiments/get?experiment_id=0`);
  const two = await fetch(`${server.url}/ajax-api/2.0/mlflow/experiments/get?experiment_id=0`);
  expect(await one.json()).toEqual(await two.json());
});

test('GET takes fields from the query, or from a body as old clients send it', async () => {
  const search = await fetch(`${server.url}/api/2.0/mlflow/experiments/search?max_results=5&view_type=ALL`);
  expect((await search.json()).experiments[0].name).toBe('Default');
  const bad = await fetch(`${server.url}/api/2.0/mlflow/experiments/search?max_results=many`);
  expect(bad.status).toBe(400);
});

test('/health and /version answer', async () => {
  expect(await (await fetch(`${server.url}/health`)).text()).toBe('OK');
  expect(await (await fetch(`${server.url}/version`)).text()).toMatch(/^\d+\.\d+\.\d+/);
});

test('each request has an id, in the answer and in the log', async () => {
  const mine = await fetch(`${server.url}/api/2.0/mlflow/runs/get?run_id=nobody`, {
    headers: { 'x-request-id': 'my-id.7' },
  });
  expect(mine.headers.get('x-request-id')).toBe('my-id.7');
  await expect
    .poll(() => server.log())
    .toMatch(/my-id\.7 GET \/api\/2\.0\/mlflow\/runs\/get\?run_id=nobody 404 [\d.]+ms\n/);
  const made = await fetch(`${server.url}/nothing`, {
    headers: { accept: 'application/json', 'x-request-id': 'bad id\t' },
  });
  const id = made.headers.get('x-request-id') ?? '';
  expect(id).toMatch(/^[0-9a-f]{8}-\d+$/);
  await expect.poll(() => server.log()).toContain(`${id} GET /nothing 404`);
});

test('addresses of the UI get its page, other unknown ones 404', async () => {
  const page = await fetch(`${server.url}/experiments/0/runs/abc`, { headers: { accept: 'text/html' } });
  expect(page.status).toBe(200);
  expect(page.headers.get('content-type')).toMatch(/^text\/html/);
  expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
  expect((await fetch(`${server.url}/assets/none.js`)).status).toBe(404);
});

test('--request-log errors and off keep to it', async () => {
  const quiet = await startServer({ args: ['--request-log', 'errors'] });
  await fetch(`${quiet.url}/api/2.0/mlflow/experiments/get?experiment_id=0`);
  await fetch(`${quiet.url}/api/2.0/mlflow/experiments/get?experiment_id=77`);
  await expect.poll(() => quiet.log()).toContain('experiment_id=77 404');
  expect(quiet.log()).not.toContain('experiment_id=0');
  await quiet.stop();
});

test('MLflow’s environment variables are honoured, and flags win', async () => {
  const cwd = await mkdtemp(join(tmpdir(), 'mltrack-env-'));
  const env = {
    MLFLOW_BACKEND_STORE_URI: 'sqlite:///from-env.db',
    MLFLOW_ARTIFACTS_DESTINATION: './env-artifacts',
    MLFLOW_DEFAULT_ARTIFACT_ROOT: 's3://bucket/root/',
    MLFLOW_PORT: '1',
  };
  const other = await startServer({
    cwd,
    env,
    args: ['--artifacts-destination', 'one', '--artifacts-destination', 'two'],
  });
  const { experiment_id } = await connect(other.url).createExperiment({ name: 'env' });
  const { experiment } = await connect(other.url).getExperiment({ experiment_id });
  expect(experiment.artifact_location).toBe(`s3://bucket/root/${experiment_id}`);
  expect(existsSync(join(cwd, 'from-env.db'))).toBe(true);
  expect(existsSync(join(cwd, 'two'))).toBe(true);
  expect(existsSync(join(cwd, 'env-artifacts'))).toBe(false);
  await other.stop();
  await rm(cwd, { recursive: true });
});

test('PostgreSQL holds a server’s data over a restart, and two may start at once', async () => {
  const uri = (await createDatabase()).replace('postgresql:', 'postgresql+psycopg2:');
  const [first, second] = await Promise.all([1, 2].map(() => startServer({ args: ['--backend-store-uri', uri] })));
  const { run } = await connect(first?.url ?? '').createRun({ experiment_id: '0', run_name: 'kept' });
  await connect(first?.url ?? '').logBatch({
    run_id: run.info.run_id,
    metrics: [{ key: 'm', value: 1, timestamp: 1 }],
  });
  expect(await first?.stop()).toBe(0);
  expect(await second?.stop()).toBe(0);
  const again = await startServer({ args: ['--backend-store-uri', uri] });
  const found = (await connect(again.url).getRun({ run_id: run.info.run_id })).run;
  expect(found.info.run_name).toBe('kept');
  expect(found.data.metrics?.[0]?.value).toBe(1);
  await again.stop();
});

test('while the database is locked, probes and reads are answered, and a write waits for its turn', async () => {
  const client = connect(server.url);
  const { run } = await client.createRun({ experiment_id: '0' });
  const run_id = run.info.run_id;
  const db = new Database(join(server.cwd, 'mltrack.db'));
  db.exec('begin immediate');
  let written = false;
  const write = client.logParam({ run_id, key: 'p', value: '1' }).then(() => {
    written = true;
  });
  for (let i = 0; i < 20; i++) {
    expect((await fetch(`${server.url}/health`)).status).toBe(200);
    expect((await client.getRun({ run_id })).run.data.params).toBeUndefined();
  }
  expect(written).toBe(false);
  db.exec('rollback');
  db.close();
  await write;
  expect((await client.getRun({ run_id })).run.data.params).toEqual([{ key: 'p', value: '1' }]);
});

test('a long answer of the calls of pages is compressed for clients that take it', async () => {
  const calls = connect(server.url);
  const { experiment_id } = await calls.createExperiment({ name: 'compressed' });
  for (let i = 0; i < 5; i++) await calls.createRun({ experiment_id, run_name: `run ${i}` });
  const ask = (encoding: string, path = 'mltrack/runs/rows') =>
    fetch(`${server.url}/api/2.0/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'accept-encoding': encoding },
      body: JSON.stringify({ experiment_ids: [experiment_id] }),
    });
  const plain = await ask('identity');
  expect([plain.headers.get('content-encoding'), plain.headers.get('vary')]).toEqual([null, 'Accept-Encoding']);
  const rows = await plain.json();
  expect(rows.runs).toHaveLength(5);
  for (const encoding of ['gzip, deflate', 'br;q=1, gzip;q=0.5', '*']) {
    const small = await ask(encoding);
    expect(small.headers.get('content-encoding')).toBe('gzip');
    expect(Number(small.headers.get('content-length'))).toBeLessThan(Number(plain.headers.get('content-length')));
    expect(await small.json()).toEqual(rows);
  }
  expect((await ask('gzip;q=0')).headers.get('content-encoding')).toBe(null);
  expect((await ask('gzip', 'mltrack/runs/count')).headers.get('content-encoding')).toBe(null);
  expect((await ask('gzip', 'mlflow/runs/search')).headers.get('content-encoding')).toBe(null);
});

test('the pages are served whole from below a folder whose name begins with a dot', async () => {
  const cache = fileURLToPath(new URL('../../.cache/', import.meta.url));
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, '.installed-'));
  await cp(dirname(CLI), folder, { recursive: true });
  const installed = await startServer({ program: join(folder, 'mltrack.cjs') });
  try {
    const page = await (await fetch(installed.url, { headers: { accept: 'text/html' } })).text();
    const assets = [...page.matchAll(/(?:src|href)="([^"]*\/assets\/[^"]*)"/g)].map(([, path]) => path as string);
    expect(assets.length).toBeGreaterThan(1);
    for (const path of assets) {
      const { status, headers } = await fetch(new URL(path, installed.url));
      expect([path, status, headers.get('content-encoding')]).toEqual([path, 200, 'gzip']);
    }
  } finally {
    await installed.stop();
    await rm(folder, { recursive: true });
  }
});
