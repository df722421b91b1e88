/** The credentials that `docker login` has stored, against a registry that wants them. */
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { parseReference, push } from '../../packager/index.js';
import { ECR_USER, startRegistry, type TestRegistry } from '../harness/registry.js';
import { sampleImage } from './sample-image.js';

let registry: TestRegistry;
let folder: string;
let counter = 0;

beforeAll(async () => {
  registry = await startRegistry();
});
afterAll(() => registry.stop());

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mltrack-docker-'));
  counter += 1;
  vi.stubEnv('DOCKER_CONFIG', folder);
  vi.stubEnv('PATH', `${folder}${delimiter}${process.env.PATH}`);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

const config = (content: object | string) =>
  writeFile(join(folder, 'config.json'), typeof content === 'string' ? content : JSON.stringify(content));
const pushed = (options = {}) => push(sampleImage([1]), parseReference(`${registry.host}/app-${counter}:v1`), options);
const AUTH = Buffer.from(`${ECR_USER.username}:${ECR_USER.password}`).toString('base64');

/** A program on PATH that notes what it was asked and runs `script`. */
async function helper(name: string, script: string) {
  const file = join(folder, `docker-credential-${name}`);
  await writeFile(file, `#!/bin/sh\n{ echo "$1"; cat; } > "${folder}/asked"\n${script}\n`);
  await chmod(file, 0o755);
}
const SECRET = JSON.stringify({ ServerURL: '', Username: ECR_USER.username, Secret: ECR_USER.password });
const NOTHING = "echo 'credentials not found in native keychain'; exit 1";

test.each([
  ['by host', () => registry.host],
  ['by URL', () => registry.url],
  ['by URL of the first protocol', () => `https://${registry.host}/v1/`],
])('what config.json holds %s is used', async (_what, key) => {
  await config({ auths: { [key()]: { auth: AUTH }, 'other.example.com': { auth: 'eDp5' } } });
  expect((await pushed()).pushedBytes).toBeGreaterThan(0);
});

test('given credentials come before stored ones', async () => {
  await config('this is not read');
  expect((await pushed({ credentials: ECR_USER })).pushedBytes).toBeGreaterThan(0);
});

test.each([
  ['a helper for the host', () => ({ credHelpers: { [registry.host]: 'test' }, credsStore: 'unused' })],
  ['a helper for all hosts', () => ({ credsStore: 'test', auths: { [registry.host]: {} } })],
])('%s is asked for the host on stdin', async (_what, content) => {
  await config(content());
  await helper('test', `echo '${SECRET}'`);
  expect((await pushed()).pushedBytes).toBeGreaterThan(0);
  expect(await readFile(join(folder, 'asked'), 'utf8')).toBe(`get\n${registry.host}`);
});

test('what a helper does not have is looked for in the file', async () => {
  await config({ credsStore: 'test', auths: { [registry.host]: { auth: AUTH } } });
  await helper('test', NOTHING);
  expect((await pushed()).pushedBytes).toBeGreaterThan(0);
});

test.each([
  ['no file', undefined, undefined, /answered 401 \(no credentials are known; see docker login 127/],
  ['no entry for the host', { auths: {} }, undefined, /no credentials are known/],
  ['a helper that has nothing', { credsStore: 'test' }, NOTHING, /no credentials are known/],
  [
    'wrong credentials',
    { credsStore: 'test' },
    `echo '{"Username":"AWS","Secret":"no"}'`,
    /the credentials do not suffice/,
  ],
  ['no JSON', 'auths: {}', undefined, /config\.json is not what docker login writes/],
  [
    'a helper that is not there',
    { credsStore: 'gone' },
    undefined,
    /credential helper docker-credential-gone, which is not on PATH/,
  ],
  ['a helper that is a path', { credsStore: '../x' }, undefined, /is no name of a program/],
  [
    'a helper that fails',
    { credsStore: 'test' },
    'echo locked >&2; exit 3',
    /docker-credential-test, which ended with 3: locked/,
  ],
  [
    'a helper that answers something else',
    { credsStore: 'test' },
    'echo hello',
    /answered no \{"Username", "Secret"\}/,
  ],
])('with %s the push ends with one line that says so', async (_what, content, script, message) => {
  if (content !== undefined) await config(content);
  if (script !== undefined) await helper('test', script);
  const error = await pushed().catch((thrown: Error) => thrown);
  expect(error).toMatchObject({ message: expect.stringMatching(message) });
  expect((error as Error).message).not.toContain('\n');
});

test('an entry that is no base64 of user and password is named', async () => {
  await config({ auths: { [registry.host]: { auth: 'bm8gY29sb24=' } } });
  await expect(pushed()).rejects.toThrow(`the auth of ${registry.host} is not the base64 of user:password`);
});

test('an abort ends the wait for a helper', async () => {
  await config({ credsStore: 'test' });
  await helper('test', 'exec sleep 30');
  const ending = new AbortController();
  const pushing = pushed({ signal: ending.signal });
  await expect.poll(() => readFile(join(folder, 'asked'), 'utf8').catch(() => '')).toContain(registry.host);
  ending.abort(new Error('interrupted'));
  await expect(pushing).rejects.toThrow('interrupted');
});
