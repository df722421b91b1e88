/** How far two lists of rows of numbers are apart. */

/** The largest absolute difference; NaN, which is below no bound, when the shapes differ. */
export function largestDifference(actual: number[][], expected: number[][]): number {
  if (actual.length !== expected.length || expected.length === 0) return Number.NaN;
  const rows = expected.map((row, i) => {
    const other = actual[i] ?? [];
    return other.length === row.length
      ? Math.max(...row.map((value, j) => Math.abs(value - (other[j] ?? Number.NaN))))
      : Number.NaN;
  });
  return Math.max(...rows);
}
