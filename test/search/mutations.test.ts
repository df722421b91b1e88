/** Thousands of filters, orders and page tokens that were broken by chance, over HTTP: each is answered, and never with a 5xx. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seededRandom } from '../harness/random.js';
import { startServer, type TestServer } from '../harness/server.js';
import { createDatabase } from '../harness/store.js';

const SEEDS = [
  "metrics.loss > 0.5 AND params.lr = '0.1' AND tags.`a b` LIKE '%x_' AND status != 'FAILED'",
  "attributes.run_id IN ('a', 'b') AND NOT (start_time < 5 OR end_time >= 1e3)",
  'params."x.y" ILIKE "%v%" and tags.t IS NOT NULL or datasets.name NOT IN (\'d\')',
  "min(metrics.loss) <= -1.5 AND last_step(metrics.`l/x`) != 7 AND name = 'it''s'",
  "name ILIKE 'e%' AND experiment_id IN ('1', '2') AND creation_time > 5 AND tags.k IS NULL",
  "trace.status = 'OK' AND metadata.`mlflow.sourceRun` != 'x' AND timestamp_ms > 5 AND prompt = 'a/1' AND end_time < 3",
  "model_type = 'x' AND metrics.acc > 0.1 AND params.lr = 0.01 AND creation_timestamp <= 17",
  "run_id IN ('a') AND version_number > 1 AND source_path LIKE 's3://%' AND tags.`mlflow.prompt.is_prompt` = 'true'",
];
const ORDERS = [
  'metrics.`loss` DESC',
  'params."a b" asc',
  'start_time',
  'attributes.run_name DESC',
  'max(metrics.x) ASC',
  'tags.t',
];
const PIECES = [
  ...'\'"`()=<>!~;,.%_\\\0\n\t -+*/',
  '',
  'AND',
  'OR',
  'NOT',
  'IN',
  'IS',
  'NULL',
  'LIKE',
  ' AND ',
  '((((',
  "''",
  '``',
  '1e999',
  '-',
  '0x1F',
  '99999999999999999999',
  'metrics.',
  'tags',
  '.',
  '𝒳',
  '\u{e000}',
  '\ud800',
  'ß',
  "('a'",
  '--',
  '/*',
  'select',
  '$1',
  '?',
  '%'.repeat(300),
];

let server: TestServer;

const random = seededRandom(20261125);
const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;

/** One to four cuts, doublings, swaps or insertions. */
function mutated(text: string): string {
  let result = text;
  for (let times = 1 + Math.floor(random() * 4); times > 0; times--) {
    const at = Math.floor(random() * (result.length + 1));
    const end = at + Math.floor(random() * 12);
    const piece = result.slice(at, end);
    const kind = Math.floor(random() * 4);
    if (kind === 0) result = result.slice(0, at) + result.slice(end);
    else if (kind === 1) result = result.slice(0, at) + piece + result.slice(at);
    else if (kind === 2) result = result.slice(0, at) + pick(PIECES) + result.slice(at);
    else result = result.slice(0, at) + pick(PIECES) + result.slice(end);
  }
  return result;
}

async function statusOf(path: string, body: object, method = 'POST'): Promise<number> {
  const query = new URLSearchParams(
    Object.entries(body).flatMap(([name, value]) => [value].flat().map((each) => [name, each])),
  );
  const response = await fetch(`${server.url}/api/2.0/mlflow/${path}${method === 'GET' ? `?${query}` : ''}`, {
    method,
    ...(method === 'POST' && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  if (response.status >= 500)
    throw new Error(`${response.status} for ${path} ${JSON.stringify(body)}: ${await response.text()}`);
  await response.arrayBuffer();
  return response.status;
}

const SEARCHES: ((filter: string, order: string, token: string | undefined) => Promise<number>)[] = [
  (filter, order, page_token) =>
    statusOf('runs/search', { experiment_ids: ['0'], filter, order_by: [order], page_token, max_results: 1 }),
  (filter, order, page_token) =>
    statusOf('experiments/search', { filter, order_by: [order], page_token, max_results: 1 }),
  (filter, order, page_token) =>
    statusOf('logged-models/search', { experiment_ids: ['0'], filter, order_by: [{ field_name: order }], page_token }),
  (filter, order) => statusOf('traces', { experiment_ids: ['0'], filter, order_by: [order] }, 'GET'),
  (filter, order) => statusOf('registered-models/search', { filter, order_by: [order] }, 'GET'),
  (filter, order) => statusOf('model-versions/search', { filter, order_by: [order] }, 'GET'),
];

async function inBatches(count: number, ask: () => Promise<number>): Promise<Map<number, number>> {
  const statuses = new Map<number, number>();
  for (let done = 0; done < count; done += 16) {
    const answers = await Promise.all(Array.from({ length: 16 }, ask));
    for (const status of answers) statuses.set(status, (statuses.get(status) ?? 0) + 1);
  }
  return statuses;
}

describe.each(['sqlite', 'postgres'])('%s answers broken', (database) => {
  beforeAll(async () => {
    server = await startServer(database === 'sqlite' ? {} : { args: ['--backend-store-uri', await createDatabase()] });
  });
  afterAll(() => server.stop());

  test('filters', async () => {
    const statuses = await inBatches(4000, () => pick(SEARCHES)(mutated(pick(SEEDS)), 'name', undefined));
    expect([...statuses.keys()].sort()).toEqual([200, 400]);
  }, 120_000);

  test('orders', async () => {
    const statuses = await inBatches(1500, () => pick(SEARCHES)('', mutated(pick(ORDERS)), undefined));
    expect([...statuses.keys()].sort()).toEqual([200, 400]);
  }, 120_000);

  test('page tokens', async () => {
    const create = { experiment_id: '0', start_time: 1 };
    await statusOf('runs/create', create);
    await statusOf('runs/create', create);
    const response = await fetch(`${server.url}/api/2.0/mlflow/runs/search`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ experiment_ids: ['0'], order_by: ['metrics.m', 'end_time DESC'], max_results: 1 }),
    });
    const { next_page_token: token } = (await response.json()) as { next_page_token: string };
    const json = Buffer.from(token, 'base64url').toString();
    const broken = () => (random() < 0.5 ? mutated(token) : Buffer.from(mutated(json)).toString('base64url'));
    const ask = () =>
      statusOf('runs/search', {
        experiment_ids: ['0'],
        order_by: ['metrics.m', 'end_time DESC'],
        page_token: broken(),
      });
    expect([...(await inBatches(1000, ask)).keys()].sort()).toEqual([200, 400]);
  }, 120_000);

  test('filters of any size', async () => {
    const many = (count: number, join: string) =>
      Array.from({ length: count }, (_, i) => `metrics.m${i} > ${i}`).join(join);
    const filters: [string, number][] = [
      [many(200, ' AND '), 200],
      [many(200, ' OR '), 200],
      [many(20_000, ' AND '), 400],
      [`${'('.repeat(40)}metrics.m > 1${')'.repeat(40)}`, 200],
      [`${'('.repeat(100_000)}metrics.m > 1`, 400],
      [`${'NOT '.repeat(100_000)}metrics.m > 1`, 400],
      [`run_id IN (${Array.from({ length: 5000 }, (_, i) => `'${i}'`).join()})`, 200],
      [`run_id IN (${Array.from({ length: 50_000 }, (_, i) => `'${i}'`).join()})`, 400],
      [`params.p LIKE '${'%a'.repeat(60_000)}'`, 200],
      [`params.p = '${'x'.repeat(1_000_000)}'`, 200],
    ];
    for (const [filter, status] of filters) {
      expect([filter.slice(0, 40), await statusOf('runs/search', { experiment_ids: ['0'], filter })]).toEqual([
        filter.slice(0, 40),
        status,
      ]);
    }
    const order_by = Array.from({ length: 31 }, (_, i) => `metrics.m${i}`);
    expect(await statusOf('runs/search', { experiment_ids: ['0'], order_by })).toBe(400);
    expect(await statusOf('runs/search', { experiment_ids: ['0'], order_by: order_by.slice(1) })).toBe(200);
  });
});
