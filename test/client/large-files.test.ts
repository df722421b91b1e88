/** Large files go to the server without ever being in memory, and what the server says of them is heard. */
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Connection, connect, startRun, uploadFile } from '../../client/node/index.js';
import { startServer, type TestServer } from '../harness/server.js';
import { externalTensor, writeModel } from '../packager/onnx-writer.js';

const MB = 1024 * 1024;
const SIZE = 320 * MB;

let server: TestServer;
let client: Connection;
let folder: string;
let file: string;

beforeAll(async () => {
  server = await startServer();
  client = connect(server.url);
  folder = await mkdtemp(join(tmpdir(), 'mltrack-large-'));
  file = join(folder, 'weights.bin');
  await writeFile(file, 'begin');
  await truncate(file, SIZE);
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

test('a model of 320 MB is logged with little memory, and arrives whole', async () => {
  const onnx = join(folder, 'large.onnx');
  const value = (name: string) => ({ name, type: 'float' as const, shape: ['n', 2] });
  await writeFile(
    onnx,
    writeModel({
      nodes: [{ operator: 'Add', inputs: ['x', 'w'], outputs: ['y'] }],
      inputs: [value('x')],
      outputs: [value('y')],
      initializers: [externalTensor('w', [2], 'weights.bin')],
    }),
  );
  const run = startRun({ client, spool: false, systemMetrics: false });
  await run.id();
  const before = process.memoryUsage().rss;
  let most = before;
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss);
  }, 10);
  const { artifactUri } = await run.logModel(onnx);
  clearInterval(watch);
  expect((most - before) / MB).toBeLessThan(160);
  const stored = await fetch(client.artifacts.url(artifactUri, 'weights.bin'), { headers: { range: 'bytes=0-4' } });
  expect(stored.headers.get('content-range')).toBe(`bytes 0-4/${SIZE}`);
  expect(await stored.text()).toBe('begin');
  await run.end();
}, 180_000);

test('a refusal that comes before the file is through is what the caller hears, and so is a server that is not there', async () => {
  const refusing = createServer((_, answer) => {
    answer.writeHead(413, { 'content-type': 'application/json' });
    answer.end(JSON.stringify({ error_code: 'REQUEST_TOO_LARGE', message: 'Too large for this disk.' }));
  });
  await new Promise<void>((resolve) => refusing.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(refusing.address() as AddressInfo).port}`;
  const upload = (uri: string) => uploadFile(connect(uri, { retries: 0 }), 'mlflow-artifacts:/0', file);
  await expect(upload(url)).rejects.toMatchObject({
    code: 'REQUEST_TOO_LARGE',
    message: expect.stringMatching(/^Too large for this disk\./),
  });
  refusing.closeAllConnections();
  await new Promise((resolve) => refusing.close(resolve));
  await expect(upload(url)).rejects.toMatchObject({
    code: 'TEMPORARILY_UNAVAILABLE',
    message: expect.stringMatching(/ECONNREFUSED/),
  });
});
