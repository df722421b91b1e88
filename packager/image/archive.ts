/**
 * An image as one tar file that `docker load` and `podman load` take, and which is an OCI layout too
 * (https://github.com/opencontainers/image-spec/blob/main/image-layout.md), so that tools which read that keep the digest.
 */
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { encode } from './assemble.js';
import { verified } from './blob.js';
import type { Blob, Image } from './image.js';
import { blobName, indexOf, LAYOUT_FILE, LAYOUT_MARK } from './layout.js';
import { type Entry, tar } from './tar.js';
import { writeWhole } from './whole-file.js';

/** `name`: as in `NAME:TAG`. The file is whole when this resolves, and as it was when this rejects. */
export async function writeArchive(image: Image, name: string, file: string): Promise<void> {
  await writeWhole(file, async (beside) => {
    await pipeline(Readable.from(tar(entriesOf(image, name))), createWriteStream(beside));
    return undefined;
  });
}

function entriesOf(image: Image, name: string): Entry[] {
  const blobs = new Map([image.config, ...image.layers].map((blob) => [blob.digest, blob]));
  const listed = {
    Config: blobName(image.config.digest),
    RepoTags: [name],
    Layers: image.layers.map(({ digest }) => blobName(digest)),
  };
  const file = (path: string, content: Uint8Array): Entry => ({ kind: 'file', path, content });
  return [
    file('manifest.json', encode([listed])),
    file('index.json', encode(indexOf(image, name))),
    file(LAYOUT_FILE, LAYOUT_MARK),
    file(blobName(image.digest), image.manifest),
    ...[...blobs.values()].map(
      (blob): Entry => ({ kind: 'file', path: blobName(blob.digest), content: contentOf(blob) }),
    ),
  ];
}

const contentOf = (blob: Blob) => ({ size: blob.size, read: () => verified(blob) });
