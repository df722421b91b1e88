/** Images for a test: built by the command line, unpacked by other people's tools (skopeo, umoci, tar), and run by runc without a network. */
import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Finished, finished } from './finished.js';
import { CLI } from './server.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Packages' files, which are fetched once. */
const FILES = join(root, '.cache/image/files');

/** Runs a tool of the machine; it must be there. */
export async function tool(command: string, ...args: string[]): Promise<string> {
  try {
    return (await promisify(execFile)(command, args, { maxBuffer: 1 << 26 })).stdout;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new Error(`No ${command}: apt-get install skopeo umoci runc`);
  }
}

/** A folder that `remove` takes away. */
export async function scratch() {
  const path = await mkdtemp(join(tmpdir(), 'mltrack-image-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** A cache without a layer in it. */
export async function emptyCache(folder: string): Promise<string> {
  const cache = join(folder, `cache-${randomUUID()}`);
  await mkdir(cache);
  await mkdir(FILES, { recursive: true });
  await symlink(FILES, join(cache, 'files'));
  await promisify(execFile)(process.execPath, [join(root, 'scripts/debian-layer.mjs')]);
  return cache;
}

export interface BuildSetup {
  readonly cache: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** What the command is started with: `taskset`, for instance. */
  readonly under?: readonly string[];
  readonly umask?: string;
}

/** `mltrack sagemaker build-and-push --no-push`, to its end. */
export function build({ cache, args = [], env = {}, cwd, under = [], umask = '022' }: BuildSetup): Promise<Finished> {
  const command = [...under, process.execPath, CLI, 'sagemaker', 'build-and-push', '--no-push', ...args];
  const child = spawn('/bin/sh', ['-c', `umask ${umask}; exec "$@"`, 'sh', ...command], {
    cwd,
    env: { ...process.env, ...env, MLTRACK_CACHE: cache },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return finished(child);
}

/** The digest that a build prints; throws what it says when it fails. */
export async function digestOf(setup: BuildSetup): Promise<string> {
  const { code, stdout, stderr } = await build(setup);
  if (code !== 0) throw new Error(stderr);
  return /@(sha256:[0-9a-f]{64})$/m.exec(stdout)?.[1] ?? stdout;
}

/** An archive of `--output` as runc's bundle: `rootfs` and a `config.json` made from the image's configuration. */
export async function unpack(archive: string, folder: string): Promise<string> {
  const bundle = join(folder, `bundle-${randomUUID()}`);
  await tool('skopeo', 'copy', '-q', `docker-archive:${archive}`, `oci:${bundle}-oci:image`);
  await tool('umoci', 'unpack', '--image', `${bundle}-oci:image`, bundle);
  return bundle;
}

export interface ContainerSetup {
  /** A model's folder, mounted as SageMaker mounts it. */
  readonly model?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Instead of the image's arguments. */
  readonly args?: readonly string[];
  readonly user?: number;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
}

export interface Container {
  log(): string;
  /** From inside the container's network, which has a loopback device only. */
  request(port: number, path: string, body?: unknown): Promise<Answer>;
  /** Until a path answers 200; throws when the container ends before. */
  answers(port: number, path: string): Promise<void>;
  kill(signal: string): Promise<void>;
  /** Ends it if it runs. */
  end(): Promise<void>;
  readonly exited: Promise<number | null>;
}

interface RunConfig {
  process: { terminal: boolean; args: string[]; env: string[]; user: object; capabilities: object };
  root: { readonly: boolean };
  mounts: object[];
}

/** Runs the bundle as strictly as a platform can: nothing of it can be written, no capability, no network. */
export async function runContainer(bundle: string, setup: ContainerSetup): Promise<Container> {
  const { model, env = {}, args, user = 0 } = setup;
  const file = join(bundle, 'config.json');
  const image = await readFile(file, 'utf8');
  const config: RunConfig = JSON.parse(image);
  config.process.terminal = false;
  config.process.user = { uid: user, gid: user };
  config.process.env.push(...Object.entries(env).map(([name, value]) => `${name}=${value}`));
  if (args) config.process.args.splice(2, config.process.args.length, ...args);
  const none: string[] = [];
  config.process.capabilities = { bounding: none, effective: none, inheritable: none, permitted: none, ambient: none };
  config.root.readonly = true;
  if (model) {
    const options = ['rbind', 'ro'];
    config.mounts.push({ destination: '/opt/ml/model', type: 'bind', source: model, options });
  }
  await writeFile(file, JSON.stringify(config));
  const id = `mltrack-test-${randomUUID()}`;
  const runc = ['--root', join(bundle, 'runc')];
  const child = spawn('runc', [...runc, 'run', '--bundle', bundle, id], { stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      log += chunk;
    });
  }
  let ended = false;
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once('error', () => reject(new Error('No runc: apt-get install skopeo umoci runc')));
    child.once('close', (code) => {
      ended = true;
      // The next container has the image's own settings.
      writeFile(file, image).then(() => resolve(code), reject);
    });
  });
  const request: Container['request'] = async (port, path, body) => {
    const { pid } = JSON.parse(await tool('runc', ...runc, 'state', id));
    const flags = ['-t', String(pid), '-n', process.execPath, '-e', ASK, `http://127.0.0.1:${port}${path}`];
    return JSON.parse(await tool('nsenter', ...flags, body === undefined ? '' : JSON.stringify(body)));
  };
  return {
    log: () => log,
    exited,
    request,
    async answers(port, path) {
      for (;;) {
        if (ended) throw new Error(`The container has ended: ${log}`);
        const answer = await request(port, path).catch(() => undefined);
        if (answer?.status === 200) return;
      }
    },
    async kill(signal) {
      await tool('runc', ...runc, 'kill', id, signal);
    },
    async end() {
      if (ended) return;
      await tool('runc', ...runc, 'kill', id, 'KILL');
      await exited;
    },
  };
}

const ASK = `
const [url, body] = process.argv.slice(1);
const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body };
fetch(url, body ? post : {}).then(async (answer) => {
  console.log(JSON.stringify({ status: answer.status, text: await answer.text() }));
});`;
