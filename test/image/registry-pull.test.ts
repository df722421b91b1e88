/** Pulling from a real registry: which manifest is chosen, and that bytes are what their digests say whatever the way does to them. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Image, parseReference, pull, push } from '../../packager/index.js';
import { ECR_USER, startRegistry, type TestRegistry } from '../harness/registry.js';
import { type RegistryProxy, startProxy } from '../harness/registry-proxy.js';
import { blobOf, imageOf, noise, sampleImage, sha256 } from './sample-image.js';

let registry: TestRegistry;
let proxy: RegistryProxy;

beforeAll(async () => {
  registry = await startRegistry();
});
afterAll(() => registry.stop());
beforeEach(async () => {
  proxy = await startProxy(registry);
});
afterEach(() => proxy.stop());

const OPTIONS = { credentials: ECR_USER, pause: 5, platform: 'linux/amd64' };
const AMD = sampleImage([1, 2], 300_000);
const ARM = sampleImage([3], 40_000, 'arm64');

const named = (name: string) => parseReference(`${proxy.host}/${name}`);
const pushed = (image: Image, name: string) => push(image, named(name), { credentials: ECR_USER });

/** The bytes of configuration and layers, which must be those of `image`. */
async function expectSame(found: Image, image: Image) {
  expect(found.digest).toBe(image.digest);
  expect(found.mediaType).toBe(image.mediaType);
  expect(Buffer.from(found.manifest)).toEqual(Buffer.from(image.manifest));
  for (const [at, blob] of [image.config, ...image.layers].entries()) {
    const same = [found.config, ...found.layers][at];
    expect(same).toMatchObject({ digest: blob.digest, size: blob.size, mediaType: blob.mediaType });
    expect(sha256(await buffer(same!.open()))).toBe(blob.digest);
  }
}

/** Writes a manifest as it is, without a look at what it names. */
async function putManifest(name: string, tag: string, type: string, manifest: object): Promise<string> {
  const body = JSON.stringify(manifest);
  const authorization = `Basic ${btoa(`${ECR_USER.username}:${ECR_USER.password}`)}`;
  const headers = { 'content-type': type, authorization };
  const answer = await fetch(`${registry.url}/v2/${name}/manifests/${tag}`, { method: 'PUT', headers, body });
  expect(answer.status, await answer.text()).toBe(201);
  return sha256(Buffer.from(body));
}

const INDEX = 'application/vnd.oci.image.index.v1+json';
const entryOf = ({ digest, mediaType, manifest }: Image, platform: object) => ({
  digest,
  mediaType,
  size: manifest.length,
  platform,
});

test('an image comes back as it was pushed, by tag and by digest', async () => {
  await pushed(AMD, 'app:v1');
  await expectSame(await pull(named('app:v1'), OPTIONS), AMD);
  await expectSame(await pull(named(`app@${AMD.digest}`), OPTIONS), AMD);
  await expectSame(await pull(named(`app:other@${AMD.digest}`), OPTIONS), AMD);
});

test('what was pulled can be pushed elsewhere, its layers streaming through', async () => {
  await pushed(AMD, 'app:v1');
  const { digest, pushedBytes } = await pushed(await pull(named('app:v1'), OPTIONS), 'copy:v1');
  expect({ digest, pushedBytes }).toEqual({ digest: AMD.digest, pushedBytes: AMD.bytes });
});

test.each([
  ['of OCI', INDEX],
  ['of Docker', 'application/vnd.docker.distribution.manifest.list.v2+json'],
])('of an index %s, the platform’s image is taken', async (_what, mediaType) => {
  await pushed(AMD, 'multi:amd64');
  await pushed(ARM, 'multi:arm64');
  const attestation = entryOf(AMD, { os: 'unknown', architecture: 'unknown' });
  const manifests = [
    attestation,
    entryOf(AMD, { os: 'linux', architecture: 'amd64' }),
    entryOf(ARM, { os: 'linux', architecture: 'arm64', variant: 'v8' }),
  ];
  await putManifest('multi', 'latest', mediaType, { schemaVersion: 2, mediaType, manifests });
  await expectSame(await pull(named('multi'), OPTIONS), AMD);
  await expectSame(await pull(named('multi'), { ...OPTIONS, platform: 'linux/arm64' }), ARM);
  await expectSame(await pull(named('multi'), { ...OPTIONS, platform: 'linux/arm64/v8' }), ARM);
  await expect(pull(named('multi'), { ...OPTIONS, platform: 'linux/s390x' })).rejects.toThrow(
    /multi has no image for linux\/s390x, but for linux\/amd64, linux\/arm64\/v8$/,
  );
});

test('a single image for another platform is refused', async () => {
  await pushed(ARM, 'arm:v1');
  await expect(pull(named('arm:v1'), OPTIONS)).rejects.toThrow(
    /arm has an image for linux\/arm64 only, not for linux\/amd64$/,
  );
});

test('an OCI manifest that names no type of its own is understood', async () => {
  await pushed(AMD, 'oci:docker');
  const type = 'application/vnd.oci.image.manifest.v1+json';
  const { config, layers } = JSON.parse(Buffer.from(AMD.manifest).toString());
  config.mediaType = 'application/vnd.oci.image.config.v1+json';
  for (const layer of layers) layer.mediaType = 'application/vnd.oci.image.layer.v1.tar+gzip';
  const digest = await putManifest('oci', 'v1', type, { schemaVersion: 2, config, layers });
  const found = await pull(named('oci:v1'), OPTIONS);
  expect(found).toMatchObject({ digest, mediaType: type });
  expect(found.layers.map((layer) => layer.digest)).toEqual(AMD.layers.map((layer) => layer.digest));
});

test('what is not there is named, with the registry’s own code', async () => {
  await pushed(AMD, 'app:v1');
  await expect(pull(named('app:none'), OPTIONS)).rejects.toThrow(
    /^Reading the manifest none of .*\/app: the registry answered 404, MANIFEST_UNKNOWN: manifest unknown$/,
  );
});

test.each([
  ['of schema 1', 'application/vnd.docker.distribution.manifest.v1+json', '{"schemaVersion":1,"fsLayers":[]}'],
  ['without layers', AMD.mediaType, '{"schemaVersion":2}'],
  [
    'with a size below 0',
    AMD.mediaType,
    JSON.stringify({ config: { digest: AMD.digest, size: -1, mediaType: 'a' }, layers: [] }),
  ],
  ['that is no JSON', AMD.mediaType, 'oops'],
])('a manifest %s is refused', async (_what, type, body) => {
  proxy.fault({ method: 'GET', path: /manifests/, how: 200, headers: { 'content-type': type }, body });
  await expect(pull(named('app:v1'), OPTIONS)).rejects.toThrow(
    /is no image: a manifest of Docker's schema 2 or of OCI/,
  );
});

test('a manifest that is not the one of its digest is refused', async () => {
  const headers = { 'content-type': AMD.mediaType };
  proxy.fault({ method: 'GET', path: /manifests/, how: 200, headers, body: '{}' });
  await expect(pull(named(`app@${AMD.digest}`), OPTIONS)).rejects.toThrow(
    `${AMD.digest} was expected, ${sha256(Buffer.from('{}'))} came`,
  );
});

test('a layer that breaks off is fetched again, and the stream goes on where it was', async () => {
  await pushed(AMD, 'app:v1');
  const { layers } = await pull(named('app:v1'), OPTIONS);
  proxy.fault({ method: 'GET', path: /blobs/, how: 'cut-answer', bytes: 100_000 });
  proxy.fault({ method: 'GET', path: /blobs/, how: 503 });
  proxy.fault({ method: 'GET', path: /blobs/, how: 'cut-answer', bytes: 200_000 });
  proxy.seen.length = 0;
  expect(sha256(await buffer(layers[0]!.open()))).toBe(layers[0]!.digest);
  expect(proxy.count('GET', /blobs/)).toBe(4);
});

test('a layer that always breaks off fails, with how often it was tried', async () => {
  await pushed(AMD, 'app:v1');
  const { layers } = await pull(named('app:v1'), { ...OPTIONS, retries: 2 });
  proxy.fault({ method: 'GET', path: /blobs/, how: 'cut-answer', bytes: 1000, times: 1000 });
  await expect(buffer(layers[0]!.open())).rejects.toThrow(/^Downloading sha256:\w+ of .*\(tried 3 times\)$/);
});

test('a layer with other bytes, or more of them, fails', async () => {
  const { config } = AMD;
  const layer = blobOf(noise(1000, 1), 'application/vnd.docker.image.rootfs.diff.tar.gzip');
  await pushed(imageOf(config, [layer]), 'short:v1');
  const found = await pull(named('short:v1'), OPTIONS);
  proxy.fault({ method: 'GET', path: /blobs/, how: 200, body: 'x'.repeat(1000) });
  await expect(buffer(found.layers[0]!.open())).rejects.toThrow(/the content has the digest sha256:/);
  proxy.fault({ method: 'GET', path: /blobs/, how: 200, body: 'x'.repeat(1001) });
  await expect(buffer(found.layers[0]!.open())).rejects.toThrow(/there are more than the 1000 bytes/);
  proxy.fault({ method: 'GET', path: /blobs/, how: 200, body: 'x'.repeat(999) });
  await expect(buffer(found.layers[0]!.open())).rejects.toThrow(/there are 999 bytes of 1000/);
});

test('a redirect to another host is followed without the credentials', async () => {
  await pushed(AMD, 'app:v1');
  const asked: (string | undefined)[] = [];
  const layer = AMD.layers[0]!;
  const content = await buffer(layer.open());
  const storage = createServer((request, answer) => {
    asked.push(request.headers.authorization);
    answer.end(content);
  });
  await new Promise<void>((resolve) => storage.listen(0, '127.0.0.1', resolve));
  try {
    const location = `http://127.0.0.1:${(storage.address() as AddressInfo).port}/signed`;
    const found = await pull(named('app:v1'), OPTIONS);
    proxy.fault({ method: 'GET', path: /blobs/, how: 307, headers: { location } });
    expect(sha256(await buffer(found.layers[0]!.open()))).toBe(layer.digest);
    expect(asked).toEqual([undefined]);
  } finally {
    storage.closeAllConnections();
    storage.close();
  }
});

test('a redirect within the registry keeps the credentials', async () => {
  await pushed(AMD, 'app:v1');
  const found = await pull(named('app:v1'), OPTIONS);
  const location = `/v2/app/blobs/${AMD.layers[1]?.digest}`;
  proxy.fault({ method: 'GET', path: /blobs/, how: 307, headers: { location } });
  expect(sha256(await buffer(found.layers[1]!.open()))).toBe(AMD.layers[1]?.digest);
});

test.each([
  ['to plain http elsewhere', { location: 'http://storage.example.com/x' }, 1, /plain http is for this machine only/],
  ['in a circle', { location: '/v2/app/manifests/v1' }, 1000, /redirects more than 5 times/],
  ['nowhere', {}, 1, /answered 307/],
])('a redirect %s is refused', async (_what, headers, times, message) => {
  proxy.fault({ method: 'GET', path: /manifests/, how: 307, headers: headers as Record<string, string>, times });
  await expect(pull(named('app:v1'), OPTIONS)).rejects.toThrow(message);
});

test('an abort ends a download with its reason', async () => {
  await pushed(AMD, 'app:v1');
  const ending = new AbortController();
  const { layers } = await pull(named('app:v1'), { ...OPTIONS, signal: ending.signal });
  proxy.fault({ method: 'GET', path: /blobs/, how: 503, times: 1000, headers: { 'retry-after': '20' } });
  const downloading = buffer(layers[0]!.open());
  await expect.poll(() => proxy.count('GET', new RegExp(layers[0]!.digest))).toBe(1);
  ending.abort(new Error('interrupted'));
  await expect(downloading).rejects.toThrow('interrupted');
});
