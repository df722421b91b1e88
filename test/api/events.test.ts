/** Server-sent events: what others write is told soon, seldom enough, and only to those who may read it. */
import { afterEach, describe, expect, test } from 'vitest';
import { type Connection, connect } from '../../client/connect.js';
import { type Listener, listen, tellsOf } from '../harness/listener.js';
import { type ServerOptions, startServer, type TestServer } from '../harness/server.js';
import { createDatabase } from '../harness/store.js';

let server: TestServer;
let client: Connection;
let listeners: Listener[] = [];

afterEach(async () => {
  for (const each of listeners) each.close();
  listeners = [];
  await server.stop();
});

async function start(options: ServerOptions = {}): Promise<void> {
  server = await startServer(options);
  client = connect(server.url);
}

async function listening(query = '', headers: Record<string, string> = {}): Promise<Listener> {
  const listener = await listen(server.url, query, headers);
  listeners.push(listener);
  return listener;
}

const newRun = async (experiment_id = '0') => (await client.createRun({ experiment_id })).run.info.run_id;
const point = (key: string) => ({ key, value: 1, timestamp: 1, step: 0 });

describe.each(['sqlite', 'postgres'] as const)('on %s', (kind) => {
  test('a log call is told within two seconds, with the metrics that moved', async () => {
    const database = kind === 'postgres' ? await createDatabase() : undefined;
    await start({ args: database ? ['--backend-store-uri', database] : [] });
    const run_id = await newRun();
    const listener = await listening();
    expect(listener.status).toBe(200);
    expect(listener.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(listener.headers.get('x-accel-buffering')).toBe('no');
    expect((await listener.until(() => true)).event).toBe('ready');
    const before = Date.now();
    await client.logBatch({ run_id, metrics: [point('loss'), point('acc'), point('loss')] });
    const { data, id } = await listener.until(tellsOf(run_id));
    expect(Date.now() - before).toBeLessThan(2_000);
    expect(data).toEqual({ runs: [{ run_id, experiment_id: '0', change: 'changed', metrics: ['loss', 'acc'] }] });
    expect(id).not.toBe('');
  });
});

test('a run’s life is told: created, changed, ended, deleted, restored', async () => {
  await start();
  const listener = await listening();
  await listener.until(({ event }) => event === 'ready');
  const run_id = await newRun();
  await listener.until(tellsOf(run_id, 'created'));
  await client.setTag({ run_id, key: 'k', value: 'v' });
  const { data } = await listener.until(tellsOf(run_id, 'changed'));
  expect(data.runs[0]).toEqual({ run_id, experiment_id: '0', change: 'changed' });
  await client.updateRun({ run_id, status: 'FINISHED' });
  await listener.until(tellsOf(run_id, 'ended'));
  await client.deleteRun({ run_id });
  await listener.until(tellsOf(run_id, 'deleted'));
  await client.restoreRun({ run_id });
  await listener.until(tellsOf(run_id, 'restored'));
});

test('what is refused is not told', async () => {
  await start();
  const run_id = await newRun();
  const listener = await listening();
  await expect(client.logBatch({ run_id, metrics: [{ ...point('loss'), key: '' }] })).rejects.toThrow();
  await expect(client.logParam({ run_id: 'nobody', key: 'k', value: 'v' })).rejects.toThrow();
  await client.logMetric({ run_id, ...point('told') });
  expect((await listener.until(tellsOf(run_id))).data.runs).toEqual([
    { run_id, experiment_id: '0', change: 'changed', metrics: ['told'] },
  ]);
});

test('a thousand log calls are a few messages, and of many keys a hundred are named', async () => {
  await start();
  const run_id = await newRun();
  const listener = await listening();
  await listener.until(({ event }) => event === 'ready');
  const begin = Date.now();
  for (let at = 0; at < 1_000; at += 50) {
    await Promise.all(Array.from({ length: 50 }, (_, i) => client.logMetric({ run_id, ...point(`key ${at + i}`) })));
  }
  const end = await newRun();
  await listener.until(tellsOf(end));
  const messages = listener.told.filter(({ event }) => event === 'runs');
  expect(messages.length).toBeLessThanOrEqual(Math.ceil((Date.now() - begin) / 1_000) + 1);
  const all = messages.flatMap(({ data }) => data.runs.filter((run: { run_id: string }) => run.run_id === run_id));
  for (const { metrics } of all) expect(metrics.length).toBeLessThanOrEqual(100);
  if (messages.length < 5) expect(all.some(({ more_metrics }) => more_metrics === true)).toBe(true);
});

test('only the asked experiments and runs are told, changes of the registry to everybody', async () => {
  await start();
  const { experiment_id } = await client.createExperiment({ name: 'other' });
  const [mine, others, third] = [await newRun(), await newRun(experiment_id), await newRun()];
  const listener = await listening(`?experiment_id=${experiment_id}&run_id=${third}`);
  for (const run_id of [mine, others, third]) await client.setTag({ run_id, key: 'k', value: 'v' });
  await client.createRegisteredModel({ name: 'm' });
  await listener.until(({ data }) => data.registry === true);
  await listener.until(tellsOf(third));
  const ids = listener.told.flatMap(({ data }) => (data.runs ?? []).map((run: { run_id: string }) => run.run_id));
  expect(new Set(ids)).toEqual(new Set([others, third]));
});

test('who comes again with the last id hears what was missed, and of a gap that there is one', async () => {
  await start();
  const first = await listening();
  const run_id = await newRun();
  const { id } = await first.until(tellsOf(run_id));
  first.close();
  const [second, third] = [await newRun(), await newRun()];
  await client.logMetric({ run_id: third, ...point('loss') });
  for (const again of [await listening('', { 'last-event-id': id }), await listening(`?since=${id}`)]) {
    const { data } = await again.until(tellsOf(third));
    await again.until(tellsOf(second));
    expect(data.runs.some((run: { run_id: string }) => run.run_id === run_id)).toBe(false);
  }
  for (const unknown of ['gone-7', `${id}9`, 'x']) {
    const lost = await listening(`?since=${unknown}`);
    await lost.until(({ event }) => event === 'reset');
    expect(lost.told[0]?.event).toBe('ready');
  }
});

test('bad questions are refused, and a server that ends ends its streams', async () => {
  await start();
  const many = Array.from({ length: 101 }, (_, i) => `experiment_id=${i}`).join('&');
  for (const query of ['?experiment_id=x', '?run_id=a%20b', '?run_id=', '?other=1', '?since=a&since=b', `?${many}`]) {
    const refused = await listening(query);
    expect([query, refused.status]).toEqual([query, 400]);
    expect(JSON.parse(refused.text).error_code).toBe('INVALID_PARAMETER_VALUE');
  }
  expect((await fetch(`${server.url}/ajax-api/2.0/mltrack/events`, { method: 'HEAD' })).status).toBe(200);
  expect((await fetch(`${server.url}/api/2.0/mltrack/events`, { method: 'POST' })).status).toBe(404);
  const listener = await listening();
  await listener.until(({ event }) => event === 'ready');
  server.process.kill('SIGTERM');
  await listener.ended;
});

test('at most 500 listen at a time', async () => {
  await start();
  for (let at = 0; at < 500; at += 100) await Promise.all(Array.from({ length: 100 }, () => listening()));
  const refused = await listening();
  expect(refused.status).toBe(429);
  expect(JSON.parse(refused.text).error_code).toBe('REQUEST_LIMIT_EXCEEDED');
  listeners[0]?.close();
  const run_id = await newRun();
  await listeners[1]?.until(tellsOf(run_id));
  expect((await listening()).status).toBe(200);
});

describe('where users sign in', () => {
  const password = 'correct horse battery';
  const basic = (name: string, secret = password) => ({
    authorization: `Basic ${Buffer.from(`${name}:${secret}`).toString('base64')}`,
  });

  async function startWithUsers(): Promise<string> {
    await start({ args: ['--app-name', 'basic-auth'], env: { MLTRACK_ADMIN_PASSWORD: password } });
    client = connect(server.url, { username: 'admin', password });
    for (const username of ['reader', 'outsider']) await client.createUser({ username, password });
    const { experiment_id } = await client.createExperiment({ name: 'secret' });
    await client.createExperimentPermission({ experiment_id, username: 'outsider', permission: 'NO_PERMISSIONS' });
    return experiment_id;
  }

  test('each hears of what he may read', async () => {
    const secret = await startWithUsers();
    const hidden = await newRun(secret);
    expect((await listening()).status).toBe(401);
    expect((await listening(`?experiment_id=${secret}`, basic('outsider'))).status).toBe(403);
    expect((await listening(`?run_id=${hidden}`, basic('outsider'))).status).toBe(403);
    const outsider = await listening('', basic('outsider'));
    const reader = await listening(`?experiment_id=${secret}&experiment_id=0`, basic('reader'));
    await Promise.all([outsider, reader].map((each) => each.until(({ event }) => event === 'ready')));
    await client.setTag({ run_id: hidden, key: 'k', value: 'v' });
    const open = await newRun();
    await outsider.until(tellsOf(open));
    await reader.until(tellsOf(hidden));
    expect(outsider.told.some(tellsOf(hidden))).toBe(false);
  });

  test('a stream ends with its sign-in', async () => {
    await startWithUsers();
    const reader = await listening('', basic('reader'));
    const { token, secret } = await connect(server.url, { username: 'outsider', password }).createToken({ name: 't' });
    const script = await listening('', { authorization: `Bearer ${secret}` });
    await Promise.all([reader, script].map((each) => each.until(({ event }) => event === 'ready')));
    await connect(server.url, { username: 'outsider', password }).revokeToken({ token_id: token.token_id });
    await script.ended;
    await client.updateUserPassword({ username: 'reader', password: 'another horse battery' });
    await reader.ended;
    expect((await listening('', basic('reader'))).status).toBe(401);
  });
});
