/** A thread that deflates blocks. The compressor is a package of one exact version, so that every machine gets the same bytes. */
import { parentPort } from 'node:worker_threads';
import { Deflate, Z_SYNC_FLUSH } from 'pako';

/** A block, and what stands before it, of which its beginning may be a copy. */
export interface Block {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** 32 KiB at most. */
  readonly before: Uint8Array<ArrayBuffer>;
}

/** A step lower takes four fifths of the time, but the image would not stay below 64 MB. */
const LEVEL = 5;
/** Of what comes out at a time, in bytes: of pieces of 16 KiB, its default, putting them together takes 4 %. */
const CHUNK = 2 ** 19;

parentPort?.on('message', ({ bytes, before }: Block) => {
  const parts: Uint8Array[] = [];
  const stream = new Deflate({
    raw: true,
    level: LEVEL,
    chunkSize: CHUNK,
    ...(before.length > 0 && { dictionary: before }),
  });
  stream.onData = (part) => parts.push(part as Uint8Array);
  // Ends at a byte, and is not the stream's last block: the next one follows without a seam.
  stream.push(bytes, Z_SYNC_FLUSH);
  const deflated = new Uint8Array(Buffer.concat(parts));
  parentPort?.postMessage(deflated, [deflated.buffer]);
});
