/** Twenty thousand bodies that are almost good: each is answered, none with a 5xx, and the server stays as it was. */
import { execFileSync } from 'node:child_process';
import { Agent, request } from 'node:http';
import { expect, test } from 'vitest';
import { seededRandom } from '../harness/random.js';
import { modelFolder, serveModel } from './model-server.js';
import { type Body, mutated } from './mutations.js';
import { writeModel } from './onnx-writer.js';

const BODIES = 20_000;
const CONNECTIONS = 32;
const SEED = 4;
/** What the heap's size may vary by between two looks, in KiB: a leak of one small body in ten would be more. */
const GROWTH_KIB = 40 * 1024;

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

const json = (value: unknown, type = 'application/json'): Body => ({ type, body: Buffer.from(JSON.stringify(value)) });

const GOOD: readonly Body[] = [
  json({ inputs: COLUMNS, params: { a: 1 } }),
  json({ instances: RECORDS }),
  json({ instances: COLUMNS }),
  json({ dataframe_split: SPLIT }),
  json({ dataframe_records: RECORDS }),
  json(SPLIT, 'application/json; format=pandas-split'),
  json(RECORDS, 'application/json; format=pandas-records'),
  { type: 'text/csv', body: Buffer.from('x,i,s\n0.5,0,a\n-1.25,2,"é""\n,"\n1e-3,1,7\n') },
];

test('mutated bodies are answered with 200 or a 4xx that says why, and leave the server as it was', async () => {
  const folder = await modelFolder({ 'model.onnx': MODEL });
  const server = await serveModel(folder.path, { args: ['-w', '2'] });
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const url = `${server.url}/invocations`;
  const good = async () => {
    for (const each of GOOD) expect(await post(url, each, agent)).toMatchObject({ status: 200 });
  };
  await good();

  const random = seededRandom(SEED);
  const statuses = new Map<number, number>();
  const wrong: unknown[] = [];
  const sizes: number[] = [];
  const work = async (until: number) => {
    while (sent < until) {
      const body = mutated(GOOD[sent++ % GOOD.length] as Body, random);
      const answer = await post(url, body, agent);
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      if (!isFair(answer)) wrong.push({ sent: shown(body), answer: JSON.stringify(answer).slice(0, 500) });
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

const shown = ({ type, body }: Body) => `${type} ${body.toString('latin1').slice(0, 500)}`;

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** A prediction that is JSON, or a refusal with a reason: no stack trace, and not the body itself. */
function isFair({ status, type, text }: Answer): boolean {
  if (status === 200) return type === 'application/json' && JSON.parse(text) !== undefined;
  if (status === 415) return type.startsWith('text/plain') && text.length > 20 && text.length < 2000;
  if (status !== 400 || type !== 'application/json' || text.length > 6000) return false;
  const { error_code, message } = JSON.parse(text) as { error_code: string; message: string };
  return (
    /^(BAD_REQUEST|INVALID_PARAMETER_VALUE)$/.test(error_code) && message.length > 10 && !message.includes('\n    at ')
  );
}

function post(url: string, { type, body }: Body, agent: Agent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': type, 'content-length': body.length };
    const asked = request(url, { method: 'POST', headers, agent, timeout: 20_000 }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => {
        const { statusCode = 0, headers } = answer;
        resolve({ status: statusCode, type: headers['content-type'] ?? '', text: Buffer.concat(chunks).toString() });
      });
    });
    asked.on('timeout', () => asked.destroy(new Error(`No answer to ${shown({ type, body })}`)));
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
