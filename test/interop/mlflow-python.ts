/** The stock MLflow client in Python, against a server of ours. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { EXAMPLE_REQUIREMENTS, pythonWith } from '../harness/python.js';

const run = promisify(execFile);

export interface Python {
  /** Runs the `mlflow` command; resolves to its stdout. */
  command(args: string[]): Promise<string>;
  /** Runs a script of this folder or, with a path, of the repository; resolves to its stdout. Throws with its traceback. */
  script(name: string, args?: string[], env?: Record<string, string>): Promise<string>;
}

export async function stockMlflow(
  trackingUri: string,
  cwd: string,
  requirements = EXAMPLE_REQUIREMENTS,
): Promise<Python> {
  const python = await pythonWith(requirements);
  const env = {
    ...process.env,
    MLFLOW_TRACKING_URI: trackingUri,
    // A refused call must fail the test, not be tried again for minutes.
    MLFLOW_HTTP_REQUEST_MAX_RETRIES: '1',
    MLFLOW_DISABLE_TELEMETRY: 'true',
    DO_NOT_TRACK: '1',
    GIT_PYTHON_REFRESH: 'quiet',
    PYTHONWARNINGS: 'ignore',
  };
  return {
    async command(args) {
      const { stdout } = await run(python, ['-m', 'mlflow', ...args], { cwd, env, maxBuffer: 1 << 26 });
      return stdout;
    },
    async script(name, args = [], more = {}) {
      const file = fileURLToPath(new URL(name, import.meta.url));
      const { stdout } = await run(python, [file, ...args], { cwd, env: { ...env, ...more }, maxBuffer: 1 << 26 });
      return stdout;
    },
  };
}
