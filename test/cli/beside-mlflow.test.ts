/** Scripts that read MLflow's command line read ours: the same output of the same server. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect } from '../../client/connect.js';
import { EXAMPLE_REQUIREMENTS, INSTALL_TIME, pythonWith } from '../harness/python.js';
import { CLI, startServer, type TestServer } from '../harness/server.js';

const run = promisify(execFile);

let server: TestServer;
let python: string;

beforeAll(async () => {
  server = await startServer();
  python = await pythonWith(EXAMPLE_REQUIREMENTS);
}, INSTALL_TIME);
afterAll(() => server.stop());

async function both(...args: string[]): Promise<[ours: string, theirs: string]> {
  const env = { ...process.env, MLFLOW_TRACKING_URI: server.url, MLFLOW_DISABLE_TELEMETRY: 'true', TZ: 'UTC' };
  const [ours, theirs] = await Promise.all([
    run(process.execPath, [CLI, ...args], { env }),
    run(python, ['-m', 'mlflow', ...args], { env }),
  ]);
  return [ours.stdout.trim(), theirs.stdout.trim()];
}

test('descriptions of runs, exported tables and listings are those of MLflow', async () => {
  const client = connect(server.url);
  const { experiment_id } = await client.createExperiment({ name: 'e' });
  for (const value of [0.1, 3, 1e-7, 1.5e300, Number.NaN]) {
    const { run: made } = await client.createRun({
      experiment_id,
      start_time: 1_700_000_000_123,
      run_name: `v ${value}`,
    });
    const { run_id, artifact_uri } = made.info;
    await client.logBatch({
      run_id,
      metrics: [{ key: 'm', value, timestamp: 5, step: 1 }],
      params: [{ key: 'text', value: 'a "b", c' }],
    });
    await client.artifacts.put(artifact_uri, 'folder/x.txt', 'hello');
    if (value !== 0.1) continue;
    await client.updateRun({ run_id, status: 'FINISHED', end_time: 1_700_000_001_000 });
    const [ours, theirs] = (await both('runs', 'describe', '--run-id', run_id)).map((text) => JSON.parse(text));
    expect(ours).toEqual(theirs);
    const listed = (await both('artifacts', 'list', '-r', run_id, '-a', 'folder')).map((text) => JSON.parse(text));
    expect(listed[0]).toMatchObject([{ path: 'folder/x.txt', is_dir: false }]);
    expect(Number(listed[0][0].file_size)).toBe(Number(listed[1][0].file_size));
  }
  // The order of MLflow's columns within params, metrics and tags is that of a Python set.
  const [ours, theirs] = await both('experiments', 'csv', '-x', experiment_id);
  expect(ours.split('\n').sort()).toEqual(theirs.split('\n').sort());
  const [our, their] = await both('experiments', 'get', '-x', experiment_id, '--output', 'json');
  expect(JSON.parse(our)).toMatchObject({ name: JSON.parse(their).name, tags: JSON.parse(their).tags });
}, 120_000);
