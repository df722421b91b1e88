/** A model's folder as a layer, where SageMaker would mount it. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import type { Recipe } from './layer.js';
import { type Entry, tar } from './tar.js';

const FOLDER = 'opt/ml/model';

/** `path`: a model's folder, or an ONNX file. Throws an Error that names what is neither a file nor a folder. */
export async function modelLayer(path: string, title: string): Promise<Recipe> {
  const files = (await stat(path)).isDirectory() ? await filesBelow(path) : [{ file: path, name: 'model.onnx' }];
  const entries: Entry[] = [];
  const key: string[] = [];
  for (const { file, name } of files) {
    const { size } = await stat(file);
    entries.push({ kind: 'file', path: `${FOLDER}/${name}`, content: { size, read: () => createReadStream(file) } });
    key.push(`${name} ${await hashOf(file)}`);
  }
  return { title: `model ${title}`, key: ['model', ...key.sort()], tar: () => tar(entries) };
}

async function filesBelow(folder: string) {
  const found: { file: string; name: string }[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    // A link counts as what it leads to, if that is a file.
    const target = await stat(file);
    if (target.isDirectory() && !entry.isSymbolicLink()) continue;
    if (!target.isFile())
      throw new Error(`${relative(folder, file)} in the model at ${basename(folder)} is not a file`);
    found.push({ file, name: relative(folder, file).split(sep).join('/') });
  }
  return found;
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return hash.digest('hex');
}
