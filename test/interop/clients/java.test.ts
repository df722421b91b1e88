/** MLflow's client for Java does its work against our server: `java/client.java` is one walk through it. */
import { execFile } from 'node:child_process';
import { copyFile, readFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CACHE, kept } from '../../harness/kept.js';
import { EXAMPLE_REQUIREMENTS, INSTALL_TIME, pythonWith } from '../../harness/python.js';
import { startServer, type TestServer } from '../../harness/server.js';

const run = promisify(execFile);
const POM = fileURLToPath(new URL('java/pom.xml', import.meta.url));
const CLIENT = fileURLToPath(new URL('java/client.java', import.meta.url));

let server: TestServer;
let python: string;
let jars: string;

beforeAll(async () => {
  server = await startServer();
  python = await pythonWith(EXAMPLE_REQUIREMENTS);
  jars = await kept('java', [await readFile(POM)], fetchJars);
}, INSTALL_TIME);
afterAll(() => server.stop());

test('experiments, runs, batches, searches, artifacts and the registry', async () => {
  const env = {
    ...process.env,
    // The client leaves artifacts to this command, and names the server to it.
    PATH: `${dirname(python)}${delimiter}${process.env.PATH}`,
    MLFLOW_TRACKING_URI: server.url,
    MLFLOW_DISABLE_TELEMETRY: 'true',
    PYTHONWARNINGS: 'ignore',
    LC_ALL: 'C.UTF-8',
  };
  const args = ['-cp', join(jars, '*'), CLIENT, server.url, server.cwd];
  const { stdout } = await run('java', args, { env, cwd: server.cwd, maxBuffer: 1 << 26 });
  expect(stdout.trim().split('\n').at(-1)).toBe('ok');
}, 180_000);

async function fetchJars(folder: string): Promise<void> {
  await copyFile(POM, join(folder, 'pom.xml'));
  const repository = `-Dmaven.repo.local=${join(CACHE, 'maven')}`;
  const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${folder}`];
  await run('mvn', ['--quiet', '--batch-mode', repository, ...goal], { cwd: folder, maxBuffer: 1 << 26 }).catch(
    (cause) => {
      throw new Error('No jars of MLflow’s client for Java: install maven and default-jdk-headless.', { cause });
    },
  );
}
