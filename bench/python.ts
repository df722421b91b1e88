/** Programs out of Python packages, each in a virtual environment of its own beside the bundled bench. */
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What the bench keeps, and where it runs, bundled: the servers written for it, mltrack's build, environments, models. */
export const cache = fileURLToPath(new URL('.', import.meta.url));

/**
 * Path of a program out of Python packages, installed on first use. The environment is named after the first requirement,
 * `NAME==VERSION`, unless another name is given. Throws when they cannot be installed.
 */
export function fromPyPI(requirements: string[], program: string, pipFlags: string[] = [], name?: string): string {
  const venv = join(cache, name ?? requirements[0]!.replace('==', '-'));
  const path = join(venv, 'bin', program);
  if (existsSync(path)) return path;
  process.stderr.write(`installing ${requirements.join(', ')}\n`);
  const commands = [
    ['python3', '-m', 'venv', venv],
    [join(venv, 'bin/pip'), 'install', '--quiet', '--disable-pip-version-check', ...pipFlags, ...requirements],
  ];
  for (const [file, ...args] of commands) {
    if (spawnSync(file!, args, { stdio: ['ignore', 2, 2] }).status !== 0) {
      rmSync(venv, { recursive: true, force: true });
      throw new Error(`${requirements.join(', ')} could not be installed.`);
    }
  }
  return path;
}
