/** The whole way, without Docker: the image into a registry, the model to an endpoint, a prediction from it, and nothing left. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { emptyCache } from '../harness/image.js';
import { ECR_USER, startRegistry, type TestRegistry } from '../harness/registry.js';
import { casesOf, expectClose, type ModelServer, modelPath, serveModel } from '../packager/model-server.js';
import { ACCOUNT, NOTHING, REGION, ROLE, startAws, type TestAws } from './aws.js';
import { commandsWith, lastJson } from './command.js';

const MODEL = modelPath('d_mlp_small');
const REPOSITORY = `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com/mlflow-pyfunc`;

let aws: TestAws;
let registry: TestRegistry;
let server: ModelServer;
let folder: string;
let cache: string;

beforeAll(async () => {
  [aws, registry, server, folder] = await Promise.all([
    startAws(),
    startRegistry(),
    serveModel(MODEL, { args: ['-w', '1'] }),
    mkdtemp(join(tmpdir(), 'mltrack-test-')),
  ]);
  aws.modelServer = server.url;
  cache = await emptyCache(folder);
  await aws.reset();
}, 900_000);
afterAll(async () => {
  await Promise.all([aws.stop(), registry.stop(), server.stop(), rm(folder, { recursive: true })]);
});

const environment = () => ({ ...aws.env, MLTRACK_CACHE: cache, MLTRACK_REGISTRY: registry.url });
const { done, refused } = commandsWith(environment);

/** What skopeo, which is not ours, finds under a name in the registry. */
async function skopeo(...args: string[]): Promise<string> {
  const login = ['--tls-verify=false', '--creds', `${ECR_USER.username}:${ECR_USER.password}`];
  return (await promisify(execFile)('skopeo', [...args.slice(0, 1), ...login, ...args.slice(1)])).stdout;
}

test('build-and-push, deploy, invoke, delete', async () => {
  const pushed = lastJson(await done('build-and-push', '--tag', 'v1', '--json'));
  expect(pushed).toEqual({
    image: `${REPOSITORY}:v1`,
    digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    imageByDigest: `${REPOSITORY}@${pushed.digest}`,
    pushedBytes: expect.any(Number),
  });
  expect(Number(pushed.pushedBytes)).toBeGreaterThan(50e6);
  const name = `docker://${registry.host}/mlflow-pyfunc:v1`;
  const found = JSON.parse(await skopeo('inspect', name));
  expect(found.Digest).toBe(pushed.digest);
  expect(found.Labels['com.amazonaws.sagemaker.capabilities.multi-models']).toBe('true');
  expect(JSON.parse(await skopeo('inspect', '--raw', name)).mediaType).toBe(
    'application/vnd.docker.distribution.manifest.v2+json',
  );

  const again = lastJson(await done('build-and-push', '--tag', 'v2', '--json'));
  expect(again).toMatchObject({ digest: pushed.digest, pushedBytes: 0 });

  // The bytes went to another registry than the account's, which is told of them by hand.
  await aws.putImage('v1');
  const deployed = lastJson(
    await done('deploy', '-a', 'app', '-m', MODEL, '-e', ROLE, '-i', `${REPOSITORY}:v1`, '--json'),
  );
  expect(deployed.status).toBe('InService');
  const [{ inputs, outputs }] = casesOf('d_mlp_small') as [ReturnType<typeof casesOf>[number]];
  const input = join(folder, 'input.json');
  await writeFile(input, JSON.stringify({ inputs }));
  expectClose(JSON.parse(await done('invoke', '-a', 'app', '--input', input)), { predictions: outputs });
  await done('delete', '-a', 'app');
  expect({ ...(await aws.left()), s3: [] }).toEqual(NOTHING);
  expect((await aws.left()).s3.filter((key) => key.includes('/'))).toEqual([]);
}, 300_000);

test('a model inside adds a layer of its own, and only that is sent', async () => {
  const plain = lastJson(await done('build-and-push', '--tag', 'plain', '--json'));
  const modelled = lastJson(await done('build-and-push', '--tag', 'modelled', '--with-model', MODEL, '--json'));
  expect(modelled.digest).not.toBe(plain.digest);
  expect(Number(modelled.pushedBytes)).toBeLessThan(200_000);
});

test('an image of the registry can be what another stands on', async () => {
  await writeFile(
    join(folder, 'config.json'),
    JSON.stringify({
      auths: {
        [registry.host]: { auth: Buffer.from(`${ECR_USER.username}:${ECR_USER.password}`).toString('base64') },
      },
    }),
  );
  await done('build-and-push', '--tag', 'base');
  const loggedIn = commandsWith(() => ({ ...environment(), DOCKER_CONFIG: folder }));
  const base = `${registry.host}/mlflow-pyfunc:base`;
  await loggedIn.done('build-and-push', '--tag', 'over', '--base', base);
  const layersOf = async (tag: string): Promise<string[]> =>
    JSON.parse(await skopeo('inspect', `docker://${registry.host}/mlflow-pyfunc:${tag}`)).Layers;
  const below = await layersOf('base');
  const over = await layersOf('over');
  expect(over.slice(0, below.length)).toEqual(below);
  expect(over.length).toBeGreaterThan(below.length);
});

test('what is wrong is said in one line', async () => {
  expect(await refused('build-and-push', '--registry', 'http://127.0.0.1:1')).toMatch(/127\.0\.0\.1:1/);
  expect(await refused('build-and-push', '--no-push', '--base', `${registry.host}/nothing:here`)).toMatch(/nothing/);
  const other = commandsWith(() => ({ ...environment(), MLTRACK_REGISTRY_AUTH: 'AWS:wrong' }));
  expect(await other.refused('build-and-push')).toMatch(/401|denied|credentials|refuse/i);
  const without = commandsWith(() => ({ ...environment(), MLTRACK_REGISTRY_AUTH: 'wrong' }));
  expect(await without.refused('build-and-push')).toContain('MLTRACK_REGISTRY_AUTH must be user:password');
});
