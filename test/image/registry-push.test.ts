/** Pushing to a real registry: what is sent and what is not, as the requests show, and what skopeo then finds. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type PushProgress, parseReference, push } from '../../packager/index.js';
import { copiedLayers, ECR_USER, rawManifest, startRegistry, type TestRegistry } from '../harness/registry.js';
import { type RegistryProxy, startProxy } from '../harness/registry-proxy.js';
import { blobOf, imageOf, noise, sampleImage } from './sample-image.js';

let registry: TestRegistry;
let proxy: RegistryProxy;
let counter = 0;
let repository: string;

beforeAll(async () => {
  registry = await startRegistry();
});
afterAll(() => registry.stop());

beforeEach(async () => {
  proxy = await startProxy(registry);
  counter += 1;
  repository = `team/app-${counter}`;
});
afterEach(async () => {
  await proxy.stop();
  expect(proxy.violations).toEqual([]);
});

const named = (tag: string, path = repository) => parseReference(`${proxy.host}/${path}:${tag}`);
const AS_AWS = { credentials: ECR_USER };

test('a pushed image is one that skopeo copies, byte for byte', async () => {
  const image = sampleImage([1, 2, 3]);
  const pushed = await push(image, named('v1'), AS_AWS);
  expect(pushed).toEqual({ digest: image.digest, pushedBytes: image.bytes });
  expect(await rawManifest(registry.host, `${repository}:v1`)).toBe(Buffer.from(image.manifest).toString());
  expect(await rawManifest(registry.host, `${repository}@${image.digest}`)).toBe(
    Buffer.from(image.manifest).toString(),
  );
  expect(await copiedLayers(registry.host, `${repository}:v1`)).toEqual(image.layers.map(({ digest }) => digest));
});

test('what is called by one name may be sent to another address', async () => {
  const image = sampleImage([4]);
  const reference = parseReference(`123456789012.dkr.ecr.eu-west-1.amazonaws.com/${repository}:v1`);
  await push(image, reference, { ...AS_AWS, url: proxy.url });
  expect(await rawManifest(registry.host, `${repository}:v1`)).toContain(image.config.digest);
});

test('every blob is one POST and one PUT, and each request carries the Basic token', async () => {
  await push(sampleImage([1, 2, 3, 4, 5, 6]), named('v1'), AS_AWS);
  expect(proxy.count('POST')).toBe(7);
  expect(proxy.count('PUT', /uploads/)).toBe(7);
  expect(proxy.count('PUT', /manifests/)).toBe(1);
  const token = `Basic ${Buffer.from(`AWS:${ECR_USER.password}`).toString('base64')}`;
  expect(new Set(proxy.seen.map(({ authorization }) => authorization))).toEqual(new Set([token]));
});

test('at most four blobs are sent at a time', async () => {
  await push(sampleImage([1, 2, 3, 4, 5, 6, 7, 8], 600_000), named('v1'), AS_AWS);
  expect(proxy.mostUploads()).toBeGreaterThan(1);
  expect(proxy.mostUploads()).toBeLessThanOrEqual(4);
});

test('an unchanged image under the same tag takes one request', async () => {
  const image = sampleImage([1, 2, 3]);
  await push(image, named('v1'), AS_AWS);
  proxy.seen.length = 0;
  expect(await push(image, named('v1'), AS_AWS)).toEqual({ digest: image.digest, pushedBytes: 0 });
  expect(proxy.seen).toHaveLength(1);
});

test('an unchanged image under a new tag sends no layer and takes four requests more than it has layers at most', async () => {
  const image = sampleImage([1, 2, 3]);
  await push(image, named('v1'), AS_AWS);
  proxy.seen.length = 0;
  expect(await push(image, named('v2'), AS_AWS)).toEqual({ digest: image.digest, pushedBytes: 0 });
  expect(proxy.count('POST')).toBe(0);
  expect(proxy.seen.length).toBeLessThanOrEqual(image.layers.length + 4);
  expect(await rawManifest(registry.host, `${repository}:v2`)).toBe(Buffer.from(image.manifest).toString());
});

test('of a changed image the changed layer and the configuration are sent', async () => {
  await push(sampleImage([1, 2, 3]), named('v1'), AS_AWS);
  const changed = sampleImage([1, 2, 9]);
  const { pushedBytes } = await push(changed, named('v1'), AS_AWS);
  expect(pushedBytes).toBe(changed.config.size + (changed.layers[2]?.size ?? 0));
  expect(await copiedLayers(registry.host, `${repository}:v1`)).toHaveLength(3);
});

test('blobs of another repository are mounted, and no byte of them is sent', async () => {
  const image = sampleImage([1, 2, 3]);
  await push(image, named('v1', 'origin/base'), AS_AWS);
  proxy.seen.length = 0;
  expect((await push(image, named('v1'), { ...AS_AWS, mountFrom: 'origin/base' })).pushedBytes).toBe(0);
  expect(proxy.count('POST', /mount=sha256.*from=origin%2Fbase/)).toBe(4);
  expect(proxy.count('PUT', /uploads/)).toBe(0);
  expect(await copiedLayers(registry.host, `${repository}:v1`)).toHaveLength(3);
});

test('blobs that cannot be mounted are sent', async () => {
  const image = sampleImage([1, 2]);
  const { pushedBytes } = await push(image, named('v1'), { ...AS_AWS, mountFrom: 'there/is-none' });
  expect(pushedBytes).toBe(image.bytes);
});

test('a layer that an image has twice is sent once', async () => {
  const { config, layers } = sampleImage([1, 1]);
  await push(imageOf(config, layers), named('v1'), AS_AWS);
  expect(proxy.count('PUT', /uploads/)).toBe(2);
});

test('upload sessions that are named relative to the host are understood', async () => {
  const relative = await startRegistry({ relativeUrls: true });
  try {
    const image = sampleImage([1, 2]);
    await push(image, parseReference(`${relative.host}/app:v1`), AS_AWS);
    expect(await rawManifest(relative.host, 'app:v1')).toContain(image.config.digest);
  } finally {
    await relative.stop();
  }
});

test('progress tells bytes and speed, and ends with all of them', async () => {
  const image = sampleImage([1, 2, 3], 200_000);
  const told: PushProgress[] = [];
  await push(image, named('v1'), { ...AS_AWS, onProgress: (progress) => told.push(progress) });
  expect(told.length).toBeGreaterThan(10);
  expect(told.map(({ done }) => done)).toEqual(told.map(({ done }) => done).sort((a, b) => a - b));
  const last = told.at(-1);
  expect(last).toMatchObject({ total: image.bytes, done: image.bytes, sent: image.bytes });
  expect(last?.speed).toBeGreaterThan(0);
});

test('bytes that are not those of the digest are not sent to their end', async () => {
  const layer = blobOf(noise(50_000, 1), 'application/vnd.docker.image.rootfs.diff.tar.gzip');
  const other = { ...layer, open: blobOf(noise(50_000, 2), layer.mediaType).open };
  const image = imageOf(sampleImage([1]).config, [other]);
  await expect(push(image, named('v1'), AS_AWS)).rejects.toThrow(
    new RegExp(`^Uploading ${layer.digest} to ${proxy.host}/${repository}: the content has the digest sha256:`),
  );
  const short = { ...layer, open: blobOf(noise(49_999, 1), layer.mediaType).open };
  await expect(push(imageOf(sampleImage([1]).config, [short]), named('v1'), AS_AWS)).rejects.toThrow(
    /there are 49999 bytes of 50000/,
  );
  expect(proxy.count('PUT', /manifests/)).toBe(0);
});

test('a layer that cannot be read ends the push with its own error', async () => {
  const image = sampleImage([1, 2]);
  const broken = {
    ...image.layers[0]!,
    open: () => blobOf(noise(9, 1), '').open().destroy(new Error('the disk is gone')),
  };
  await expect(push(imageOf(image.config, [broken]), named('v1'), AS_AWS)).rejects.toThrow('the disk is gone');
});
