/**
 * The bytes of metric points: log records (one request's metrics of many series) and chunks (one series).
 * Integers are stored as a constant stride, as zigzag varint differences, or as 64-bit numbers, whichever is the shortest that
 * keeps every digit; values are float64, little endian. A leading version byte leaves room for better layouts.
 */
import type { Int64 } from '../../api/index.js';
import { Buckets } from './buckets.js';
import type { Points } from './points.js';

const VERSION = 1;
const STRIDE = 0;
const DIFFERENCES = 1;
const WIDE = 2;

/** Differences of numbers within this bound can be zigzag-coded without losing digits. */
const NARROW = 2 ** 50;

/** One metric of a request: `key` and `context` are ids of the tables metric_keys and metric_contexts (0: no context). */
export interface LoggedMetrics extends Points {
  keys: number[];
  contexts: number[];
}

class Writer {
  #bytes = Buffer.allocUnsafe(16 * 1024);
  #at = 0;

  room(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#at + bytes));
    this.#bytes.copy(larger, 0, 0, this.#at);
    this.#bytes = larger;
  }

  byte(value: number): void {
    this.#bytes[this.#at++] = value;
  }

  /** An unsigned integer up to 2^53, seven bits a byte. */
  varint(value: number): void {
    let rest = value;
    while (rest > 0x7f) {
      this.#bytes[this.#at++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    this.#bytes[this.#at++] = rest;
  }

  zigzag(value: number): void {
    this.varint(value < 0 ? -2 * value - 1 : 2 * value);
  }

  int64(value: Int64): void {
    this.#bytes.writeBigInt64LE(BigInt(value), this.#at);
    this.#at += 8;
  }

  doubles(values: readonly number[]): void {
    this.room(values.length * 8);
    const view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset + this.#at);
    for (let i = 0; i < values.length; i++) view.setFloat64(i * 8, values[i] as number, true);
    this.#at += values.length * 8;
  }

  take(): Buffer {
    const taken = Buffer.from(this.#bytes.subarray(0, this.#at));
    this.#at = 0;
    return taken;
  }
}

// One per thread, empty between calls: encoding never awaits.
const writer = new Writer();

function writeIntegers(values: readonly Int64[]): void {
  writer.room(values.length * 8 + 32);
  let stride = values.length > 1 ? Number(values[1]) - Number(values[0]) : 0;
  let narrow = true;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as Int64;
    if (typeof value === 'bigint' || value > NARROW || value < -NARROW) {
      narrow = false;
      break;
    }
    if (i > 0 && value - (values[i - 1] as number) !== stride) stride = Number.NaN;
  }
  if (!narrow) {
    writer.byte(WIDE);
    for (const value of values) writer.int64(value);
  } else if (!Number.isNaN(stride)) {
    writer.byte(STRIDE);
    writer.zigzag(Number(values[0] ?? 0));
    writer.zigzag(stride);
  } else {
    writer.byte(DIFFERENCES);
    let before = 0;
    for (let i = 0; i < values.length; i++) {
      const value = values[i] as number;
      writer.zigzag(value - before);
      before = value;
    }
  }
}

function writePoints(points: Points): void {
  writeIntegers(points.steps);
  writeIntegers(points.timestamps);
  writer.doubles(points.values);
}

export function encodeRecord(metrics: LoggedMetrics): Buffer {
  writer.room(16);
  writer.byte(VERSION);
  writer.varint(metrics.values.length);
  writeIntegers(metrics.keys);
  writeIntegers(metrics.contexts);
  writePoints(metrics);
  return writer.take();
}

export function encodeChunk(points: Points): Buffer {
  writer.room(16);
  writer.byte(VERSION);
  writer.varint(points.values.length);
  writePoints(points);
  return writer.take();
}

/** Buckets as they are kept beside a chunk. */
export function encodeBuckets(buckets: Buckets): Buffer {
  writer.room(32);
  writer.byte(VERSION);
  writer.varint(buckets.width);
  writer.varint(buckets.length);
  const { steps, timestamps, n, nan, posInf, negInf, first, last, min, max, mean } = buckets;
  for (const column of [steps, timestamps, n, nan, posInf, negInf]) writeIntegers(column);
  for (const column of [first, last, min, max, mean]) writer.doubles(column);
  return writer.take();
}

class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const version = this.byte();
    if (version !== VERSION) throw new Error(`Metric data of unknown version ${version}`);
  }

  byte(): number {
    const value = this.#bytes[this.#at++];
    if (value === undefined) throw new Error('Metric data ends too early');
    return value;
  }

  varint(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.byte();
      if (byte < 0x80) return value + byte * scale;
      value += (byte - 0x80) * scale;
      scale *= 128;
    }
  }

  zigzag(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  integers(n: number): Int64[] {
    const mode = this.byte();
    const values: Int64[] = new Array(n);
    if (mode === STRIDE) {
      const start = this.zigzag();
      const stride = this.zigzag();
      for (let i = 0; i < n; i++) values[i] = start + i * stride;
    } else if (mode === DIFFERENCES) {
      let value = 0;
      for (let i = 0; i < n; i++) {
        value += this.zigzag();
        values[i] = value;
      }
    } else {
      for (let i = 0; i < n; i++) {
        const wide = this.#bytes.readBigInt64LE(this.#at);
        this.#at += 8;
        const small = Number(wide);
        values[i] = Number.isSafeInteger(small) ? small : wide;
      }
    }
    return values;
  }

  /** As `integersAt`; undefined when one of all is less than the one before it. */
  risingAt(n: number, indexes: readonly number[]): Int64[] | undefined {
    if (this.#bytes[this.#at] === STRIDE) {
      this.#at++;
      const start = this.zigzag();
      const stride = this.zigzag();
      return n > 1 && stride < 0 ? undefined : indexes.map((i) => start + i * stride);
    }
    const all = this.integers(n);
    for (let i = 1; i < n; i++) if ((all[i] as Int64) < (all[i - 1] as Int64)) return undefined;
    return indexes.map((i) => all[i] as Int64);
  }

  /** Those of `n` integers that are at ascending indexes. Where the reader is afterwards is undefined. */
  integersAt(n: number, indexes: readonly number[]): Int64[] {
    if (this.#bytes[this.#at] !== DIFFERENCES) {
      const all = this.integers(n);
      return indexes.map((i) => all[i] as Int64);
    }
    this.#at++;
    const bytes = this.#bytes;
    const found: Int64[] = new Array(indexes.length);
    const last = indexes.at(-1) ?? -1;
    let at = this.#at;
    let value = 0;
    for (let i = 0, next = 0; i <= last; i++) {
      // Differences of timestamps mostly take two bytes at most: those need no arithmetic beyond 32 bits.
      const first = bytes[at] as number;
      const second = first > 0x7f ? (bytes[at + 1] as number) : 0;
      if (second > 0x7f) {
        this.#at = at;
        value += this.zigzag();
        at = this.#at;
      } else {
        const code = (first & 0x7f) | (second << 7);
        value += (code >>> 1) ^ -(code & 1);
        at += first > 0x7f ? 2 : 1;
      }
      if (i === indexes[next]) found[next++] = value;
    }
    return found;
  }

  /** Those of the `n` doubles at the end that are at the indexes. */
  doublesAt(n: number, indexes: readonly number[]): number[] {
    const start = this.#bytes.length - n * 8;
    return indexes.map((i) => this.#bytes.readDoubleLE(start + i * 8));
  }

  doubles(n: number): number[] {
    const view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset + this.#at, n * 8);
    const values: number[] = new Array(n);
    for (let i = 0; i < n; i++) values[i] = view.getFloat64(i * 8, true);
    this.#at += n * 8;
    return values;
  }

  points(n: number): Points {
    const steps = this.integers(n);
    const timestamps = this.integers(n);
    return { steps, timestamps, values: this.doubles(n) };
  }
}

export function decodeRecord(bytes: Uint8Array): LoggedMetrics {
  const reader = new Reader(bytes);
  const n = reader.varint();
  const keys = reader.integers(n) as number[];
  const contexts = reader.integers(n) as number[];
  return { keys, contexts, ...reader.points(n) };
}

/** The points of a chunk at ascending indexes: what lies between is passed over. Undefined when its steps fall somewhere. */
export function decodeRisingAt(bytes: Uint8Array, indexes: readonly number[]): Points | undefined {
  const reader = new Reader(bytes);
  const n = reader.varint();
  const steps = reader.risingAt(n, indexes);
  if (!steps) return undefined;
  return { steps, timestamps: reader.integersAt(n, indexes), values: reader.doublesAt(n, indexes) };
}

export function decodeChunk(bytes: Uint8Array): Points {
  const reader = new Reader(bytes);
  return reader.points(reader.varint());
}

export function decodeBuckets(bytes: Uint8Array): Buckets {
  const reader = new Reader(bytes);
  const buckets = new Buckets(reader.varint());
  const n = reader.varint();
  const integers = () => reader.integers(n) as number[];
  const doubles = () => reader.doubles(n);
  return Object.assign(buckets, {
    ...{ steps: integers(), timestamps: integers(), n: integers() },
    ...{ nan: integers(), posInf: integers(), negInf: integers() },
    ...{ first: doubles(), last: doubles(), min: doubles(), max: doubles(), mean: doubles() },
  });
}
