/**
 * Refuses JSON whose values would not fit into this thread's heap. JSON.parse is native code, which V8 cannot stop at the heap's
 * limit as it stops a script: it would take the process along, and every request with it.
 */
import { getHeapStatistics } from 'node:v8';
import { MltrackError } from '../../../api/errors.js';

/** Smaller bodies fit into any heap that Node starts with. */
const SMALL = 2 ** 20;
/** Far beyond any tensor's; each level costs JSON.parse more than a value does. */
const DEEPEST = 1000;
/** What a list or an object, an element, and a text take at least in V8's heap, bytes. */
const SIZES = { container: 40, element: 8, text: 24 };
/** Of the heap: the values are not all that is in it. */
const PART_OF_HEAP = 0.5;

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPENING = [0x5b, 0x7b];
const BACKSLASH = 0x5c;
const CLOSING = [0x5d, 0x7d];

/** Throws REQUEST_TOO_LARGE, or BAD_REQUEST for lists in lists beyond all reason. The bytes need not be valid JSON. */
export function requireRoom(bytes: Uint8Array): void {
  if (bytes.length < SMALL) return;
  const { size, depth } = measure(bytes);
  if (depth > DEEPEST) {
    throw new MltrackError(
      'BAD_REQUEST',
      `Invalid input. Lists and objects may be ${DEEPEST} levels deep. Got ${depth}.`,
    );
  }
  const room = getHeapStatistics().heap_size_limit * PART_OF_HEAP;
  if (size > room) {
    const mib = (amount: number) => Math.floor(amount / 2 ** 20);
    throw new MltrackError(
      'REQUEST_TOO_LARGE',
      `The body's values take about ${mib(size)} MiB of memory; there are ${mib(room)} MiB for them. Send fewer rows at once.`,
    );
  }
}

/** Least bytes of the values, and levels. */
function measure(bytes: Uint8Array): { size: number; depth: number } {
  let size = 0;
  let level = 0;
  let depth = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if (byte === QUOTE) {
      at = endOfText(bytes, at);
      size += SIZES.text;
    } else if (byte === COMMA) size += SIZES.element;
    else if (OPENING.includes(byte)) {
      size += SIZES.container;
      level++;
      if (level > depth) depth = level;
    } else if (CLOSING.includes(byte)) level--;
  }
  return { size, depth };
}

/** The place of the closing quote, or the end. */
function endOfText(bytes: Uint8Array, opening: number): number {
  let at = opening + 1;
  while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
  return at;
}
