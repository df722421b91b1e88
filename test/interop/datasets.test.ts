/** The stock MLflow client logs datasets and models as inputs of runs to our server: every function of datasets.py is one test. */
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
  test.each(['frames_and_arrays', 'models_as_inputs', 'limits'])(
    '%s',
    async (name) => {
      expect(await python.script('datasets.py', [name])).toMatch(new RegExp(`^ok ${name} `, 'm'));
    },
    180_000,
  );
});
