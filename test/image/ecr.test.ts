/** An image into ECR, by its API and its registry: with a fault at each call it arrives, or is refused in one line, and nothing is left half-way. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { pushImage } from '../../packager/index.js';
import { ECR_HOST, startEcr, type TestEcr } from '../harness/ecr.js';
import { rawManifest, startRegistry, type TestRegistry } from '../harness/registry.js';
import type { Fault } from '../harness/registry-proxy.js';
import { sampleImage } from './sample-image.js';

let registry: TestRegistry;
let ecr: TestEcr;
let name: string;
let counter = 0;
const image = sampleImage([1, 2]);

beforeAll(async () => {
  registry = await startRegistry();
});
afterAll(() => registry.stop());

const before = { ...process.env };
beforeEach(async () => {
  ecr = await startEcr(registry);
  Object.assign(process.env, ecr.env);
  counter += 1;
  name = `team/ecr-${counter}`;
});
afterEach(async () => {
  await ecr.stop();
  process.env = { ...before };
  expect(ecr.violations).toEqual([]);
});

const POLICY = '{"rules":[]}';
const push = (settings: object = {}) =>
  pushImage({ image, name, tag: 'v1', repository: { lifecyclePolicy: POLICY, ...settings } });
const expectThere = async () => {
  expect(await rawManifest(registry.host, `${name}:v1`)).toBe(Buffer.from(image.manifest).toString());
  expect(ecr.repositories.get(name)?.policy).toBe(POLICY);
};
const isThere = () =>
  rawManifest(registry.host, `${name}:v1`).then(
    () => true,
    () => false,
  );

test('the repository is made with its settings, and the image is called as ECR calls it', async () => {
  const pushed = await push({ immutableTags: true, scanOnPush: true, kmsKey: 'alias/images' });
  expect(pushed).toEqual({
    image: `${ECR_HOST}/${name}:v1`,
    digest: image.digest,
    imageByDigest: `${ECR_HOST}/${name}@${image.digest}`,
    pushedBytes: image.bytes,
  });
  expect(ecr.repositories.get(name)?.created).toMatchObject({
    imageTagMutability: 'IMMUTABLE',
    imageScanningConfiguration: { scanOnPush: true },
    encryptionConfiguration: { encryptionType: 'KMS', kmsKey: 'alias/images' },
  });
  await expectThere();
  expect(ecr.apiCalls()).toEqual([
    'DescribeRepositories',
    'CreateRepository',
    'PutLifecyclePolicy',
    'GetAuthorizationToken',
  ]);
  expect((await push()).pushedBytes).toBe(0);
});

const BLOBS = /\/blobs\/sha256/;
const UPLOADS = /\/blobs\/uploads/;
const MANIFESTS = /\/manifests\//;
const API = ['DescribeRepositories', 'CreateRepository', 'PutLifecyclePolicy', 'GetAuthorizationToken'];
const api = (call: string) => ({ method: 'POST', path: new RegExp(`^/${call}$`) });
const REQUESTS: [string, Pick<Fault, 'method' | 'path'>][] = [
  ['HEAD of a blob', { method: 'HEAD', path: BLOBS }],
  ['POST of a session', { method: 'POST', path: UPLOADS }],
  ['PUT of a blob', { method: 'PUT', path: UPLOADS }],
  ['PUT of the manifest', { method: 'PUT', path: MANIFESTS }],
  ...API.map((call): [string, Pick<Fault, 'method' | 'path'>] => [call, api(call)]),
];
const json = { 'content-type': 'application/x-amz-json-1.1' };
const THROTTLED: Pick<Fault, 'how' | 'headers' | 'body'> = {
  how: 400,
  headers: json,
  body: '{"__type":"ThrottlingException","message":"Rate exceeded"}',
};
const DENIED = '{"__type":"AccessDeniedException","message":"User x is not authorized to perform this"}';
const isApi = (request: string) => API.includes(request);

describe.each(REQUESTS)('%s', (which, request) => {
  test('that is throttled is asked again', async () => {
    const busy = { how: 429, body: '{"errors":[{"code":"TOOMANYREQUESTS","message":"Rate exceeded"}]}' } as const;
    ecr.fault({ ...request, ...(isApi(which) ? THROTTLED : busy) });
    expect((await push()).pushedBytes).toBe(image.bytes);
    await expectThere();
  });

  test('whose connection breaks is asked again', async () => {
    ecr.fault({ ...request, how: 'cut' });
    await push();
    await expectThere();
  });

  test('whose answer is lost is asked again', async () => {
    ecr.fault({ ...request, how: 'cut-answer' });
    await push();
    await expectThere();
  });

  test('that is refused for good is told in one line, and leaves no image and no repository without its policy', async () => {
    const denied = isApi(which) ? { how: 400, headers: json, body: DENIED } : { how: 400, body: 'no' };
    ecr.fault({ ...request, ...denied, times: 99 });
    const error = await push().then(
      () => undefined,
      (reason: Error) => reason,
    );
    expect(error?.message).toMatch(isApi(which) ? new RegExp(`ECR refused ${which} \\(AccessDenied`) : /400/);
    expect(error?.message).not.toContain('\n');
    expect(await isThere()).toBe(false);
    const repository = ecr.repositories.get(name);
    expect(repository === undefined || repository.policy === POLICY).toBe(true);
  });
});

test.each(REQUESTS.slice(0, 4))('a token that has expired at %s is replaced by a new one', async (_which, request) => {
  let expired = false;
  const instead = ecr.seen.push.bind(ecr.seen);
  ecr.seen.push = (...seen) => {
    const [one] = seen;
    if (!expired && one && one.method === request.method && request.path.test(one.path)) {
      expired = true;
      ecr.expireTokens();
    }
    return instead(...seen);
  };
  expect((await push()).digest).toBe(image.digest);
  await expectThere();
  expect(ecr.apiCalls().filter((call) => call === 'GetAuthorizationToken')).toHaveLength(2);
});

test('a repository that another command has just made is taken', async () => {
  ecr.repositories.set(name, { created: {}, policy: undefined });
  ecr.fault({
    ...api('DescribeRepositories'),
    how: 400,
    headers: json,
    body: '{"__type":"RepositoryNotFoundException","message":"not yet"}',
  });
  await push();
  await expectThere();
});

test('a token that is refused at once is told with its cure', async () => {
  process.env.MLTRACK_REGISTRY_AUTH = 'AWS:another';
  await expect(push()).rejects.toThrow(/the credentials do not suffice; a token of ECR’s lasts 12 hours/);
});
