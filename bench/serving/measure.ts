/** One case at one running model server: its answers compared with onnxruntime's, then load for some time. */
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuOf } from '../cpu.js';
import { Connection, median, ok, quantile, request } from '../load.js';
import { cache } from '../python.js';
import type { Server } from '../server.js';
import type { ServingCase } from './cases.js';
import type { Dialect } from './dialects.js';
import type { Drive, FromLoad, ToLoad } from './load-process.js';
import type { Outputs } from './models.js';

export interface CaseResult {
  requestsPerSecond: number;
  /** Latency in ms. */
  p50: number;
  p99: number;
  /** CPU time of the server's process tree for one request, in ms. */
  cpuMs: number;
  /** The 99th percentile of the latency of its health path meanwhile, in ms. */
  pingP99?: number;
}

/** The load generator's process. */
export class LoadProcess {
  private readonly child: ChildProcess = fork(join(cache, 'serving/load-process.js'), { serialization: 'advanced' });

  /** What the drives that follow send, over and over. */
  give(messages: Uint8Array[]): void {
    this.order({ messages });
  }

  async drive(drive: Drive): Promise<Exclude<FromLoad, { error: string }>> {
    this.order({ drive });
    const answer = await new Promise<FromLoad>((resolve, reject) => {
      const end = () => reject(new Error('The load generator ended.'));
      this.child.once('exit', end).once('message', (message) => {
        this.child.off('exit', end);
        resolve(message as FromLoad);
      });
    });
    if ('error' in answer) throw new Error(answer.error);
    return answer;
  }

  stop(): void {
    this.child.disconnect();
  }

  private order(order: ToLoad): void {
    this.child.send(order);
  }
}

export interface Turn {
  /** The path that is pinged. */
  health: string;
  warmUpMs: number;
  ms: number;
}

const pingEveryMs = 20;

/** Drives the server with the given requests. Throws on any answer but 200. */
export async function measure(
  load: LoadProcess,
  server: Server,
  { connections, pings }: ServingCase,
  { health, warmUpMs, ms }: Turn,
): Promise<CaseResult> {
  const { port } = server;
  await load.drive({ port, connections, ms: warmUpMs });
  const pinging = pings && (await startPings(port, health));
  const before = cpuOf(server.pid);
  const { wallMs, latencies } = await load.drive({ port, connections, ms });
  const cpuMs = (cpuOf(server.pid) - before) / latencies.length;
  const pingLatencies = await pinging?.stop();
  return {
    requestsPerSecond: latencies.length / (wallMs / 1000),
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
    cpuMs,
    ...(pingLatencies && { pingP99: quantile(pingLatencies, 0.99) }),
  };
}

/** `stop` ends them, and gives their latencies, sorted. */
async function startPings(port: number, health: string): Promise<{ stop(): Promise<Float64Array> }> {
  const connection = await Connection.open(port);
  const ping = request('GET', health);
  const latencies: number[] = [];
  let stopping = false;
  const all = (async () => {
    while (!stopping) {
      const sent = performance.now();
      ok(await connection.send(ping));
      latencies.push(performance.now() - sent);
      await sleep(pingEveryMs);
    }
  })();
  // Seen by stop(): a failure before that must not end the process as unhandled.
  all.catch(() => {});
  return {
    async stop() {
      stopping = true;
      await all;
      connection.close();
      return Float64Array.from(latencies).sort();
    },
  };
}

/** Every field's median. */
export function medians(results: CaseResult[]): CaseResult {
  const of = (pick: (result: CaseResult) => number) => median(results.map(pick));
  return {
    requestsPerSecond: of((each) => each.requestsPerSecond),
    p50: of((each) => each.p50),
    p99: of((each) => each.p99),
    cpuMs: of((each) => each.cpuMs),
    ...(results[0]!.pingP99 !== undefined && { pingP99: of((each) => each.pingP99!) }),
  };
}

/** False when the server has no such path. Throws when an answer is wrong. */
export async function answersRightly(
  server: Server,
  dialect: Dialect,
  messages: Buffer[],
  expected: Outputs[],
): Promise<boolean> {
  const connection = await Connection.open(server.port);
  try {
    for (const [index, message] of messages.entries()) {
      const answer = await connection.send(message);
      if (answer.status === 404) return false;
      compare(dialect.outputs(answer), expected[index]!);
    }
    return true;
  } finally {
    connection.close();
  }
}

/** The servers have onnxruntimes of different versions, which may add in another order. */
const tolerance = 1e-5;

function compare(found: Outputs, expected: Outputs): void {
  for (const [name, numbers] of Object.entries(expected)) {
    const theirs = found[name] ?? [];
    const wrong = numbers.findIndex((value, index) => !(Math.abs(theirs[index]! - value) <= tolerance));
    if (theirs.length === numbers.length && wrong < 0) continue;
    throw new Error(
      `Wrong answer: ${name} has ${theirs.length} numbers and not ${numbers.length}, and at ${wrong} ${theirs[wrong]} and not ${numbers[wrong]}`,
    );
  }
}
