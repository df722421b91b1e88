/**
 * Decimal numbers in bytes to doubles, correctly rounded, several times faster than by way of a text. Up to 15 digits one division
 * is exact (Clinger, 1990); up to about 22 digits the product with a power of ten is computed to about 100 bits, and only where those do
 * not decide the rounding is the text read by JavaScript itself.
 */

const ZERO = 48;
const POINT = 46;
const MINUS = 45;
const PLUS = 43;
/** `e`; an `E` is that without the bit of lower case. */
const EXPONENT = 0x65;
const LOWER_CASE = 0x20;

/** Powers of ten that a double holds exactly. */
const POWERS = Float64Array.from({ length: 23 }, (_, power) => Number(`1e${power}`));
/** Their reciprocals, as the sum of two doubles. */
const RECIPROCALS = POWERS.map((power) => 1 / power);
const RECIPROCAL_RESTS = POWERS.map((power, index) => {
  const reciprocal = RECIPROCALS[index] as number;
  const product = reciprocal * power;
  return (1 - product - productError(reciprocal, power, product)) / power;
});

/** Digits that a double's integers hold whatever they are. */
const EXACT_DIGITS = 15;
/** Digits beyond those that are gathered: their power of ten, times 15 digits, must have an exact product of two doubles. */
const MORE_DIGITS = 8;
/** What the product's error is well below, of its size. */
const DOUBT = 2 ** -99;

export class DecimalReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  /** From here on there are no four bytes to look at together. */
  readonly #lastFour: number;
  /** Behind the number that was read. */
  end = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#lastFour = bytes.length - 4;
  }

  /**
   * The JSON number (RFC 8259, 6) that begins at a place; NaN when there is none, or an integer of more than 15 digits,
   * which a double may not hold.
   */
  read(start: number): number {
    const bytes = this.#bytes;
    const length = bytes.length;
    let at = start;
    const negative = at < length && bytes[at] === MINUS;
    if (negative) at++;
    const whole = at;
    let high = 0;
    let digit = at < length ? (bytes[at] as number) - ZERO : -1;
    while (digit >= 0 && digit <= 9) {
      high = high * 10 + digit;
      digit = ++at < length ? (bytes[at] as number) - ZERO : -1;
    }
    let digits = at - whole;
    if (digits === 0 || digits > EXACT_DIGITS) return Number.NaN;
    if (bytes[whole] === ZERO) {
      if (digits > 1) return Number.NaN;
      digits = 0;
    }
    let low = 0;
    let lowDigits = 0;
    let power = 0;
    if (digit === POINT - ZERO) {
      const point = ++at;
      for (; at <= this.#lastFour; at += 4) {
        const four = fourDigits(this.#view.getInt32(at, true));
        if (four < 0) break;
        if (digits <= EXACT_DIGITS - 4) {
          high = high * 10_000 + four;
          digits += 4;
        } else {
          low = low * 10_000 + four;
          lowDigits += 4;
        }
      }
      digit = at < length ? (bytes[at] as number) - ZERO : -1;
      while (digit >= 0 && digit <= 9) {
        if (digits < EXACT_DIGITS && lowDigits === 0) {
          high = high * 10 + digit;
          digits++;
        } else {
          low = low * 10 + digit;
          lowDigits++;
        }
        digit = ++at < length ? (bytes[at] as number) - ZERO : -1;
      }
      if (at === point) return Number.NaN;
      power = point - at;
    }
    if (((digit + ZERO) | LOWER_CASE) === EXPONENT) {
      const exponent = this.#exponent(at + 1);
      if (Number.isNaN(exponent)) return exponent;
      power += exponent;
      at = this.end;
    }
    this.end = at;
    const value = scaled(high, low, lowDigits, power);
    const size = Number.isNaN(value) ? this.#asText(negative ? start + 1 : start) : value;
    return negative ? -size : size;
  }

  /** What follows an `e`; NaN when it is no integer. */
  #exponent(start: number): number {
    const bytes = this.#bytes;
    let at = start;
    const sign = bytes[at];
    if (sign === MINUS || sign === PLUS) at++;
    const first = at;
    let exponent = 0;
    for (let digit = Number(bytes[at]) - ZERO; digit >= 0 && digit <= 9; digit = Number(bytes[++at]) - ZERO) {
      exponent = Math.min(exponent * 10 + digit, 9999);
    }
    this.end = at;
    if (at === first) return Number.NaN;
    return sign === MINUS ? -exponent : exponent;
  }

  #asText(start: number): number {
    return Number(String.fromCharCode(...this.#bytes.subarray(start, this.end)));
  }
}

/** The number that four bytes, the first one lowest, write; below 0 when they are not four digits. */
function fourDigits(bytes: number): number {
  if (((bytes & 0xf0f0f0f0) | (((bytes + 0x06060606) & 0xf0f0f0f0) >>> 4)) !== 0x33333333) return -1;
  const pairs = (Math.imul(bytes & 0x0f0f0f0f, 10) + ((bytes >>> 8) & 0x000f0f0f)) & 0x00ff00ff;
  return ((pairs & 0xff) * 100 + (pairs >>> 16)) | 0;
}

/** `high`, followed by the digits of `low`, times a power of ten, rounded once; NaN when this cannot say. */
function scaled(high: number, low: number, lowDigits: number, power: number): number {
  if (lowDigits === 0) {
    if (power <= 0 && power >= -22) return high / (POWERS[-power] as number);
    return power > 0 && power <= 22 ? high * (POWERS[power] as number) : Number.NaN;
  }
  if (power > 0 || power < -22 || lowDigits > MORE_DIGITS) return Number.NaN;
  const scale = POWERS[lowDigits] as number;
  const product = high * scale;
  const sum = product + low;
  const back = sum - product;
  const rest = product - (sum - back) + (low - back) + productError(high, scale, product);
  const reciprocal = RECIPROCALS[-power] as number;
  const first = sum * reciprocal;
  const second =
    productError(sum, reciprocal, first) + (sum * (RECIPROCAL_RESTS[-power] as number) + rest * reciprocal);
  const doubt = first * DOUBT;
  const value = first + (second + doubt);
  return value === first + (second - doubt) ? value : Number.NaN;
}

/** What `product`, the rounded product of two numbers, lacks of the exact one (Veltkamp and Dekker, 1971). */
function productError(one: number, other: number, product: number): number {
  const a = 134217729 * one;
  const oneHigh = a - (a - one);
  const oneLow = one - oneHigh;
  const b = 134217729 * other;
  const otherHigh = b - (b - other);
  const otherLow = other - otherHigh;
  return oneLow * otherLow - (product - oneHigh * otherHigh - oneLow * otherHigh - oneHigh * otherLow);
}
