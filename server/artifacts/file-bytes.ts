/** Bytes between a stream and a file in few, large calls: buffers of a stream's own would be new for each of them, which costs more than the copying. */
import type { FileHandle } from 'node:fs/promises';
import type { Readable, Writable } from 'node:stream';
import type { ByteRange } from './repository.js';

/** Bytes of one call. Two of them are in use while a file is sent. */
const AT_ONCE = 1024 * 1024;

/** Sends a part of the file; the destination is ended. Rejects when the destination fails or goes away. */
export async function sendBytes(file: FileHandle, range: ByteRange, destination: Writable): Promise<void> {
  const gone = new Promise<never>((_, reject) => {
    destination.once('error', reject);
    destination.once('close', () => reject(prematureClose()));
  });
  // It is looked at only while something is awaited.
  gone.catch(() => {});
  let buffers: [Buffer, Buffer] = [bufferFor(range), bufferFor(range)];
  let written: Promise<void> = Promise.resolve();
  for (let at = range.start; at <= range.end; ) {
    const wanted = Math.min(buffers[0].length, range.end + 1 - at);
    const { bytesRead } = await file.read(buffers[0], 0, wanted, at);
    if (bytesRead === 0) throw new Error('The file became shorter while it was sent.');
    await Promise.race([written, gone]);
    // The buffer is free again once the destination has passed it on.
    written = writing(destination, buffers[0].subarray(0, bytesRead));
    buffers = [buffers[1], buffers[0]];
    at += bytesRead;
  }
  await Promise.race([written, gone]);
  destination.end();
}

const bufferFor = ({ start, end }: ByteRange) => Buffer.allocUnsafeSlow(Math.min(AT_ONCE, end + 1 - start));

function writing(destination: Writable, bytes: Buffer): Promise<void> {
  const done = new Promise<void>((resolve, reject) => {
    destination.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
  done.catch(() => {});
  return done;
}

/** As `stream.pipeline` says it. */
function prematureClose(): Error {
  return Object.assign(new Error('Premature close'), { code: 'ERR_STREAM_PREMATURE_CLOSE' });
}

/** Writes all of the stream. Rejects with the stream's error when it breaks off. */
export async function receiveBytes(body: Readable, file: FileHandle): Promise<void> {
  let waiting: Buffer[] = [];
  let size = 0;
  const write = async () => {
    for (let left = waiting; left.length > 0; ) {
      const { bytesWritten } = await file.writev(left);
      left = after(left, bytesWritten);
    }
    waiting = [];
    size = 0;
  };
  for await (const piece of body as AsyncIterable<Buffer>) {
    waiting.push(piece);
    size += piece.length;
    if (size >= AT_ONCE) await write();
  }
  await write();
}

/** What is left of the pieces after so many bytes. */
function after(pieces: readonly Buffer[], bytes: number): Buffer[] {
  let skipped = 0;
  let at = 0;
  for (; at < pieces.length && skipped + (pieces[at] as Buffer).length <= bytes; at++) {
    skipped += (pieces[at] as Buffer).length;
  }
  const rest = pieces.slice(at);
  if (rest[0] && bytes > skipped) rest[0] = rest[0].subarray(bytes - skipped);
  return rest;
}
