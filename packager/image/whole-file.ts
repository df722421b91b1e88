/** Files that are whole whenever they are there: written beside their place, then moved. */
import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * `write` is given the path to write to; it may return under which name the file is to stand, where that is not `path`.
 * When it rejects, nothing has changed.
 */
export async function writeWhole(path: string, write: (beside: string) => Promise<string | undefined>): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const beside = `${path}.${randomUUID()}`;
  try {
    await rename(beside, (await write(beside)) ?? path);
  } finally {
    await rm(beside, { force: true });
  }
}

export const writeWholeFile = (path: string, content: string | Uint8Array): Promise<void> =>
  writeWhole(path, async (beside) => {
    await writeFile(beside, content);
    return undefined;
  });
