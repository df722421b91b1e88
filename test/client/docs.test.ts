/** Every example of docs/sdk.md runs, against a real server, as the reader would run it. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Connection, connect, syncSpool } from '../../client/node/index.js';
import { startServer, type TestServer } from '../harness/server.js';
import { onlyRun } from './program.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const page = await readFile(join(root, 'docs/sdk.md'), 'utf8');
const examples = [...page.matchAll(/## ([^\n]+)\n(?:(?!\n## ).)*?```js\n(.*?)```/gs)].map(([, title, source]) => ({
  title: title ?? '',
  source: source ?? '',
}));

let server: TestServer;
let client: Connection;
let folder: string;

beforeAll(async () => {
  server = await startServer();
  client = connect(server.url);
  folder = await mkdtemp(join(tmpdir(), 'mltrack-docs-'));
  await mkdir(join(folder, 'node_modules'));
  await symlink(root, join(folder, 'node_modules/mltrack'));
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

async function output(source: string): Promise<string> {
  await writeFile(join(folder, 'example.mjs'), source);
  const { MLTRACK_SPOOL_DIR: _, ...env } = process.env;
  const options = { cwd: folder, env: { ...env, MLTRACK_TRACKING_URI: server.url } };
  return (await run(process.execPath, ['example.mjs'], options)).stdout;
}

test('the page has as many examples as are run here', () => {
  expect(examples).toHaveLength(page.split('```js').length - 1);
  expect(examples.length).toBeGreaterThan(5);
});

test.each(examples)('$title', async ({ source }) => {
  const printed = await output(source);
  const [, promised] = /console\.log\([^)]*\); \/\/ (.*)/.exec(source) ?? [];
  if (promised !== undefined) expect(printed.trim()).toBe(promised);
});

test('the examples have logged what they say', async () => {
  const { experiment } = await client.getExperimentByName({ experiment_name: 'sweep' });
  const { runs = [] } = await client.searchRuns({ experiment_ids: [experiment.experiment_id] });
  expect(runs.map(({ info }) => info.status)).toEqual(runs.map(() => 'FINISHED'));
  expect(runs).toHaveLength(4);
  const explicit = await onlyRun(client, 'explicit');
  expect([explicit.data.params, explicit.data.metrics?.[0]?.value]).toEqual([[{ key: 'lr', value: '0.1' }], 1]);
  await syncSpool(join(folder, 'offline-runs'), { connect: () => client });
  expect((await onlyRun(client, 'on the train')).info.status).toBe('FINISHED');
});
