/** What breaks on the way to a registry: a proxy before the real one breaks it, and counts how it is asked again. */
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type PushProgress, parseReference, push } from '../../packager/index.js';
import { copiedLayers, ECR_USER, startRegistry, type TestRegistry } from '../harness/registry.js';
import { type RegistryProxy, startProxy } from '../harness/registry-proxy.js';
import { type Sample, sampleImage } from './sample-image.js';

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
  repository = `app-${counter}`;
});
afterEach(async () => {
  await proxy.stop();
  expect(proxy.violations).toEqual([]);
});

const named = () => parseReference(`${proxy.host}/${repository}:v1`);
const EAGER = { credentials: ECR_USER, pause: 5 };
const UPLOAD = /blobs\/uploads\/./;

/** It is there, whole, as skopeo finds. */
async function expectPushed(image: Sample) {
  expect(await copiedLayers(registry.host, `${repository}:v1`)).toEqual(image.layers.map(({ digest }) => digest));
}

test.each([
  ['the connection breaks in the middle of a layer', { how: 'cut', bytes: 30_000 }],
  ['the connection breaks before a layer', { how: 'cut' }],
  ['the answer to a layer is lost', { how: 'cut-answer' }],
  ['an upload is answered 429', { how: 429, headers: { 'retry-after': '0' } }],
  ['an upload is answered 503', { how: 503 }],
  ['an upload is answered 408', { how: 408 }],
  ['an upload session is forgotten', { how: 404 }],
  ['an upload session has its bytes elsewhere', { how: 416 }],
] as const)('when %s, the push begins another session and succeeds', async (_what, fault) => {
  proxy.fault({ method: 'PUT', path: UPLOAD, times: 2, ...fault });
  const image = sampleImage([1, 2, 3], 100_000);
  expect(await push(image, named(), EAGER)).toEqual({ digest: image.digest, pushedBytes: image.bytes });
  const sessions = proxy.count('PUT', UPLOAD);
  expect(proxy.count('POST')).toBe(sessions);
  expect(proxy.count('PATCH')).toBe(0);
  await expectPushed(image);
});

test.each([
  ['a look for a blob', 'HEAD', /blobs/],
  ['the beginning of an upload', 'POST', /uploads/],
  ['the look for the tag', 'HEAD', /manifests/],
  ['the manifest', 'PUT', /manifests/],
])('%s is tried again when it breaks, and when the registry is overloaded', async (_what, method, path) => {
  proxy.fault({ method, path, how: 'cut' });
  proxy.fault({ method, path, how: 503, times: 2 });
  const image = sampleImage([1, 2]);
  await push(image, named(), EAGER);
  await expectPushed(image);
});

test('a manifest whose answer was lost is written again', async () => {
  proxy.fault({ method: 'PUT', path: /manifests/, how: 'cut-answer' });
  const image = sampleImage([1]);
  await push(image, named(), EAGER);
  expect(proxy.count('PUT', /manifests/)).toBe(2);
  await expectPushed(image);
});

test.each([
  ['beginning an upload', 'POST', 202, 201],
  ['a layer', 'PUT', 201, 202],
])('another good status for %s is understood', async (_what, method, from, to) => {
  proxy.rewrite = (seen, status, headers) => ({
    status: seen.method === method && /uploads/.test(seen.path) && status === from ? to : status,
    headers,
  });
  const image = sampleImage([1, 2]);
  expect((await push(image, named(), EAGER)).pushedBytes).toBe(image.bytes);
  await expectPushed(image);
});

test('a blob that the registry would redirect to another host is there', async () => {
  const image = sampleImage([1, 2]);
  await push(image, named(), EAGER);
  proxy.seen.length = 0;
  proxy.rewrite = (seen, status, headers) =>
    seen.method === 'HEAD' && /blobs/.test(seen.path)
      ? { status: 307, headers: { location: 'https://storage.example.com/signed' } }
      : { status, headers };
  expect((await push(image, parseReference(`${proxy.host}/${repository}:v2`), EAGER)).pushedBytes).toBe(0);
});

test('a registry that stays overloaded is given up, with what it said and how often it was asked', async () => {
  const body = JSON.stringify({ errors: [{ code: 'TOOMANYREQUESTS', message: 'Rate exceeded' }] });
  proxy.fault({ method: 'PUT', path: UPLOAD, how: 429, times: 1000, body });
  await expect(push(sampleImage([1]), named(), { ...EAGER, retries: 2 })).rejects.toThrow(
    /^Uploading sha256:\w+ to [\w.:/-]+: the registry answered 429, TOOMANYREQUESTS: Rate exceeded \(tried 3 times\)$/,
  );
  expect(proxy.count('PUT', /manifests/)).toBe(0);
});

test('what is refused for good is not tried again, and ends the other uploads', async () => {
  const body = JSON.stringify({ errors: [{ code: 'SIZE_INVALID', message: 'too large' }] });
  proxy.fault({ method: 'PUT', path: UPLOAD, how: 413, times: 1000, body });
  await expect(push(sampleImage([1, 2, 3, 4, 5, 6, 7, 8]), named(), EAGER)).rejects.toThrow(
    /413, SIZE_INVALID: too large$/,
  );
  expect(proxy.count('PUT', UPLOAD)).toBeLessThanOrEqual(4);
});

test('a page of a proxy instead of a registry’s error is quoted in one line', async () => {
  proxy.fault({ method: 'POST', path: /uploads/, how: 400, times: 1000, body: '<html>\n<h1>Blocked</h1>\n</html>' });
  await expect(push(sampleImage([1]), named(), EAGER)).rejects.toThrow(
    /answered 400, <html> <h1>Blocked<\/h1> <\/html>$/,
  );
});

test('a repository that does not exist is named, with the call that makes it', async () => {
  const body = JSON.stringify({ errors: [{ code: 'NAME_UNKNOWN', message: 'it does not exist' }] });
  proxy.fault({ method: 'POST', path: /uploads/, how: 404, times: 1000, body });
  await expect(push(sampleImage([1]), named(), EAGER)).rejects.toThrow(
    new RegExp(`NAME_UNKNOWN: it does not exist \\(the repository ${repository} must exist before the push\\)`),
  );
});

test('of ECR the message has the command that makes the repository, whatever address is asked', async () => {
  proxy.fault({ method: 'POST', path: /uploads/, how: 404, times: 1000 });
  const reference = parseReference(`123456789012.dkr.ecr.eu-west-1.amazonaws.com/${repository}:v1`);
  await expect(push(sampleImage([1]), reference, { ...EAGER, url: proxy.url })).rejects.toThrow(
    `before the push: aws ecr create-repository --region eu-west-1 --repository-name ${repository})`,
  );
});

test('of ECR a refused token is said to last twelve hours', async () => {
  const body = JSON.stringify({ errors: [{ code: 'DENIED', message: 'Your authorization token has expired.' }] });
  proxy.fault({ method: 'POST', path: /uploads/, how: 403, times: 1000, body });
  const reference = parseReference(`123456789012.dkr.ecr.eu-west-1.amazonaws.com/${repository}:v1`);
  await expect(push(sampleImage([1]), reference, { ...EAGER, url: proxy.url })).rejects.toThrow(
    /403, DENIED: Your authorization token has expired\. \(the credentials do not suffice; a token of ECR’s lasts 12 hours/,
  );
});

test('an immutable tag with another image is a refusal that says what to do', async () => {
  await push(sampleImage([1]), named(), EAGER);
  const message = `The image tag 'v1' already exists in the '${repository}' repository and cannot be overwritten because the tag is immutable.`;
  const body = JSON.stringify({ errors: [{ code: 'TAG_INVALID', message }] });
  proxy.fault({ method: 'PUT', path: /manifests/, how: 400, times: 1000, body });
  await expect(push(sampleImage([2]), named(), EAGER)).rejects.toThrow(
    new RegExp(
      `^The tag v1 of .*/${repository} is another image's \\(${sampleImage([1]).digest}\\).*push under another tag`,
    ),
  );
});

test('an immutable tag that a lost answer has set to this image is fine', async () => {
  proxy.fault({ method: 'PUT', path: /manifests/, how: 'cut-answer' });
  proxy.fault({ method: 'PUT', path: /manifests/, how: 400, times: 1000, body: 'ImageTagAlreadyExistsException' });
  const image = sampleImage([1]);
  expect((await push(image, named(), EAGER)).digest).toBe(image.digest);
});

test('a registry that stores another manifest is found out', async () => {
  proxy.rewrite = (seen, status, headers) =>
    seen.method === 'PUT' && /manifests/.test(seen.path)
      ? { status, headers: { ...headers, 'docker-content-digest': sampleImage([9]).digest } }
      : { status, headers };
  await expect(push(sampleImage([1]), named(), EAGER)).rejects.toThrow(
    `the registry stored ${sampleImage([9]).digest}, not ${sampleImage([1]).digest}`,
  );
});

test('a registry that does not name what it stored is asked for it', async () => {
  proxy.rewrite = (seen, status, headers) => {
    const { 'docker-content-digest': _digest, ...others } = headers;
    return { status, headers: seen.method === 'PUT' ? others : headers };
  };
  const image = sampleImage([1]);
  expect((await push(image, named(), EAGER)).digest).toBe(image.digest);
  expect(proxy.count('GET', /manifests\/v1/)).toBe(1);
});

test('bytes of a layer that must be sent again are taken back', async () => {
  proxy.fault({ method: 'PUT', path: UPLOAD, how: 503 });
  const image = sampleImage([1, 2], 100_000);
  const told: PushProgress[] = [];
  await push(image, named(), { ...EAGER, onProgress: (progress) => told.push(progress) });
  expect(told.at(-1)).toMatchObject({ total: image.bytes, done: image.bytes });
  expect(Math.max(...told.map(({ done }) => done))).toBe(image.bytes);
});

test('an abort ends uploads at once, with its reason, and writes no manifest', async () => {
  const ending = new AbortController();
  const image = sampleImage([1, 2, 3, 4, 5], 400_000);
  const pushing = push(image, named(), {
    ...EAGER,
    signal: ending.signal,
    onProgress: ({ sent }) => sent > 100_000 && ending.abort(new Error('interrupted')),
  });
  await expect(pushing).rejects.toThrow('interrupted');
  expect(proxy.count('PUT', /manifests/)).toBe(0);
});

test('an abort ends the wait for the next try', async () => {
  const ending = new AbortController();
  proxy.fault({ method: 'HEAD', path: /manifests/, how: 503, times: 1000, headers: { 'retry-after': '20' } });
  const pushing = push(sampleImage([1]), named(), { ...EAGER, signal: ending.signal });
  await expect.poll(() => proxy.count('HEAD')).toBe(1);
  ending.abort(new Error('interrupted'));
  await expect(pushing).rejects.toThrow('interrupted');
  expect(proxy.count('HEAD')).toBe(1);
});

test('a host that has no registry is named', async () => {
  await proxy.stop();
  const pushing = push(sampleImage([1]), named(), { ...EAGER, retries: 1 });
  await expect(pushing).rejects.toThrow(
    new RegExp(`^Looking for the tag v1 of ${proxy.host}/${repository}: connect ECONNREFUSED.*tried 2 times`),
  );
  proxy = await startProxy(registry);
});

test('a registry that does not speak https where it should is named at once', async () => {
  const pushing = push(sampleImage([1]), named(), { ...EAGER, url: `https://${proxy.host}` });
  await expect(pushing).rejects.toThrow(
    `Looking for the tag v1 of ${proxy.host}/${repository}: no https is spoken there`,
  );
});

test('an answer that comes before a layer is sent ends the sending, and its connection', async () => {
  const open = new Set<Socket>();
  const early = createServer(({ method = '' }, answer) => {
    const status = { HEAD: 404, POST: 202 }[method] ?? 413;
    answer.writeHead(status, { location: '/v2/app/blobs/uploads/1' }).end();
  });
  early.on('connection', (socket) => open.add(socket.once('close', () => open.delete(socket))));
  await new Promise<void>((resolve) => early.listen(0, '127.0.0.1', resolve));
  try {
    const host = `127.0.0.1:${(early.address() as AddressInfo).port}`;
    const pushing = push(sampleImage([1, 2], 8_000_000), parseReference(`${host}/app:v1`), EAGER);
    await expect(pushing).rejects.toThrow(/answered 413/);
    await expect.poll(() => [...open].filter((socket) => socket.bytesRead > 1000).length).toBe(0);
  } finally {
    early.closeAllConnections();
    early.close();
  }
});
