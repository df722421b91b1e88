/** JSON in bytes: what handlers answer, and what was encoded before. */

/** Only a step or timestamp beyond ±2^53 is a bigint: then its digits are written by a second, slower way. */
export function encode(value: unknown): Uint8Array {
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

/** An answer that a handler has put together from pieces of JSON: nobody between it and the thread's reply looks into it. */
class Encoded {
  readonly pieces: readonly Uint8Array[];

  constructor(pieces: readonly Uint8Array[]) {
    this.pieces = pieces;
  }
}

export const encodedAs = <T>(pieces: readonly Uint8Array[]): T => new Encoded(pieces) as unknown as T;

/** A handler's answer in pieces, which are copied once: into the buffer that is transferred. */
export const piecesOf = (answer: unknown): readonly Uint8Array[] =>
  answer instanceof Encoded ? answer.pieces : [encode(answer)];

/** A double as JSON holds it: NaN and infinities, those of MLflow's tables too, are texts. */
export function wireDouble(value: number): number {
  if (value < Number.MAX_VALUE && value > -Number.MAX_VALUE) return value;
  return (Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity') as unknown as number;
}
