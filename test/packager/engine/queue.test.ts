/** The bounded queue: by itself, in a server whose worker is busy, and what /ping says of a worker that hangs. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Queue } from '../../../packager/serving/engine/queue.js';
import { type ModelServer, metric, modelFolder, serveModel } from '../model-server.js';
import { slowModel } from '../onnx-writer.js';

const item = (bytes: number) => ({ bytes });

test('no more than its items are taken, in the order of arrival', () => {
  const queue = new Queue({ items: 3, bytes: 100 });
  const items = [item(1), item(2), item(3), item(4)] as const;
  expect(items.map((each) => queue.push(each))).toEqual([true, true, true, false]);
  expect(queue.full).toBe(true);
  expect(queue.take({ items: 2, bytes: 100 })).toEqual([items[0], items[1]]);
  expect([queue.full, queue.length]).toEqual([false, 1]);
  expect(queue.push(items[3])).toBe(true);
  expect(queue.take({ items: 9, bytes: 100 })).toEqual([items[2], items[3]]);
  expect(queue.take({ items: 9, bytes: 100 })).toEqual([]);
});

test('no more than its bytes are taken, but for a single item of any size', () => {
  const queue = new Queue({ items: 10, bytes: 100 });
  const huge = item(1000);
  expect(queue.push(huge)).toBe(true);
  expect([queue.full, queue.push(item(1))]).toEqual([true, false]);
  queue.remove(huge);
  expect([60, 41, 40].map((bytes) => queue.push(item(bytes)))).toEqual([true, false, true]);
  expect(queue.full).toBe(true);
  // What leaves twice is counted once.
  const [first] = queue.take({ items: 1, bytes: 0 });
  queue.remove(first as { bytes: number });
  expect([queue.length, queue.push(item(60))]).toEqual([1, true]);
});

test('a take ends at its bytes, and has one item at least', () => {
  const queue = new Queue({ items: 10, bytes: 1000 });
  for (const bytes of [50, 50, 1, 200]) queue.push(item(bytes));
  expect(queue.take({ items: 9, bytes: 100 })).toEqual([item(50), item(50)]);
  expect(queue.take({ items: 9, bytes: 100 })).toEqual([item(1)]);
  expect(queue.take({ items: 9, bytes: 100 })).toEqual([item(200)]);
});

/** An inference of [SLOW, SLOW] takes seconds; of [3, 3] none. */
const SLOW = 2000;
let folder: Awaited<ReturnType<typeof modelFolder>>;
beforeAll(async () => {
  folder = await modelFolder({ 'model.onnx': slowModel(20) });
});
afterAll(() => folder.remove());

/** Requests on one connection, written at once. */
async function pipelined(server: ModelServer, count: number) {
  const body = '{"inputs":[3,3]}';
  const head = `POST /invocations HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  await once(socket, 'connect');
  let answered = '';
  socket.on('data', (chunk) => {
    answered += chunk;
  });
  socket.write(`${head}${body}`.repeat(count));
  return { socket, answers: () => answered.match(/HTTP\/1\.1 200 OK/g)?.length ?? 0 };
}

test('a full queue: 503 with Retry-After at once, and those that wait are answered', async () => {
  const server = await serveModel(folder.path, { args: ['-w', '1'] });
  const running = server.post({ inputs: [SLOW, SLOW] });
  await expect.poll(() => metric(server, 'mltrack_workers_busy'), { interval: 5 }).toBe(1);
  const many = await Promise.all([pipelined(server, 512), pipelined(server, 512)]);
  await expect.poll(() => metric(server, 'mltrack_queue_length'), { interval: 5, timeout: 10_000 }).toBe(1024);
  const refused = await fetch(`${server.url}/invocations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"inputs":[3,3]}',
  });
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
  expect(await refused.json()).toEqual({ error_code: 'TEMPORARILY_UNAVAILABLE', message: 'The queue is full.' });
  expect(await metric(server, 'mltrack_queue_length')).toBe(1024);
  expect((await running).status).toBe(200);
  await expect.poll(() => many.map(({ answers }) => answers()), { timeout: 10_000 }).toEqual([512, 512]);
  for (const { socket } of many) socket.destroy();
  expect(await server.stop()).toBe(0);
});

test('/ping is 503 while every worker hangs in an inference of three timeouts, and 200 again when it ends', async () => {
  const server = await serveModel(folder.path, { args: ['-w', '1', '-t', '0.05'] });
  const ping = async () => (await fetch(`${server.url}/ping`)).status;
  expect(await ping()).toBe(200);
  const late = server.post({ inputs: [SLOW, SLOW] });
  await expect.poll(ping, { interval: 5 }).toBe(503);
  expect((await late).status).toBe(504);
  await expect.poll(ping, { timeout: 30_000 }).toBe(200);
  await server.stop();
});
