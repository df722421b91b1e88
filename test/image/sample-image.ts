/** Small images for the tests: real layers (gzipped tar archives of one file) with the configuration and the manifest that belong to them. */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import type { Blob, Image } from '../../packager/image/image.js';
import { seededRandom } from '../harness/random.js';

const MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
const CONFIG = 'application/vnd.docker.container.image.v1+json';
const LAYER = 'application/vnd.docker.image.rootfs.diff.tar.gzip';

export const sha256 = (bytes: Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** Comes in pieces, so that there is a middle to break off in. */
export function blobOf(bytes: Uint8Array, mediaType: string): Blob {
  const pieces = function* () {
    for (let at = 0; at < bytes.length; at += 16_384) yield bytes.subarray(at, at + 16_384);
  };
  return {
    digest: sha256(bytes),
    size: bytes.length,
    mediaType,
    open: () => Readable.from(pieces(), { objectMode: false }),
  };
}

/** Bytes that do not compress, others for each seed. */
export function noise(size: number, seed: number): Uint8Array<ArrayBuffer> {
  const random = seededRandom(seed);
  return Uint8Array.from({ length: size }, () => Math.floor(random() * 256));
}

/** An archive of one file, with the header of POSIX ustar. */
function tarOf(name: string, content: Uint8Array): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write(`0000644\0${'0000000\0'.repeat(2)}`, 100);
  header.write(`${content.length.toString(8).padStart(11, '0')}\0${'0'.repeat(11)}\0        0`, 124);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  const padding = Buffer.alloc(((512 - (content.length % 512)) % 512) + 1024);
  return Buffer.concat([header, content, padding]);
}

export interface Sample extends Image {
  /** Of configuration and layers. */
  readonly bytes: number;
}

/** An image of a layer for each seed; the same seeds and size give the same image. */
export function sampleImage(seeds: readonly number[], size = 40_000, architecture = 'amd64'): Sample {
  const archives = seeds.map((seed) => tarOf(`file-${seed}`, noise(size, seed)));
  const layers = archives.map((archive) => blobOf(gzipSync(archive), LAYER));
  const settings = {
    os: 'linux',
    architecture,
    config: {},
    rootfs: { type: 'layers', diff_ids: archives.map(sha256) },
  };
  const config = blobOf(Buffer.from(JSON.stringify(settings)), CONFIG);
  return { ...imageOf(config, layers), bytes: [config, ...layers].reduce((sum, blob) => sum + blob.size, 0) };
}

/** The image that these blobs make. */
export function imageOf(config: Blob, layers: readonly Blob[]): Image {
  const descriptor = ({ mediaType, size, digest }: Blob) => ({ mediaType, size, digest });
  const json = { schemaVersion: 2, mediaType: MANIFEST, config: descriptor(config), layers: layers.map(descriptor) };
  const manifest = new Uint8Array(Buffer.from(JSON.stringify(json)));
  return { manifest, mediaType: MANIFEST, digest: sha256(manifest), config, layers };
}
