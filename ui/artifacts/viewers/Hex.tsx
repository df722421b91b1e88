/** Bytes in rows of 16, as hexadecimal digits and as letters. */
import { byteSize } from '../../display/numbers.js';
import type { FilePart } from '../../queries/artifacts.js';

/** Bytes that are shown. */
export const HEX_LIMIT = 4_096;
const WIDTH = 16;

export function Hex({ part }: { part: FilePart }) {
  const bytes = part.bytes.subarray(0, HEX_LIMIT);
  const lines = Array.from({ length: Math.ceil(bytes.length / WIDTH) }, (_, row) => line(bytes, row * WIDTH));
  return (
    <>
      <p className="muted">
        The file is not text.{' '}
        {part.size > bytes.length && `Its first ${byteSize(bytes.length)} of ${byteSize(part.size)} as bytes.`}
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard */}
      <pre className="file-text" tabIndex={0}>
        {lines.join('\n')}
      </pre>
    </>
  );
}

function line(bytes: Uint8Array, start: number): string {
  const row = [...bytes.subarray(start, start + WIDTH)];
  const hex = row.map((byte) => byte.toString(16).padStart(2, '0'));
  const halves = [hex.slice(0, 8).join(' '), hex.slice(8).join(' ')].join('  ').padEnd(WIDTH * 3);
  const letters = row.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
  return `${start.toString(16).padStart(8, '0')}  ${halves} ${letters}`;
}
