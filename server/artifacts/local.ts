/** Artifacts in a folder of this machine. */
import { mkdir, open, readdir, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { type FileInfo, invalid, missing } from '../../api/index.js';
import { receiveBytes, sendBytes } from './file-bytes.js';
import { notAFile } from './paths.js';
import type { ArtifactFile, ArtifactRepository } from './repository.js';

/** Uploads in progress lie here, beside the artifacts so that a rename is all it takes. */
const PARTIAL = '.partial';

/** Bytes read in one call by who reads a stream: fewer, larger calls cost less CPU. */
const READ_AT_ONCE = 512 * 1024;

const code = (error: unknown) => (error as NodeJS.ErrnoException).code ?? '';
const NOT_THERE = new Set(['ENOENT', 'ENOTDIR']);

export function localRepository(folder: string): ArtifactRepository {
  const root = resolve(folder);
  let uploads = 0;

  /** The place of a path, with every link on the way resolved: outside the root it does not exist. */
  async function inside(path: string): Promise<string | undefined> {
    try {
      const real = await realpath(join(root, path));
      const realRoot = await realpath(root);
      return real === realRoot || real.startsWith(realRoot + sep) ? real : undefined;
    } catch (error) {
      if (NOT_THERE.has(code(error)) || code(error) === 'ENAMETOOLONG') return undefined;
      throw error;
    }
  }

  return {
    async list(path) {
      const place = await inside(path);
      if (place === undefined || !(await stat(place)).isDirectory()) return [];
      const names = (await readdir(place)).filter((name) => path !== '' || name !== PARTIAL).sort();
      const infos = names.map(async (name): Promise<FileInfo[]> => {
        const child = path === '' ? name : `${path}/${name}`;
        const found = await stat(join(place, name)).catch(() => undefined);
        if (!found) return [];
        return [
          found.isDirectory() ? { path: child, is_dir: true } : { path: child, is_dir: false, file_size: found.size },
        ];
      });
      return (await Promise.all(infos)).flat();
    },

    async open(path): Promise<ArtifactFile> {
      const place = await inside(path);
      const found = place === undefined ? undefined : await stat(place);
      if (found?.isDirectory()) throw notAFile(path);
      if (place === undefined || !found?.isFile()) throw missing(`No artifact at '${path}'`);
      const file = await open(place, 'r');
      const { size, mtime, mtimeMs, ino } = await file.stat();
      return {
        size,
        lastModified: mtime,
        etag: `"${[size, Math.round(mtimeMs * 1000), ino].map((n) => n.toString(16)).join('-')}"`,
        send: (range, destination) => sendBytes(file, range, destination),
        read: async (range) => file.createReadStream({ ...range, highWaterMark: READ_AT_ONCE }),
        close: () => file.close(),
      };
    },

    async write(path, body) {
      if (path === '') throw invalid('Invalid path');
      const target = join(root, path);
      const partial = join(root, PARTIAL, `${process.pid}-${uploads++}`);
      await mkdir(dirname(partial), { recursive: true });
      try {
        const file = await open(partial, 'wx');
        try {
          await receiveBytes(body, file);
          await file.sync();
        } finally {
          await file.close();
        }
        await mkdir(dirname(target), { recursive: true });
        // A link on the way must not lead outside.
        if ((await inside(dirname(path))) === undefined) throw invalid('Invalid path');
        await rename(partial, target);
      } catch (error) {
        await rm(partial, { force: true });
        if (['EISDIR', 'ENOTDIR', 'EEXIST', 'ENOTEMPTY'].includes(code(error))) {
          throw invalid(`Cannot write '${path}': a folder or a file is in the way`);
        }
        if (code(error) === 'ENAMETOOLONG') throw invalid(`Cannot write '${path}': the name is too long`);
        throw error;
      }
    },

    async remove(path) {
      const place = await inside(path);
      if (place !== undefined && path !== '') await rm(place, { recursive: true, force: true });
    },
  };
}

/** Makes the folder, and throws the system's error when it cannot be written. */
export async function prepareFolder(folder: string): Promise<void> {
  const probe = join(folder, PARTIAL);
  // What a killed server left half written was never acknowledged.
  await rm(probe, { recursive: true, force: true });
  await mkdir(probe, { recursive: true });
}
