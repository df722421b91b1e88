/** Deliveries: signed, retried, durable, and only to where they may go. */
import { createHmac } from 'node:crypto';
import { hostname } from 'node:os';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Connection, connect } from '../../client/node/index.js';
import { type Receiver, startReceiver } from '../harness/receiver.js';
import { startServer, type TestServer } from '../harness/server.js';
import { createDatabase } from '../harness/store.js';

const ALLOWED = { MLFLOW_WEBHOOK_ALLOWED_SCHEMES: 'https,http', MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS: 'true' };

let server: TestServer;
let client: Connection;
let receiver: Receiver;

beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(async () => {
  await receiver.close();
  await server.stop();
});

async function start(options: Parameters<typeof startServer>[0] = {}): Promise<void> {
  server = await startServer({ ...options, env: { ...ALLOWED, ...options.env } });
  client = connect(server.url);
}

const runEvents = (...actions: ('CREATED' | 'FINISHED' | 'FAILED' | 'KILLED')[]) =>
  actions.map((action) => ({ action }));

test('a run’s life is told as it goes, signed as MLflow signs', async () => {
  await start();
  const { experiment_id } = await client.createExperiment({ name: 'other' });
  await client.createWebhook({
    name: 'w',
    url: receiver.url,
    run_events: runEvents('CREATED', 'FINISHED', 'KILLED'),
    secret: 'top secret',
  });
  await client.createWebhook({
    name: 'elsewhere',
    url: receiver.url,
    run_events: [{ action: 'CREATED', experiment_id }],
  });
  const { run } = await client.createRun({ experiment_id: '0', run_name: 'told', start_time: 5 });
  const { run_id } = run.info;
  await client.updateRun({ run_id, status: 'FAILED' });
  await client.updateRun({ run_id, status: 'FINISHED', end_time: 9 });
  await client.updateRun({ run_id, status: 'FINISHED', end_time: 9 });
  const told = await receiver.until(2);
  expect(told.map(({ event }) => `${event.entity}.${event.action}`)).toEqual(['run.created', 'run.finished']);
  expect(told[1]?.event.data).toMatchObject({
    run_id,
    run_name: 'told',
    status: 'FINISHED',
    start_time: 5,
    end_time: 9,
  });
  expect(Math.abs(Date.parse(told[0]?.event.timestamp ?? '') - Date.now())).toBeLessThan(60_000);
  for (const { headers, body } of told) {
    const signed = `${headers['x-mlflow-delivery-id']}.${headers['x-mlflow-timestamp']}.${body}`;
    const expected = createHmac('sha256', 'top secret').update(signed).digest('base64');
    expect(headers['x-mlflow-signature']).toBe(`v1,${expected}`);
    expect(headers['content-type']).toBe('application/json');
  }
});

test('what happens in the registry is told, prompts by their own names', async () => {
  await start();
  const entities = ['REGISTERED_MODEL', 'MODEL_VERSION', 'PROMPT', 'PROMPT_VERSION'] as const;
  const changes = ['MODEL_VERSION_TAG', 'PROMPT_TAG', 'PROMPT_VERSION_TAG'] as const;
  const aliases = ['MODEL_VERSION_ALIAS', 'PROMPT_ALIAS'] as const;
  const events = [
    ...entities.map((entity) => ({ entity, action: 'CREATED' as const })),
    ...changes.flatMap((entity) => (['SET', 'DELETED'] as const).map((action) => ({ entity, action }))),
    ...aliases.flatMap((entity) => (['CREATED', 'DELETED'] as const).map((action) => ({ entity, action }))),
  ];
  await client.createWebhook({ name: 'w', url: receiver.url, events });
  const prompt = { key: 'mlflow.prompt.is_prompt', value: 'true' };
  for (const [name, tags, source] of [
    ['net', [], 's3://bucket/net'],
    ['hello', [prompt], 'dummy-source'],
  ] as const) {
    await client.createRegisteredModel({ name, tags: [...tags, { key: 'a', value: 'b' }] });
    const text = { key: 'mlflow.prompt.text', value: 'Hi' };
    const { version } = (await client.createModelVersion({ name, source, tags: [...tags, text] })).model_version;
    await client.setRegisteredModelTag({ name, key: 'k', value: 'v' });
    await client.deleteRegisteredModelTag({ name, key: 'k' });
    await client.setModelVersionTag({ name, version, key: 'k', value: 'v' });
    await client.deleteModelVersionTag({ name, version, key: 'k' });
    await client.setRegisteredModelAlias({ name, alias: 'best', version });
    await client.deleteRegisteredModelAlias({ name, alias: 'best' });
  }
  await expect(client.createModelVersion({ name: 'net', source: '/etc' })).rejects.toMatchObject({ status: 400 });
  const told = await receiver.until(14);
  const of = (entity: string, action: string) =>
    told.find(({ event }) => event.entity === entity && event.action === action)?.event.data;
  expect(new Set(told.map(({ event }) => `${event.entity}.${event.action}`)).size).toBe(14);
  expect(of('registered_model', 'created')).toEqual({ name: 'net', tags: { a: 'b' }, description: '' });
  expect(of('prompt', 'created')).toEqual({ name: 'hello', tags: { a: 'b' }, description: '' });
  expect(of('model_version', 'created')).toEqual({
    name: 'net',
    version: '1',
    source: 's3://bucket/net',
    run_id: null,
    tags: { 'mlflow.prompt.text': 'Hi' },
    description: null,
  });
  expect(of('prompt_version', 'created')).toMatchObject({ template: 'Hi', tags: {} });
  expect(of('prompt_tag', 'set')).toEqual({ name: 'hello', key: 'k', value: 'v' });
  expect(of('model_version_tag', 'deleted')).toEqual({ name: 'net', version: '1', key: 'k' });
  expect(of('model_version_alias', 'created')).toEqual({ name: 'net', alias: 'best', version: '1' });
  expect(of('prompt_alias', 'deleted')).toEqual({ name: 'hello', alias: 'best' });
});

test('a threshold is told once a run, with the first value that reaches it', async () => {
  await start();
  const event = { action: 'METRIC_REACHED', metric_key: 'loss', comparator: '<=', threshold: 0.5 } as const;
  await client.createWebhook({ name: 'w', url: receiver.url, run_events: [event, ...runEvents('FAILED')] });
  const { run } = await client.createRun({ experiment_id: '0' });
  const { run_id } = run.info;
  const values = [0.9, Number.NaN, 0.5, 0.1];
  await client.logBatch({
    run_id,
    metrics: values.map((value, step) => ({ key: 'loss', value, timestamp: step, step })),
  });
  await client.logMetric({ run_id, key: 'loss', value: 0, timestamp: 9 });
  await client.logMetric({ run_id, key: 'other', value: 0, timestamp: 9 });
  await client.updateRun({ run_id, status: 'FAILED' });
  const told = await receiver.until(2);
  const reached = told.find(({ event }) => event.action === 'metric_reached');
  expect(reached?.event.data).toMatchObject({ run_id, metric_key: 'loss', value: 0.5, step: 2, threshold: 0.5 });
  expect(told.filter(({ event }) => event.action === 'metric_reached')).toHaveLength(1);
});

test('an answer of 503 is tried again with the same id, one of 400 is not', async () => {
  await start();
  receiver.answers = [{ status: 503 }, { status: 200 }, { status: 400 }];
  await client.createWebhook({ name: 'w', url: receiver.url, run_events: runEvents('CREATED') });
  await client.createRun({ experiment_id: '0', run_name: 'first' });
  const [one, two] = await receiver.until(2);
  expect(two?.headers['x-mlflow-delivery-id']).toBe(one?.headers['x-mlflow-delivery-id']);
  expect(two?.body).toBe(one?.body);
  await client.createRun({ experiment_id: '0', run_name: 'second' });
  await client.createRun({ experiment_id: '0', run_name: 'third' });
  const all = await receiver.until(4);
  expect(all.slice(2).map(({ event }) => event.data.run_name)).toEqual(['second', 'third']);
  await expect.poll(() => server.log(), { timeout: 5000 }).toContain('gave up delivery');
});

test('a redirect is an answer, not a way', async () => {
  await start();
  receiver.answers = [{ status: 307, headers: { location: receiver.url } }];
  const { webhook } = await client.createWebhook({ name: 'w', url: receiver.url, run_events: runEvents('CREATED') });
  const { result } = await client.testWebhook({ webhook_id: webhook.webhook_id });
  expect(result).toMatchObject({ response_status: 307 });
  expect(receiver.received).toHaveLength(1);
});

describe.each(['sqlite', 'postgres'])('on %s', (kind) => {
  let args: string[];
  beforeAll(async () => {
    args = kind === 'postgres' ? ['--backend-store-uri', await createDatabase()] : [];
  });

  test('what could not be delivered survives kill -9 and a restart', async () => {
    const env = { MLFLOW_WEBHOOK_REQUEST_TIMEOUT: '1' };
    await start({ args, env });
    const { port } = receiver;
    await receiver.close();
    await client.createWebhook({ name: 'w', url: receiver.url, run_events: runEvents('CREATED'), secret: 's' });
    const names = Array.from({ length: 15 }, (_, i) => `r${i}`);
    await Promise.all(names.map((run_name) => client.createRun({ experiment_id: '0', run_name })));
    await server.kill();
    receiver = await startReceiver(port);
    // What the dead server had claimed is free again after its lease: the time of a try, and some seconds.
    await start({ args, cwd: server.cwd, env });
    const told = await receiver.until(names.length);
    expect(new Set(told.map(({ event }) => event.data.run_name))).toEqual(new Set(names));
    expect(told.every(({ headers }) => headers['x-mlflow-signature'])).toBe(true);
  }, 120_000);
});

test('a disabled webhook is told nothing, a deleted one never', async () => {
  await start();
  const url = receiver.url;
  const { webhook } = await client.createWebhook({ name: 'w', url, run_events: runEvents('CREATED') });
  const { webhook_id } = webhook;
  await client.updateWebhook({ webhook_id, status: 'DISABLED' });
  await client.createRun({ experiment_id: '0', run_name: 'unheard' });
  await client.updateWebhook({ webhook_id, status: 'ACTIVE' });
  await client.createRun({ experiment_id: '0', run_name: 'heard' });
  expect((await receiver.until(1)).map(({ event }) => event.data.run_name)).toEqual(['heard']);
  await client.deleteWebhook({ webhook_id });
  await client.createWebhook({ name: 'w2', url, run_events: runEvents('FINISHED') });
  const { run } = await client.createRun({ experiment_id: '0' });
  await client.updateRun({ run_id: run.info.run_id, status: 'FINISHED' });
  expect((await receiver.until(2))[1]?.event.action).toBe('finished');
});

test('a name that leads to this machine is not followed', async () => {
  server = await startServer({ env: { MLFLOW_WEBHOOK_ALLOWED_SCHEMES: 'http' } });
  client = connect(server.url);
  const url = `http://${hostname()}:${receiver.port}/`;
  const { webhook } = await client.createWebhook({
    name: 'w',
    url,
    events: [{ entity: 'MODEL_VERSION', action: 'CREATED' }],
  });
  const { result } = await client.testWebhook({ webhook_id: webhook.webhook_id });
  expect(result.success).toBe(false);
  expect(result.error_message).toMatch(/not at a public address|ENOTFOUND|EAI_AGAIN/);
  expect(receiver.received).toEqual([]);
});

test('a test sends an example of the event and says what came back', async () => {
  await start();
  receiver.answers = [{ status: 200 }, { status: 500 }];
  const { webhook } = await client.createWebhook({
    name: 'w',
    url: receiver.url,
    events: [{ entity: 'MODEL_VERSION_ALIAS', action: 'CREATED' }],
  });
  const { webhook_id } = webhook;
  const { result } = await client.testWebhook({ webhook_id });
  expect(result).toEqual({ success: true, response_status: 200, response_body: 'thanks' });
  const other = await client.testWebhook({ webhook_id, event: { entity: 'PROMPT', action: 'CREATED' } });
  expect(other.result).toMatchObject({ success: false, response_status: 500 });
  expect(receiver.received.map(({ event }) => [event.entity, event.data.name])).toEqual([
    ['model_version_alias', 'example_model'],
    ['prompt', 'example_prompt'],
  ]);
  await receiver.close();
  const gone = await client.testWebhook({ webhook_id });
  expect(gone.result).toMatchObject({ success: false, error_message: expect.stringContaining('ECONNREFUSED') });
  await expect(client.testWebhook({ webhook_id: 'nobody' })).rejects.toMatchObject({ status: 404 });
});

test('a key that is none, or a number that is none, is refused at the start', async () => {
  await start();
  await expect(startServer({ env: { MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY: 'short' } })).rejects.toThrow(/Fernet key/);
  await expect(startServer({ env: { MLFLOW_WEBHOOK_REQUEST_TIMEOUT: 'soon' } })).rejects.toThrow(/whole number/);
});
