/** A stock MLflow tracking server over SQLite, whose answers are the judge of ours. */
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { EXAMPLE_REQUIREMENTS, pythonWith } from '../../harness/python.js';

export interface MlflowServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** How long it may take to listen, in ms: its imports alone take 20 s of a busy machine. */
const START_TIME = 120_000;

/** Started with its database and artifacts in `folder`. Throws with what it has written when it does not come up. */
export async function mlflowServer(folder: string, env: Record<string, string> = {}): Promise<MlflowServer> {
  const python = await pythonWith(EXAMPLE_REQUIREMENTS);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const flags = ['--backend-store-uri', `sqlite:///${join(folder, 'mlflow.db')}`, '--workers', '1'];
  const child = spawn(python, ['-m', 'mlflow', 'server', '--port', String(port), ...flags], {
    cwd: folder,
    env: {
      ...process.env,
      MLFLOW_DISABLE_TELEMETRY: 'true',
      MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false',
      DO_NOT_TRACK: '1',
      GIT_PYTHON_REFRESH: 'quiet',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    // It is a tree of processes, which is ended as one.
    detached: true,
  });
  let log = '';
  let ended = false;
  const read = (chunk: Buffer) => {
    log = `${log}${chunk}`.slice(-10_000);
  };
  child.stdout.on('data', read);
  child.stderr.on('data', read);
  const exited = new Promise<void>((resolve) =>
    child.once('exit', () => {
      ended = true;
      resolve();
    }),
  );
  const stop = async () => {
    if (!ended && child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
    await exited;
  };
  const start = Date.now();
  while (
    !(await fetch(`${url}/health`).then(
      ({ ok }) => ok,
      () => false,
    ))
  ) {
    if (ended || Date.now() - start > START_TIME) {
      await stop();
      throw new Error(`mlflow server did not start: ${log}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return { url, stop };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
