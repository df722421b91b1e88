/** The cyclic redundancy check of 32 bits, for the polynomials that file formats use (reflected; start and end inverted). */

/** Of PNG and gzip (IEEE 802.3), and Castagnoli's, of TensorFlow's records. */
export const POLYNOMIALS = { ieee: 0xedb88320, castagnoli: 0x82f63b78 } as const;

/** A function that checks bytes, continuing from the sum of what came before. */
export function checksum(polynomial: keyof typeof POLYNOMIALS): (bytes: Uint8Array, before?: number) => number {
  const table = new Uint32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let rest = byte;
    for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ POLYNOMIALS[polynomial] : rest >>> 1;
    table[byte] = rest;
  }
  return (bytes, before = 0) => {
    let sum = ~before;
    for (let at = 0; at < bytes.length; at++) sum = table[(sum ^ bytes[at]!) & 0xff]! ^ (sum >>> 8);
    return ~sum >>> 0;
  };
}

export const crc32 = checksum('ieee');
