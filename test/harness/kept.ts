/** What tests fetch and make once: folders of .cache, named by what they were made of. */
import { createHash } from 'node:crypto';
import { access, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const CACHE = fileURLToPath(new URL('../../.cache', import.meta.url));

/** The folder of this kind that `make` filled from these sources, made on first use and anew when a source changes. */
export async function kept(
  kind: string,
  sources: readonly (string | Uint8Array)[],
  make: (folder: string) => Promise<void>,
): Promise<string> {
  const hash = createHash('sha256');
  for (const source of sources) hash.update(source);
  const link = join(CACHE, `${kind}-${hash.digest('hex').slice(0, 12)}`);
  if (await exists(link)) return link;
  await mkdir(CACHE, { recursive: true });
  // A virtual environment cannot be moved: the finished one gets a link, and of two made at once the first one counts.
  const home = await mkdtemp(`${link}-`);
  try {
    await make(home);
    await symlink(basename(home), link);
  } catch (error) {
    await rm(home, { recursive: true, force: true });
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return link;
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );
