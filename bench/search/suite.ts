/** `npm run bench -- search`: what searches cost, beside MLflow and FastTrackML, and how mltrack's grow with the number of runs. */
import { cpuOf } from '../cpu.js';
import { Connection, drive, ok, quantile, request } from '../load.js';
import { choose, type Options, progress } from '../options.js';
import { peers } from '../peers.js';
import { type Server, startServer, temporaryFolder } from '../server.js';
import { machine } from '../table.js';
import { type SearchCase, type SearchPeer, searchCaseNames, searchCases, searchPeers, sizes } from './cases.js';
import { fill } from './runs.js';
import { type SearchFigures, type SearchResults, searchTable } from './table.js';

export async function search(options: Options): Promise<SearchResults> {
  const chosen = choose(options.only, searchCaseNames);
  const chosenPeers = choose(options.peers, searchPeers) as Set<SearchPeer>;
  const results: SearchResults = { machine: machine(), peers: {} };
  for (const name of searchPeers.filter((name) => chosenPeers.has(name))) {
    try {
      results.peers[name] = await measurePeer(name, chosen, options.quick);
    } catch (error) {
      progress(`${peers[name].title} failed: ${error instanceof Error ? error.message : error}`);
      process.exitCode = 1;
    }
  }
  console.log(searchTable(results));
  return results;
}

async function measurePeer(name: SearchPeer, chosen: Set<string>, isQuick: boolean): Promise<SearchFigures> {
  const peer = peers[name];
  const figures: SearchFigures = {};
  const server = await startServer(peer, temporaryFolder(name));
  const rate = await server.restingRate();
  const control = await Connection.open(server.port);
  const { experiment_id } = await control.ask<{ experiment_id: string }>('POST', '/experiments/create', {
    name: 'searched',
  });
  control.close();
  const ids: string[] = [];
  for (const { runs } of sizes) {
    if (runs > 1000 && (name !== 'mltrack' || isQuick)) break;
    progress(`${peer.title}: ${runs.toLocaleString('en')} runs`);
    ids.push(...(await fill(server.port, experiment_id, ids.length, runs)));
    await server.settled(rate);
    for (const each of searchCases.filter((each) => chosen.has(each.name))) {
      progress(`${peer.title}: ${each.title}`);
      const measured = await measure(
        server,
        each,
        { experiment_id, ids },
        rate,
        each.operations[name] / (isQuick ? 4 : 1),
      );
      figures[each.name] = { ...figures[each.name], [runs]: measured };
    }
  }
  await server.stop();
  return figures;
}

interface Filled {
  experiment_id: string;
  ids: readonly string[];
}

async function measure(server: Server, each: SearchCase, filled: Filled, rate: number, wanted: number) {
  const messages = requestsOf(each, filled, Math.max(2, Math.ceil(wanted)));
  await check(server, each, messages[0] as Buffer);
  await drive(server.port, [messages.slice(0, Math.ceil(messages.length / 3))]);
  await server.settled(rate);
  const began = performance.now();
  const before = cpuOf(server.pid);
  const { latencies } = await drive(server.port, [messages]);
  await server.settled(rate);
  const cpuMs = (cpuOf(server.pid) - before - rate * (performance.now() - began)) / messages.length;
  return { cpuMs, p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99) };
}

function requestsOf({ query }: SearchCase, { experiment_id, ids }: Filled, count: number): Buffer[] {
  return Array.from({ length: count }, (_, i) =>
    query
      ? request('POST', '/api/2.0/mlflow/runs/search', { experiment_ids: [experiment_id], ...query })
      : request('GET', `/api/2.0/mlflow/runs/get?run_id=${ids[(i * 7) % ids.length]}`),
  );
}

/** Throws when an answer has not what was filled in. */
async function check(server: Server, each: SearchCase, message: Buffer): Promise<void> {
  interface Run {
    data: { metrics: unknown[]; params: unknown[]; tags: unknown[] };
  }
  const connection = await Connection.open(server.port);
  const answer = JSON.parse(ok(await connection.send(message)).body.toString()) as { run: Run } | { runs: Run[] };
  connection.close();
  const runs = 'runs' in answer ? answer.runs : [answer.run];
  const whole = runs.filter(
    ({ data }) => data.metrics.length === 20 && data.params.length === 20 && data.tags.length >= 5,
  );
  if (whole.length !== each.found) throw new Error(`${each.name}: ${whole.length} whole runs and not ${each.found}`);
}
