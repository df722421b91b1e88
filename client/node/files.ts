/** Artifacts between the file system and an artifact URI: `mlflow-artifacts:` through the server, a path or `file:` directly. */
import { createWriteStream, openAsBlob } from 'node:fs';
import { copyFile, cp, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, posix, relative, resolve, sep } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { fileURLToPath } from 'node:url';
import { MltrackError } from '../../api/index.js';
import type { Connection } from '../connect.js';

/** The directory of an artifact URI on this machine, or undefined when it is elsewhere. */
function localRoot(uri: string): string | undefined {
  if (uri.startsWith('file:')) return fileURLToPath(uri);
  return /^[a-z][a-z0-9+.-]+:/i.test(uri) ? undefined : uri;
}

export async function uploadFile(client: Connection, rootUri: string, file: string, folder = ''): Promise<void> {
  const path = posix.join(folder, basename(resolve(file)));
  const local = localRoot(rootUri);
  if (local !== undefined) {
    const target = join(local, path);
    await mkdir(dirname(target), { recursive: true });
    await copyFile(file, target);
    return;
  }
  await client.artifacts.put(rootUri, path, await openAsBlob(file));
}

export async function uploadFolder(client: Connection, rootUri: string, directory: string, folder = ''): Promise<void> {
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const parent = relative(directory, entry.parentPath).split(sep).join('/');
    await uploadFile(client, rootUri, join(entry.parentPath, entry.name), posix.join(folder, parent));
  }
}

/** A folder of artifacts: its files, by path relative to the root; `list` answers one level. */
export type ListFiles = (path: string) => Promise<{ path: string; is_dir: boolean }[]>;

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
): Promise<void> {
  const local = localRoot(rootUri);
  if (local !== undefined) {
    const from = join(local, path);
    const found = await stat(from).catch(() => undefined);
    if (!found) throw new MltrackError('RESOURCE_DOES_NOT_EXIST', `No artifact at ${from}`);
    await cp(from, destination, { recursive: true });
    return;
  }
  const files = await list(path);
  if (files.length === 0) {
    await downloadFile(client, rootUri, path, destination);
    return;
  }
  await mkdir(destination, { recursive: true });
  for (const file of files) {
    const target = join(destination, posix.basename(file.path));
    if (file.is_dir) await downloadArtifacts(client, rootUri, file.path, list, target);
    else await downloadFile(client, rootUri, file.path, target);
  }
}

/** Written beside its place and renamed, so that an interrupted download leaves no half file. */
async function downloadFile(client: Connection, rootUri: string, path: string, target: string): Promise<void> {
  const answer = await client.artifacts.get(rootUri, path);
  await mkdir(dirname(target), { recursive: true });
  const partial = `${target}.part`;
  try {
    await pipeline(Readable.fromWeb(answer.body as ReadableStream), createWriteStream(partial));
    await rename(partial, target);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}
