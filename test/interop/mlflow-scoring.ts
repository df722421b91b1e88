/** MLflow's own scoring server, in Python, with many models at once. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { EXAMPLE_REQUIREMENTS, NETWORK_PACKAGES, packagesIn, pythonWith } from '../harness/python.js';
import type { Example } from './scoring-requests.js';

export interface MadeModel extends Example {
  readonly name: string;
  readonly path: string;
}

export interface MlflowScoring {
  /** The models of `scoring_models.py`. */
  readonly models: readonly MadeModel[];
  /** Where a model's requests go. */
  invocations(name: string): string;
  stop(): void;
}

/** Makes the models of `scoring_models.py` below `folder` and serves them, and those `given` as paths by name. */
export async function mlflowScoring(folder: string, given: Record<string, string>): Promise<MlflowScoring> {
  const python = await pythonWith(EXAMPLE_REQUIREMENTS);
  const packages = await packagesIn(NETWORK_PACKAGES);
  const script = fileURLToPath(new URL('scoring_server.py', import.meta.url));
  const others = Object.entries(given).map(([name, path]) => `${name}=${path}`);
  const child = spawn(python, [script, folder, packages, ...others], {
    env: {
      ...process.env,
      MLFLOW_DISABLE_TELEMETRY: 'true',
      MLFLOW_LOGGING_LEVEL: 'ERROR',
      DO_NOT_TRACK: '1',
      PYTHONWARNINGS: 'ignore',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  child.stderr.on('data', (chunk) => {
    log = `${log}${chunk}`.slice(-10_000);
  });
  const line = await new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).once('line', resolve);
    child.once('exit', (code) => reject(new Error(`scoring_server.py ended with ${code}: ${log}`)));
  });
  const { port, models } = JSON.parse(line) as { port: number; models: MadeModel[] };
  return {
    models,
    invocations: (name) => `http://127.0.0.1:${port}/${name}/invocations`,
    stop: () => child.kill(),
  };
}
