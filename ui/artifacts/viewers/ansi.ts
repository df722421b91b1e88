/** Lines of terminals: colours and weights of ANSI escape codes, and carriage returns, which write a line anew. */

export interface Styled {
  text: string;
  /** Names of the style sheet's classes. */
  className: string;
}

interface Pen {
  colour: string;
  isBold: boolean;
  isFaint: boolean;
  isItalic: boolean;
  isUnderlined: boolean;
}

const COLOURS = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'];
const PLAIN: Pen = { colour: '', isBold: false, isFaint: false, isItalic: false, isUnderlined: false };

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape codes begin with one
const ESCAPE = /\u001b(?:\[([0-9;?]*)([@-~])|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\^_])/g;

/** What is left to see of a line after its carriage returns. */
export function lastWritten(line: string): string {
  if (!line.includes('\r')) return line;
  const parts = line.split('\r');
  return parts.findLast((part) => part !== '') ?? '';
}

export const withoutEscapes = (line: string) => (line.includes('\u001b') ? line.replace(ESCAPE, '') : line);

/** The line in pieces of one look each. Looks do not go on from one line to the next. */
export function styledPieces(line: string): Styled[] {
  if (!line.includes('\u001b')) return [{ text: line, className: '' }];
  const pieces: Styled[] = [];
  let pen = PLAIN;
  let from = 0;
  const push = (to: number) => {
    if (to > from) pieces.push({ text: line.slice(from, to), className: classOf(pen) });
  };
  for (const match of line.matchAll(ESCAPE)) {
    push(match.index);
    from = match.index + match[0].length;
    if (match[2] === 'm') pen = changed(pen, (match[1] ?? '').split(';').map(Number));
  }
  push(line.length);
  return pieces;
}

function classOf({ colour, isBold, isFaint, isItalic, isUnderlined }: Pen): string {
  return [
    colour && `ansi-${colour}`,
    isBold && 'ansi-bold',
    isFaint && 'ansi-faint',
    isItalic && 'ansi-italic',
    isUnderlined && 'ansi-underlined',
  ]
    .filter(Boolean)
    .join(' ');
}

function changed(pen: Pen, codes: readonly number[]): Pen {
  let now = pen;
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at] ?? 0;
    if (code === 0) now = PLAIN;
    else if (code === 1) now = { ...now, isBold: true };
    else if (code === 2) now = { ...now, isFaint: true };
    else if (code === 3) now = { ...now, isItalic: true };
    else if (code === 4) now = { ...now, isUnderlined: true };
    else if (code === 22) now = { ...now, isBold: false, isFaint: false };
    else if (code === 39) now = { ...now, colour: '' };
    else if (code >= 30 && code <= 37) now = { ...now, colour: COLOURS[code - 30] ?? '' };
    else if (code >= 90 && code <= 97) now = { ...now, colour: COLOURS[code - 90] ?? '' };
    else if (code === 38 || code === 48) {
      // 256 colours: the first 16 have names, the others stay plain. Three more numbers for a colour in full.
      const index = codes[at + 2] ?? -1;
      if (code === 38 && codes[at + 1] === 5 && index < 16) now = { ...now, colour: COLOURS[index % 8] ?? '' };
      at += codes[at + 1] === 5 ? 2 : 4;
    }
  }
  return now;
}
