/** MLflow's Python client of the second major version does its work against our server: the same walk as the newest. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { INSTALL_TIME, OLDER_MLFLOW } from '../../harness/python.js';
import { startServer, type TestServer } from '../../harness/server.js';
import { type Python, stockMlflow } from '../mlflow-python.js';

/** Those of walk.py that need no pandas, which mlflow-skinny does not bring. */
const MATTERS = [
  'experiments',
  'search_experiments',
  'runs',
  'params_and_tags',
  'log_batch',
  'metric_history',
  'artifacts',
  'search_runs',
  'bad_input',
];

let server: TestServer;
let python: Python;

beforeAll(async () => {
  server = await startServer();
  python = await stockMlflow(server.url, server.cwd, OLDER_MLFLOW);
}, INSTALL_TIME);
afterAll(() => server.stop());

describe('the MLflow client of 2.22', () => {
  test('is of that version', async () => {
    expect(await python.command(['--version'])).toMatch(/version 2\.22\./);
  });

  test.each(MATTERS)('%s', async (name) => {
    expect(await python.script('walk.py', [name])).toMatch(new RegExp(`^ok ${name} `, 'm'));
  });
});
