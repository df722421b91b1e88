/** The folders below one that hold event files: each is a run, as in TensorBoard. */
import { readdir, stat } from 'node:fs/promises';
import { basename, join, relative, resolve, sep } from 'node:path';

export interface EventFolder {
  /** The path below the folder that was asked for; that folder's own name where it holds event files itself. */
  readonly name: string;
  /** In the order in which they were begun: their names tell. */
  readonly files: readonly { readonly path: string; readonly size: number }[];
}

/** What the name of every event file holds. */
const EVENT_FILE = /tfevents/;

/** Rejects with an Error of the file system when the folder cannot be read. */
export async function eventFolders(root: string): Promise<EventFolder[]> {
  const found = new Map<string, { path: string; size: number }[]>();
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !EVENT_FILE.test(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    const files = found.get(entry.parentPath) ?? [];
    files.push({ path, size: (await stat(path)).size });
    found.set(entry.parentPath, files);
  }
  const byPath = (one: { path: string }, other: { path: string }) => (one.path < other.path ? -1 : 1);
  const folders = [...found].map(([folder, files]) => {
    const name = relative(root, folder).split(sep).join('/');
    return { name: name === '' ? basename(resolve(root)) : name, files: files.sort(byPath) };
  });
  return folders.sort((one, other) => (one.name < other.name ? -1 : 1));
}
