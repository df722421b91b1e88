/** Where a model of a tracking server is deployed stands on its run, its logged model or its version in the registry. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { uploadFolder } from '../../client/node/files.js';
import { type Connection, connect, startRun } from '../../client/node/index.js';
import { startServer, type TestServer } from '../harness/server.js';
import { mltrack, modelPath } from '../packager/model-server.js';
import { REGION, ROLE, startAws, type TestAws } from './aws.js';
import { commandsWith, lastJson } from './command.js';

const MODEL = modelPath('d_mlp_small');
const KEY = `mltrack.sagemaker.${REGION}.cars`;

let aws: TestAws;
let tracking: TestServer;
let client: Connection;
beforeAll(async () => {
  [aws, tracking] = await Promise.all([startAws(), startServer()]);
  client = connect(tracking.url);
  await aws.putImage((await mltrack(['--version'])).stdout.trim());
}, 900_000);
afterAll(() => Promise.all([aws.stop(), tracking.stop()]));

const { done, sagemaker } = commandsWith(() => ({ ...aws.env, MLTRACK_TRACKING_URI: tracking.url }));
const deploy = async (uri: string, ...args: string[]) =>
  lastJson(await done('deploy', '-a', 'cars', '-m', uri, '-e', ROLE, '--json', ...args));

async function tagOfRun(run_id: string): Promise<unknown> {
  const { run } = await client.getRun({ run_id });
  const value = run.data.tags?.find(({ key }) => key === KEY)?.value;
  return value === undefined ? undefined : JSON.parse(value);
}

async function tagOfModel(model_id: string): Promise<unknown> {
  const { model } = await client.getLoggedModel({ model_id });
  const value = model.info.tags?.find(({ key }) => key === KEY)?.value;
  return value === undefined ? undefined : JSON.parse(value);
}

test('a deployment is a tag of the run, then of the logged model that replaces it, and gone once it is deleted', async () => {
  const run = startRun({ client, experiment: 'deployed' });
  const { experiment_id, run_id } = await run.info();
  run.logArtifacts(MODEL, 'model');
  await run.end();
  const { endpoint, region, model, config, image } = await deploy(`runs:/${run_id}/model`);
  expect(await tagOfRun(run_id)).toEqual({ endpoint, region, model, config, image });
  expect(aws.bodies('CreateModel')[0]).toMatchObject({ Tags: [{ Key: 'model_uri', Value: `runs:/${run_id}/model` }] });

  const logged = await client.createLoggedModel({ experiment_id, name: 'network' });
  const { model_id, artifact_uri } = logged.model.info;
  await uploadFolder(client, artifact_uri, MODEL);
  await client.finalizeLoggedModel({ model_id, status: 'LOGGED_MODEL_READY' });
  const second = await deploy(`models:/${model_id}`, '--mode', 'replace');
  expect(await tagOfModel(model_id)).toMatchObject({ endpoint: 'cars', model: second.model });
  expect(await tagOfRun(run_id)).toBeUndefined();

  await done('delete', '-a', 'cars');
  expect(await tagOfModel(model_id)).toBeUndefined();
});

test('a deployment of a registered model is a tag of the version that its alias meant', async () => {
  const { run } = await client.createRun({ experiment_id: '0' });
  const { run_id, artifact_uri } = run.info;
  await uploadFolder(client, artifact_uri, MODEL, 'model');
  const name = 'cars';
  await client.createRegisteredModel({ name });
  for (let i = 0; i < 2; i++) await client.createModelVersion({ name, source: `${artifact_uri}/model`, run_id });
  const tagged = async (version: string) => {
    const { model_version } = await client.getModelVersion({ name, version });
    return model_version.tags?.find(({ key }) => key === KEY)?.value;
  };
  const point = (version: string) => client.setRegisteredModelAlias({ name, alias: 'champion', version });
  await point('1');
  const first = await deploy('models:/cars@champion');
  expect(JSON.parse((await tagged('1')) ?? '')).toMatchObject({ endpoint: 'cars', model: first.model });
  expect(aws.bodies('CreateModel').at(-1)).toMatchObject({ Tags: [{ Key: 'model_uri', Value: 'models:/cars/1' }] });
  const again = await deploy('models:/cars/1', '--mode', 'replace');
  expect(JSON.parse((await tagged('1')) ?? '')).toMatchObject({ model: again.model });
  await point('2');
  await deploy('models:/cars@champion', '--mode', 'replace');
  expect([await tagged('1'), typeof (await tagged('2'))]).toEqual([undefined, 'string']);
  await done('delete', '-a', 'cars');
  expect(await tagged('2')).toBeUndefined();
});

test('a tag that cannot be set or removed is told and fails nothing', async () => {
  const run = startRun({ client, experiment: 'deployed' });
  run.logArtifacts(MODEL, 'model');
  await run.end();
  const { run_id } = await run.info();
  await deploy(`runs:/${run_id}/model`);
  await client.deleteTag({ run_id, key: KEY });
  const { code, stderr } = await sagemaker('delete', '-a', 'cars');
  expect(code, stderr).toBe(0);
  expect(stderr).toContain(`the tracking server did not remove the tag ${KEY}`);
});
