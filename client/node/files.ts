/** Artifacts between the file system and an artifact URI: `mlflow-artifacts:` through the server, a path or `file:` directly. */
import { createWriteStream } from 'node:fs';
import { copyFile, cp, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, posix, relative, resolve, sep } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { fileURLToPath } from 'node:url';
import { MltrackError } from '../../api/index.js';
import type { Connection } from '../connect.js';
import type { StoredContent } from '../entries.js';
import { putFile } from './put-file.js';

/** How a transfer is watched and ended. */
export interface Transfer {
  /** Bytes that were moved, and that there are. */
  progress?(done: number, total: number): void;
  /** Ends it: what was half moved is removed, and the signal's reason thrown. */
  signal?: AbortSignal | undefined;
}

/** The directory of an artifact URI on this machine, or undefined when it is elsewhere. */
function localRoot(uri: string): string | undefined {
  if (uri.startsWith('file:')) return fileURLToPath(uri);
  return /^[a-z][a-z0-9+.-]+:/i.test(uri) ? undefined : uri;
}

/** Stores content as `path` below an artifact URI, wherever that leads. */
export async function storeContent(
  client: Connection,
  rootUri: string,
  path: string,
  content: StoredContent,
): Promise<void> {
  const local = localRoot(rootUri);
  if (local === undefined) {
    if (content instanceof Uint8Array) await client.artifacts.put(rootUri, path, content);
    else await putFile(client, rootUri, path, content.file);
    return;
  }
  const target = join(local, path);
  if (relative(local, target).startsWith('..')) {
    throw new MltrackError('INVALID_PARAMETER_VALUE', `Invalid path: ${path}`);
  }
  await mkdir(dirname(target), { recursive: true });
  if (content instanceof Uint8Array) await writeFile(target, content);
  else await copyFile(content.file, target);
}

export async function uploadFile(client: Connection, rootUri: string, file: string, folder = ''): Promise<void> {
  await storeContent(client, rootUri, posix.join(folder, basename(resolve(file))), { file });
}

/** Uploads every file below a directory, one after the other. */
export async function uploadFolder(
  client: Connection,
  rootUri: string,
  directory: string,
  folder = '',
  progress: NonNullable<Transfer['progress']> = () => {},
): Promise<void> {
  const files: { path: string; size: number; folder: string }[] = [];
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const parent = relative(directory, entry.parentPath).split(sep).join('/');
    const path = join(entry.parentPath, entry.name);
    files.push({ path, size: (await stat(path)).size, folder: posix.join(folder, parent) });
  }
  const total = files.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  for (const file of files) {
    await uploadFile(client, rootUri, file.path, file.folder);
    done += file.size;
    progress(done, total);
  }
}

/** A folder of artifacts: its files, by path relative to the root; `list` answers one level. */
export type ListFiles = (path: string) => Promise<Listed[]>;

export interface Listed {
  readonly path: string;
  readonly is_dir: boolean;
  /** Bytes. */
  readonly file_size?: number | bigint | undefined;
}

/**
 * Downloads a file or folder of artifacts to `destination`, which becomes that file or folder.
 * Throws RESOURCE_DOES_NOT_EXIST when there is nothing at `path`.
 */
export async function downloadArtifacts(
  client: Connection,
  rootUri: string,
  path: string,
  list: ListFiles,
  destination: string,
  { progress = () => {}, signal }: Transfer = {},
): Promise<void> {
  const local = localRoot(rootUri);
  if (local !== undefined) {
    const from = join(local, path);
    const found = await stat(from).catch(() => undefined);
    if (!found) throw new MltrackError('RESOURCE_DOES_NOT_EXIST', `No artifact at ${from}`);
    await cp(from, destination, { recursive: true });
    return;
  }
  const files = await filesBelow(path, list, destination);
  if (files.length === 0) {
    let done = 0;
    await downloadFile(client, rootUri, path, destination, signal, (bytes, size) => {
      done += bytes;
      progress(done, size);
    });
    return;
  }
  const total = files.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  for (const file of files) {
    await downloadFile(client, rootUri, file.path, file.target, signal, (bytes) => {
      done += bytes;
      progress(done, total);
    });
  }
}

interface Wanted {
  readonly path: string;
  readonly size: number;
  readonly target: string;
}

/** Every file below a folder, and where it comes to lie. Throws when a server names one outside. */
async function filesBelow(path: string, list: ListFiles, destination: string): Promise<Wanted[]> {
  const found: Wanted[] = [];
  for (const { path: each, is_dir, file_size = 0 } of await list(path)) {
    const name = posix.basename(each);
    if (['', '.', '..'].includes(name)) {
      throw new MltrackError('INVALID_PARAMETER_VALUE', `The server lists a file that cannot be: '${each}'`);
    }
    const target = join(destination, name);
    if (is_dir) found.push(...(await filesBelow(each, list, target)));
    else found.push({ path: each, size: Number(file_size), target });
  }
  return found;
}

/** Written beside its place and renamed, so that an interrupted download leaves no half file. */
async function downloadFile(
  client: Connection,
  rootUri: string,
  path: string,
  target: string,
  signal: AbortSignal | undefined,
  moved: (bytes: number, size: number) => void,
): Promise<void> {
  signal?.throwIfAborted();
  const answer = await client.artifacts.get(rootUri, path);
  const size = Number(answer.headers.get('content-length') ?? 0);
  await mkdir(dirname(target), { recursive: true });
  const partial = `${target}.part`;
  const counting = new Transform({
    transform(chunk: Uint8Array, _encoding, next) {
      moved(chunk.byteLength, size);
      next(null, chunk);
    },
  });
  try {
    const body = Readable.fromWeb(answer.body as ReadableStream);
    await pipeline(body, counting, createWriteStream(partial), { ...(signal && { signal }) });
    await rename(partial, target);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}
