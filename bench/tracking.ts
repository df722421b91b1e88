/** `npm run bench -- tracking`: mltrack's tracking server beside its peers. */
import { caseNames, coldStart, loadCases, memory, mixedCase } from './cases.js';
import { memoryOf } from './cpu.js';
import { median } from './load.js';
import { measure } from './measure.js';
import { choose, type Options, progress } from './options.js';
import { type Peer, type PeerName, peerNames, peers } from './peers.js';
import { type Server, startServer, temporaryFolder } from './server.js';
import { machine, type PeerResults, type Results, table } from './table.js';

export async function tracking(options: Options): Promise<Results> {
  const chosen = choose(options.only, caseNames);
  const chosenPeers = choose(options.peers, peerNames) as Set<PeerName>;
  const results: Results = { machine: machine(), peers: {} };
  for (const name of peerNames.filter((name) => chosenPeers.has(name))) {
    const figures: PeerResults = { load: {} };
    results.peers[name] = figures;
    try {
      await measurePeer(peers[name], figures, chosen, options.quick);
    } catch (error) {
      progress(`${peers[name].title} failed: ${error instanceof Error ? error.message : error}`);
      process.exitCode = 1;
    }
  }
  console.log(table(results));
  return results;
}

/** Fills `results` as it goes. */
async function measurePeer(peer: Peer, results: PeerResults, chosen: Set<string>, isQuick: boolean): Promise<void> {
  const cwd = temporaryFolder(peer.name);
  progress(`${peer.title}: start`);
  let server = await startServer(peer, cwd);
  if (chosen.has(coldStart.name)) {
    // The first start made the database and filled the disk's cache; what users wait for is every later one.
    const starts: Server['start'][] = [];
    while (starts.length < (isQuick ? 1 : coldStart.starts[peer.name])) {
      await server.stop();
      server = await startServer(peer, cwd);
      starts.push(server.start);
    }
    results.start = {
      cpuMs: median(starts.map((each) => each.cpuMs)),
      wallMs: median(starts.map((each) => each.wallMs)),
    };
  }
  const rate = await server.restingRate();
  const run = async (load: (typeof loadCases)[number]) => {
    if (!chosen.has(load.name)) return;
    progress(`${peer.title}: ${load.title}`);
    results.load[load.name] = await measure(server, peer.name, load, rate, isQuick ? 1 / 4 : 1);
  };
  for (const load of loadCases) await run(load);
  if (chosen.has(memory.name)) {
    await server.settled(rate);
    results.memoryMB = memoryOf(server.pid);
  }
  await run(mixedCase);
  await server.stop();
}
