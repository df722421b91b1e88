/** A folder of artifacts as a zip that is written while it is sent: its size is known to nobody before its end. */
import type { Response } from 'express';
import { missing } from '../../api/index.js';
import { contentDisposition } from './content-disposition.js';
import type { ArtifactRepository } from './repository.js';

/** Sends what lies below `path`, one file after the other, each as it is when its turn comes. */
export async function sendArchive(repository: ArtifactRepository, path: string, res: Response): Promise<void> {
  const files = filesBelow(repository, path);
  const first = await files.next();
  if (first.done) throw missing(`No folder of artifacts at '${path}'`);
  const { ZipArchive } = await import('archiver');
  // Models and pictures are compressed already, and the server's CPU is for other things.
  const archive = new ZipArchive({ store: true });
  const name = path.slice(path.lastIndexOf('/') + 1) || 'artifacts';
  res.setHeader('content-type', 'application/zip');
  res.setHeader('content-disposition', contentDisposition(`${name}.zip`));
  res.setHeader('x-content-type-options', 'nosniff');
  res.setHeader('cache-control', 'no-cache');
  const done = new Promise<void>((resolve, reject) => {
    archive.on('error', reject);
    res.on('finish', resolve);
    res.on('close', () => reject(new Error('The client went away')));
  });
  // Heard when it is awaited, below.
  done.catch(() => {});
  archive.pipe(res);
  const start = path === '' ? 0 : path.length + 1;
  const add = async (file: string) => {
    const opened = await repository.open(file);
    const stream = await opened.read();
    const entered = new Promise((resolve, reject) => {
      archive.once('entry', resolve);
      stream.once('error', reject);
    });
    archive.append(stream, { name: file.slice(start), date: opened.lastModified });
    await Promise.race([entered, done]).finally(() => stream.destroy());
  };
  try {
    await add(first.value);
    for await (const file of files) await add(file);
    await archive.finalize();
    await done;
  } catch (error) {
    archive.abort();
    if (res.destroyed) return;
    throw error;
  }
}

async function* filesBelow(repository: ArtifactRepository, folder: string): AsyncGenerator<string> {
  for (const { path, is_dir } of await repository.list(folder)) {
    if (is_dir) yield* filesBelow(repository, path);
    else yield path;
  }
}
