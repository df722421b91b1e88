/** An image as bytes that are known and do not change: what the builder makes, and what a registry, a layout or an archive is given. */
import type { Readable } from 'node:stream';

/** Content that its digest names: a layer, or the configuration. */
export interface Blob {
  /** `sha256:` and 64 hexadecimal digits, of the bytes as they are stored: for a layer, compressed. */
  readonly digest: string;
  /** In bytes. */
  readonly size: number;
  readonly mediaType: string;
  /** Its bytes from the start. */
  open(): Readable;
}

/** One image for one platform. */
export interface Image {
  /** The manifest to the byte: its digest is the image's. It names the configuration and the layers. */
  readonly manifest: Uint8Array<ArrayBuffer>;
  /** The manifest's. */
  readonly mediaType: string;
  /** The manifest's, as in `NAME@DIGEST`. */
  readonly digest: string;
  readonly config: Blob;
  /** From the lowest to the topmost. */
  readonly layers: readonly Blob[];
}
