/** `run-local`: the container's server on this machine, and what an engine would be told to run. */
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { casesOf, expectClose, mltrack, modelPath } from '../packager/model-server.js';
import { startLocalServer } from './local-server.js';

const NAME = 'd_mlp_small';
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mltrack-test-'));
});
afterAll(() => rm(folder, { recursive: true }));

const startLocal = () => startLocalServer(modelPath(NAME), folder);

test('a model answers from a private folder, and Ctrl-C ends it and removes the folder', async () => {
  const { url, child, exited, own } = await startLocal();
  expect((await fetch(`${url}/ping`)).status).toBe(200);
  const [private_ = ''] = await readdir(own);
  expect((await readdir(join(own, private_, 'opt/ml/model'))).sort()).toEqual((await readdir(modelPath(NAME))).sort());
  for (const { inputs, outputs } of casesOf(NAME)) {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${url}/invocations`, { method: 'POST', headers, body: JSON.stringify({ inputs }) });
    expectClose(await answer.json(), { predictions: outputs });
  }
  child.kill('SIGINT');
  expect(await exited).toBe(0);
  expect(await readdir(own)).toEqual([]);
});

test('a server that crashes is not started again: the command fails, as the container would', async () => {
  const { child, exited, own, log } = await startLocal();
  const children = await readFile(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8');
  process.kill(Number(children.trim()), 'SIGSEGV');
  expect(await exited).toBe(1);
  expect(log()).toContain('the server ended by SIGSEGV');
  expect(await readdir(own)).toEqual([]);
});

test('with an engine, the image is run as SageMaker runs it', async () => {
  // It stands for the engine's program, and prints what it is told.
  await writeFile(join(folder, 'docker'), '#!/bin/sh\nfor each in "$@"; do echo "$each"; done\n');
  await chmod(join(folder, 'docker'), 0o755);
  const args = ['sagemaker', 'run-local', '-m', modelPath(NAME), '-p', '5001', '--engine', 'docker', '-i', 'image:1'];
  const { code, stdout } = await mltrack(args, { PATH: `${folder}:${process.env.PATH}`, TMPDIR: folder });
  expect(code).toBe(0);
  const told = stdout.trim().split('\n');
  expect(told.slice(0, 4)).toEqual(['run', '--rm', '--publish', '127.0.0.1:5001:8080']);
  expect(told.slice(-2)).toEqual(['image:1', 'serve']);
  expect(told[5]).toMatch(/\/mltrack-local-\w+\/opt\/ml\/model:\/opt\/ml\/model:ro$/);
  expect(told.filter((_, at) => told[at - 1] === '--env')).toEqual([
    'MLFLOW_DEPLOYMENT_FLAVOR_NAME=python_function',
    'SERVING_ENVIRONMENT=SageMaker',
    'ORT_DISABLE_TELEMETRY=1',
  ]);
});

test.each([
  [['-p', '0'], '--port must be 1 to 65535'],
  [['-p', '70000'], '--port must be 1 to 65535'],
  [['-i', 'image:1'], '--image-url needs --engine'],
  [['-m', '/nowhere'], 'No model at /nowhere'],
  [['--engine', 'podman'], 'There is no podman on this machine'],
])('run-local %j is refused in one line', async (args, message) => {
  const given = ['sagemaker', 'run-local', '-m', modelPath(NAME), ...args];
  const { code, stderr } = await mltrack(given, { PATH: folder });
  expect(code).toBe(1);
  expect(stderr).toMatch(/^mltrack: .*\n$/);
  expect(stderr).toContain(message);
});
