/**
 * TFRecord, the framing of TensorBoard's event files: length, its checksum, data, its checksum.
 * Source: https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details
 */
import { type FileHandle, open } from 'node:fs/promises';
import { checksum } from '../../../client/checksum.js';

const crc32c = checksum('castagnoli');
const CHUNK = 1024 * 1024;
/** Bytes before a record's data and after it. */
const HEAD = 12;
const FOOT = 4;
/** No summary is larger; a length beyond it is damage that its checksum happens to fit. */
const MOST = 256 * 1024 * 1024;

const masked = (sum: number) => (((sum >>> 15) | (sum << 17)) + 0xa282ead8) >>> 0;
const sumAt = (bytes: Uint8Array, at: number) => new DataView(bytes.buffer, bytes.byteOffset + at).getUint32(0, true);

export interface Records {
  readonly records: readonly Uint8Array[];
  /** Bytes of the file that were read so far. */
  readonly read: number;
}

/**
 * The records of a file in portions. A last one that is not whole is passed over: whoever writes the file is not done with it.
 * Throws an Error of one line where a checksum does not fit.
 */
export async function* readRecords(file: string): AsyncGenerator<Records, void, void> {
  const handle = await open(file);
  try {
    yield* portions(handle);
  } finally {
    await handle.close();
  }
}

async function* portions(handle: FileHandle): AsyncGenerator<Records, void, void> {
  let rest: Uint8Array = new Uint8Array(0);
  let read = 0;
  for (;;) {
    const wanted = Math.max(CHUNK, lengthOf(rest) - rest.length);
    const bytes = new Uint8Array(rest.length + wanted);
    bytes.set(rest);
    const { bytesRead } = await handle.read(bytes, rest.length, wanted, read);
    if (bytesRead === 0) return;
    read += bytesRead;
    const filled = bytes.subarray(0, rest.length + bytesRead);
    const { records, end, damaged } = whole(filled);
    yield { records, read };
    if (damaged) throw new Error(`damaged at byte ${read - filled.length + end}`);
    rest = filled.subarray(end);
  }
}

/** Bytes of the record that begins here, as far as can be told. */
function lengthOf(bytes: Uint8Array): number {
  return bytes.length < HEAD ? HEAD : HEAD + dataLength(bytes, 0) + FOOT;
}

function dataLength(bytes: Uint8Array, at: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at);
  return view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32;
}

/** The records that are whole, where the next one begins, and whether that is none. */
function whole(bytes: Uint8Array): { records: Uint8Array[]; end: number; damaged: boolean } {
  const records: Uint8Array[] = [];
  let at = 0;
  while (at + HEAD <= bytes.length) {
    const length = dataLength(bytes, at);
    const isSound = masked(crc32c(bytes.subarray(at, at + 8))) === sumAt(bytes, at + 8);
    if (!isSound || length > MOST) return { records, end: at, damaged: true };
    const end = at + HEAD + length + FOOT;
    if (end > bytes.length) break;
    const data = bytes.subarray(at + HEAD, end - FOOT);
    if (masked(crc32c(data)) !== sumAt(bytes, end - FOOT)) return { records, end: at, damaged: true };
    records.push(data);
    at = end;
  }
  return { records, end: at, damaged: false };
}
