/**
 * Protobuf's wire format, as much of it as editing a message needs: fields are read in place and written back byte for byte.
 * Source: https://protobuf.dev/programming-guides/encoding. It knows no schema; `graph.ts` knows ONNX's.
 */

export interface Field {
  /** The field's number in its message. */
  readonly number: number;
  /** A varint, or the bits of a fixed field; 0n where `bytes` has the value. */
  readonly value: bigint;
  /** The contents of a length-delimited field (a string, bytes, a message, packed numbers); empty for others. */
  readonly bytes: Uint8Array;
  /** The whole field, tag and length included. */
  readonly raw: Uint8Array;
}

const NONE = new Uint8Array(0);
const LENGTH_DELIMITED = 2;

/** Fixed-width wire types and their sizes in bytes. */
const FIXED: Partial<Record<number, number>> = { 1: 8, 5: 4 };

/** The fields of a message, in order, as views of its bytes. Throws an Error when the bytes are not a protobuf message. */
export function* fields(message: Uint8Array): Generator<Field> {
  let at = 0;
  const varint = (): bigint => {
    const read = readVarint(message, at);
    at = read.end;
    return read.value;
  };
  while (at < message.length) {
    const start = at;
    const tag = Number(varint());
    const wire = tag & 7;
    const number = Math.floor(tag / 8);
    if (number === 0) throw malformed();
    let value = 0n;
    let bytes: Uint8Array = NONE;
    if (wire === 0) value = varint();
    else {
      const length = wire === LENGTH_DELIMITED ? Number(varint()) : FIXED[wire];
      if (length === undefined || at + length > message.length) throw malformed();
      if (wire === LENGTH_DELIMITED) bytes = message.subarray(at, at + length);
      else value = littleEndian(message.subarray(at, at + length));
      at += length;
    }
    yield { number, value, bytes, raw: message.subarray(start, at) };
  }
}

function readVarint(bytes: Uint8Array, start: number): { value: bigint; end: number } {
  let low = 0;
  for (let at = start, shift = 0; at < bytes.length && shift < 28; at++, shift += 7) {
    const byte = bytes[at] as number;
    low |= (byte & 0x7f) << shift;
    if (byte < 0x80) return { value: BigInt(low), end: at + 1 };
  }
  let value = 0n;
  for (let at = start, shift = 0n; at < bytes.length && shift < 70n; at++, shift += 7n) {
    const byte = bytes[at] as number;
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return { value: BigInt.asUintN(64, value), end: at + 1 };
  }
  throw malformed();
}

function littleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

const malformed = () => new Error('not a protobuf message');

const decoder = new TextDecoder();

/** The text of a string field. */
export const text = (field: Field): string => decoder.decode(field.bytes);

/** The signed numbers of a repeated int64 field, of which `field` is one element or a packed list. */
export function int64s(field: Field): bigint[] {
  if (field.bytes.length === 0) return [BigInt.asIntN(64, field.value)];
  const numbers: bigint[] = [];
  for (let at = 0; at < field.bytes.length; ) {
    const { value, end } = readVarint(field.bytes, at);
    numbers.push(BigInt.asIntN(64, value));
    at = end;
  }
  return numbers;
}

/** One field of a length-delimited type. */
export function lengthDelimited(number: number, contents: Uint8Array): Uint8Array {
  return concat([varint(number * 8 + LENGTH_DELIMITED), varint(contents.length), contents]);
}

/** One field holding a non-negative number. */
export function varintField(number: number, value: number): Uint8Array {
  return concat([varint(number * 8), varint(value)]);
}

export function stringField(number: number, value: string): Uint8Array {
  return lengthDelimited(number, new TextEncoder().encode(value));
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return Uint8Array.from(bytes);
}

export function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
