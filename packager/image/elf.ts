/** Linux programs: what is needed to run one, without its symbols and debugging data. */

const CLASS_64 = 2;
const LITTLE_ENDIAN = 1;

/**
 * A copy that ends where the last loaded segment does. What lies behind it, and the table of sections that names it, is for
 * debuggers; the kernel and the dynamic loader read segments only (https://man7.org/linux/man-pages/man5/elf.5.html).
 * Throws an Error when the bytes are no 64-bit ELF file.
 */
export function stripped(program: Uint8Array): Uint8Array {
  const view = new DataView(program.buffer, program.byteOffset, program.byteLength);
  if (view.getUint32(0) !== 0x7f454c46 || view.getUint8(4) !== CLASS_64 || view.getUint8(5) !== LITTLE_ENDIAN) {
    throw new Error('The program is no 64-bit ELF file');
  }
  const number = (at: number) => Number(view.getBigUint64(at, true));
  const table = number(32);
  const entrySize = view.getUint16(54, true);
  const count = view.getUint16(56, true);
  let end = table + count * entrySize;
  for (let index = 0; index < count; index++) {
    const segment = table + index * entrySize;
    end = Math.max(end, number(segment + 8) + number(segment + 32));
  }
  const copy = program.slice(0, end);
  const header = new DataView(copy.buffer, copy.byteOffset);
  header.setBigUint64(40, 0n, true);
  for (const field of [58, 60, 62]) header.setUint16(field, 0, true);
  return copy;
}
