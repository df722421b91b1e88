/** Store threads: what happens to requests when their thread dies, and when too many wait. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { EndpointName } from '../../api/index.js';
import { type FrontRequest, StoreThread } from '../../server/threads/thread.js';
import { CLI } from '../harness/server.js';
import { threadSettings } from '../harness/store.js';

const ENTRY = new URL('store-worker.js', pathToFileURL(CLI));

let folder: string;
let thread: StoreThread;
const log: string[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mltrack-threads-'));
  thread = new StoreThread(ENTRY, threadSettings('writer', join(folder, 'mltrack.db')), (line) => log.push(line));
  await thread.start();
});
afterEach(async () => {
  await thread.close();
  await rm(folder, { recursive: true });
});

const request = (endpoint: EndpointName, body: string): FrontRequest => ({
  endpoint,
  fields: {},
  body: [Buffer.from(body)],
  requestId: 'test',
  deadline: Date.now() + 60_000,
});
const createRun = () => request('createRun', '{"experiment_id":"0"}');

test('requests of a dead thread are answered 503, and a new thread takes over', async () => {
  expect((await thread.send(createRun())).status).toBe(200);
  const waiting = Array.from({ length: 20 }, () => thread.send(createRun()));
  // The batch is on its way; the thread ends in the middle of it or before.
  await new Promise((resolve) => setImmediate(resolve));
  await thread.kill();
  const statuses = (await Promise.all(waiting)).map((response) => response.status);
  expect(statuses.every((status) => status === 200 || status === 503)).toBe(true);
  expect(statuses).toContain(503);
  // Sent while there is no thread: it waits for the next one.
  expect((await thread.send(createRun())).status).toBe(200);
});

test('bodies beyond the queue’s bytes are answered 503 at once, and what was taken is answered', async () => {
  const large = `{"run_id":"${'f'.repeat(32)}","tags":[],"ignored":"${'x'.repeat(16 * 1024 * 1024)}"}`;
  const answers = await Promise.all(Array.from({ length: 6 }, () => thread.send(request('logBatch', large))));
  expect(answers.map((answer) => answer.status).sort()).toEqual([404, 404, 404, 503, 503, 503]);
});

test('closing answers what was sent before', async () => {
  const sent = Array.from({ length: 5 }, () => thread.send(createRun()));
  await thread.close();
  expect((await Promise.all(sent)).map((response) => response.status)).toEqual([200, 200, 200, 200, 200]);
  expect((await thread.send(createRun())).status).toBe(503);
});
