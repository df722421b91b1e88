/** Under load an answer is the one that the request gets alone, byte for byte: whoever shared its run, good or bad. */
import { Agent, request } from 'node:http';
import { expect, test } from 'vitest';
import { seededRandom } from '../harness/random.js';
import { casesOf, type ModelServer, metric, modelPath, serveModel } from './model-server.js';

const CONNECTIONS = 64;
/** Requests of a model, each different, and how often each is sent at full load. */
const REQUESTS = 96;
const ROUNDS = 12;
/** In a burst, most rows that a request has. */
const MOST_ROWS = 5;

interface Sent {
  readonly type: string;
  readonly body: string;
}

interface Model {
  readonly name: string;
  readonly variant: 'mlmodel' | 'mlmodel_nosig';
  readonly batches: boolean;
}

const MODELS: readonly Model[] = [
  { name: 'd_mlp_small', variant: 'mlmodel', batches: true },
  { name: 'd_bc_xgb', variant: 'mlmodel_nosig', batches: true },
  { name: 'd_two_inputs', variant: 'mlmodel', batches: false },
  { name: 'd_iris_zipmap', variant: 'mlmodel_nosig', batches: false },
  { name: 'd_strings', variant: 'mlmodel', batches: false },
];

test.each(MODELS)('of $name at 64 connections', async ({ name, variant, batches }) => {
  const server = await serveModel(modelPath(name, variant));
  const sent = requestsOf(name);
  const alone = await answers(server, sent, 1);
  expect(new Set(alone).size).toBeGreaterThan(REQUESTS / 2);
  expect(alone.filter((answer) => answer.startsWith('400')).length).toBeGreaterThan(3);

  const random = seededRandom(2);
  const order = Array.from({ length: ROUNDS * sent.length }, () => Math.floor(random() * sent.length));
  const loaded = await answers(
    server,
    order.map((index) => sent[index] as Sent),
    CONNECTIONS,
  );
  const different = order.flatMap((index, at) =>
    loaded[at] === alone[index] ? [] : [{ sent: sent[index], alone: alone[index], loaded: loaded[at] }],
  );
  expect(different).toEqual([]);
  if (batches) expect(await metric(server, 'mltrack_batched_requests_total')).toBeGreaterThan(ROUNDS);
  await server.stop();
});

/** Rows of the model's recorded inputs with other numbers, one to five of them, in several forms; some are refused. */
function requestsOf(name: string): Sent[] {
  const random = seededRandom(1);
  const recorded = casesOf(name).at(-1)?.inputs ?? {};
  return Array.from({ length: REQUESTS }, (_, at) => {
    const rows = 1 + Math.floor(random() * MOST_ROWS);
    const inputs = Object.fromEntries(
      Object.entries(recorded).map(([key, value]) => [
        key,
        Array.from({ length: rows }, () => {
          const list = value as unknown[];
          return changed(list[Math.floor(random() * list.length)], random);
        }),
      ]),
    );
    const type = 'application/json';
    if (at % 16 === 7) return { type, body: JSON.stringify({ inputs }).slice(0, -at) };
    if (at % 16 === 15)
      return { type, body: JSON.stringify({ inputs: { ...inputs, [Object.keys(inputs)[0] ?? '']: at } }) };
    const [first] = Object.values(inputs);
    const single = Object.keys(inputs).length === 1;
    if (at % 3 === 1 && single) return { type, body: JSON.stringify({ instances: first }) };
    if (at % 3 === 2 && single && Array.isArray(first?.[0])) {
      const data = first;
      return { type: 'application/json; format=pandas-split', body: JSON.stringify({ data }) };
    }
    return { type, body: JSON.stringify({ inputs }) };
  });
}

/** Numbers with a fraction are moved by up to a tenth; integers and texts, which may be indices and categories, stay. */
function changed(value: unknown, random: () => number): unknown {
  if (Array.isArray(value)) return value.map((each) => changed(each, random));
  return typeof value === 'number' && !Number.isInteger(value) ? value * (0.9 + random() / 5) : value;
}

/** `STATUS BODY` of each, sent over so many connections, each with one request at a time. */
async function answers(server: ModelServer, sent: readonly Sent[], connections: number): Promise<string[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const found = await Promise.all(sent.map((each) => post(server, each, agent)));
  agent.destroy();
  return found;
}

function post({ url }: ModelServer, { type, body }: Sent, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': type, 'content-length': Buffer.byteLength(body) };
    const asked = request(`${url}/invocations`, { method: 'POST', headers, agent }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => resolve(`${answer.statusCode} ${Buffer.concat(chunks)}`));
    });
    asked.on('error', reject);
    asked.end(body);
  });
}
