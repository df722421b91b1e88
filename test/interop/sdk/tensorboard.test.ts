/** `mltrack import tensorboard`: what tensorboardX wrote becomes runs, once, however often it is imported and whatever is broken. */
import { execFile } from 'node:child_process';
import { appendFile, cp, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Connection, connect, searchRuns } from '../../../client/node/index.js';
import { INSTALL_TIME, pythonWith, TENSORBOARD_REQUIREMENTS } from '../../harness/python.js';
import { CLI, startServer, type TestServer } from '../../harness/server.js';

const execute = promisify(execFile);
const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));

let server: TestServer;
let client: Connection;
let folder: string;
let logs: string;

beforeAll(async () => {
  server = await startServer();
  client = connect(server.url);
  folder = await mkdtemp(join(tmpdir(), 'mltrack-tensorboard-'));
  logs = join(folder, 'logs');
  const python = await pythonWith(TENSORBOARD_REQUIREMENTS);
  await execute(python, [here('tensorboard_write.py'), logs]);
}, INSTALL_TIME);
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs the command; it may fail. */
function importing(...args: string[]): Promise<Outcome> {
  const env = { ...process.env, MLFLOW_TRACKING_URI: server.url };
  return execute(process.execPath, [CLI, 'import', 'tensorboard', ...args], { env, cwd: folder }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
  );
}

async function runsOf(experiment: string) {
  const { experiment_id } = (await client.getExperimentByName({ experiment_name: experiment })).experiment;
  const runs = new Map<string, { run_id: string; status: string; metrics: Map<string, number>; params: object }>();
  for await (const { info, data } of searchRuns(client, { experiment_ids: [experiment_id] })) {
    runs.set(info.run_name ?? '', {
      run_id: info.run_id,
      status: info.status,
      metrics: new Map(data.metrics?.map(({ key, value }) => [key, value])),
      params: Object.fromEntries(data.params?.map(({ key, value }) => [key, value]) ?? []),
    });
  }
  return runs;
}

const eventFile = async (below: string) => {
  const name = (await readdir(below)).find((each) => each.includes('tfevents')) ?? '';
  return join(below, name);
};

test('each folder with event files is a run with its scalars, steps, times and hparams', async () => {
  const { code, stdout, stderr } = await importing('logs');
  expect(stderr).not.toMatch(/mltrack:/);
  expect(code).toBe(0);
  expect(stdout).toContain('mlp/train: 3,002 values, 0 params');
  expect(stdout).toMatch(/4 runs imported\.\nLeft out, as they are no scalars: .*/);
  for (const kind of ['1 histograms', '1 images']) expect(stdout).toContain(kind);
  const runs = await runsOf('logs');
  expect([...runs.keys()].sort()).toEqual(['mlp', 'mlp/train', 'mlp/trial', 'tf2']);
  const train = runs.get('mlp/train');
  expect(train?.status).toBe('FINISHED');
  expect(train?.metrics.get('acc')).toBe(0.5);
  expect(train?.metrics.get('bad')).toBeNaN();
  const { metrics = [] } = await client.getMetricHistory({ run_id: train?.run_id ?? '', metric_key: 'loss' });
  expect(metrics).toHaveLength(3000);
  expect(metrics[2]).toMatchObject({ value: Math.fround(1 / 3), step: 2, timestamp: 1_700_000_000_250 });
  const { info } = (await client.getRun({ run_id: train?.run_id ?? '' })).run;
  expect([info.start_time, info.end_time]).toEqual([1_700_000_000_000, 1_700_000_374_875]);
  expect(runs.get('mlp/trial')?.params).toEqual({ lr: '0.1', layers: '3', optimizer: 'adam', nesterov: 'true' });
  expect(runs.get('mlp/trial')?.metrics.get('hparam/accuracy')).toBe(0.75);
  const tensors = Object.fromEntries(runs.get('tf2')?.metrics ?? []);
  expect(tensors).toEqual({
    epoch_loss: 1.5,
    double: 1e300,
    int64: -(2 ** 40),
    int32: -7,
    bool: 1,
    'acc_1 ___': 0.5,
    'acc_1 ____2': 0.25,
    half: expect.closeTo(0.1, 3),
  });
});

test('what is there is not imported again, and what an interrupted import left is done again', async () => {
  const args = ['logs', '--experiment', 'twice', '--json'];
  const first = JSON.parse((await importing(...args)).stdout);
  expect(first.runs.map(({ isNew }: { isNew: boolean }) => isNew)).toEqual([true, true, true, true]);
  const half = first.runs.find(({ name }: { name: string }) => name === 'tf2').run_id;
  await client.updateRun({ run_id: half, status: 'RUNNING' });
  const second = JSON.parse((await importing(...args)).stdout);
  expect(second.runs.filter(({ isNew }: { isNew: boolean }) => isNew)).toMatchObject([{ name: 'tf2', metrics: 9 }]);
  const runs = await runsOf('twice');
  expect(runs.size).toBe(4);
  expect(runs.get('tf2')?.run_id).not.toBe(half);
  expect((await importing('logs', '--experiment', 'twice')).stdout).toBe('0 runs imported, 4 there already.\n');
});

test('a file that is still written to ends where it ends; a damaged one is told of, and the rest imported', async () => {
  const growing = join(folder, 'growing');
  await cp(join(logs, 'tf2'), growing, { recursive: true });
  const file = await eventFile(growing);
  await truncate(file, (await readFile(file)).length - 5);
  expect(await importing('growing')).toMatchObject({ code: 0, stdout: expect.stringContaining('1 run imported.') });

  const damaged = join(folder, 'damaged');
  await cp(join(logs, 'mlp'), damaged, { recursive: true });
  const train = await eventFile(join(damaged, 'train'));
  const bytes = await readFile(train);
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  await writeFile(train, bytes);
  await appendFile(await eventFile(join(damaged, 'trial')), 'what no event is, and longer than a head');
  const { code, stdout, stderr } = await importing('damaged');
  expect(code).toBe(1);
  expect(stdout).toContain('3 runs imported.');
  expect(stderr.match(/^mltrack: .*damaged at byte \d+$/gm)).toHaveLength(2);
  const runs = await runsOf('damaged');
  expect(runs.get('trial')?.metrics.get('hparam/accuracy')).toBe(0.75);
  expect(runs.get('train')?.metrics.get('loss')).toBeLessThan(1);
});

test('a folder that is not there or has none is refused, and a server that is not there too', async () => {
  expect(await importing('nowhere')).toMatchObject({ code: 1, stderr: "mltrack: No such folder: 'nowhere'\n" });
  const empty = await mkdtemp(join(folder, 'empty-'));
  expect((await importing(empty)).stderr).toMatch(/^mltrack: No event files/);
  const gone = await importing('logs', '--tracking-uri', 'http://127.0.0.1:9');
  expect(gone).toMatchObject({ code: 1, stderr: expect.stringMatching(/Cannot reach http:\/\/127\.0\.0\.1:9/) });
});
