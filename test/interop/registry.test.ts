/** The stock MLflow client keeps models and prompts in our registry: every function of registry.py is one test. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { INSTALL_TIME } from '../harness/python.js';
import { startServer, type TestServer } from '../harness/server.js';
import { type Python, stockMlflow } from './mlflow-python.js';

let server: TestServer;
let python: Python;

beforeAll(async () => {
  server = await startServer();
  python = await stockMlflow(server.url, server.cwd);
}, INSTALL_TIME);

afterAll(() => server.stop());

describe('the stock MLflow client', () => {
  test.each(['models', 'versions', 'searches', 'register_and_load', 'prompts'])('%s', async (name) => {
    expect(await python.script('registry.py', [name])).toMatch(new RegExp(`^ok ${name} `, 'm'));
  });
});
