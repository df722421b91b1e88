/** Aligned tables for terminals. */

/** Columns as wide as their widest cell; the last one is not padded. */
export function aligned(rows: readonly (readonly string[])[]): string[] {
  const cells = rows.map((row) => row.map(printable));
  const widths = (cells[0] ?? []).map((_, column) =>
    cells.reduce((width, row) => Math.max(width, row[column]?.length ?? 0), 0),
  );
  return cells.map((row) =>
    row.map((cell, column) => (column < row.length - 1 ? cell.padEnd(widths[column] ?? 0) : cell)).join('  '),
  );
}

/** A table under headings, which stand out in a terminal. */
export function headed(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const [first = '', ...rest] = aligned([headings, ...rows]);
  return [inTerminal() ? `\x1b[1m${first}\x1b[0m` : first, ...rest].join('\n');
}

export const inTerminal = () => process.stdout.isTTY === true && !process.env.NO_COLOR;

/** Names come from others: a control character among them must not reach the terminal. */
export const printable = (text: string) =>
  text.replace(/\p{Cc}/gu, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
