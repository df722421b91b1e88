/** An image as a folder: the OCI image layout (https://github.com/opencontainers/image-spec/blob/main/image-layout.md), written and read. */
import { createWriteStream } from 'node:fs';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { architectureOf, descriptor, encode, type Platform } from './assemble.js';
import { blobOfFile, digestOf, verified } from './blob.js';
import type { Blob, Image } from './image.js';

export const LAYOUT_FILE = 'oci-layout';
export const LAYOUT_MARK = encode({ imageLayoutVersion: '1.0.0' });

/** Relative to the layout's folder. */
export const blobName = (digest: string) => `blobs/${digest.replace(':', '/')}`;

/** `name`: as in `NAME:TAG`. */
export const indexOf = (image: Image, name: string) => ({
  schemaVersion: 2,
  mediaType: 'application/vnd.oci.image.index.v1+json',
  manifests: [
    {
      ...descriptor({ mediaType: image.mediaType, size: image.manifest.length, digest: image.digest }),
      annotations: {
        'org.opencontainers.image.ref.name': name.slice(name.lastIndexOf(':') + 1),
        'io.containerd.image.name': name,
      },
    },
  ],
});

/** Makes the folder a layout with this image only; blobs that lie there already are not written again. */
export async function writeLayout(image: Image, name: string, folder: string): Promise<void> {
  await mkdir(join(folder, 'blobs/sha256'), { recursive: true });
  for (const blob of [image.config, ...image.layers]) {
    const file = join(folder, blobName(blob.digest));
    if ((await stat(file).catch(() => undefined))?.size === blob.size) continue;
    await pipeline(Readable.from(verified(blob)), createWriteStream(file));
  }
  await writeFile(join(folder, blobName(image.digest)), image.manifest);
  await writeFile(join(folder, LAYOUT_FILE), LAYOUT_MARK);
  await writeFile(join(folder, 'index.json'), encode(indexOf(image, name)));
}

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly platform?: { readonly os?: string; readonly architecture?: string };
}

interface Manifest {
  readonly manifests?: readonly Descriptor[];
  readonly config?: Descriptor;
  readonly layers?: readonly Descriptor[];
}

/** The layout's image for the platform. Throws an Error of one line when there is none, several, or a damaged one. */
export async function readLayout(folder: string, platform: Platform): Promise<Image> {
  const text = await readFile(join(folder, 'index.json')).catch(() => {
    throw new Error(`No OCI layout at ${folder}: there is no index.json`);
  });
  let listed: Manifest = JSON.parse(text.toString());
  for (;;) {
    const chosen = choose(listed.manifests ?? [], platform, folder);
    const bytes = new Uint8Array(await readFile(join(folder, blobName(chosen.digest))));
    if (digestOf(bytes) !== chosen.digest) throw new Error(`The manifest ${chosen.digest} in ${folder} is damaged`);
    listed = JSON.parse(Buffer.from(bytes).toString());
    if (listed.manifests) continue;
    if (!listed.config || !listed.layers) throw new Error(`${chosen.digest} in ${folder} is no image`);
    const blob = ({ digest, size, mediaType }: Descriptor): Blob =>
      blobOfFile(join(folder, blobName(digest)), digest, size, mediaType);
    return {
      manifest: bytes,
      mediaType: chosen.mediaType,
      digest: chosen.digest,
      config: blob(listed.config),
      layers: listed.layers.map(blob),
    };
  }
}

function choose(manifests: readonly Descriptor[], wanted: Platform, folder: string): Descriptor {
  const fitting = manifests.filter(
    ({ platform }) => !platform || (platform.os === 'linux' && platform.architecture === architectureOf(wanted)),
  );
  const [chosen] = fitting;
  if (!chosen) throw new Error(`The layout ${folder} has no image for ${wanted}`);
  if (fitting.length > 1) throw new Error(`The layout ${folder} has ${fitting.length} images for ${wanted}: keep one`);
  return chosen;
}
