/** A team moves in: what the stock client left in MLflow's own database is read from our servers as it was. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { finished } from '../../harness/finished.js';
import { INSTALL_TIME } from '../../harness/python.js';
import { CLI, startServer } from '../../harness/server.js';
import { createDatabase } from '../../harness/store.js';
import { type Python, stockMlflow } from '../mlflow-python.js';

let cwd: string;
let python: Python;
let source: string;
let original: Record<string, unknown[]>;

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'mltrack-import-'));
  source = `sqlite:///${join(cwd, 'mlflow.db')}`;
  python = await stockMlflow(source, cwd);
  await python.script('import_fill.py', ['fill', source]);
  original = JSON.parse(await python.script('import_fill.py', ['show', source]));
}, INSTALL_TIME);
afterAll(() => rm(cwd, { recursive: true }));

const run = (...args: string[]): ChildProcess =>
  spawn(process.execPath, [CLI, 'db', 'import', ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });

async function imported(into: string): Promise<Record<string, unknown[]>> {
  const server = await startServer({
    args: ['--backend-store-uri', into, '--artifacts-destination', join(cwd, 'mlruns')],
  });
  try {
    return JSON.parse(await python.script('import_fill.py', ['show', server.url]));
  } finally {
    await server.stop();
  }
}

test.each(['sqlite', 'postgres'])(
  'into %s: every value, and nothing twice when it is done again',
  async (kind) => {
    expect(original.runs).toHaveLength(15);
    const into = kind === 'postgres' ? await createDatabase() : `sqlite:///${join(cwd, 'into.db')}`;
    for (let time = 0; time < 2; time++) {
      const { code, stdout, stderr } = await finished(
        run(source, '--backend-store-uri', into, '--artifacts-destination', join(cwd, 'mlruns'), '--json'),
      );
      expect(stderr).toContain('Importing runs: 100 %, 15 of 15');
      expect(code, stderr).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({
        counts: { experiments: 4, runs: 15, 'model versions': 3, traces: 2, 'logged models': 1, aliases: 1 },
        // The artifacts of the other lie in a bucket.
        tracesWithoutSpans: 1,
      });
    }
    expect(original.spans).toHaveLength(2);
    const shown = await imported(into);
    for (const noun of Object.keys(original)) expect(shown[noun], noun).toEqual(original[noun]);
  },
  120_000,
);

test('killed in the middle, it is finished by the next', async () => {
  const into = join(cwd, 'killed.db');
  const first = run(source, '--backend-store-uri', `sqlite:///${into}`);
  await expect.poll(() => countRuns(into), { timeout: 20_000, interval: 2 }).toBeGreaterThan(0);
  first.kill('SIGKILL');
  await finished(first);
  const { code, stderr } = await finished(run(source, '--backend-store-uri', `sqlite:///${into}`));
  expect(code, stderr).toBe(0);
  expect((await imported(`sqlite:///${into}`)).runs).toEqual(original.runs);
}, 60_000);

function countRuns(path: string): number {
  try {
    const db = new Database(path, { readonly: true, fileMustExist: true });
    const count = db.prepare('select count(*) from runs').pluck().get() as number;
    db.close();
    return count;
  } catch {
    return 0;
  }
}

test('a database that is none, or of a version nobody knows, or one in use, is refused in one line', async () => {
  const refused = async (...args: string[]) => {
    const { code, stderr } = await finished(run(...args));
    expect(code).toBe(1);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    return stderr;
  };
  expect(await refused('sqlite:///nowhere.db')).toContain('There is no database at nowhere.db');
  expect(await refused('mysql://host/db')).toContain('must be sqlite:///PATH');
  const other = join(cwd, 'other.db');
  const db = new Database(other);
  db.exec("create table alembic_version (version_num text); insert into alembic_version values ('from the future')");
  db.close();
  expect(await refused(`sqlite:///${other}`)).toContain("version 'from the future' of MLflow's schema");
  const server = await startServer({ cwd });
  expect(await refused(source)).toContain('Another server uses');
  await server.stop();
  const taken = await startServer({ args: ['--backend-store-uri', `sqlite:///${join(cwd, 'taken.db')}`] });
  await fetch(`${taken.url}/api/2.0/mlflow/experiments/create`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"name": "another"}',
  });
  await taken.stop();
  expect(await refused(source, '--backend-store-uri', `sqlite:///${join(cwd, 'taken.db')}`)).toContain(
    "here 1 is 'another'. Import into a new database.",
  );
}, 60_000);
