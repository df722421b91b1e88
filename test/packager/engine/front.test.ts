/** Few small requests to a model that is certain to be brief are answered by the thread that speaks HTTP; all else is for the workers. */
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ModelServer, metric, modelFolder, modelPath, serveModel } from '../model-server.js';
import { type Graph, writeModel } from '../onnx-writer.js';

const inFront = (server: ModelServer) => metric(server, 'mltrack_front_requests_total');
const ROW = Array.from({ length: 30 }, (_, at) => at / 7);

/** All requests in one write, so that the server has them at once; the bodies of the replies. */
async function sendTogether(url: string, bodies: readonly unknown[]): Promise<string[]> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  const requests = bodies.map((body) => {
    const text = JSON.stringify(body);
    return `POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${text.length}\r\n\r\n${text}`;
  });
  socket.write(requests.join(''));
  let received = '';
  for await (const chunk of socket) {
    received += chunk;
    const replies = received.split(/HTTP\/1\.1 200 OK\r\n(?:.+\r\n)+\r\n/).slice(1);
    if (replies.length === bodies.length && replies.at(-1)?.endsWith('}')) return replies;
  }
  throw new Error(`The connection ended: ${received}`);
}

describe('a small model of plain operators', () => {
  let server: ModelServer;
  beforeAll(async () => {
    server = await serveModel(modelPath('d_mlp_small'));
  });
  afterAll(() => server.stop());

  test('one row after the other: none goes to a worker', async () => {
    const before = await inFront(server);
    const alone = JSON.stringify(await server.predict({ inputs: [ROW] }));
    for (let more = 0; more < 19; more++) expect(JSON.stringify(await server.predict({ inputs: [ROW] }))).toBe(alone);
    expect(await inFront(server)).toBe(before + 20);
  });

  test('a large body goes to a worker, and the answer is the same', async () => {
    const before = await inFront(server);
    const rows = Array.from({ length: 2000 }, (_, at) => ROW.map((value) => value + at));
    const { predictions } = (await server.predict({ inputs: rows })) as { predictions: Record<string, unknown[]> };
    expect(await inFront(server)).toBe(before);
    const [name] = Object.keys(predictions);
    const one = await server.predict({ inputs: [rows[1999]] });
    expect(one).toEqual({ predictions: { [name as string]: [predictions[name as string]?.[1999]] } });
  });

  test('many at once are answered as one is, by workers', async () => {
    const bodies = Array.from({ length: 50 }, (_, at) => ({ inputs: [ROW.map((value) => value * (at + 1))] }));
    const alone: string[] = [];
    for (const body of bodies) alone.push((await server.post(body)).text);
    const before = await inFront(server);
    expect(await sendTogether(server.url, bodies)).toEqual(alone);
    expect(await inFront(server)).toBe(before);
  });

  test('a bad body is refused there too', async () => {
    const before = await inFront(server);
    expect((await server.post({ inputs: [[1]] })).status).toBe(400);
    expect((await server.post('{')).status).toBe(400);
    expect(await inFront(server)).toBe(before + 2);
  });
});

const GRAPHS: Record<string, Graph> = {
  'an operator whose work the input’s values decide': {
    nodes: [{ operator: 'ConstantOfShape', inputs: ['x'], outputs: ['y'] }],
    inputs: [{ name: 'x', type: 'int64', shape: [2] }],
    outputs: [{ name: 'y', type: 'float', shape: ['n', 'm'] }],
  },
  'rows of any length': {
    nodes: [{ operator: 'Relu', inputs: ['x'], outputs: ['y'] }],
    inputs: [{ name: 'x', type: 'float', shape: ['n', 'm'] }],
    outputs: [{ name: 'y', type: 'float', shape: ['n', 'm'] }],
  },
};
const VALUES: Record<string, unknown> = {
  'an operator whose work the input’s values decide': [1, 2],
  'rows of any length': [[1, 2]],
};

test.each(Object.keys(GRAPHS))('%s: the workers answer', async (name) => {
  const folder = await modelFolder({ 'model.onnx': writeModel(GRAPHS[name] as Graph) });
  const server = await serveModel(folder.path);
  expect((await server.post({ inputs: VALUES[name] })).status).toBe(200);
  expect(await inFront(server)).toBe(0);
  await server.stop();
  await folder.remove();
});
