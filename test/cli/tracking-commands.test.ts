/** The commands that talk to a tracking server, as a script and a person see them. */
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Finished, finished } from '../harness/finished.js';
import { CLI, startServer, type TestServer } from '../harness/server.js';

let server: TestServer;
let cwd: string;

beforeAll(async () => {
  server = await startServer();
  cwd = await mkdtemp(join(tmpdir(), 'mltrack-cli-'));
});
afterAll(async () => {
  await server.stop();
  await rm(cwd, { recursive: true });
});

const started = (args: string[], env: Record<string, string> = {}) =>
  spawn(process.execPath, [CLI, ...args], {
    cwd,
    env: { ...process.env, MLFLOW_TRACKING_URI: server.url, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });

async function said(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await finished(started(args));
  expect(code, stderr).toBe(0);
  return stdout.trimEnd();
}

async function refused(args: string[], env: Record<string, string> = {}): Promise<string> {
  const { code, stdout, stderr }: Finished = await finished(started(args, env));
  expect({ code, stdout, lines: stderr.trim().split('\n').length }).toEqual({ code: 1, stdout: '', lines: 1 });
  return stderr.trim();
}

test('the life of an experiment', async () => {
  expect(await said('experiments', 'create', '-n', 'first')).toBe("Created experiment 'first' with id 1");
  expect(await said('experiments', 'create', '-n', 'second', '-l', 's3://bucket/two', '--json')).toBe(
    '{"experiment_id":"2","name":"second"}',
  );
  expect(await said('experiments', 'list')).toBe(
    [
      'Experiment Id  Name     Artifact Location',
      '0              Default  mlflow-artifacts:/0',
      '1              first    mlflow-artifacts:/1',
      '2              second   s3://bucket/two',
    ].join('\n'),
  );
  expect(await said('experiments', 'rename', '-x', '2', '--new-name', 'other')).toBe(
    "Experiment with id 2 has been renamed to 'other'.",
  );
  expect(await said('experiments', 'delete', '-x', '2')).toBe('Experiment with ID 2 has been deleted.');
  const deleted = JSON.parse(await said('experiments', 'search', '--view', 'deleted_only', '--json'));
  expect(deleted).toMatchObject([{ experiment_id: '2', name: 'other', lifecycle_stage: 'deleted' }]);
  expect(await said('experiments', 'restore', '-x', '2')).toBe('Experiment with id 2 has been restored.');
  expect(JSON.parse(await said('experiments', 'search', '--max-results', '1', '--json'))).toHaveLength(1);
  expect(JSON.parse(await said('experiments', 'get', '-n', 'other', '--output', 'json'))).toMatchObject({
    experiment_id: '2',
    lifecycle_stage: 'active',
    tags: {},
  });
  expect(await said('experiments', 'get', '-x', '1')).toMatch(/^Name +: first$/m);
});

test('the life of a run', async () => {
  const made = JSON.parse(
    await said(
      ...['runs', 'create', '--experiment-name', 'runs', '--run-name', 'one', '--status', 'failed'],
      ...['-t', 'env=prod', '-t', 'a=b=c', '--description', 'what it is'],
    ),
  );
  expect(made).toMatchObject({ status: 'FAILED', run_name: 'one' });
  const described = JSON.parse(await said('runs', 'describe', '--run-id', made.run_id));
  expect(described).toMatchObject({
    info: { run_id: made.run_id, status: 'FAILED', lifecycle_stage: 'active' },
    data: { tags: { env: 'prod', a: 'b=c', 'mlflow.note.content': 'what it is', 'mlflow.runName': 'one' } },
    inputs: { model_inputs: [], dataset_inputs: [] },
    outputs: { model_outputs: [] },
  });
  const [heading, line] = (await said('runs', 'list', '--experiment-id', made.experiment_id)).split('\n');
  expect(heading).toMatch(/^Date +Name +Status +ID$/);
  expect(line).toMatch(new RegExp(`^\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d \\S+ +one +FAILED +${made.run_id}$`));
  expect(await said('runs', 'delete', '--run-id', made.run_id)).toBe(`Run with ID ${made.run_id} has been deleted.`);
  const listed = async (view: string) =>
    JSON.parse(await said('runs', 'list', '--experiment-id', made.experiment_id, '-v', view, '--json'));
  expect([(await listed('active_only')).length, (await listed('deleted_only')).length]).toEqual([0, 1]);
  expect(await said('runs', 'restore', '--run-id', made.run_id)).toBe(`Run with id ${made.run_id} has been restored.`);
  expect(await said('runs', 'link-traces', '--run-id', made.run_id, '-t', 'tr-1', '-t', 'tr-2')).toBe(
    `Successfully linked 2 trace(s) to run '${made.run_id}'`,
  );
});

test('files go up and come down as they were', async () => {
  const { run_id } = JSON.parse(await said('runs', 'create', '--experiment-id', '0'));
  await mkdir(join(cwd, 'up/inner'), { recursive: true });
  await writeFile(join(cwd, 'up/inner/x.txt'), 'hello');
  await writeFile(join(cwd, 'up/big'), Buffer.alloc(1_000_000, 7));
  const { code, stderr } = await finished(started(['artifacts', 'log-artifacts', '-l', 'up', '-r', run_id]));
  expect({ code, last: stderr.trim().split('\n').at(-1) }).toEqual({
    code: 0,
    last: 'Uploading: 100 %, 1.0 of 1.0 MB',
  });
  await said('artifacts', 'log-artifact', '-l', 'up/inner/x.txt', '-r', run_id, '-a', 'more/deep');
  expect(JSON.parse(await said('artifacts', 'list', '-r', run_id))).toEqual([
    { path: 'big', is_dir: false, file_size: 1_000_000 },
    { path: 'inner', is_dir: true },
    { path: 'more', is_dir: true },
  ]);
  expect(await said('artifacts', 'download', '-r', run_id, '-d', 'all')).toBe(join(cwd, 'all'));
  expect(await readFile(join(cwd, 'all/more/deep/x.txt'), 'utf8')).toBe('hello');
  expect((await readFile(join(cwd, 'all/big'))).equals(Buffer.alloc(1_000_000, 7))).toBe(true);
  expect(await said('artifacts', 'download', '-r', run_id, '-a', 'more/deep', '-d', 'some')).toBe(
    join(cwd, 'some/more/deep'),
  );
  expect(await said('artifacts', 'download', '-u', `runs:/${run_id}/inner/x.txt`, '-d', 'one')).toBe(
    join(cwd, 'one/x.txt'),
  );
  expect(await refused(['artifacts', 'download', '-r', run_id, '-a', '../x'])).toContain("Invalid path: '../x'");
  expect(await refused(['artifacts', 'download', '-r', run_id, '-a', 'nope'])).toContain('No artifact at');
});

test('a download that is interrupted leaves no half file', async () => {
  const info = { run_id: 'r', artifact_uri: 'mlflow-artifacts:/0/r/artifacts' };
  const slow = createServer((req, res) => {
    if (req.url?.includes('/runs/get')) return void res.end(JSON.stringify({ run: { info, data: {} } }));
    if (req.url?.includes('/artifacts/list')) {
      return void res.end(JSON.stringify({ files: [{ path: 'big', is_dir: false, file_size: 100 }] }));
    }
    res.writeHead(200, { 'content-length': '100' });
    res.write(Buffer.alloc(60));
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => slow.once('listening', resolve));
  const { port } = slow.address() as AddressInfo;
  const child = started(['artifacts', 'download', '-r', 'r', '-d', 'half'], {
    MLFLOW_TRACKING_URI: `http://127.0.0.1:${port}`,
  });
  const end = finished(child);
  await expect.poll(() => readdir(join(cwd, 'half')).catch(() => []), { timeout: 10_000 }).toEqual(['big.part']);
  child.kill('SIGINT');
  expect((await end).code).toBe(130);
  expect(await readdir(join(cwd, 'half'))).toEqual([]);
  slow.closeAllConnections();
  slow.close();
});

test('every refusal is one line and exit code 1', async () => {
  expect(await refused(['experiments', 'create', '-n', 'Default'])).toContain('already exists');
  expect(await refused(['experiments', 'get'])).toContain('exactly one of --experiment-id or --experiment-name');
  expect(await refused(['experiments', 'list', '-v', 'some'])).toContain('--view must be');
  expect(await refused(['runs', 'list'])).toContain('MLFLOW_EXPERIMENT_ID');
  expect(await refused(['runs', 'describe', '--run-id', 'nope'])).toContain('nope');
  expect(await refused(['runs', 'create', '--experiment-id', '0', '-t', 'x'])).toContain('key=value format');
  expect(await refused(['artifacts', 'log-artifact', '-r', 'r', '-l', 'no.txt'])).toContain("No such file: 'no.txt'");
  expect(await refused(['runs', 'list', '--experiment-id', '0'], { MLFLOW_TRACKING_URI: 'sqlite:///x.db' })).toContain(
    'must be the URL of a tracking server',
  );
});

test('the doctor tells of the server, and no secrets', async () => {
  const { code, stdout } = await finished(started(['doctor', '--json'], { MLFLOW_TRACKING_PASSWORD: 'hush' }));
  const told = JSON.parse(stdout);
  expect(code).toBe(0);
  expect(told['Tracking server']).toMatch(/^OK, version \d/);
  expect(told['Environment variables']).toMatchObject({
    MLFLOW_TRACKING_PASSWORD: '***',
    MLFLOW_TRACKING_URI: server.url,
  });
  expect(await said('doctor', '--mask-envs')).toMatch(/MLFLOW_TRACKING_URI: +\*\*\*/);
});
