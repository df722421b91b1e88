/** Registries that want a token of their token server, which docker-registry then verifies. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Credentials, parseReference, pull, push } from '../../packager/index.js';
import { startRegistry, type TestRegistry } from '../harness/registry.js';
import { type RegistryProxy, startProxy } from '../harness/registry-proxy.js';
import { startTokenServer, type TokenServer } from '../harness/token-server.js';
import { sampleImage } from './sample-image.js';

const USER = { username: 'ada', password: 'lovelace', identityToken: 'an-identity-token' };
const CREDENTIALS: Credentials = { username: USER.username, password: USER.password };
const EAGER = { credentials: CREDENTIALS, pause: 5 };
const ANYBODY = { credentials: undefined, pause: 5, platform: 'linux/amd64' };

let tokens: TokenServer;
let registry: TestRegistry;
let proxy: RegistryProxy;
let counter = 0;

beforeAll(async () => {
  tokens = await startTokenServer(USER);
  registry = await startRegistry({ auth: tokens.auth });
});
afterAll(async () => {
  await registry.stop();
  await tokens.stop();
});
beforeEach(async () => {
  proxy = await startProxy(registry);
  counter += 1;
  tokens.asked.length = 0;
  tokens.answers.length = 0;
  tokens.life = 300;
});
afterEach(async () => {
  await proxy.stop();
  expect(proxy.violations).toEqual([]);
});

const named = (path = `app-${counter}`) => parseReference(`${proxy.host}/${path}:v1`);

test('one token, for what the push needs, is fetched with the credentials and serves the whole push', async () => {
  const image = sampleImage([1, 2, 3]);
  expect((await push(image, named(), EAGER)).pushedBytes).toBe(image.bytes);
  expect(tokens.asked).toHaveLength(1);
  expect(tokens.asked[0]).toMatchObject({ method: 'GET', user: 'ada', service: 'test registry' });
  expect(tokens.asked[0]?.scopes).toContain(`repository:app-${counter}:pull,push`);
  expect(proxy.seen.slice(1).every(({ authorization }) => authorization?.startsWith('Bearer '))).toBe(true);
});

test('a mount asks for a token that may read the other repository', async () => {
  const image = sampleImage([1, 2]);
  await push(image, named('origin/base'), EAGER);
  expect((await push(image, named(), { ...EAGER, mountFrom: 'origin/base' })).pushedBytes).toBe(0);
  expect(tokens.asked.at(-1)?.scopes).toContain('repository:origin/base:pull');
});

test('anybody may pull with an anonymous token', async () => {
  const image = sampleImage([1]);
  await push(image, named(), EAGER);
  tokens.asked.length = 0;
  expect((await pull(named(), ANYBODY)).digest).toBe(image.digest);
  expect(tokens.asked).toMatchObject([{ user: 'anonymous', scopes: [`repository:app-${counter}:pull`] }]);
});

test('a push without credentials is refused, with the cure', async () => {
  await expect(push(sampleImage([1]), named(), ANYBODY)).rejects.toThrow(
    new RegExp(`answered 401, UNAUTHORIZED: authentication required \\(.*see docker login ${proxy.host}\\)$`),
  );
});

test('an identity token is exchanged for a token', async () => {
  const image = sampleImage([1]);
  await push(image, named(), { ...EAGER, credentials: { identityToken: USER.identityToken } });
  expect(tokens.asked).toMatchObject([{ method: 'POST', user: 'refresh', service: 'test registry' }]);
});

test('credentials that the token server refuses end the push with its words', async () => {
  const credentials = { username: 'ada', password: 'wrong' };
  await expect(push(sampleImage([1]), named(), { ...EAGER, credentials })).rejects.toThrow(
    /^Getting a token from 127\.0\.0\.1:\d+: the registry answered 401.*incorrect username or password/,
  );
  expect(tokens.asked).toHaveLength(1);
});

test('a token that the registry no longer takes is renewed, and the layer is sent in another session', async () => {
  const realm = /realm: '([^']+)'/.exec(tokens.auth)?.[1];
  const headers = { 'www-authenticate': `Bearer realm="${realm}",service="test registry",error="invalid_token"` };
  proxy.fault({ method: 'PUT', path: /uploads/, how: 401, times: 3, headers });
  proxy.fault({ method: 'PUT', path: /manifests/, how: 401, headers });
  const image = sampleImage([1, 2], 200_000);
  expect((await push(image, named(), EAGER)).pushedBytes).toBe(image.bytes);
  expect(tokens.asked.length).toBeGreaterThan(1);
  expect(proxy.count('POST')).toBe(proxy.count('PUT', /uploads/));
});

test('a token near its end is renewed before the next request', async () => {
  tokens.life = 0;
  await push(sampleImage([1]), named(), EAGER);
  expect(tokens.asked.length).toBeGreaterThan(3);
  expect(
    proxy.seen.filter(({ authorization }) => authorization === undefined || /^Basic/.test(authorization)),
  ).toHaveLength(1);
});

test('an overloaded token server is asked again', async () => {
  tokens.answers.push({ status: 503, body: '' }, { status: 429, body: '' });
  await push(sampleImage([1]), named(), EAGER);
  expect(tokens.asked).toHaveLength(3);
});

test('an answer without a token is refused', async () => {
  tokens.answers.push({ status: 200, body: '{"message":"hello"}' });
  await expect(push(sampleImage([1]), named(), EAGER)).rejects.toThrow(/its answer holds no token/);
});

test.each([
  [
    'Bearer realm="http://tokens.example.com/token"',
    /token server is http:\/\/tokens\.example\.com: plain http is for this machine only/,
  ],
  ['Bearer service="x"', /names no token server/],
  ['Negotiate', /answered 401.*see docker login/],
])('the challenge %s is refused', async (challenge, message) => {
  proxy.fault({ method: 'HEAD', path: /./, how: 401, headers: { 'www-authenticate': challenge }, times: 1000 });
  await expect(push(sampleImage([1]), named(), EAGER)).rejects.toThrow(message);
  expect(tokens.asked).toEqual([]);
});
