/** `npm run bench -- artifacts`: what it costs mltrack's tracking server and MLflow's to take and to give a file of 256 MB through the artifact proxy. */
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { cpuOf, memoryOf } from '../cpu.js';
import { choose, type Options, progress } from '../options.js';
import { type PeerName, peers } from '../peers.js';
import { type Server, startServer, temporaryFolder } from '../server.js';
import { aligned, digits, heading, machine } from '../table.js';

const PEERS = ['mltrack', 'mlflow'] as const;
type Peered = (typeof PEERS)[number];

const MEGABYTES = 256;
const PIECE = Buffer.alloc(1024 * 1024, 'a1b2c3d4');
const PATH = '/api/2.0/mlflow-artifacts/artifacts/0/bench/file.bin';
const SAMPLE_EVERY = 50;
const TARGET = 2.5;
const MOST_MEMORY = 32;

const transfers = {
  upload: { title: 'upload of 256 MB', run: upload },
  download: { title: 'download of 256 MB', run: download },
} as const;
type Transfer = keyof typeof transfers;

/** CPU time in ms, by the whole process tree until it rests; MB (10^6 bytes) over what it held before, at most. Medians. */
interface Figure {
  cpuMs: number;
  riseMB: number;
}
type Figures = Partial<Record<Transfer, Figure>>;

export async function artifacts(options: Options): Promise<Partial<Record<PeerName, Figures>>> {
  const chosen = choose(options.only, Object.keys(transfers));
  const chosenPeers = choose(options.peers, PEERS);
  const here = machine();
  const results: Partial<Record<Peered, Figures>> = {};
  for (const name of PEERS.filter((each) => chosenPeers.has(each))) {
    const server = await startServer(peers[name], temporaryFolder(name));
    try {
      results[name] = await measureServer(server, peers[name].title, chosen, options.quick ? 2 : 7);
    } catch (error) {
      progress(`${peers[name].title} failed: ${error instanceof Error ? error.message : error}`);
      process.exitCode = 1;
    }
    await server.stop();
  }
  console.log([heading(here), '', table(results), ''].join('\n'));
  return results;
}

async function measureServer(server: Server, title: string, chosen: Set<string>, times: number): Promise<Figures> {
  const rate = await server.restingRate();
  // The download needs the file.
  await upload(server.port);
  const figures: Figures = {};
  for (const name of Object.keys(transfers) as Transfer[]) {
    if (!chosen.has(name)) continue;
    progress(`${title}: ${transfers[name].title}`);
    const runs: Figure[] = [];
    for (let i = 0; i < times; i++) runs.push(await measure(server, transfers[name].run, rate));
    figures[name] = { cpuMs: median(runs.map(({ cpuMs }) => cpuMs)), riseMB: median(runs.map(({ riseMB }) => riseMB)) };
  }
  return figures;
}

async function measure(server: Server, transfer: (port: number) => Promise<void>, rate: number): Promise<Figure> {
  await server.settled(rate);
  const held = memoryOf(server.pid);
  let most = held;
  const timer = setInterval(() => {
    most = Math.max(most, memoryOf(server.pid));
  }, SAMPLE_EVERY);
  const began = performance.now();
  const before = cpuOf(server.pid);
  try {
    await transfer(server.port);
  } finally {
    clearInterval(timer);
  }
  await server.settled(rate);
  return { cpuMs: Math.max(1, cpuOf(server.pid) - before - rate * (performance.now() - began)), riseMB: most - held };
}

async function upload(port: number): Promise<void> {
  const headers = { 'content-length': MEGABYTES * PIECE.length, 'content-type': 'application/octet-stream' };
  const sent = httpRequest({ port, path: PATH, method: 'PUT', headers });
  const answer = answerTo(sent);
  await pipeline(Readable.from(Array(MEGABYTES).fill(PIECE)), sent);
  await received(await answer);
}

async function download(port: number): Promise<void> {
  const bytes = await received(await answerTo(httpRequest({ port, path: PATH }).end()));
  if (bytes !== MEGABYTES * PIECE.length) throw new Error(`${bytes} bytes came back.`);
}

const answerTo = (sent: ClientRequest) =>
  new Promise<IncomingMessage>((resolve, reject) => {
    sent.on('response', resolve).on('error', reject);
  });

async function received(answer: IncomingMessage): Promise<number> {
  let bytes = 0;
  for await (const piece of answer as AsyncIterable<Buffer>) bytes += piece.length;
  if (answer.statusCode !== 200) throw new Error(`The server answered ${answer.statusCode}.`);
  return bytes;
}

const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1] as number;

function table(results: Partial<Record<Peered, Figures>>): string {
  const names = PEERS.filter((name) => results[name]);
  const rows = (Object.keys(transfers) as Transfer[]).flatMap((transfer) => {
    const { title } = transfers[transfer];
    const ours = results.mltrack?.[transfer];
    const cpu = names.map((name) => {
      const figure = results[name]?.[transfer];
      if (!figure) return '';
      if (name === 'mltrack' || !ours) return digits(figure.cpuMs);
      const ratio = figure.cpuMs / ours.cpuMs;
      return `${digits(figure.cpuMs)}  ${digits(ratio)}x ≥${TARGET} ${ratio >= TARGET ? 'ok' : 'MISS'}`;
    });
    const memory = names.map((name) => {
      const rise = results[name]?.[transfer]?.riseMB;
      if (rise === undefined) return '';
      return name === 'mltrack'
        ? `${digits(rise)} ≤${MOST_MEMORY} ${rise <= MOST_MEMORY ? 'ok' : 'MISS'}`
        : digits(rise);
    });
    return [
      [`${title}, ms of CPU`, ...cpu],
      [`${title}, rise of memory in MB`, ...memory],
    ];
  });
  const heads = ['whole process tree, until idle; medians', ...names.map((name) => peers[name].title)];
  return aligned([heads, ...rows.filter((row) => row.slice(1).some(Boolean))]);
}
