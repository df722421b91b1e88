/** What the other scripts stand on: packages installed and dist/ built, each only when it is out of date. Plain Node: nothing is installed yet. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
const at = (path) => join(root, path);

/** One line to the person who waits; stdout belongs to the command itself. */
export function say(text) {
  process.stderr.write(`mltrack: ${text}\n`);
}

/** Runs a command in the repository, its output on stderr; ends this process when it fails. */
export function must(what, command, args, env = {}) {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    env: { ...process.env, ...env },
  });
  if (status === 0) return;
  say(`${what} failed: ${error?.message ?? `${command} ended with ${status}`}`);
  process.exit(1);
}

/** The npm that runs this script, else the one on PATH. */
export function npm(what, args) {
  const cli = process.env.npm_execpath;
  const [command, first] = cli?.endsWith('.js') ? [process.execPath, [cli]] : ['npm', []];
  // The CUDA libraries that onnxruntime-node would download are not used.
  must(what, command, [...first, ...args], { ONNXRUNTIME_NODE_INSTALL: 'skip' });
}

const INSTALLED = at('node_modules/.mltrack-installed');
/** Native modules are built for one version of Node's binary interface. */
const abi = `${process.platform} ${process.arch} ${process.versions.modules}`;

function wanted() {
  const hash = createHash('sha256').update(abi);
  for (const file of ['package-lock.json', 'package.json', 'client/package.json', 'test/package.json']) {
    hash.update(readFileSync(at(file)));
  }
  return hash.digest('hex');
}

function installed() {
  try {
    return JSON.parse(readFileSync(INSTALLED, 'utf8'));
  } catch {
    return { hash: '', abi: '', workspaces: [] };
  }
}

/**
 * Installs the root's packages and those of the workspaces, beside what is there already: `npm ci` would empty
 * node_modules and compile the native modules again.
 */
export function install(workspaces) {
  const hash = wanted();
  const before = installed();
  const kept = before.hash === hash ? before.workspaces : [];
  const missing = workspaces.filter((each) => !kept.includes(each));
  if (missing.length === 0) return;
  const isFirst = !existsSync(at('node_modules/better-sqlite3/build'));
  say(`installing packages (${missing.join(', ')})${isFirst ? ', a few minutes where SQLite must be compiled' : ''}`);
  const all = [...new Set([...before.workspaces, ...workspaces])];
  npm('npm install', ['install', '--include-workspace-root', ...all.map((each) => `--workspace=${each}`)]);
  if (before.abi !== '' && before.abi !== abi) npm('npm rebuild', ['rebuild', 'better-sqlite3']);
  writeFileSync(INSTALLED, JSON.stringify({ hash: wanted(), abi, workspaces: all }));
}

const SOURCES = ['api', 'server', 'client', 'packager', 'cli', 'ui', 'package.json', 'scripts/build.mjs'];
/** One file of every part of the build. */
const BUILT = [
  'dist/mltrack.cjs',
  'dist/cli.js',
  'dist/serving.cjs',
  'dist/store-worker.js',
  'dist/types/server/index.d.ts',
  'dist/ui/index.html',
  'client/dist/node.js',
  'client/dist/node.cjs',
];
const NOT_SOURCES = new Set(['node_modules', 'dist']);

/** A folder's own time counts too: it changes when a file is added or removed. */
function newest(path) {
  const entry = statSync(path);
  if (!entry.isDirectory()) return entry.mtimeMs;
  const inside = readdirSync(path).filter((name) => !NOT_SOURCES.has(name));
  return Math.max(entry.mtimeMs, ...inside.map((name) => newest(join(path, name))));
}

export function buildIfStale() {
  const oldest = Math.min(...BUILT.map((file) => (existsSync(at(file)) ? statSync(at(file)).mtimeMs : 0)));
  if (Math.max(...SOURCES.map((path) => newest(at(path)))) <= oldest) return;
  say('building');
  // Made first: a new folder makes the one around it look changed.
  mkdirSync(at('client/dist'), { recursive: true });
  must('The build', process.execPath, [at('scripts/build.mjs')]);
}
