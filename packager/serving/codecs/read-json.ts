/** JSON text to values as Python's `json` reads it: integers keep all their digits, and the literals NaN and ±Infinity are numbers. */
import { randomBytes } from 'node:crypto';
import { MltrackError } from '../../../api/errors.js';
import { requireRoom } from './json-room.js';
import { scanJson } from './scan-json.js';

/** A string, or a number or literal that JSON.parse loses. */
const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|NaN|-?Infinity/gs;
const INTEGER = /^-?(?:0|[1-9]\d*)$/;
/** One that may be beyond ±2^53: no fraction follows it, nor is it one. */
const LONG_INTEGER = /(?<![\d.eE+])\d{16,}(?![\d.eE])/;
const LITERALS: Partial<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
};

/**
 * Lists of numbers come as `Numbers` where they are all there is in a body (`scan-json.ts`). An integer beyond ±2^53 is a bigint.
 * Throws BAD_REQUEST for bytes that are not UTF-8, or not JSON, REQUEST_TOO_LARGE for values that do not fit into memory.
 */
export function readJson(bytes: Uint8Array): unknown {
  const plain = scanJson(bytes);
  if (plain !== undefined) return plain;
  requireRoom(bytes);
  const text = readText(bytes);
  const literal = /NaN|Infinity/.test(text);
  let value: unknown;
  try {
    value = JSON.parse(literal ? text.replace(TOKEN, (token) => (token in LITERALS ? ' 0 ' : token)) : text);
  } catch (error) {
    const reason = (error as Error).message;
    throw new MltrackError(
      'BAD_REQUEST',
      `Invalid input. Ensure that input is a valid JSON formatted string. Error: '${reason}'`,
    );
  }
  return literal || LONG_INTEGER.test(text) ? readMarked(text) : value;
}

/** Throws BAD_REQUEST for bytes that are not UTF-8. A byte order mark is dropped. */
export function readText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new MltrackError('BAD_REQUEST', 'Invalid input. Ensure that input is a valid UTF-8 encoded string.');
  }
}

/** Reads valid JSON with the tokens that JSON.parse loses written as strings, which begin with a mark that no sender can guess. */
function readMarked(text: string): unknown {
  const mark = randomBytes(12).toString('hex');
  const marked = text.replace(TOKEN, (token) => {
    const lost = token in LITERALS || (INTEGER.test(token) && !Number.isSafeInteger(Number(token)));
    return lost ? `"${mark}${token}"` : token;
  });
  return JSON.parse(marked, (_key, value: unknown) => {
    if (typeof value !== 'string' || !value.startsWith(mark)) return value;
    const token = value.slice(mark.length);
    return LITERALS[token] ?? BigInt(token);
  });
}
