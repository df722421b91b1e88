/** A model's files out of the server's storage into a folder of this machine. */
import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { MltrackError } from '../../api/index.js';
import { joined } from '../artifacts/listings.js';
import type { Place } from '../artifacts/places.js';

const MOST_FILES = 1_000;
const MOST_BYTES = 2 * 1024 ** 3;

/** Throws INVALID_PARAMETER_VALUE for more than can be tried here. */
export async function copyModel(place: Place, folder: string): Promise<void> {
  for (const path of await filesOf(place)) {
    const target = join(folder, path);
    await mkdir(dirname(target), { recursive: true });
    const file = await place.repository.open(joined(place.path, path));
    if (file.size === 0) {
      await file.close();
      await writeFile(target, '');
    } else await pipeline(await file.read(), createWriteStream(target));
  }
}

/** Paths below the place. */
async function filesOf({ repository, path: root }: Place): Promise<string[]> {
  const found: string[] = [];
  const folders = [''];
  let bytes = 0;
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const { path, is_dir, file_size = 0 } of await repository.list(joined(root, folder))) {
      const below = root === '' ? path : path.slice(root.length + 1);
      if (is_dir) folders.push(below);
      else {
        found.push(below);
        bytes += Number(file_size);
      }
      if (found.length + folders.length > MOST_FILES || bytes > MOST_BYTES) throw tooLarge();
    }
  }
  return found;
}

const tooLarge = () =>
  new MltrackError(
    'INVALID_PARAMETER_VALUE',
    `The model is too large to be tried here: up to ${MOST_FILES} files and ${MOST_BYTES / 1024 ** 3} GiB are. Serve it with mltrack models serve.`,
  );
