/** The package `mlflow` of npm, a client that others wrote, does its work against our server. */
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect } from '../../../client/node/index.js';
import { kept } from '../../harness/kept.js';
import { INSTALL_TIME } from '../../harness/python.js';
import { startServer, type TestServer } from '../../harness/server.js';

const PACKAGE = 'mlflow@2.0.7';

type Call = (fields: object) => Promise<Record<string, unknown>>;

/** As far as the tests go. Its `Experiments.list` asks for an endpoint that MLflow 2 removed. */
interface NpmClient {
  Experiments: Record<'create' | 'get' | 'update' | 'delete' | 'restore', Call>;
  Runs: Record<
    | 'create'
    | 'get'
    | 'update'
    | 'delete'
    | 'restore'
    | 'search'
    | 'logMetric'
    | 'logParameter'
    | 'logBatch'
    | 'setTag'
    | 'deleteTag',
    Call
  >;
  Metrics: Record<'getHistory', Call>;
  Artifacts: Record<'list', Call>;
}

let server: TestServer;
let client: NpmClient;
let experiment_id: string;
let run_id: string;

beforeAll(async () => {
  server = await startServer();
  const folder = await kept('npm', [PACKAGE], async (into) => {
    await promisify(execFile)('npm', ['install', '--prefix', into, '--no-audit', '--no-fund', PACKAGE]);
  });
  const MLflow = createRequire(join(folder, 'index.js'))('mlflow') as new (options: { endpoint: string }) => NpmClient;
  client = new MLflow({ endpoint: server.url });
  experiment_id = (await client.Experiments.create({ name: 'npm' })).experiment_id as string;
  const { run } = await client.Runs.create({ experiment_id, user_id: 'u', start_time: 1000, tags: [] });
  run_id = (run as { info: { run_id: string } }).info.run_id;
}, INSTALL_TIME);
afterAll(() => server.stop());

test('experiments are renamed, deleted and restored', async () => {
  await client.Experiments.update({ experiment_id, new_name: 'npm renamed' });
  await client.Experiments.delete({ experiment_id });
  expect(await client.Experiments.get({ experiment_id })).toMatchObject({
    experiment: { name: 'npm renamed', lifecycle_stage: 'deleted' },
  });
  await client.Experiments.restore({ experiment_id });
});

test('what runs log is read', async () => {
  const { Runs, Metrics } = client;
  await Runs.logParameter({ run_id, key: 'depth', value: '3' });
  await Runs.logMetric({ run_id, key: 'loss', value: 0.5, timestamp: 1, step: 1 });
  await Runs.setTag({ run_id, key: 'kind', value: 'a' });
  await Runs.setTag({ run_id, key: 'gone', value: 'a' });
  await Runs.deleteTag({ run_id, key: 'gone' });
  await Runs.logBatch({
    run_id,
    metrics: [{ key: 'loss', value: 0.25, timestamp: 2, step: 2 }],
    params: [{ key: 'width', value: '4' }],
    tags: [{ key: 'more', value: 'b' }],
  });
  expect(await Runs.get({ run_id })).toMatchObject({
    run: {
      info: { status: 'RUNNING', start_time: 1000 },
      data: {
        metrics: [{ key: 'loss', value: 0.25, step: 2 }],
        params: [
          { key: 'depth', value: '3' },
          { key: 'width', value: '4' },
        ],
        tags: expect.arrayContaining([{ key: 'more', value: 'b' }]),
      },
    },
  });
  expect(await Metrics.getHistory({ run_id, metric_key: 'loss' })).toMatchObject({
    metrics: [{ value: 0.5 }, { value: 0.25 }],
  });
});

test('runs are searched, ended, deleted and restored', async () => {
  const { Runs } = client;
  const found = await Runs.search({ experiment_ids: [experiment_id], filter: "params.depth = '3'", max_results: 5 });
  expect(found.runs).toHaveLength(1);
  await Runs.update({ run_id, status: 'FINISHED', end_time: 2000 });
  await Runs.delete({ run_id });
  await Runs.restore({ run_id });
  expect(await Runs.get({ run_id })).toMatchObject({
    run: { info: { status: 'FINISHED', lifecycle_stage: 'active' } },
  });
});

test('artifacts are listed', async () => {
  const { run } = await connect(server.url).getRun({ run_id });
  await connect(server.url).artifacts.put(run.info.artifact_uri, 'model/a.txt', new Blob(['hello']));
  expect(await client.Artifacts.list({ run_id, path: 'model' })).toMatchObject({
    files: [{ path: 'model/a.txt', is_dir: false, file_size: 5 }],
  });
});
