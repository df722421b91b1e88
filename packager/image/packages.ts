/**
 * Files of pinned npm packages for another platform than this one: out of the cache, out of the installed package where it has
 * the same bytes, else out of the registry's archive, which the user's own npm fetches as it is set up.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { cachePath } from './cache.js';
import type { PinnedFile, PinnedPackage } from './runtime-lock.js';
import { untar } from './untar.js';
import { writeWholeFile } from './whole-file.js';

/** The file's bytes, which have the pinned hash. Throws an Error of one line when they cannot be had. */
export async function packageFile(pinned: PinnedPackage, file: PinnedFile, tell: (text: string) => void) {
  return (await cached(file)) ?? (await installed(pinned, file)) ?? (await fetched(pinned, file, tell));
}

const kept = ({ sha256 }: PinnedFile) => cachePath('files', sha256);

const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

async function sound(path: string, { sha256 }: PinnedFile): Promise<Uint8Array | undefined> {
  const bytes = await readFile(path).catch(() => undefined);
  return bytes && hashOf(bytes) === sha256 ? bytes : undefined;
}

const cached = (file: PinnedFile) => sound(kept(file), file);

async function installed({ name }: PinnedPackage, file: PinnedFile): Promise<Uint8Array | undefined> {
  try {
    const folder = dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
    return await sound(join(folder, file.path), file);
  } catch {
    return undefined;
  }
}

async function fetched(pinned: PinnedPackage, file: PinnedFile, tell: (text: string) => void): Promise<Uint8Array> {
  const { name, version, integrity, files } = pinned;
  tell(`fetching ${name} ${version} from the npm registry`);
  const archive = await pack(`${name}@${version}`);
  const found = `sha512-${createHash('sha512').update(archive).digest('base64')}`;
  if (found !== integrity) throw new Error(`The npm registry's ${name} ${version} is not the one that was pinned`);
  const unpacked: Uint8Array = await promisify(gunzip)(archive);
  let wanted: Uint8Array | undefined;
  for (const { path, bytes } of untar(unpacked)) {
    const known = files.find((each) => `package/${each.path}` === path);
    if (!known || hashOf(bytes) !== known.sha256) continue;
    await writeWholeFile(kept(known), bytes);
    if (known.sha256 === file.sha256) wanted = bytes;
  }
  if (!wanted) throw new Error(`${name} ${version} has no file ${file.path} of the pinned hash`);
  return wanted;
}

/** The package's archive, by `npm pack`. */
async function pack(spec: string): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'mltrack-npm-'));
  try {
    const [command, ...args] = await npmCommand();
    const flags = ['pack', spec, '--silent', '--ignore-scripts', '--pack-destination', folder];
    await promisify(execFile)(command, [...args, ...flags], { cwd: folder });
    const [name] = await readdir(folder);
    if (name === undefined) throw new Error('npm pack has written nothing');
    return await readFile(join(folder, name));
  } catch (error) {
    const { message, stderr } = error as Error & { stderr?: string };
    const why = stderr?.match(/^npm error (?!code)(.*)$/m)?.[1] ?? message.split('\n')[0];
    throw new Error(`Cannot fetch ${spec} with npm: ${why}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The npm that comes with this Node, so that no PATH is needed; else the one on PATH. */
async function npmCommand(): Promise<[string, ...string[]]> {
  for (const place of ['../lib/node_modules', 'node_modules']) {
    const cli = join(dirname(process.execPath), place, 'npm/bin/npm-cli.js');
    if (await stat(cli).catch(() => undefined)) return [process.execPath, cli];
  }
  return ['npm'];
}
