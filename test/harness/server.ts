/** A real server process for a test: started from dist, on a free port, with its own folder. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const CLI = fileURLToPath(new URL('../../dist/mltrack.cjs', import.meta.url));

export interface ServerOptions {
  /** Further flags of `mltrack server`. */
  args?: string[];
  env?: Record<string, string>;
  /** The server's working directory: database and artifacts. Default: a new one, removed by `stop`. */
  cwd?: string;
  /** Default: the command of this build. */
  program?: string;
}

export interface TestServer {
  readonly url: string;
  readonly cwd: string;
  readonly process: ChildProcess;
  /** Everything it has written to stdout and stderr so far. */
  log(): string;
  /** SIGTERM, and the exit code once it has drained. Removes the folder when it was made here. */
  stop(): Promise<number | null>;
  /** SIGKILL; the folder stays. */
  kill(): Promise<void>;
}

export async function startServer(options: ServerOptions = {}): Promise<TestServer> {
  const cwd = options.cwd ?? (await mkdtemp(join(tmpdir(), 'mltrack-test-')));
  const child = spawn(process.execPath, [options.program ?? CLI, 'server', '--port', '0', ...(options.args ?? [])], {
    cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const url = await new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      log += chunk;
      const found = /http:\/\/[^\s]+/.exec(log);
      if (found) resolve(found[0]);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    exited.then((code) => reject(new Error(`The server ended with ${code}: ${log}`)));
  });
  return {
    url,
    cwd,
    process: child,
    log: () => log,
    async stop() {
      child.kill('SIGTERM');
      const code = await exited;
      if (!options.cwd) await rm(cwd, { recursive: true, force: true });
      return code;
    },
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
