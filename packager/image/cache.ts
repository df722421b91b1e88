/**
 * Where what images are made of is kept between builds: layers by what goes into them, packages' files by their SHA-256.
 * The folder is `MLTRACK_CACHE`, else `~/.cache/mltrack`; it may be removed at any time.
 */
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The path of a file in the cache, whether it is there or not. */
export function cachePath(...names: string[]): string {
  return join(process.env.MLTRACK_CACHE || join(homedir(), '.cache', 'mltrack'), ...names);
}
