/** What the tracking server tries models with: the packager's model server, in a process of its own for each. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ServingEngine, ServingProcess } from '../server/index.js';
import type { ServingMessage } from './supervisor.js';

/** What a process may know of its parent's environment: no credentials are among it. */
const PASSED_ON = ['PATH', 'HOME', 'TMPDIR', 'TEMP', 'TMP', 'LANG', 'LD_LIBRARY_PATH', 'SystemRoot'];
/** Characters of its last words that are kept. */
const MOST_WORDS = 4_000;

export const servingEngine: ServingEngine = {
  async read(text, where) {
    // Loaded here: most servers are never asked to try a model.
    const { summarizeMLmodel } = await import('../packager/mlmodel.js');
    return summarizeMLmodel(text, where);
  },
  spawn: spawnServing,
};

function spawnServing(folder: string): ServingProcess {
  const program = fileURLToPath(new URL('./serving.cjs', import.meta.url));
  const flags = ['-m', folder, '--host', '127.0.0.1', '-p', '0', '--workers', '1', '--provider', 'cpu'];
  const child = spawn(process.execPath, ['--max-semi-space-size=2', program, 'models', 'serve', ...flags], {
    env: Object.fromEntries(PASSED_ON.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : []))),
    // Its program ends when this connection does, however this process ends.
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let words = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    words = (words + chunk).slice(-MOST_WORDS);
  });
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(lastLine(words) ?? `it ended with ${signal ?? `code ${code}`}`));
  });
  const url = new Promise<string>((resolve, reject) => {
    child.once('message', ({ port }: ServingMessage) => resolve(`http://127.0.0.1:${port}`));
    void ended.then((reason) => reject(new Error(reason)));
  });
  url.catch(() => {});
  return { url, ended, kill: () => void child.kill('SIGKILL') };
}

function lastLine(words: string): string | undefined {
  const line = words.trim().split('\n').at(-1)?.trim();
  return line?.replace(/^mltrack: /, '') || undefined;
}
