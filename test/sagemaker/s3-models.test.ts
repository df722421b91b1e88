/** Models that lie in S3: by their own URI, and as artifacts of a tracking server whose artifact root is there. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Connection, connect, startRun } from '../../client/node/index.js';
import { startServer, type TestServer } from '../harness/server.js';
import { casesOf, expectClose, mltrack, modelPath, serveModel } from '../packager/model-server.js';
import { ROLE, startAws, type TestAws } from './aws.js';
import { commandsWith, lastJson } from './command.js';
import { Refusal } from './endpoints.js';

const NAME = 'd_mlp_small';
const BUCKET = 'models';

let aws: TestAws;
let tracking: TestServer;
let client: Connection;
/** Where commands put what they download. */
let downloads: string;
let env: Record<string, string>;
beforeAll(async () => {
  [aws, tracking, downloads] = await Promise.all([
    startAws(),
    startServer({ args: ['--default-artifact-root', `s3://${BUCKET}/mlruns`] }),
    mkdtemp(join(tmpdir(), 'mltrack-test-')),
  ]);
  client = connect(tracking.url);
  env = { ...aws.env, MLTRACK_TRACKING_URI: tracking.url, TMPDIR: downloads };
  await aws.reset();
  await aws.putFolder(BUCKET, 'best/model', modelPath(NAME));
}, 900_000);
afterAll(async () => {
  await Promise.all([aws.stop(), tracking.stop(), rm(downloads, { recursive: true })]);
});

async function expectServed(uri: string, environment = env): Promise<void> {
  const server = await serveModel(uri, { args: ['-w', '1'], env: environment });
  for (const { inputs, outputs } of casesOf(NAME)) {
    expectClose(await server.predict({ inputs }), { predictions: outputs });
  }
  expect(await server.stop()).toBe(0);
}

test('s3://BUCKET/PATH is served, and nothing stays behind', async () => {
  await expectServed(`s3://${BUCKET}/best/model`);
  await expectServed(`s3://${BUCKET}/best/model/model.onnx`);
  expect(await readdir(downloads)).toEqual([]);
});

test('MLFLOW_S3_ENDPOINT_URL says where S3 is, without a region', async () => {
  const { AWS_ENDPOINT_URL: endpoint = '', ...rest } = env;
  await expectServed(`s3://${BUCKET}/best/model/`, { ...rest, AWS_REGION: '', MLFLOW_S3_ENDPOINT_URL: endpoint });
});

test('runs and logged models of a server whose artifact root is in S3', async () => {
  const run = startRun({ client, experiment: 'models' });
  const { run_id, experiment_id, artifact_uri } = await run.info();
  expect(artifact_uri).toMatch(/^s3:\/\/models\/mlruns\//);
  await aws.putFolder(BUCKET, `${artifact_uri.slice(`s3://${BUCKET}/`.length)}/model`, modelPath(NAME));
  await expectServed(`runs:/${run_id}/model`);

  const { model } = await client.createLoggedModel({ experiment_id, name: 'network', source_run_id: run_id });
  const { model_id, artifact_uri: root } = model.info;
  await aws.putFolder(BUCKET, root.slice(`s3://${BUCKET}/`.length), modelPath(NAME));
  await client.logOutputs({ run_id, models: [{ model_id, step: 0 }] });
  await expectServed(`models:/${model_id}`);
  await expectServed(`runs:/${run_id}/network`);
});

test('a version of a registered model that lies in S3', async () => {
  await client.createRegisteredModel({ name: 'best' });
  await client.createModelVersion({ name: 'best', source: `s3://${BUCKET}/best/model` });
  await client.setRegisteredModelAlias({ name: 'best', alias: 'live', version: '1' });
  await expectServed('models:/best@live');
});

const { done } = commandsWith(() => env);

test('inspect and push-model take it as well', async () => {
  const uri = `s3://${BUCKET}/best/model`;
  const inspected = await mltrack(['models', 'inspect', '-m', uri, '--json'], env);
  expect(inspected.code, inspected.stderr).toBe(0);
  await aws.putImage((await mltrack(['--version'])).stdout.trim());
  expect(lastJson(await done('push-model', '-n', 'one', '-m', uri, '-e', ROLE, '--json')).name).toBe('one');
});

test('a download that breaks off is taken up again; what is not there, or refused, is said in one line', async () => {
  const serve = async (uri: string) => {
    const { code, stderr } = await mltrack(['models', 'serve', '-p', '0', '-m', uri], env);
    return [code, stderr.trim().split('\n')];
  };
  expect(await serve(`s3://${BUCKET}/nothing`)).toEqual([1, [expect.stringContaining('There is nothing at s3://')]]);
  expect(await serve('s3://')).toEqual([1, [expect.stringContaining('s3://BUCKET/PATH')]]);
  expect(await serve('s3://no-such-bucket/model')).toEqual([1, [expect.stringContaining('NoSuchBucket')]]);
  aws.refuse('GetObject', new Refusal('AccessDenied', 'Access Denied', 403));
  expect(await serve(`s3://${BUCKET}/best/model`)).toEqual([1, [expect.stringContaining('S3 refused GetObject')]]);
  aws.refuse('GetObject', new Refusal('SlowDown', 'Please reduce your request rate.', 503), 2);
  await expectServed(`s3://${BUCKET}/best/model`);
  expect(await readdir(downloads)).toEqual([]);
});
