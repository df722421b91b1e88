/** A training program with mltrack's client, in a process of its own: prints what logging cost it as one line of JSON. Arguments: URL, values, spool. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type * as Client from '../../client/node/index.js';
import { median, quantile } from '../load.js';
import { cache } from '../python.js';

const [, , uri = '', values = '', spool = ''] = process.argv;
const { connect, startRun } = (await import(join(cache, '..', 'dist/client.js'))) as typeof Client;
const calls = Math.ceil(Number(values) / 3);
const options = { client: connect(uri), spool, context: false, systemMetrics: false, flushTimeout: 600_000 };

/** Logs three values a call, as a loop that computes something else each time. */
function logAll(run: Client.Run, count: number, took?: Float64Array): void {
  for (let step = 0; step < count; step++) {
    const values = { loss: Math.random(), accuracy: step / count, rate: 1 / (step + 1) };
    if (!took) run.log(values, { step });
    else {
      const began = performance.now();
      run.log(values, { step });
      took[step] = (performance.now() - began) * 1000;
    }
  }
}

const warm = startRun(options);
logAll(warm, 20_000);
await warm.end();

/** Each call by itself, in µs, with nothing to deliver beside it. */
async function costOfACall(): Promise<{ p50: number; p99: number }> {
  const run = startRun({ ...options, offline: true, onError: () => {} });
  const took = new Float64Array(100_000);
  logAll(run, took.length, took);
  await run.end();
  rmSync(join(spool, run.localId), { recursive: true });
  took.sort();
  return { p50: quantile(took, 0.5), p99: quantile(took, 0.99) };
}

const costs: { p50: number; p99: number }[] = [];
for (let turn = 0; turn < 5; turn++) costs.push(await costOfACall());

const run = startRun(options);
await run.id();
let peak = 0;
const watch = setInterval(() => {
  peak = Math.max(peak, process.memoryUsage.rss());
}, 20);
const cpu = process.cpuUsage();
const began = performance.now();
logAll(run, calls);
const logged = performance.now() - began;
const flushed = await run.flush();
const delivered = performance.now() - began;
const { user, system } = process.cpuUsage(cpu);
clearInterval(watch);
await run.end();
if (!flushed.delivered) throw new Error('Not everything was delivered.');

const result = {
  run_id: await run.id(),
  calls,
  p50: median(costs.map((cost) => cost.p50)),
  p99: median(costs.map((cost) => cost.p99)),
  loggedMs: logged,
  deliveredMs: delivered,
  cpuMs: (user + system) / 1000,
  heapMB: process.memoryUsage().heapUsed / 1e6,
  rssMB: Math.max(peak, process.memoryUsage.rss()) / 1e6,
};
console.log(JSON.stringify(result));
process.exit();
