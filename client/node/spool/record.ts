/**
 * The bytes of the spool. A record is its length and CRC-32 (both uint32, little-endian) and then its payload, whose first byte is its
 * kind: a metric's key, which is numbered by its place among the keys of its segment; values of one step; values with a step each;
 * and everything else as JSON.
 */
import type { Entry, WireMetric } from '../../entries.js';

export const HEADER = 8;
const KIND_KEY = 1;
const KIND_STEP = 2;
const KIND_HISTORY = 3;
const KIND_JSON = 4;
/** Bytes of one value of a step, and of one that has its own. */
const STEP_VALUE = 12;
const HISTORY_VALUE = 28;
/** No record is longer: an artifact's content is a file. */
export const LONGEST_RECORD = 64 * 1024 * 1024;

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c >>> 0;
});

export function crc32(bytes: Uint8Array, from: number, to: number): number {
  let crc = 0xffffffff;
  for (let i = from; i < to; i++) crc = (TABLE[(crc ^ (bytes[i] as number)) & 0xff] as number) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

/** Makes records in one buffer, which each call overwrites. */
export class RecordWriter {
  bytes = Buffer.allocUnsafe(64 * 1024);
  #view = new DataView(this.bytes.buffer, this.bytes.byteOffset);
  /** Where the record that is being made ends. */
  #end = 0;

  key(key: string): number {
    const length = Buffer.byteLength(key);
    this.#begin(KIND_KEY, length);
    this.bytes.write(key, this.#end);
    this.#end += length;
    return this.finish();
  }

  json(entry: Entry): number {
    const text = JSON.stringify(entry);
    const length = Buffer.byteLength(text);
    this.#begin(KIND_JSON, length);
    this.bytes.write(text, this.#end);
    this.#end += length;
    return this.finish();
  }

  /** Begins the values of a step; `stepValue` adds each, and `finish` ends it. */
  beginStep(most: number, timestamp: number, step: number): void {
    this.#begin(KIND_STEP, 16 + most * STEP_VALUE);
    this.#view.setFloat64(this.#end, timestamp, true);
    this.#view.setFloat64(this.#end + 8, step, true);
    this.#end += 16;
  }

  stepValue(key: number, value: number): void {
    this.#view.setUint32(this.#end, key, true);
    this.#view.setFloat64(this.#end + 4, value, true);
    this.#end += STEP_VALUE;
  }

  beginHistory(most: number): void {
    this.#begin(KIND_HISTORY, most * HISTORY_VALUE);
  }

  historyValue(key: number, value: number, timestamp: number, step: number): void {
    this.#view.setUint32(this.#end, key, true);
    this.#view.setFloat64(this.#end + 4, value, true);
    this.#view.setFloat64(this.#end + 12, timestamp, true);
    this.#view.setFloat64(this.#end + 20, step, true);
    this.#end += HISTORY_VALUE;
  }

  /** The record's whole length; it begins at the buffer's first byte. */
  finish(): number {
    const end = this.#end;
    this.#view.setUint32(0, end - HEADER, true);
    this.#view.setUint32(4, crc32(this.bytes, HEADER, end), true);
    return end;
  }

  #begin(kind: number, most: number): void {
    if (HEADER + 1 + most > this.bytes.length) {
      this.bytes = Buffer.allocUnsafe(HEADER + 1 + most);
      this.#view = new DataView(this.bytes.buffer, this.bytes.byteOffset);
    }
    this.bytes[HEADER] = kind;
    this.#end = HEADER + 1;
  }
}

/** A payload as an entry; a key is added to `keys` and is none. Throws for what no version has written. */
export function decode(bytes: Buffer, from: number, to: number, keys: string[]): Entry | undefined {
  const kind = bytes[from];
  const at = from + 1;
  if (kind === KIND_KEY) {
    keys.push(bytes.toString('utf8', at, to));
    return undefined;
  }
  if (kind === KIND_STEP) return { kind: 'metrics', metrics: stepValues(bytes, at, to, keys) };
  if (kind === KIND_HISTORY) return { kind: 'metrics', metrics: historyValues(bytes, at, to, keys) };
  if (kind === KIND_JSON) return JSON.parse(bytes.toString('utf8', at, to)) as Entry;
  throw new Error(`A record of kind ${kind}, which a newer version must have written`);
}

/** Only the keys of a payload that is otherwise skipped. */
export function decodeKey(bytes: Buffer, from: number, to: number, keys: string[]): void {
  if (bytes[from] === KIND_KEY) decode(bytes, from, to, keys);
}

function stepValues(bytes: Buffer, from: number, to: number, keys: readonly string[]): WireMetric[] {
  const timestamp = bytes.readDoubleLE(from);
  const step = bytes.readDoubleLE(from + 8);
  const metrics: WireMetric[] = [];
  for (let at = from + 16; at < to; at += STEP_VALUE) {
    metrics.push({
      key: keys[bytes.readUInt32LE(at)] as string,
      value: wire(bytes.readDoubleLE(at + 4)),
      timestamp,
      step,
    });
  }
  return metrics;
}

function historyValues(bytes: Buffer, from: number, to: number, keys: readonly string[]): WireMetric[] {
  const metrics: WireMetric[] = [];
  for (let at = from; at < to; at += HISTORY_VALUE) {
    metrics.push({
      key: keys[bytes.readUInt32LE(at)] as string,
      value: wire(bytes.readDoubleLE(at + 4)),
      timestamp: bytes.readDoubleLE(at + 12),
      step: bytes.readDoubleLE(at + 20),
    });
  }
  return metrics;
}

const wire = (value: number) => (Number.isFinite(value) ? value : String(value));
