/** Two lists of rows that are each in an order, as one: the database's comparison, done again here. Pure. */
import type { Term } from './order-by.js';

type Row = Record<string, unknown>;

export function inOrder<T extends Row>(terms: readonly Term[], a: readonly T[], b: readonly T[]): T[] {
  const all: T[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const [left, right] = [a[i] as T, b[j] as T];
    if (compareRows(terms, left, right) <= 0) {
      all.push(left);
      i++;
    } else {
      all.push(right);
      j++;
    }
  }
  return [...all, ...a.slice(i), ...b.slice(j)];
}

function compareRows(terms: readonly Term[], a: Row, b: Row): number {
  for (let i = 0; i < terms.length; i++) {
    const { rank, descending } = terms[i] as Term;
    if (rank) {
      const order = Number(a[`rank_${i}`]) - Number(b[`rank_${i}`]);
      if (order !== 0) return order;
    }
    const order = compareValues(a[`value_${i}`], b[`value_${i}`]);
    if (order !== 0) return descending ? -order : order;
  }
  return 0;
}

/** Texts by their bytes, as both databases compare them; two missing values are equal. */
function compareValues(a: unknown, b: unknown): number {
  if (a === b || a === null || b === null) return 0;
  if (typeof a === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(String(b)));
  return (a as number) < (b as number) ? -1 : (a as number) > (b as number) ? 1 : 0;
}
