/** What is asked, how often at each peer, and what is to be reached. */
import { type Connection, ok, request } from '../load.js';
import type { PeerName } from '../peers.js';
import { createRun, type Filled, noise } from './fill.js';

export interface World {
  port: number;
  /** 1,000 runs. */
  sweep: Filled;
  /** Run ids of histories by their number of points. */
  histories: Map<number, string>;
}

export interface QueryCase {
  name: string;
  title: string;
  /** How many operations are measured; a peer that is not named is not asked. */
  operations: Partial<Record<PeerName, number>>;
  /** At least so many times less CPU time than a peer. */
  targets: Partial<Record<PeerName, number>>;
  /** Most CPU time of mltrack, in ms. */
  limit?: number;
  /** Connections that ask at the same time; one where it is not said. */
  connections?: number;
  /** One operation, number `i`. Throws when its answer is wrong. */
  run(connection: Connection, world: World, i: number): Promise<void>;
}

interface Page {
  runs?: { info: { run_id: string }; data: { metrics?: { key: string; value: number }[] } }[];
  next_page_token?: string;
}

const search = (experiment: string, most: number, more: object = {}) => ({
  experiment_ids: [experiment],
  max_results: most,
  order_by: ['attributes.start_time DESC'],
  ...more,
});

async function found(connection: Connection, body: object, count: number): Promise<Page> {
  const page = await connection.ask<Page>('POST', '/runs/search', body);
  if (page.runs?.length !== count) throw new Error(`${page.runs?.length ?? 0} runs and not ${count}`);
  return page;
}

const matching = (runs: number, test: (i: number) => boolean) =>
  Array.from({ length: runs }, (_, i) => i).filter(test).length;

export const queryCases: QueryCase[] = [
  {
    name: 'search-100',
    title: 'searchRuns, a page of 100',
    operations: { mltrack: 600, fasttrackml: 60, mlflow: 20 },
    targets: { mlflow: 100, fasttrackml: 10 },
    run: async (connection, { sweep }) => void (await found(connection, search(sweep.experiment, 100), 100)),
  },
  {
    name: 'search-1000',
    title: 'searchRuns, a page of 1,000',
    operations: { mltrack: 100, fasttrackml: 20, mlflow: 4 },
    targets: { mlflow: 100, fasttrackml: 10 },
    run: async (connection, { sweep }) => void (await found(connection, search(sweep.experiment, 1000), 1000)),
  },
  {
    name: 'search-metric-order',
    title: 'searchRuns by a metric, a page of 100',
    operations: { mltrack: 600, fasttrackml: 60, mlflow: 20 },
    targets: { mlflow: 100, fasttrackml: 8 },
    async run(connection, { sweep }) {
      const order = { order_by: ['metrics.metric_3 ASC'] };
      const { runs } = await found(connection, search(sweep.experiment, 100, order), 100);
      const least = Math.min(...sweep.runs.map((_, i) => noise(i, 3)));
      const first = runs?.[0]?.data.metrics?.find(({ key }) => key === 'metric_3')?.value;
      if (first !== least) throw new Error(`The least metric_3 is ${least} and not ${first}`);
    },
  },
  {
    name: 'search-metric-param',
    title: 'searchRuns where a metric and a param',
    operations: { mltrack: 600, fasttrackml: 60, mlflow: 20 },
    targets: { mlflow: 60, fasttrackml: 6 },
    async run(connection, { sweep }) {
      const filter = "metrics.metric_5 < 0.5 and params.param_1 = '4'";
      const count = matching(sweep.runs.length, (i) => noise(i, 5) < 0.5 && (i * 2) % 50 === 4);
      await found(connection, search(sweep.experiment, 100, { filter }), count);
    },
  },
  {
    name: 'search-tag-like',
    title: 'searchRuns where a tag is LIKE',
    operations: { mltrack: 600, fasttrackml: 60, mlflow: 20 },
    targets: { mlflow: 60, fasttrackml: 6 },
    async run(connection, { sweep }) {
      const filter = "tags.host LIKE 'host-3%'";
      const count = matching(sweep.runs.length, (i) => /^3/.test(String(i % 40)));
      await found(connection, search(sweep.experiment, 1000, { filter }), count);
    },
  },
  {
    name: 'get-run',
    title: 'getRun, 8 connections',
    connections: 8,
    operations: { mltrack: 4000, fasttrackml: 800, mlflow: 100 },
    targets: { mlflow: 20, fasttrackml: 1.5 },
    async run(connection, { sweep }, i) {
      const run_id = sweep.runs[(i * 37) % sweep.runs.length]!;
      const { run } = await connection.ask<{ run: { info: { run_id: string } } }>('GET', `/runs/get?run_id=${run_id}`);
      if (run.info.run_id !== run_id) throw new Error('Another run');
    },
  },
  {
    name: 'create-run',
    title: 'create a run, 8 connections',
    connections: 8,
    operations: { mltrack: 2000, fasttrackml: 400, mlflow: 60 },
    targets: { mlflow: 30, fasttrackml: 1.3 },
    run: async (connection, _world, i) => void (await createRun(connection, '0', i)),
  },
  {
    name: 'batch-100-100',
    title: 'create a run, log-batch(100 params, 100 tags), 8 connections',
    connections: 8,
    operations: { mltrack: 600, fasttrackml: 100, mlflow: 30 },
    targets: { mlflow: 15, fasttrackml: 2.5 },
    async run(connection, _world, i) {
      const run_id = await createRun(connection, '0', i);
      const pairs = (kind: string) =>
        Array.from({ length: 100 }, (_, key) => ({ key: `${kind}_${key}`, value: `${i}` }));
      await connection.ask('POST', '/runs/log-batch', { run_id, params: pairs('p'), tags: pairs('t') });
    },
  },
  {
    name: 'history-50000',
    title: 'the whole history of 50,000 points',
    operations: { mltrack: 30, fasttrackml: 10, mlflow: 2 },
    targets: { mlflow: 50, fasttrackml: 10 },
    async run(connection, { histories }) {
      const path = `/metrics/get-history?run_id=${histories.get(50_000)}&metric_key=loss&max_results=25000`;
      let count = 0;
      let token = '';
      do {
        const page = await connection.ask<{ metrics: unknown[]; next_page_token?: string }>(
          'GET',
          token ? `${path}&page_token=${encodeURIComponent(token)}` : path,
        );
        count += page.metrics.length;
        token = page.next_page_token ?? '';
      } while (token);
      if (count !== 50_000) throw new Error(`${count} points`);
    },
  },
  {
    name: 'bulk-50000',
    title: 'bulk-interval over 50,000 points',
    operations: { mltrack: 300, mlflow: 6 },
    targets: { mlflow: 50 },
    run: bulkInterval(50_000),
  },
  {
    name: 'bulk-1000000',
    title: 'bulk-interval over 1,000,000 points',
    operations: { mltrack: 60 },
    targets: {},
    limit: 15,
    run: bulkInterval(1_000_000),
  },
];

function bulkInterval(points: number): QueryCase['run'] {
  return async (connection, { histories }) => {
    const query = `run_ids=${histories.get(points)}&metric_key=loss&max_results=320`;
    const answer = ok(
      await connection.send(request('GET', `/api/2.0/mlflow/metrics/get-history-bulk-interval?${query}`)),
    );
    const { metrics } = JSON.parse(answer.body.toString()) as { metrics: { step: number }[] };
    if (metrics.length !== 320 || Number(metrics.at(-1)?.step) !== points - 1)
      throw new Error(`${metrics.length} points`);
  };
}
