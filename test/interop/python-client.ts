/** A Python script of this folder as a client of a server of ours. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { pythonWith } from '../harness/python.js';

const run = promisify(execFile);

/** Resolves to what the script prints, as JSON. Throws with its traceback. */
export async function pythonClient(requirements: string, script: string, args: string[]): Promise<unknown> {
  const python = await pythonWith(requirements);
  const file = fileURLToPath(new URL(script, import.meta.url));
  const { stdout } = await run(python, [file, ...args], { maxBuffer: 1 << 26 });
  return JSON.parse(stdout);
}
