/** `npm run bench -- queries`: what reading costs mltrack's tracking server and its peers, and how that grows with the number of runs. */
import { cpuOf } from '../cpu.js';
import { Connection, drive, quantile, request } from '../load.js';
import { choose, type Options, progress } from '../options.js';
import { type Peer, type PeerName, peers } from '../peers.js';
import { type Server, startServer, temporaryFolder } from '../server.js';
import { aligned, digits, heading, machine } from '../table.js';
import { pointsOf } from '../workload.js';
import { type QueryCase, queryCases, type World } from './cases.js';
import { fillHistory, fillRuns } from './fill.js';

const PEERS = ['mltrack', 'fasttrackml', 'mlflow'] as const;
type Peered = (typeof PEERS)[number];

const mixed = { name: 'mixed-p99', title: 'log-batch(50) beside searches and chart reads, p99 in ms', target: 4 };
const scale = { name: 'scale', runs: [1000, 10_000, 100_000], most: [1, 2, 3] };

type Figures = Partial<Record<string, number>>;

export async function queries(options: Options): Promise<Partial<Record<PeerName, Figures>>> {
  const names = [...queryCases, mixed, scale].map((each) => each.name);
  const chosen = choose(options.only, names);
  const chosenPeers = choose(options.peers, PEERS);
  const here = machine();
  const results: Partial<Record<PeerName, Figures>> = {};
  let growth: string[][] = [];
  for (const name of PEERS.filter((each) => chosenPeers.has(each))) {
    const peer = peers[name];
    const figures: Figures = {};
    results[name] = figures;
    const server = await startServer(peer, temporaryFolder(peer.name));
    try {
      await measurePeer(peer, name, server, chosen, figures, options.quick);
      if (name === 'mltrack' && chosen.has(scale.name)) growth = await measureScale(server, options.quick);
    } catch (error) {
      progress(`${peer.title} failed: ${error instanceof Error ? error.message : error}`);
      process.exitCode = 1;
    }
    await server.stop();
  }
  console.log([heading(here), '', table(results), ...(growth.length > 0 ? ['', aligned(growth)] : []), ''].join('\n'));
  return results;
}

async function measurePeer(
  peer: Peer,
  name: Peered,
  server: Server,
  chosen: Set<string>,
  figures: Figures,
  isQuick: boolean,
): Promise<void> {
  const rate = await server.restingRate();
  progress(`${peer.title}: 1,000 runs, histories`);
  const sweep = await fillRuns(server.port, 'sweep', 1000, 4);
  const histories = new Map([[50_000, await fillHistory(server.port, '0', 50_000)]]);
  if (name === 'mltrack') histories.set(1_000_000, await fillHistory(server.port, '0', 1_000_000));
  await server.settled(rate);
  const world: World = { port: server.port, sweep, histories };
  for (const query of queryCases) {
    const operations = query.operations[name];
    if (!chosen.has(query.name) || operations === undefined) continue;
    progress(`${peer.title}: ${query.title}`);
    figures[query.name] = await measureQuery(server, world, query, Math.ceil(operations / (isQuick ? 4 : 1)), rate);
  }
  // MLflow answers 503 here ("database is locked") before it is through.
  if (chosen.has(mixed.name) && name !== 'mlflow') {
    progress(`${peer.title}: ${mixed.title}`);
    figures[mixed.name] = await measureMixed(server, world, isQuick ? 30 : 120);
  }
}

/** CPU time of one operation in ms, with the work done behind it. */
async function measureQuery(
  server: Server,
  world: World,
  query: QueryCase,
  operations: number,
  rate: number,
): Promise<number> {
  const connections = await Promise.all(
    Array.from({ length: query.connections ?? 1 }, () => Connection.open(server.port)),
  );
  let next = 0;
  const ask = (end: number) =>
    Promise.all(
      connections.map(async (connection) => {
        while (next < end) await query.run(connection, world, next++);
      }),
    );
  const warmUp = Math.ceil(operations / 5);
  await ask(warmUp);
  await server.settled(rate);
  const began = performance.now();
  const before = cpuOf(server.pid);
  await ask(warmUp + operations);
  await server.settled(rate);
  for (const connection of connections) connection.close();
  return Math.max(0, cpuOf(server.pid) - before - rate * (performance.now() - began)) / operations;
}

/** Eight loggers, `batches` each, while one connection searches and another reads a chart, over and over. */
async function measureMixed(server: Server, world: World, batches: number): Promise<number> {
  const control = await Connection.open(server.port);
  const shape = { call: 'log-batch', keys: 50, steps: 1 } as const;
  const streams: Buffer[][] = [];
  for (let i = 0; i < 8; i++) {
    const { run } = await control.ask<{ run: { info: { run_id: string } } }>('POST', '/runs/create', {
      experiment_id: '0',
    });
    const body = (index: number) => ({ run_id: run.info.run_id, metrics: pointsOf(shape, index) });
    streams.push(
      Array.from({ length: batches }, (_, index) => request('POST', '/api/2.0/mlflow/runs/log-batch', body(index))),
    );
  }
  control.close();
  let over = false;
  const readers = ['search-metric-order', 'history-50000'].map(async (name) => {
    const query = queryCases.find((each) => each.name === name) as QueryCase;
    const connection = await Connection.open(server.port);
    for (let i = 0; !over; i++) await query.run(connection, world, i);
    connection.close();
  });
  const reading = Promise.all(readers);
  // A failure is seen below, not as unhandled while the loggers go on.
  reading.catch(() => {});
  const { latencies } = await drive(server.port, streams);
  over = true;
  await reading;
  return quantile(latencies, 0.99);
}

/** How the searches' cost grows with the runs of an experiment. */
async function measureScale(server: Server, isQuick: boolean): Promise<string[][]> {
  const searches = queryCases.filter(({ name }) => ['search-100', 'search-metric-order'].includes(name));
  const rows = [['mltrack, ms of CPU', ...searches.map(({ title }) => title)]];
  const first: number[] = [];
  for (const [i, count] of scale.runs.slice(0, isQuick ? 2 : 3).entries()) {
    progress(`mltrack: ${count} runs`);
    const sweep = await fillRuns(server.port, `scale ${count}`, count, 4);
    const rate = 0;
    await folded(server);
    const world: World = { port: server.port, sweep, histories: new Map() };
    const row = [`${count.toLocaleString('en')} runs`];
    for (const [at, query] of searches.entries()) {
      const cost = await measureQuery(server, world, query, 200, rate);
      first[at] ??= cost;
      const ratio = cost / (first[at] as number);
      const most = scale.most[i] as number;
      row.push(`${digits(cost)}${i === 0 ? '' : `  ${digits(ratio)}x ≤${most} ${ratio <= most ? 'ok' : 'MISS'}`}`);
    }
    rows.push(row);
  }
  return rows;
}

/** A hundred thousand runs are folded one by one: that takes minutes. */
async function folded(server: Server): Promise<void> {
  for (let patience = 8; ; patience--) {
    try {
      return await server.settled(0);
    } catch (error) {
      if (patience === 0) throw error;
    }
  }
}

function table(results: Partial<Record<PeerName, Figures>>): string {
  const names = PEERS.filter((name) => results[name]);
  const rows = queryCases.map(({ name, title, targets, limit }) => [
    `${title}, ms`,
    ...names.map((peer) => cell(results, name, peer, targets[peer], limit)),
  ]);
  rows.push([
    mixed.title,
    ...names.map((peer) => cell(results, mixed.name, peer, peer === 'fasttrackml' ? mixed.target : undefined)),
  ]);
  const title = 'CPU time per operation, whole process tree, until idle';
  return aligned([
    [title, ...names.map((name) => peers[name].title)],
    ...rows.filter((row) => row.slice(1).some(Boolean)),
  ]);
}

function cell(
  results: Partial<Record<PeerName, Figures>>,
  name: string,
  peer: Peered,
  target?: number,
  limit?: number,
): string {
  const figure = results[peer]?.[name];
  if (figure === undefined) return '';
  const ours = results.mltrack?.[name];
  if (peer === 'mltrack') {
    return limit === undefined ? digits(figure) : `${digits(figure)} ≤${limit} ${figure <= limit ? 'ok' : 'MISS'}`;
  }
  if (!ours) return digits(figure);
  const ratio = figure / ours;
  return `${digits(figure)}  ${digits(ratio)}x${target === undefined ? '' : ` ≥${target} ${ratio >= target ? 'ok' : 'MISS'}`}`;
}
