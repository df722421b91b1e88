/** Layers: what goes into one, to a compressed archive in the cache. A layer whose recipe is known is not made again. */
import { createHash, type Hash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { blobOfFile } from './blob.js';
import { cachePath } from './cache.js';
import type { Compressor } from './gzip.js';
import type { Blob } from './image.js';
import { writeWhole, writeWholeFile } from './whole-file.js';

export const LAYER_TYPE = 'application/vnd.docker.image.rootfs.diff.tar.gzip';

export interface Layer extends Blob {
  /** The digest of the archive before compression. */
  readonly diffId: string;
  /** What is inside, in a few words: a line of the image's history. */
  readonly title: string;
}

export interface Recipe {
  readonly title: string;
  /** All that decides what is inside: the same key stands for the same bytes. */
  readonly key: readonly string[];
  /** The bytes of a tar archive; asked for only when the layer is not in the cache. */
  tar(): AsyncIterable<Uint8Array>;
}

/** Part of every key: to be raised when the way from a recipe to bytes changes, the compressor's version included. */
const FORMAT = 'layer 3';

/** Throws what the recipe's archive throws. */
export async function makeLayer({ title, key, tar }: Recipe, compressor: Compressor): Promise<Layer> {
  const name = createHash('sha256')
    .update(JSON.stringify([FORMAT, ...key]))
    .digest('hex');
  const note = cachePath('layers', `${name}.json`);
  const known = await recall(note);
  if (known) return { ...known, title };
  const diff = createHash('sha256');
  const compressed = createHash('sha256');
  let size = 0;
  const counted = async function* () {
    for await (const chunk of compressor.gzip(hashed(tar(), diff))) {
      compressed.update(chunk);
      size += chunk.length;
      yield chunk;
    }
  };
  let digest = '';
  await writeWhole(cachePath('blobs', name), async (path) => {
    await pipeline(Readable.from(counted()), createWriteStream(path));
    digest = `sha256:${compressed.digest('hex')}`;
    return blobPath(digest);
  });
  const diffId = `sha256:${diff.digest('hex')}`;
  await writeWholeFile(note, JSON.stringify({ digest, diffId, size }));
  return { ...blobOfFile(blobPath(digest), digest, size, LAYER_TYPE), diffId, title };
}

/** Where the cache has a layer's compressed bytes. */
export const blobPath = (digest: string) => cachePath('blobs', digest.replace(':', '-'));

async function* hashed(source: AsyncIterable<Uint8Array>, hash: Hash): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    hash.update(chunk);
    yield chunk;
  }
}

interface Note {
  readonly digest: string;
  readonly diffId: string;
  readonly size: number;
}

async function recall(note: string): Promise<Omit<Layer, 'title'> | undefined> {
  const text = await readFile(note, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const { digest, diffId, size }: Note = JSON.parse(text);
  const found = await stat(blobPath(digest)).catch(() => undefined);
  return found?.size === size ? { ...blobOfFile(blobPath(digest), digest, size, LAYER_TYPE), diffId } : undefined;
}
