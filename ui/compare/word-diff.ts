/** The words in which two texts differ: a small longest common subsequence, bounded so that huge texts do not hold the page up. */

export interface DiffPart {
  kind: 'same' | 'added' | 'removed';
  text: string;
}

/** Of each text, after what both begin and end with: beyond, all in between counts as changed. */
const MOST_WORDS = 600;

const wordsOf = (text: string): string[] => text.match(/\s+|[\p{L}\p{N}_.+-]+|[^\s\p{L}\p{N}_.+-]/gu) ?? [];

/** What became of `before` in `after`. */
export function wordDiff(before: string, after: string): DiffPart[] {
  if (before === after) return after === '' ? [] : [{ kind: 'same', text: after }];
  const a = wordsOf(before);
  const b = wordsOf(after);
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const parts: DiffPart[] = [];
  add(parts, 'same', a.slice(0, start));
  middle(parts, a.slice(start, a.length - end), b.slice(start, b.length - end));
  add(parts, 'same', a.slice(a.length - end));
  return parts;
}

function middle(parts: DiffPart[], a: readonly string[], b: readonly string[]): void {
  if (a.length === 0 || b.length === 0 || a.length > MOST_WORDS || b.length > MOST_WORDS) {
    add(parts, 'removed', a);
    add(parts, 'added', b);
    return;
  }
  const lengths = commonLengths(a, b);
  const width = b.length + 1;
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      add(parts, 'same', [a[i] as string]);
      i++;
      j++;
    } else if (
      j === b.length ||
      (i < a.length && (lengths[(i + 1) * width + j] as number) >= (lengths[i * width + j + 1] as number))
    ) {
      add(parts, 'removed', [a[i] as string]);
      i++;
    } else {
      add(parts, 'added', [b[j] as string]);
      j++;
    }
  }
}

/** At `i * (b.length + 1) + j`: how long the longest common subsequence of a from i and b from j is. */
function commonLengths(a: readonly string[], b: readonly string[]): Uint16Array {
  const width = b.length + 1;
  const lengths = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      lengths[i * width + j] =
        a[i] === b[j]
          ? (lengths[(i + 1) * width + j + 1] as number) + 1
          : Math.max(lengths[(i + 1) * width + j] as number, lengths[i * width + j + 1] as number);
    }
  }
  return lengths;
}

function add(parts: DiffPart[], kind: DiffPart['kind'], words: readonly string[]): void {
  if (words.length === 0) return;
  const last = parts.at(-1);
  if (last?.kind === kind) last.text += words.join('');
  else parts.push({ kind, text: words.join('') });
}

/** Long stretches that are the same cut to what stands beside a change. */
export function shortened(parts: readonly DiffPart[], around = 24): DiffPart[] {
  return parts.map((part, place) => {
    const [head, tail] = [place > 0 ? around : 0, place < parts.length - 1 ? around : 0];
    if (part.kind !== 'same' || part.text.length <= head + tail + 8) return part;
    return { ...part, text: `${part.text.slice(0, head)}…${tail > 0 ? part.text.slice(-tail) : ''}` };
  });
}
