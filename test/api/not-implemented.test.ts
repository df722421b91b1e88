/** What MLflow has and this server has not is said with 501 and a sentence, under both prefixes and with every method. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startServer, type TestServer } from '../harness/server.js';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

test.each([
  ['POST', '/v1/traces', 'REST OTLP span logging is not supported'],
  ['POST', '/ajax-api/3.0/mlflow/traces/metrics', 'Statistics over traces'],
  ['POST', '/api/3.0/mlflow/traces/calculate-filter-correlation', 'Statistics over traces'],
  ['POST', '/api/3.0/mlflow/datasets/create', 'Evaluation datasets'],
  ['GET', '/api/3.0/mlflow/datasets/d-1', 'Evaluation datasets'],
  ['POST', '/api/3.0/mlflow/scorers/register', 'Scorers'],
  ['GET', '/ajax-api/3.0/mlflow/gateway/endpoints/list', 'The AI gateway'],
  ['GET', '/ajax-api/2.0/mlflow/gateway-proxy?gateway_path=x', 'The AI gateway'],
  ['GET', '/ajax-api/3.0/jobs/j-1', 'Jobs'],
  ['POST', '/api/3.0/mlflow/prompt-optimization/jobs', 'Prompt optimization'],
  ['POST', '/ajax-api/2.0/mlflow/runs/create-promptlab-run', 'Prompt engineering runs'],
  ['GET', '/api/3.0/mlflow/workspaces', 'Workspaces'],
  ['POST', '/graphql', 'GraphQL'],
  ['GET', '/graphql', 'GraphQL'],
])('%s %s', async (method, path, words) => {
  const body = method === 'POST' ? { body: '{"a": 1}', headers: { 'content-type': 'application/json' } } : {};
  const answer = await fetch(server.url + path, { method, ...body });
  expect(answer.status).toBe(501);
  const { error_code, message } = await answer.json();
  expect(error_code).toBe('NOT_IMPLEMENTED');
  expect(message).toContain(words);
  expect(answer.headers.get('x-request-id')).toBeTruthy();
});

test('what nobody knows is 404, and a wrong method of what is there 405', async () => {
  expect((await fetch(`${server.url}/api/3.0/mlflow/nothing`)).status).toBe(404);
  expect((await fetch(`${server.url}/api/3.0/mlflow/traces/search`)).status).toBe(405);
});
