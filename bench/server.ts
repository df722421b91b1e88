/** Starts a peer in a folder of its own, and ends all its processes whatever happens to the bench. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuOf, restingRate, settled, tree } from './cpu.js';
import { Connection, request } from './load.js';

/** A server as the bench starts it. */
export interface Startable {
  title: string;
  /** The path whose 200 says that it has started. */
  health: string;
  /** Installs what is missing. May write settings into the folder in which it will run. Throws when it cannot. */
  command(port: number, cwd: string): string[];
  /** Work that it has put off, when it runs in this folder. */
  deferred?(cwd: string): number;
}

/** Telemetry would be CPU time that no user asked for, and needs the internet. */
const environment = { ...process.env, MLFLOW_DISABLE_TELEMETRY: 'true', DO_NOT_TRACK: 'true' };

export interface Server {
  pid: number;
  port: number;
  /** CPU time and time from the start to the first 200 of its health path. */
  start: { cpuMs: number; wallMs: number };
  /** Share of one core that it uses when nobody asks it anything. Waits until it has finished starting. */
  restingRate(): Promise<number>;
  /** Resolves once it has done all that it put off and uses no more than its resting rate. */
  settled(restingRate: number): Promise<void>;
  stop(): Promise<void>;
}

const folders = new Set<string>();
const running = new Set<ChildProcess>();

process.on('exit', () => {
  for (const child of running) for (const pid of pidsOf(child)) kill(pid, 'SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));

/** A new temporary folder, removed when the bench ends. */
export function temporaryFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `mltrack-bench-${name}-`));
  folders.add(folder);
  return folder;
}

export async function startServer(peer: Startable, cwd: string): Promise<Server> {
  const port = await freePort();
  const [file, ...args] = peer.command(port, cwd);
  const log = openSync(join(cwd, 'bench.log'), 'a');
  const began = performance.now();
  // Detached: a Ctrl-C at the terminal reaches the bench only, which then ends the whole tree.
  const child = spawn(file!, args, { cwd, env: environment, detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()));
  await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject));
  running.add(child);
  const pid = child.pid!;
  while (!(await isHealthy(port, peer.health))) {
    if (child.exitCode !== null || performance.now() - began > 120_000) {
      throw new Error(`${peer.title} did not start:\n${readFileSync(join(cwd, 'bench.log'), 'utf8').slice(-2000)}`);
    }
    await sleep(5);
  }
  return {
    pid,
    port,
    start: { cpuMs: cpuOf(pid), wallMs: performance.now() - began },
    restingRate: () => restingRate(pid),
    settled: (rate) => settled(pid, rate, () => (peer.deferred?.(cwd) ?? 0) === 0),
    async stop() {
      const pids = pidsOf(child);
      kill(pid, 'SIGTERM');
      await Promise.race([exited, sleep(5000)]);
      for (const each of pids) kill(each, 'SIGKILL');
      await exited;
      running.delete(child);
    },
  };
}

async function isHealthy(port: number, path: string): Promise<boolean> {
  try {
    const connection = await Connection.open(port);
    const { status } = await connection.send(request('GET', path));
    connection.close();
    return status === 200;
  } catch {
    return false;
  }
}

function pidsOf(child: ChildProcess): number[] {
  return tree(child.pid!).map((each) => each.pid);
}

function kill(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended by itself.
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        address && typeof address === 'object' ? resolve(address.port) : reject(new Error('No port.')),
      );
    });
  });
}
