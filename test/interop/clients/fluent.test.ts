/** MLflow's fluent interface and its command line do their work against our server: every function of fluent.py is one test. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { INSTALL_TIME } from '../../harness/python.js';
import { startServer, type TestServer } from '../../harness/server.js';
import { type Python, stockMlflow } from '../mlflow-python.js';

const MATTERS = ['nested', 'things', 'onnx_model', 'large'];

let server: TestServer;
let python: Python;

beforeAll(async () => {
  server = await startServer();
  python = await stockMlflow(server.url, server.cwd);
}, INSTALL_TIME);
afterAll(() => server.stop());

describe('MLflow’s fluent interface', () => {
  test.each(MATTERS)(
    '%s',
    async (name) => {
      expect(await python.script('clients/fluent.py', [name])).toMatch(new RegExp(`^ok ${name}$`, 'm'));
    },
    180_000,
  );
});

test('the mlflow command makes experiments and runs, and takes artifacts there and back', async () => {
  const { command } = python;
  expect(await command(['experiments', 'create', '--experiment-name', 'command'])).toMatch(/with id \d+/);
  expect(await command(['experiments', 'search'])).toMatch(/command/);
  const id = /^(\d+)\s+command/m.exec(await command(['experiments', 'search']))?.[1] as string;
  const made = await command(['runs', 'create', '--experiment-id', id, '--run-name', 'by hand']);
  const run = /[0-9a-f]{32}/.exec(made)?.[0] as string;
  await writeFile(join(server.cwd, 'note.txt'), 'hello');
  await command(['artifacts', 'log-artifact', '--local-file', 'note.txt', '--run-id', run, '--artifact-path', 'a']);
  expect(JSON.parse(await command(['artifacts', 'list', '--run-id', run, '--artifact-path', 'a']))).toEqual([
    { path: 'a/note.txt', is_dir: false, file_size: 5 },
  ]);
  expect(await command(['runs', 'list', '--experiment-id', id])).toContain(run);
  await command(['runs', 'delete', '--run-id', run]);
  await command(['runs', 'restore', '--run-id', run]);
  await command(['experiments', 'delete', '--experiment-id', id]);
}, 300_000);
