/** The stock MLflow client in Python does its work against our server: every function of walk.py is one test. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { INSTALL_TIME } from '../harness/python.js';
import { startServer, type TestServer } from '../harness/server.js';
import { type Python, stockMlflow } from './mlflow-python.js';

const MATTERS = [
  'experiments',
  'search_experiments',
  'runs',
  'params_and_tags',
  'log_batch',
  'metric_history',
  'artifacts',
  'search_runs',
  'fluent',
  'bad_input',
];

let server: TestServer;
let python: Python;

beforeAll(async () => {
  server = await startServer();
  python = await stockMlflow(server.url, server.cwd);
}, INSTALL_TIME);

afterAll(() => server.stop());

describe('the stock MLflow client', () => {
  test.each(MATTERS)('%s', async (name) => {
    expect(await python.script('walk.py', [name])).toMatch(new RegExp(`^ok ${name} `, 'm'));
  });
});
