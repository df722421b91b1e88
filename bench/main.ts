/** `npm run bench`: measures mltrack beside its peers. Options: --only CASE,… --peers PEER,… --quick --json FILE. */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { caseNames, coldStart, loadCases, memory, mixedCase } from './cases.js';
import { memoryOf } from './cpu.js';
import { measure } from './measure.js';
import { type Peer, type PeerName, peerNames, peers } from './peers.js';
import { type Server, startServer, temporaryFolder } from './server.js';
import { machine, type PeerResults, type Results, table } from './table.js';

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    peers: { type: 'string' },
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
  },
});
const chosen = choose(options.only, caseNames);
const chosenPeers = choose(options.peers, peerNames) as Set<PeerName>;

if (process.platform !== 'linux') {
  console.error('The bench reads CPU time and memory from /proc: it runs on Linux only.');
  process.exit(1);
}

const results: Results = { machine: machine(), peers: {} };
for (const name of peerNames.filter((name) => chosenPeers.has(name))) {
  const figures: PeerResults = { load: {} };
  results.peers[name] = figures;
  try {
    await measurePeer(peers[name], figures);
  } catch (error) {
    progress(`${peers[name].title} failed: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  }
}
console.log(table(results));
if (options.json) writeFileSync(options.json, `${JSON.stringify(results, null, 2)}\n`);
process.exit();

/** Fills `results` as it goes. */
async function measurePeer(peer: Peer, results: PeerResults): Promise<void> {
  const cwd = temporaryFolder(peer.name);
  progress(`${peer.title}: start`);
  let server = await startServer(peer, cwd);
  if (chosen.has(coldStart.name)) {
    // The first start made the database and filled the disk's cache; what users wait for is every later one.
    const starts: Server['start'][] = [];
    while (starts.length < (options.quick ? 1 : coldStart.starts[peer.name])) {
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
    results.load[load.name] = await measure(server, peer.name, load, rate, options.quick ? 1 / 4 : 1);
  };
  for (const load of loadCases) await run(load);
  if (chosen.has(memory.name)) {
    await server.settled(rate);
    results.memoryMB = memoryOf(server.pid);
  }
  await run(mixedCase);
  await server.stop();
}

function choose(option: string | undefined, names: readonly string[]): Set<string> {
  const wanted = option?.split(',') ?? names;
  const unknown = wanted.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    console.error(`${unknown}? There are ${names.join(', ')}.`);
    process.exit(1);
  }
  return new Set(wanted);
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1]!;
}

function progress(line: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
}
