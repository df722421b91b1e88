/** `mltrack sagemaker run-local` on a free port, with a folder of its own for what it makes. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { CLI } from '../harness/server.js';

export interface LocalServer {
  readonly url: string;
  readonly child: ChildProcess;
  readonly exited: Promise<number | null>;
  /** Its TMPDIR: what is there of the private folder while it runs. */
  readonly own: string;
  log(): string;
}

/** `folder`: where `own` is made. */
export async function startLocalServer(
  model: string,
  folder: string,
  env: Readonly<Record<string, string>> = {},
): Promise<LocalServer> {
  const port = await freePort();
  const own = await mkdtemp(join(folder, 'tmp-'));
  const args = ['sagemaker', 'run-local', '-m', model, '-p', String(port)];
  const child = spawn(process.execPath, [CLI, ...args], {
    env: { ...process.env, ...env, TMPDIR: own },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  await new Promise<void>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      log += chunk;
      if (/Serving .* at http/i.test(log)) resolve();
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    exited.then((code) => reject(new Error(`run-local ended with ${code}: ${log}`)));
  });
  return { url: `http://127.0.0.1:${port}`, child, exited, own, log: () => log };
}

async function freePort(): Promise<number> {
  const socket = createServer().listen(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address() as AddressInfo;
  socket.close();
  return port;
}
