/** Models of a tracking server: by run, by logged model, by registered model and by artifact URI. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { uploadFolder } from '../../client/node/files.js';
import { type Connection, connect, startRun } from '../../client/node/index.js';
import { CLI, startServer, type TestServer } from '../harness/server.js';
import { casesOf, expectClose, mltrack, modelFolder, modelPath, type ServeSetup, serveModel } from './model-server.js';
import { externalTensor, writeModel } from './onnx-writer.js';

const NAME = 'd_mlp_small';
let tracking: TestServer;
/** A tracking server that never answers. */
const hanging = createServer(() => {});
let client: Connection;
let env: Record<string, string>;
/** Where the servers put what they download. */
let downloads: string;
beforeAll(async () => {
  tracking = await startServer();
  client = connect(tracking.url);
  hanging.listen(0, '127.0.0.1');
  await once(hanging, 'listening');
  downloads = await mkdtemp(join(tmpdir(), 'mltrack-test-'));
  env = { MLTRACK_TRACKING_URI: tracking.url, TMPDIR: downloads };
});
afterAll(async () => {
  await tracking.stop();
  hanging.close();
  hanging.closeAllConnections();
  await rm(downloads, { recursive: true });
});

async function expectServed(uri: string, environment: ServeSetup['env'] = env): Promise<void> {
  const server = await serveModel(uri, { args: ['-w', '1'], env: environment });
  for (const { inputs, outputs } of casesOf(NAME)) {
    expectClose(await server.predict({ inputs }), { predictions: outputs });
  }
  expect(await server.stop()).toBe(0);
}

async function logged(): Promise<{ runId: string; artifactUri: string }> {
  const run = startRun({ client, experiment: 'models' });
  run.logArtifacts(modelPath(NAME), 'best/model');
  await run.end();
  const { run_id: runId, artifact_uri: artifactUri } = await run.info();
  return { runId, artifactUri };
}

test('runs:/ID/PATH, and nothing stays behind', async () => {
  const { runId } = await logged();
  await expectServed(`runs:/${runId}/best/model`);
  await expectServed(`runs:/${runId}/best/model/`, {
    MLTRACK_TRACKING_URI: undefined,
    MLFLOW_TRACKING_URI: tracking.url,
  });
  expect(await readdir(downloads)).toEqual([]);
});

test('a logged model by its run and name, and by its id', async () => {
  const run = startRun({ client, experiment: 'models' });
  const { experiment_id, run_id } = await run.info();
  const { model } = await client.createLoggedModel({ experiment_id, name: 'network', source_run_id: run_id });
  const { model_id, artifact_uri } = model.info;
  await uploadFolder(client, artifact_uri, modelPath(NAME));
  await client.finalizeLoggedModel({ model_id, status: 'LOGGED_MODEL_READY' });
  const { files } = await client.listLoggedModelArtifacts({ model_id });
  expect(files?.map((file) => file.path)).toContain('MLmodel');
  await client.logOutputs({ run_id, models: [{ model_id, step: 0 }] });
  await expectServed(`runs:/${run_id}/network`);
  await expectServed(`models:/${model_id}`);
});

test('a registered model by version, stage, alias and as the latest, wherever its artifacts lie', async () => {
  const { runId, artifactUri } = await logged();
  const { experiment_id } = (await client.getRun({ run_id: runId })).run.info;
  const { model } = await client.createLoggedModel({ experiment_id, name: 'network', source_run_id: runId });
  const { model_id } = model.info;
  await uploadFolder(client, model.info.artifact_uri, modelPath(NAME), 'inner');
  const name = 'cars & "more"';
  await client.createRegisteredModel({ name });
  const sources = [
    { source: `${artifactUri}/best/model`, run_id: runId },
    { source: `${model.info.artifact_uri}/inner`, model_id },
    { source: `runs:/${runId}/best/model`, run_id: runId },
  ];
  for (const source of sources) await client.createModelVersion({ name, ...source });
  await client.createModelVersion({ name, source: `models:/${name}/2` });
  await client.setRegisteredModelAlias({ name, alias: 'champion', version: '2' });
  await client.transitionModelVersionStage({ name, version: '3', stage: 'Production' });
  await expectServed(`models:/${name}/1`);
  await expectServed(`models:/${name}@champion`);
  await expectServed(`models:/${name}/production`);
  await expectServed(`models:/${name}/Latest/`);
  expect(await readdir(downloads)).toEqual([]);
});

test('mlflow-artifacts:/PATH takes the files that the MLmodel and the graph name', async () => {
  const { artifactUri } = await logged();
  await expectServed(`${artifactUri}/best/model`);

  const graph = (location: string) =>
    writeModel({
      nodes: [{ operator: 'Add', inputs: ['x', 'weights'], outputs: ['y'] }],
      inputs: [{ name: 'x', type: 'float', shape: [2] }],
      outputs: [{ name: 'y', type: 'float', shape: [2] }],
      initializers: [externalTensor('weights', [2], location)],
    });
  const weights = new Uint8Array(Float32Array.of(10, 20).buffer);
  const folder = await modelFolder({ 'model.onnx': graph('weights.bin'), 'weights.bin': weights });
  const outside = await modelFolder({ 'model.onnx': graph('../../../weights.bin') });
  const run = startRun({ client, experiment: 'models' });
  run.logArtifacts(folder.path, 'big');
  run.logArtifacts(outside.path, 'outside');
  await run.flush();
  const { artifact_uri } = await run.info();
  const server = await serveModel(`${artifact_uri}/big`, { args: ['-w', '1'], env });
  expect(await server.predict({ inputs: [1, 2] })).toEqual({ predictions: { y: [11, 22] } });
  await server.stop();
  const { code, stderr } = await mltrack(['models', 'serve', '-p', '0', '-m', `${artifact_uri}/outside`], env);
  expect([code, stderr]).toEqual([1, expect.stringContaining('names a file outside')]);
  await Promise.all([folder.remove(), outside.remove()]);
});

test('what is not there, or not understood, is said in one line', async () => {
  const { runId } = await logged();
  await client.createRegisteredModel({ name: 'none' });
  const reasons: [string, string][] = [
    [`runs:/${runId}/nothing`, "has no artifacts at 'nothing'"],
    [`runs:/${'0'.repeat(32)}/model`, 'not found'],
    [`runs:/${runId}`, 'runs:/RUN_ID/PATH'],
    [`runs:/${runId}/best`, 'no MLmodel, no model.onnx'],
    ['models:/iris/1', 'Model Version (name=iris, version=1) not found'],
    ['models:/iris@champion', 'Registered Model with name=iris not found'],
    ['models:/none/Staging', 'no version in the stage Staging'],
    ['models:/none/9', 'Model Version (name=none, version=9) not found'],
    ['models:/none/latest', 'Latest version not found for model none.'],
    ['models:/none@champion', 'Registered model alias champion not found.'],
    ['models:/none/Beta', 'Invalid Model Version stage: Beta'],
    ['models:/iris', 'it must be models:/NAME/VERSION'],
    ['models:/iris@', 'it must be models:/NAME/VERSION'],
    ['models:/a/b/c', 'it must be models:/NAME/VERSION'],
    [`models:/m-${'0'.repeat(32)}`, 'not found'],
    ['mlflow-artifacts:/nowhere', 'model.onnx'],
    ['gs://bucket/model', 'it must be a folder'],
  ];
  for (const [uri, reason] of reasons) {
    const { code, stderr } = await mltrack(['models', 'serve', '-p', '0', '-m', uri], env);
    expect([uri, code, stderr.trim().split('\n')]).toEqual([uri, 1, [expect.stringContaining(reason)]]);
  }
  expect(await readdir(downloads)).toEqual([]);
});

test('a process that is ended while it downloads leaves nothing behind', async () => {
  const asked = new Promise<void>((resolve) => hanging.once('request', () => resolve()));
  const child = spawn(process.execPath, [CLI, 'models', 'serve', '-m', 'runs:/1/model', '-p', '0'], {
    env: {
      ...process.env,
      ...env,
      MLTRACK_TRACKING_URI: `http://127.0.0.1:${(hanging.address() as AddressInfo).port}`,
    },
  });
  await asked;
  expect(await readdir(downloads)).toHaveLength(1);
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
  expect(await readdir(downloads)).toEqual([]);
});

test('a tracking server that is not there is named', async () => {
  const { code, stderr } = await mltrack(['models', 'serve', '-m', 'models:/m-1', '-p', '0'], {
    MLTRACK_TRACKING_URI: 'http://127.0.0.1:1',
  });
  expect([code, stderr]).toEqual([1, expect.stringContaining('Cannot reach http://127.0.0.1:1')]);
});
