/** Blobs of an image: from memory, from a file, and their bytes with the digest looked after. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import type { Blob } from './image.js';

export const digestOf = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

export function blobOfBytes(bytes: Uint8Array, mediaType: string): Blob {
  return { digest: digestOf(bytes), size: bytes.length, mediaType, open: () => Readable.from([bytes]) };
}

/** The file is taken to have this digest; see `verified`. */
export function blobOfFile(path: string, digest: string, size: number, mediaType: string): Blob {
  return { digest, size, mediaType, open: () => createReadStream(path) };
}

/** The blob's bytes. Throws an Error at their end when they are not those that its digest names. */
export async function* verified({ digest, size, open }: Blob): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  let length = 0;
  for await (const chunk of open()) {
    hash.update(chunk);
    length += chunk.length;
    yield chunk;
  }
  const found = `sha256:${hash.digest('hex')}`;
  if (found !== digest || length !== size) throw new Error(`A file is damaged: ${found} stands where ${digest} should`);
}
