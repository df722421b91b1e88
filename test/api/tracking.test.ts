/** The tracking endpoints on the wire: what MLflow's own pages ask, locations, and lengths the operator has a say in. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Connection, connect } from '../../client/connect.js';
import { startServer, type TestServer } from '../harness/server.js';

let server: TestServer;
let client: Connection;

async function ajax(path: string, body?: unknown): Promise<{ status: number; body: Record<string, unknown> }> {
  const answer = await fetch(`${server.url}/ajax-api/2.0/mlflow/${path}`, {
    ...(body !== undefined && {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  });
  return { status: answer.status, body: await answer.json() };
}

describe('with MLflow’s defaults', () => {
  beforeAll(async () => {
    server = await startServer();
    client = connect(server.url);
  });
  afterAll(() => server.stop());

  test('get-history-bulk lists all points of up to 100 runs, run by run', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 3; i++) ids.push((await client.createRun({})).run.info.run_id);
    const [one, two, none] = ids.sort() as [string, string, string];
    const metric = (value: number, timestamp: number) => ({ key: 'loss', value, timestamp, step: 0 });
    await client.logBatch({ run_id: two, metrics: [metric(Number.NaN, 5)] });
    await client.logBatch({ run_id: one, metrics: [metric(2, 2), metric(1, 1), { ...metric(9, 1), key: 'other' }] });
    const query = [two, one, none, one, 'nobody'].map((id) => `run_id=${id}`).join('&');
    const { body } = await ajax(`metrics/get-history-bulk?${query}&metric_key=loss`);
    expect(body.metrics).toEqual([
      { ...metric(1, 1), run_id: one },
      { ...metric(2, 2), run_id: one },
      { ...metric(Number.NaN, 5), value: 'NaN', run_id: two },
    ]);
    const page = await ajax(`metrics/get-history-bulk?${query}&metric_key=loss&max_results=2`);
    expect(page.body.metrics).toHaveLength(2);
    expect((await client.getMetricHistoryBulk({ run_id: [none], metric_key: 'loss' })).metrics).toEqual([]);
  });

  test.each([
    ['metric_key=m', 'GetMetricHistoryBulk request must specify at least one run_id.'],
    ['run_id=r', 'GetMetricHistoryBulk request must specify a metric_key.'],
    [
      `${'run_id=r&'.repeat(101)}metric_key=m`,
      'GetMetricHistoryBulk request cannot specify more than 100 run_ids. Received 101 run_ids.',
    ],
  ])('get-history-bulk refuses %.40s', async (query, message) => {
    const { status, body } = await ajax(`metrics/get-history-bulk?${query}`);
    expect([status, body]).toEqual([400, { error_code: 'INVALID_PARAMETER_VALUE', message }]);
  });

  test('search-datasets answers MLflow’s pages', async () => {
    const { run } = await client.createRun({});
    const { run_id } = run.info;
    await ajax('runs/log-inputs', { run_id, datasets: [{ dataset: { name: 'wine', digest: 'abc' } }] });
    expect((await ajax('experiments/search-datasets', { experiment_ids: [0] })).body).toEqual({
      dataset_summaries: [{ experiment_id: '0', name: 'wine', digest: 'abc' }],
    });
  });

  test.each([
    ['my/./place', () => `${server.cwd}/my/place`],
    ['../up', () => `${server.cwd}/../up`],
    ['file:my/place', () => `file://${server.cwd}/my/place`],
    ['/an/absolute one', () => '/an/absolute one'],
    ['file:///an/absolute', () => 'file:///an/absolute'],
    ['s3://bucket/a;b?endpoint=x', () => 's3://bucket/a;b?endpoint=x'],
  ])('an artifact location %s is kept as an absolute one', async (artifact_location, expected) => {
    const { experiment_id } = await client.createExperiment({ name: `at ${artifact_location}`, artifact_location });
    const { experiment } = await client.getExperiment({ experiment_id });
    expect(experiment.artifact_location).toBe(expected());
    const { run } = await client.createRun({ experiment_id });
    const { run_id, artifact_uri } = run.info;
    const [path, query] = expected().split('?');
    expect(artifact_uri).toBe(`${path}/${run_id}/artifacts${query ? `?${query}` : ''}`);
  });

  test.each([
    ['s3://bucket/a#b', "'artifact_location' URL can't include fragments or params."],
    ['/tmp/a;b', "'artifact_location' URL can't include fragments or params."],
    ['s3://bucket/a?b=../c', 'Invalid query string'],
    ['s3://bucket/a?b=%252e%252e', 'Invalid query string'],
    ['runs:/abc', "Artifact location cannot be a runs:/ URI. Given: 'runs:/abc'"],
    ['hdfs://elsewhere/share', "'artifact_location' cannot use the 'hdfs' scheme"],
    ['mlflow-artifacts://elsewhere/share', "'artifact_location' cannot use the 'mlflow-artifacts' scheme"],
    ['file://elsewhere/share', 'file://elsewhere/share is not a valid remote uri.'],
    [
      `s3://${'b'.repeat(2048)}`,
      'Invalid artifact path length. The length of the artifact path cannot be greater than 2048',
    ],
  ])('an artifact location %.30s is refused', async (artifact_location, message) => {
    await expect(client.createExperiment({ name: 'nowhere', artifact_location })).rejects.toMatchObject({
      code: 'INVALID_PARAMETER_VALUE',
      message: expect.stringContaining(message),
    });
  });

  test('a cut at the limit leaves whole characters', async () => {
    const { run } = await client.createRun({});
    const { run_id } = run.info;
    await client.logParam({ run_id, key: 'p', value: '🙂'.repeat(6001) });
    expect((await client.getRun({ run_id })).run.data.params).toEqual([{ key: 'p', value: '🙂'.repeat(6000) }]);
  });
});

describe('with the operator’s lengths', () => {
  beforeAll(async () => {
    server = await startServer({
      env: { MLFLOW_TRUNCATE_LONG_VALUES: 'false', MLFLOW_ARTIFACT_LOCATION_MAX_LENGTH: '20' },
    });
    client = connect(server.url);
  });
  afterAll(() => server.stop());

  test('long values are refused', async () => {
    const { run_id } = (await client.createRun({})).run.info;
    await client.logParam({ run_id, key: 'fits', value: 'v'.repeat(6000) });
    await expect(client.logParam({ run_id, key: 'p', value: 'v'.repeat(6001) })).rejects.toThrow(
      "'Param value' exceeds the maximum length of 6000 characters",
    );
    await expect(
      client.logBatch({ run_id, tags: [{ key: 't', value: 'v'.repeat(8001) }], params: [{ key: 'q', value: '1' }] }),
    ).rejects.toThrow("'tags[0].value' exceeds the maximum length of 8000 characters");
    expect((await client.getRun({ run_id })).run.data.params).toHaveLength(1);
  });

  test('and so are long locations', async () => {
    const artifact_location = 's3://bucket/a/long/one';
    await expect(client.createExperiment({ name: 'far', artifact_location })).rejects.toThrow(/greater than 20/);
  });
});

test('a length that is none is refused at the start', async () => {
  await expect(startServer({ env: { MLFLOW_TRUNCATE_LONG_VALUES: 'perhaps' } })).rejects.toThrow(
    /MLFLOW_TRUNCATE_LONG_VALUES must be one of true, false, 1 and 0/,
  );
});

describe('the files of a trace', () => {
  beforeAll(async () => {
    server = await startServer();
    client = connect(server.url);
  });
  afterAll(() => server.stop());

  const file = (query: string, version = '2.0') =>
    fetch(`${server.url}/ajax-api/${version}/mlflow/get-trace-artifact?${query}`);

  test('are its spans and its attachments, as clients have stored them', async () => {
    const trace_info = {
      trace_id: 'tr-1',
      trace_location: { mlflow_experiment: { experiment_id: '0' } },
      request_time: '2026-01-02T03:04:05Z',
    };
    const { trace } = await client.startTrace({ trace: { trace_info } });
    const location = trace.trace_info.tags?.['mlflow.artifactLocation'] ?? '';
    expect((await file('request_id=tr-1')).status).toBe(404);
    const attachment = '01234567-89ab-cdef-0123-456789abcdef';
    await client.artifacts.put(location, 'traces.json', '{"spans": []}');
    await client.artifacts.put(location, `attachments/${attachment}`, 'picture');
    const spans = await file('request_id=tr-1', '3.0');
    expect(await spans.text()).toBe('{"spans": []}');
    expect(spans.headers.get('content-disposition')).toMatch(/^attachment; filename="?traces\.json/);
    expect(await (await file(`request_id=tr-1&path=${attachment}`)).text()).toBe('picture');
  });

  test.each([
    ['', 400, 'Request must include the "request_id" query parameter.'],
    ['request_id=none', 404, "Trace with ID 'none' not found."],
    ['request_id=tr-1&path=../traces.json', 400, "Invalid attachment path: '../traces.json'."],
  ])('are refused for ?%s', async (query, status, message) => {
    const answer = await file(query);
    expect(answer.status).toBe(status);
    expect((await answer.json()).message).toContain(message);
  });
});
