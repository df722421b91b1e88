/**
 * Where what images are made of is kept between builds: layers by what goes into them, packages' files by their SHA-256.
 * The folder is `MLTRACK_CACHE`, else `~/.cache/mltrack`; it may be removed at any time.
 */
import { readdir, rm, stat, utimes } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The path of a file in the cache, whether it is there or not. */
export function cachePath(...names: string[]): string {
  return join(process.env.MLTRACK_CACHE || join(homedir(), '.cache', 'mltrack'), ...names);
}

/** What the layers of earlier images may take, in MB; `MLTRACK_CACHE_MB` says otherwise. */
const MOST_MB = 2000;
/** Another build may be about to read what it has just found, in ms. */
const IN_USE = 3_600_000;

/**
 * Removes the layers that have not been used for the longest time until all fit. `used`: paths of those that a build has used
 * now; they stay. Throws an Error that names the variable when its value is no size.
 */
export async function trimLayers(used: readonly string[]): Promise<void> {
  const { MLTRACK_CACHE_MB: given } = process.env;
  const most = given ? Number(given) : MOST_MB;
  if (!(most >= 0)) throw new Error(`MLTRACK_CACHE_MB is '${given}': it must be a number of megabytes`);
  const now = new Date();
  // A layer of a base that lies elsewhere has no file here.
  await Promise.all(used.map((path) => utimes(path, now, now).catch(() => {})));
  const folder = cachePath('blobs');
  const names = await readdir(folder).catch(() => []);
  const files = await Promise.all(names.map((name) => fileAt(join(folder, name))));
  const there = files.filter((file) => file !== undefined).sort((a, b) => a.lastUse - b.lastUse);
  let total = there.reduce((sum, { size }) => sum + size, 0);
  for (const { path, size, lastUse } of there) {
    if (total <= most * 1e6 || now.getTime() - lastUse < IN_USE) return;
    await rm(path, { force: true });
    total -= size;
  }
}

async function fileAt(path: string) {
  const found = await stat(path).catch(() => undefined);
  return found && { path, size: found.size, lastUse: found.mtimeMs };
}
