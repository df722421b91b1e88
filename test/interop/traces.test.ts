/** The stock MLflow client logs and finds traces with our server: every function of traces.py is one test. */
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
  test.each(['nested_spans', 'search', 'runs', 'tags_and_deletion', 'logged_by_hand', 'assessments'])(
    '%s',
    async (name) => {
      expect(await python.script('traces.py', [name])).toMatch(new RegExp(`^ok ${name} `, 'm'));
    },
    180_000,
  );
});
