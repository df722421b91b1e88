/** A model as the `model.tar.gz` that SageMaker unpacks into /opt/ml/model: files at its root, the same bytes for the same files. */
import { createHash } from 'node:crypto';
import { constants, createWriteStream, rmSync } from 'node:fs';
import { access, mkdtemp, readdir, readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { externalFiles } from '../../client/onnx/graph.js';
import { readModel } from '../mlmodel.js';

export interface ModelFile {
  /** Relative, with `/`. */
  readonly name: string;
  readonly path: string;
}

export interface Archive {
  readonly path: string;
  readonly bytes: number;
  /** Of the archive, in base64. */
  readonly sha256: string;
  remove(): void;
}

/**
 * The files of a model, sorted by name: a folder's, at any depth, or an ONNX file as `model.onnx` with its weights. A link to
 * a file stands for the file. Throws an Error of one line when the model cannot be served or holds what no archive may.
 */
export async function modelFiles(path: string): Promise<ModelFile[]> {
  const model = await readModel(path);
  const files = (await stat(path)).isDirectory() ? await filesBelow(path, '') : await fileAlone(model);
  for (const file of files) {
    await access(file.path, constants.R_OK).catch(() => {
      throw new Error(`The model's file ${file.path} cannot be read`);
    });
  }
  return files.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function filesBelow(root: string, folder: string): Promise<ModelFile[]> {
  const files: ModelFile[] = [];
  for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
    const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
    const path = join(root, name);
    if (entry.isDirectory()) files.push(...(await filesBelow(root, name)));
    else if ((await stat(path).catch(() => undefined))?.isFile()) files.push({ name, path });
    else throw new Error(`The model holds ${name}, which is neither a file nor a folder`);
  }
  return files;
}

async function fileAlone({ directory, file }: { directory: string; file: string }): Promise<ModelFile[]> {
  const weights = externalFiles(await readFile(file)).map((name) => ({ name, path: join(directory, name) }));
  return [{ name: 'model.onnx', path: file }, ...weights];
}

/** Any one time will do; tar's oldest makes some tools warn. */
const MTIME = new Date('2000-01-01T00:00:00Z');
/** Weights hardly shrink, whatever the effort. */
const GZIP_LEVEL = 1;

/** Packs files into a temporary `model.tar.gz`, which is removed by `remove` or with the process. */
export async function packModel(files: readonly ModelFile[]): Promise<Archive> {
  const { TarArchive } = await import('archiver');
  const folder = await mkdtemp(join(tmpdir(), 'mltrack-archive-'));
  const remove = () => {
    process.off('exit', remove);
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', remove);
  try {
    const tar = new TarArchive({ gzip: true, gzipOptions: { level: GZIP_LEVEL } });
    for (const { name, path } of files) {
      tar.file(path, { name, date: MTIME, mode: 0o644, stats: await stat(path) });
    }
    const hash = createHash('sha256');
    let bytes = 0;
    const measure = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        hash.update(chunk);
        bytes += chunk.length;
        done(null, chunk);
      },
    });
    const path = join(folder, 'model.tar.gz');
    await Promise.all([pipeline(tar, measure, createWriteStream(path)), tar.finalize()]);
    return { path, bytes, sha256: hash.digest('base64'), remove };
  } catch (error) {
    remove();
    throw error;
  }
}
