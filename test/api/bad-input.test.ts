/** Bytes that no client of ours would send: each is refused with MLflow's error shape, changes nothing, and the server goes on. */
import { connect as tcp } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { api, type EndpointName, STATUS_OF_ERROR } from '../../api/index.js';
import { connect } from '../../client/connect.js';
import { seededRandom } from '../harness/random.js';
import { startServer, type TestServer } from '../harness/server.js';

let server: TestServer;
let run_id: string;
beforeAll(async () => {
  server = await startServer();
  run_id = (await connect(server.url).createRun({ experiment_id: '0' })).run.info.run_id;
});
afterAll(() => server.stop());

const JSON_TYPE = { 'content-type': 'application/json' };

async function post(path: string, body: string, headers: Record<string, string> = JSON_TYPE) {
  const response = await fetch(`${server.url}/api/2.0/mlflow${path}`, { method: 'POST', body, headers });
  return {
    status: response.status,
    body: (await response.json()) as { error_code: string; message: string },
    response,
  };
}

test('malformed JSON is 400 and says where', async () => {
  for (const body of ['{', '{"run_id":', 'nonsense', '{"a":1}}', '[1,2', '\u0000']) {
    const { status, body: answer } = await post('/runs/log-batch', body);
    expect(status, body).toBe(400);
    expect(answer.error_code).toBe('BAD_REQUEST');
    expect(answer.message).toMatch(/not valid JSON/);
  }
});

test('a body that is no object is 400', async () => {
  for (const body of ['[]', '1', 'null', 'true', '"text"']) {
    expect((await post('/runs/log-batch', body)).status, body).toBe(400);
  }
});

test('a body that an old client encoded twice is read', async () => {
  const body = JSON.stringify(JSON.stringify({ run_id, key: 'twice', value: '1' }));
  expect((await post('/runs/log-parameter', body)).status).toBe(200);
});

test('missing and wrong fields are named in MLflow’s words', async () => {
  const cases: [string, unknown, string][] = [
    ['/experiments/create', {}, "Missing value for required parameter 'name'. See the API docs"],
    ['/experiments/create', { name: null }, "Missing value for required parameter 'name'"],
    [
      '/experiments/create',
      { name: 5 },
      "Invalid value 5 for parameter 'name' supplied:  Hint: Value was of type 'int'.",
    ],
    ['/runs/log-metric', { run_id, value: 1, timestamp: 1 }, "Missing value for required parameter 'key'"],
    ['/runs/log-metric', { run_id, key: 'm', timestamp: 1 }, "Missing value for required parameter 'value'"],
    [
      '/runs/log-metric',
      { run_id, key: 'm', value: 'x', timestamp: 1 },
      'Invalid value "x" for parameter \'value\' supplied',
    ],
    [
      '/runs/log-metric',
      { run_id, key: 'm', value: 1, timestamp: 1.5 },
      "Invalid value 1.5 for parameter 'timestamp' supplied:  Hint: Value was of type 'float'.",
    ],
    [
      '/runs/log-metric',
      { run_id, key: 'm', value: 1, timestamp: 1, step: 'a' },
      'Invalid value "a" for parameter \'step\'',
    ],
    ['/runs/log-batch', { run_id, metrics: 'foo' }, 'Invalid value "foo" for parameter \'metrics\' supplied'],
    [
      '/runs/log-batch',
      { run_id, metrics: [{ key: 'm', value: 1 }] },
      "Missing value for required parameter 'metrics[0].timestamp'",
    ],
    ['/runs/log-batch', { run_id, metrics: [1] }, "Invalid value 1 for parameter 'metrics[0]' supplied"],
    [
      '/runs/log-batch',
      { run_id, params: [{ key: 'a', value: '1' }, { key: 'b' }] },
      "Missing value for required parameter 'params[1].value'",
    ],
    ['/runs/update', { run_id, status: 'DONE' }, 'Invalid value "DONE" for parameter \'status\' supplied'],
    ['/runs/search', { experiment_ids: [{}] }, "Invalid value {} for parameter 'experiment_ids[0]' supplied"],
    ['/runs/log-metric', { run_id, key: 'm', value: 1, timestamp: 1e300 }, "for parameter 'timestamp' supplied"],
    ['/runs/create', { start_time: 1e18 }, "for parameter 'start_time' supplied"],
    ['/runs/create', { start_time: '99999999999999999999999' }, "for parameter 'start_time'"],
    [
      '/runs/log-metric',
      { run_id: 31.5, key: 'm', value: 1, timestamp: 1 },
      "Invalid value 31.5 for parameter 'run_id'",
    ],
  ];
  for (const [path, body, message] of cases) {
    const { status, body: answer } = await post(path, JSON.stringify(body));
    expect(status, message).toBe(400);
    expect(answer.error_code).toBe('INVALID_PARAMETER_VALUE');
    expect(answer.message).toContain(message);
  }
  expect((await connect(server.url).getRun({ run_id })).run.data.metrics).toBeUndefined();
});

test('protobuf’s other spellings are accepted', async () => {
  const client = connect(server.url);
  const { run } = await client.createRun({ experiment_id: '0' });
  const id = run.info.run_id;
  const good: [string, unknown][] = [
    ['/runs/log-metric', { runId: id, key: 'm', value: '1.5', timestamp: '7', step: '3', unknown_field: {} }],
    ['/runs/log-metric', { run_uuid: id, key: 'n', value: '-Infinity', timestamp: 1 }],
    ['/runs/update', { run_id: id, status: 3, endTime: 5 }],
    ['/runs/search', { experiment_ids: [0], run_view_type: 3 }],
  ];
  for (const [path, body] of good) expect((await post(path, JSON.stringify(body))).status, path).toBe(200);
  const found = (await client.getRun({ run_id: id })).run;
  expect(found.info).toMatchObject({ status: 'FINISHED', end_time: 5 });
  expect(found.data.metrics?.[0]).toEqual({ key: 'm', value: 1.5, timestamp: 7, step: 3 });
});

test('an unknown run, path, method or content type is refused with its status', async () => {
  const unknown = await post(
    '/runs/log-metric',
    JSON.stringify({ run_id: 'f'.repeat(32), key: 'm', value: 1, timestamp: 1 }),
  );
  expect(unknown.status).toBe(404);
  expect(unknown.body.error_code).toBe('RESOURCE_DOES_NOT_EXIST');
  expect(unknown.response.statusText).toBe('NOT FOUND');
  expect((await post('/runs/nonsense', '{}')).body).toMatchObject({ error_code: 'ENDPOINT_NOT_FOUND' });
  const method = await fetch(`${server.url}/api/2.0/mlflow/runs/create`);
  expect([method.status, method.headers.get('allow')]).toEqual([405, 'POST']);
  const text = await post('/runs/search', '{}', { 'content-type': 'text/plain' });
  expect([text.status, text.body.message]).toEqual([
    400,
    "Bad Request. Content-Type must be one of ['application/json'].",
  ]);
});

test('a body over the limit is 413, announced or not', async () => {
  const announced = await fetch(`${server.url}/api/2.0/mlflow/runs/log-batch`, {
    method: 'POST',
    headers: JSON_TYPE,
    body: new Uint8Array(33 * 1024 * 1024),
  });
  expect(announced.status).toBe(413);
  const piece = new Uint8Array(1024 * 1024);
  let sent = 0;
  const stream = new ReadableStream({
    pull(controller) {
      if (sent++ < 40) controller.enqueue(piece);
      else controller.close();
    },
  });
  const chunked = await fetch(`${server.url}/api/2.0/mlflow/runs/log-batch`, {
    method: 'POST',
    headers: JSON_TYPE,
    body: stream,
    duplex: 'half',
  } as RequestInit).then(
    (response) => response.status,
    // The connection may be closed while the rest is still being sent.
    () => 413,
  );
  expect(chunked).toBe(413);
  expect((await fetch(`${server.url}/health`)).status).toBe(200);
});

test('deeply nested JSON and broken UTF-8 do no harm', async () => {
  const deep = '['.repeat(200_000) + ']'.repeat(200_000);
  expect((await post('/runs/log-batch', `{"run_id":"${run_id}","ignored":${deep}}`)).status).toBeLessThan(500);
  expect((await post('/runs/log-batch', `{"run_id":${deep}}`)).status).toBe(400);
  const response = await fetch(`${server.url}/api/2.0/mlflow/runs/set-tag`, {
    method: 'POST',
    headers: JSON_TYPE,
    body: Buffer.concat([
      Buffer.from(`{"run_id":"${run_id}","key":"t","value":"`),
      Buffer.from([0xff, 0xc0]),
      Buffer.from('"}'),
    ]),
  });
  expect(response.status).toBe(200);
});

test('a client that goes away in the middle of a body leaves nothing behind', async () => {
  const { hostname, port } = new URL(server.url);
  await new Promise<void>((resolve) => {
    const socket = tcp(Number(port), hostname, () => {
      socket.write(
        'POST /api/2.0/mlflow/runs/log-batch HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{"run',
      );
      setImmediate(() => socket.destroy());
    });
    socket.on('close', () => resolve());
  });
  expect((await fetch(`${server.url}/health`)).status).toBe(200);
});

test('10,000 mutated requests: never a 5xx, and the server lives', async () => {
  const seeds: Partial<Record<EndpointName, unknown>> = {
    createExperiment: { name: 'fuzz', tags: [{ key: 'a', value: 'b' }] },
    createRun: { experiment_id: '0', start_time: 5, tags: [{ key: 'a', value: 'b' }] },
    updateRun: { run_id, status: 'FINISHED', end_time: 3 },
    logMetric: { run_id, key: 'm', value: 0.5, timestamp: 1, step: 2 },
    logBatch: {
      run_id,
      metrics: [{ key: 'm', value: 0.5, timestamp: 1, step: 2 }],
      params: [{ key: 'p', value: '1' }],
      tags: [],
    },
    searchRuns: { experiment_ids: ['0'], max_results: 2, order_by: ['start_time DESC'] },
    createLoggedModel: { experiment_id: '0', name: 'n', params: [{ key: 'p', value: '1' }] },
  };
  const random = seededRandom(42);
  const junk = [null, true, -1, 1e308, 2 ** 53, '', 'x'.repeat(300), [], {}, [[]], '\u0000', 'NaN', '../..', '🚀', -0];
  const mutate = (value: unknown): unknown => {
    if (random() < 0.15) return junk[Math.floor(random() * junk.length)];
    if (Array.isArray(value)) return random() < 0.2 ? [...value, ...value] : value.map(mutate);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).filter(() => random() > 0.1);
    return Object.fromEntries(entries.map(([key, each]) => [random() < 0.05 ? `${key}_` : key, mutate(each)]));
  };
  const statuses = new Map<number, number>();
  const names = Object.keys(seeds) as EndpointName[];
  const one = async (i: number) => {
    const name = names[i % names.length] as EndpointName;
    let body = JSON.stringify(mutate(seeds[name]));
    if (random() < 0.1) body = body.slice(0, Math.floor(random() * body.length));
    const response = await fetch(`${server.url}/api${api[name].path}`, {
      method: 'POST',
      body,
      headers: JSON_TYPE,
    });
    const text = await response.text();
    statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
    if (response.status !== 200) {
      expect(STATUS_OF_ERROR).toHaveProperty(JSON.parse(text).error_code);
      expect(response.status, `${body}\n${text}`).toBeLessThan(500);
    }
  };
  for (let at = 0; at < 10_000; at += 50) await Promise.all(Array.from({ length: 50 }, (_, i) => one(at + i)));
  expect(statuses.get(200)).toBeGreaterThan(100);
  expect(statuses.get(400)).toBeGreaterThan(100);
  expect((await fetch(`${server.url}/health`)).status).toBe(200);
  expect(server.log()).not.toMatch(/\n\s+at /);
});
