/**
 * The way of a data scientist, each step by its own program: trained and logged with MLflow's Python client, the image sent,
 * the model tried on this machine, deployed, asked and removed.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect } from '../../client/node/index.js';
import { startEcr, type TestEcr } from '../harness/ecr.js';
import { emptyCache } from '../harness/image.js';
import { startRegistry, type TestRegistry } from '../harness/registry.js';
import { startServer, type TestServer } from '../harness/server.js';
import { stockMlflow } from '../interop/mlflow-python.js';
import { mltrack, serveModel } from '../packager/model-server.js';
import { ACCOUNT, NOTHING, REGION, ROLE, startAws, type TestAws } from './aws.js';
import { commandsWith, lastJson } from './command.js';
import { startLocalServer } from './local-server.js';

const SPLIT = 'application/json; format=pandas-split';

let aws: TestAws;
let ecr: TestEcr;
let registry: TestRegistry;
let tracking: TestServer;
let folder: string;
let cache: string;
beforeAll(async () => {
  [aws, registry, tracking, folder] = await Promise.all([
    startAws(),
    startRegistry(),
    startServer(),
    mkdtemp(join(tmpdir(), 'mltrack-test-')),
  ]);
  ecr = await startEcr(registry);
  cache = await emptyCache(folder);
  await aws.reset();
}, 900_000);
afterAll(async () => {
  await Promise.all([aws.stop(), ecr.stop(), tracking.stop(), rm(folder, { recursive: true })]);
  await registry.stop();
});

const environment = () => ({ ...aws.env, MLTRACK_CACHE: cache, MLTRACK_TRACKING_URI: tracking.url });
const { done } = commandsWith(environment);
const pushing = commandsWith(() => ({ ...environment(), AWS_ENDPOINT_URL_ECR: ecr.url }));

/** The bare array of MLflow 1.x, as the book's client gets it: the class of each row. */
function expectClasses(text: string, probabilities: number[][]) {
  const rows = JSON.parse(text) as { label: number; probabilities: number[] }[];
  expect(rows).toHaveLength(probabilities.length);
  rows.forEach((row, index) => {
    const [no = 0, yes = 0] = probabilities[index] as number[];
    expect(row.label).toBe(yes > no ? 1 : 0);
    expect(row.probabilities[1]).toBeCloseTo(yes, 5);
  });
}

test('train, build-and-push, run-local, deploy, describe, invoke, delete, and nothing is left', async () => {
  const reference = join(folder, 'reference.json');
  const python = await stockMlflow(tracking.url, folder);
  const said = await python.script('../../examples/python/train.py', [
    '--tracking-uri',
    tracking.url,
    '--reference',
    reference,
  ]);
  const run_id = /run ([0-9a-f]{32})/.exec(said)?.[1] as string;
  const model = `runs:/${run_id}/model`;
  const { inputs, probabilities }: Record<string, number[][]> = JSON.parse(await readFile(reference, 'utf8'));
  const rows = (inputs as number[][]).slice(0, 10);
  const expected = (probabilities as number[][]).slice(0, 10);
  // What pandas writes of ten rows: to_json(orient='split').
  const body = JSON.stringify({ columns: rows[0]?.map((_, column) => column), index: [...rows.keys()], data: rows });
  const input = join(folder, 'rows.json');
  await writeFile(input, body);

  const version = (await mltrack(['--version'])).stdout.trim();
  const image = lastJson(await pushing.done('build-and-push', '--json'));
  expect(image.image).toBe(`${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com/mlflow-pyfunc:${version}`);
  expect(ecr.apiCalls()).toEqual(['DescribeRepositories', 'CreateRepository', 'GetAuthorizationToken']);

  const local = await startLocalServer(model, folder, environment());
  const headers = { 'content-type': SPLIT };
  const answer = await fetch(`${local.url}/invocations`, { method: 'POST', headers, body });
  expectClasses(await answer.text(), expected);
  local.child.kill('SIGINT');
  expect(await local.exited).toBe(0);

  // The account's own list of images is another program's, which is told of the push.
  await aws.putImage(version);
  const deployed = lastJson(
    await done('deploy', '-a', 'app', '-m', model, '-e', ROLE, '-t', 'ml.t2.medium', '--region-name', REGION, '--json'),
  );
  const described = JSON.parse(await done('describe', '-a', 'app', '--json'));
  expect(described).toMatchObject({ status: 'InService', variants: [{ model: { modelUri: model } }] });
  const { run } = await connect(tracking.url).getRun({ run_id });
  expect(run.data.tags?.map(({ key }) => key)).toContain(`mltrack.sagemaker.${REGION}.app`);

  const server = await serveModel(await unpacked(deployed.modelDataUrl as string), { args: ['-w', '1'] });
  aws.modelServer = server.url;
  expectClasses(await done('invoke', '-a', 'app', '--input', input, '--content-type', SPLIT), expected);
  await server.stop();

  await done('delete', '-a', 'app', '--region-name', REGION);
  const left = await aws.left();
  expect({ ...left, s3: left.s3.filter((name) => name.includes('/')) }).toEqual(NOTHING);
  const after = await connect(tracking.url).getRun({ run_id });
  expect(after.run.data.tags?.filter(({ key }) => key.startsWith('mltrack.sagemaker.'))).toEqual([]);
}, 600_000);

/** What SageMaker would unpack into /opt/ml/model. */
async function unpacked(url: string): Promise<string> {
  const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/(.+)$/.exec(url) ?? [];
  const archive = join(folder, 'model.tar.gz');
  await writeFile(archive, await aws.object(bucket, key));
  const path = join(folder, 'opt-ml-model');
  await mkdir(path);
  await promisify(execFile)('tar', ['-xzf', archive, '-C', path]);
  return path;
}
