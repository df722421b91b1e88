/** One case at one server: set up, warm up, measure until the server is idle, and check what it then answers. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LoadCase } from './cases.js';
import { cpuOf } from './cpu.js';
import { Connection, drive, quantile } from './load.js';
import type { PeerName } from './peers.js';
import type { Server } from './server.js';
import { keys, type Point, point, requestsOf, type Shape, valuesOfKey } from './workload.js';

export interface Latency {
  p50: number;
  p99: number;
}

export interface LoadResult extends Latency {
  operations: number;
  /** CPU time of one operation with the work done behind it, in ms. */
  cpuMs: number;
  /** From the first request to the last answer, without the work behind it. */
  wallMs: number;
  valuesPerSecond: number;
  search?: Latency & { count: number };
}

interface Run {
  info: { run_id: string };
  data: { metrics: Point[] };
}

/** `scale` multiplies the number of operations. Throws when an answer is wrong. */
export async function measure(
  server: Server,
  peer: PeerName,
  load: LoadCase,
  restingRate: number,
  scale: number,
): Promise<LoadResult> {
  const { shape, connections } = load;
  const perRun = Math.ceil((load.operations[peer] * scale) / connections);
  // Long enough that the peers on V8 have compiled what is hot: what a server costs once it runs is compared.
  const warmUp = Math.ceil(perRun / 3);
  const control = await Connection.open(server.port);
  const { experiment_id } = await control.ask<{ experiment_id: string }>('POST', '/experiments/create', {
    name: load.name,
  });
  const runs: string[] = [];
  for (let index = 0; index < connections; index++) runs.push(await createRun(control, experiment_id));
  const search = load.searches ? await searching(control, experiment_id) : undefined;
  control.close();

  await drive(server.port, streams(shape, runs, 0, warmUp));
  if (search) await (await search(server.port)).stop();
  const measured = streams(shape, runs, warmUp, warmUp + perRun);
  await server.settled(restingRate);

  const began = performance.now();
  const before = cpuOf(server.pid);
  const searches = await search?.(server.port);
  const { wallMs, latencies } = await drive(server.port, measured);
  const searchLatencies = await searches?.stop();
  await server.settled(restingRate);
  const operations = perRun * connections;
  const cpuMs = (cpuOf(server.pid) - before - restingRate * (performance.now() - began)) / operations;

  await check(server, shape, runs, warmUp + perRun);
  const valuesPerRequest = shape.call === 'log-metric' ? 1 : shape.keys * shape.steps;
  return {
    operations,
    cpuMs,
    wallMs,
    valuesPerSecond: (operations * valuesPerRequest) / (wallMs / 1000),
    ...latency(latencies),
    ...(searchLatencies && { search: { count: searchLatencies.length, ...latency(searchLatencies) } }),
  };
}

async function createRun(connection: Connection, experiment_id: string): Promise<string> {
  const { run } = await connection.ask<{ run: Run }>('POST', '/runs/create', {
    experiment_id,
    start_time: Date.now(),
  });
  return run.info.run_id;
}

function streams(shape: Shape, runs: string[], first: number, end: number): Buffer[][] {
  return runs.map((run) => requestsOf(shape, run, first, end));
}

/** Compares the latest value of every key, and the whole history of one, with what was sent. */
async function check(server: Server, shape: Shape, runs: string[], requests: number): Promise<void> {
  const connection = await Connection.open(server.port);
  for (const run_id of runs) {
    const { run } = await connection.ask<{ run: Run }>('GET', `/runs/get?run_id=${run_id}`);
    const latest = new Map(run.data.metrics.map((metric) => [metric.key, metric]));
    for (let key = 0; key < shape.keys; key++) {
      const values = valuesOfKey(shape, key, requests);
      if (values < 1) continue;
      const expected = point(key, values - 1);
      const found = latest.get(expected.key);
      if (found?.value !== expected.value || Number(found.step) !== expected.step) {
        throw new Error(`Wrong latest value: ${JSON.stringify(found)} and not ${JSON.stringify(expected)}`);
      }
    }
    const path = `/metrics/get-history?run_id=${run_id}&metric_key=${encodeURIComponent(keys[0]!)}&max_results=25000`;
    const { metrics } = await connection.ask<{ metrics: Point[] }>('GET', path);
    const expected = valuesOfKey(shape, 0, requests);
    const wrong = metrics.findIndex((metric, step) => metric.value !== point(0, step).value);
    if (metrics.length !== expected || wrong >= 0) {
      throw new Error(`Wrong history: ${metrics.length} values and not ${expected}, the first wrong one at ${wrong}`);
    }
  }
  connection.close();
}

interface Searches {
  /** Ends them, and gives their latencies, sorted. */
  stop(): Promise<Float64Array>;
}

/** Fills the experiment with runs that no logger touches, and returns what searches them, at once and then every second. */
async function searching(control: Connection, experiment_id: string): Promise<(port: number) => Promise<Searches>> {
  const expected = new Set<string>();
  for (let seed = 1; seed <= 64; seed++) {
    const run_id = await createRun(control, experiment_id);
    const metrics = keys.map((_, key) => point(key, 0, seed));
    await control.ask('POST', '/runs/log-batch', { run_id, metrics });
    expected.add(run_id);
  }
  const query = { experiment_ids: [experiment_id], order_by: ['attributes.start_time DESC'], max_results: 100 };
  return async (port) => {
    const connection = await Connection.open(port);
    const latencies: number[] = [];
    const stopping = new AbortController();
    const all = (async () => {
      do {
        const sent = performance.now();
        const { runs } = await connection.ask<{ runs: Run[] }>('POST', '/runs/search', query);
        const took = performance.now() - sent;
        latencies.push(took);
        const found = runs.filter((run) => expected.has(run.info.run_id) && run.data.metrics.length === keys.length);
        if (found.length !== expected.size) throw new Error(`Wrong search: ${found.length} whole runs`);
        await sleep(Math.max(0, 1000 - took), undefined, { signal: stopping.signal }).catch(() => {});
      } while (!stopping.signal.aborted);
    })();
    // Seen by stop(): a failure before that must not end the process as unhandled.
    all.catch(() => {});
    return {
      async stop() {
        stopping.abort();
        await all;
        connection.close();
        return Float64Array.from(latencies).sort();
      },
    };
  };
}

function latency(sorted: Float64Array): Latency {
  return { p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99) };
}
