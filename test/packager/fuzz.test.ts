/** Twenty thousand bodies that are almost good: each is answered, none with a 5xx, and the server stays as it was. */
import { execFileSync } from 'node:child_process';
import { Agent, request } from 'node:http';
import { expect, test } from 'vitest';
import { seededRandom } from '../harness/random.js';
import { type ModelServer, modelFolder, serveModel } from './model-server.js';
import { mutated, type Sent } from './mutations.js';
import { writeModel } from './onnx-writer.js';

const BODIES = 20_000;
const CONNECTIONS = 32;
const SEED = 4;
/** One in so many is a megabyte, so that memory which is kept for each would show: 250 MB between the two looks. */
const LARGE_EVERY = 40;
const LARGE = Buffer.alloc(2 ** 20, ' ');
/** What the size of three heaps varies by, in KiB. */
const GROWTH_KIB = 100 * 1024;

/** Takes numbers, indices (which may be out of range at run time) and texts, each a column. */
const MODEL = writeModel({
  nodes: [
    { operator: 'Gather', inputs: ['x', 'i'], outputs: ['y'] },
    { operator: 'Identity', inputs: ['s'], outputs: ['t'] },
  ],
  inputs: [
    { name: 'x', type: 'float', shape: ['n'] },
    { name: 'i', type: 'int64', shape: ['n'] },
    { name: 's', type: 'string', shape: ['n'] },
  ],
  outputs: [
    { name: 'y', type: 'float', shape: ['n'] },
    { name: 't', type: 'string', shape: ['n'] },
  ],
});

const COLUMNS = { x: [0.5, -1.25, 3e-7, 4], i: [0, 3, 1, -4], s: ['a', 'é"\\', '', '7'] };
const NAMES = Object.keys(COLUMNS) as (keyof typeof COLUMNS)[];
const ROWS = COLUMNS.x.map((_, row) => NAMES.map((name) => COLUMNS[name][row]));
const RECORDS = ROWS.map((row) => Object.fromEntries(NAMES.map((name, at) => [name, row[at]])));
const SPLIT = { columns: NAMES, index: [4, 5, 6, 7], data: ROWS };

const INVOCATIONS = '/invocations';
const INFER = '/v2/models/model/infer';

const sentAs = (type: string, body: string, path = INVOCATIONS): Sent => ({
  path,
  headers: { 'content-type': type },
  body: Buffer.from(body),
});
const json = (value: unknown, type = 'application/json') => sentAs(type, JSON.stringify(value));

const TENSORS = [
  { name: 'x', shape: [4], datatype: 'FP32', data: COLUMNS.x },
  { name: 'i', shape: [4], datatype: 'INT64', data: COLUMNS.i },
  { name: 's', shape: [4], datatype: 'BYTES', data: COLUMNS.s },
];

/** The numbers of `x` after the JSON, and outputs as bytes. */
function inBytes(): Sent {
  const [{ name, shape, datatype }, ...others] = TENSORS as [(typeof TENSORS)[0], ...typeof TENSORS];
  const first = { name, shape, datatype, parameters: { binary_data_size: 16 } };
  const head = Buffer.from(JSON.stringify({ inputs: [first, ...others], parameters: { binary_data_output: true } }));
  return {
    path: INFER,
    headers: { 'content-type': 'application/octet-stream', 'inference-header-content-length': String(head.length) },
    body: Buffer.concat([head, new Uint8Array(Float32Array.from(COLUMNS.x).buffer)]),
  };
}

/** A file of numpy.save: a good one, but this model has three inputs. */
function numpyFile(): Sent {
  const head = "{'descr': '<f4', 'fortran_order': False, 'shape': (4,), }".padEnd(117);
  const body = Buffer.concat([
    Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 118, 0]),
    Buffer.from(`${head}\n`),
    new Uint8Array(Float32Array.from(COLUMNS.x).buffer),
  ]);
  return { path: INVOCATIONS, headers: { 'content-type': 'application/x-npy' }, body };
}

const GOOD: readonly Sent[] = [
  json({ inputs: COLUMNS, params: { a: 1 } }),
  json({ instances: RECORDS }),
  json({ instances: COLUMNS }),
  json({ dataframe_split: SPLIT }),
  json({ dataframe_records: RECORDS }),
  json(SPLIT, 'application/json; format=pandas-split'),
  json(RECORDS, 'application/json; format=pandas-records'),
  sentAs('text/csv', 'x,i,s\n0.5,0,a\n-1.25,2,"é""\n,"\n1e-3,1,7\n'),
  sentAs('application/json', JSON.stringify({ id: 'a', inputs: TENSORS, outputs: [{ name: 'y' }] }), INFER),
  inBytes(),
];
const SEEDS = [...GOOD, numpyFile()];

/** With white space after it, where it has no bytes that count. */
const large = (sent: Sent): Sent => ({ ...sent, body: Buffer.concat([sent.body, LARGE]) });

test('mutated bodies are answered with 200 or a 4xx that says why, and leave the server as it was', async () => {
  const folder = await modelFolder({ 'model.onnx': MODEL });
  const server = await serveModel(folder.path, { args: ['-w', '2'] });
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const good = async () => {
    for (const each of GOOD) expect((await post(server, each, agent)).status).toBe(200);
  };
  await good();

  const random = seededRandom(SEED);
  const statuses = new Map<number, number>();
  const wrong: unknown[] = [];
  const sizes: number[] = [];
  const work = async (until: number) => {
    while (sent < until) {
      const seed = SEEDS[sent % SEEDS.length] as Sent;
      const asked = mutated(sent++ % LARGE_EVERY === 0 ? large(seed) : seed, random);
      const answer = await post(server, asked, agent);
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      if (!isFair(asked, answer)) wrong.push({ sent: shown(asked), answer: JSON.stringify(answer).slice(0, 500) });
    }
  };
  let sent = 0;
  for (const part of [0.5, 0.75, 1]) {
    await Promise.all(Array.from({ length: CONNECTIONS }, () => work(BODIES * part)));
    sizes.push(residentSize(server.process.pid as number));
  }
  console.log(
    `seed ${SEED}: ${[...statuses].map(([status, count]) => `${count} × ${status}`).join(', ')}; KiB: ${sizes}`,
  );

  expect(wrong.slice(0, 5)).toEqual([]);
  expect(statuses.get(200)).toBeGreaterThan(BODIES / 20);
  expect(statuses.get(400)).toBeGreaterThan(BODIES / 3);
  expect(statuses.get(415)).toBeGreaterThan(BODIES / 100);
  await good();
  expect(server.process.exitCode).toBeNull();
  expect(server.log()).not.toMatch(/\n\s+at |ended|restart/i);
  const [middle = 0, ...later] = sizes;
  expect(Math.min(...later) - middle).toBeLessThan(GROWTH_KIB);
  agent.destroy();
  expect(await server.stop()).toBe(0);
  await folder.remove();
}, 180_000);

const shown = ({ path, headers, body }: Sent) =>
  `${path} ${JSON.stringify(headers)} ${body.toString('latin1').slice(0, 500)}`;

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** A prediction, or a refusal with a reason: no stack trace, and not the body itself. */
function isFair({ path, headers }: Sent, { status, type, text }: Answer): boolean {
  if (status === 200)
    return type !== 'application/json' || 'inference-header-content-length' in headers || isJson(text);
  if (text.length > 8000 || text.includes('\n    at ')) return false;
  if (status === 415 || status === 406) return type.startsWith('text/plain') && text.length > 20;
  if (status !== 400 || type !== 'application/json') return false;
  const { error_code, message, error } = JSON.parse(text) as Record<string, string>;
  if (path === INFER) return (error ?? '').length > 10;
  return /^(BAD_REQUEST|INVALID_PARAMETER_VALUE)$/.test(error_code ?? '') && (message ?? '').length > 10;
}

function isJson(text: string): boolean {
  JSON.parse(text);
  return true;
}

function post({ url }: ModelServer, sent: Sent, agent: Agent): Promise<Answer> {
  const { path, headers, body } = sent;
  return new Promise((resolve, reject) => {
    const options = { method: 'POST', headers: { ...headers, 'content-length': body.length }, agent, timeout: 20_000 };
    const asked = request(url + path, options, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => {
        const { statusCode = 0, headers } = answer;
        resolve({ status: statusCode, type: headers['content-type'] ?? '', text: Buffer.concat(chunks).toString() });
      });
    });
    asked.on('timeout', () => asked.destroy(new Error(`No answer to ${shown(sent)}`)));
    asked.on('error', reject);
    asked.end(body);
  });
}

/** KiB of memory of a process and those it started. */
function residentSize(root: number): number {
  const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,rss='], { encoding: 'utf8' }).trim().split('\n');
  const processes = rows.map((row) => row.trim().split(/\s+/).map(Number) as [number, number, number]);
  const family = new Set([root]);
  // A child may stand before its parent: as many passes as generations.
  for (let size = 0; size !== family.size; ) {
    size = family.size;
    for (const [pid, parent] of processes) if (family.has(parent)) family.add(pid);
  }
  return processes.reduce((sum, [pid, , kib]) => (family.has(pid) ? sum + kib : sum), 0);
}
