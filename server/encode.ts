/** JSON in bytes: what handlers answer, and what was encoded before. */

/** Only a step or timestamp beyond ±2^53 is a bigint: then its digits are written by a second, slower way. */
export function encode(value: unknown): Uint8Array {
  if (value instanceof Encoded) return value.bytes;
  try {
    return Buffer.from(JSON.stringify(value));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const marked = JSON.stringify(value, (_key, each: unknown) =>
      typeof each === 'bigint' ? `${BIGINT_MARK}${each}` : each,
    );
    return Buffer.from(marked.replaceAll(new RegExp(`"${BIGINT_MARK}(-?\\d+)"`, 'gu'), '$1'));
  }
}

/** A private-use character: no key of a metric may contain it. */
const BIGINT_MARK = '\u{e000}';

/** A whole answer as bytes of JSON. */
class Encoded {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
}

/** An answer made of pieces of JSON, as a handler returns it: nothing but `encode` looks into it. */
export const encodedAs = <T>(pieces: readonly Uint8Array[]): T => new Encoded(Buffer.concat(pieces)) as unknown as T;
