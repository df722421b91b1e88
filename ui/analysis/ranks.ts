/** Rank statistics over numbers without NaN: ranks with ties, Spearman's correlation, and the share of variance that groups explain. */

/** From 1; equal values share the mean of their ranks. */
export function ranks(values: Float64Array): Float64Array {
  // Numbers alone are sorted much faster than places by what stands there.
  const sorted = Float64Array.from(values).sort();
  const rankOf = new Map<number, number>();
  for (let start = 0; start < sorted.length; ) {
    const value = sorted[start] as number;
    let end = start + 1;
    while (end < sorted.length && sorted[end] === value) end++;
    rankOf.set(value, (start + end + 1) / 2);
    start = end;
  }
  const ranked = new Float64Array(values.length);
  for (let at = 0; at < values.length; at++) ranked[at] = rankOf.get(values[at] as number) as number;
  return ranked;
}

/** Pearson's correlation; 0 where one of the two does not vary. */
export function correlation(a: Float64Array, b: Float64Array): number {
  const meanA = mean(a);
  const meanB = mean(b);
  let both = 0;
  let squareA = 0;
  let squareB = 0;
  for (let at = 0; at < a.length; at++) {
    const x = (a[at] as number) - meanA;
    const y = (b[at] as number) - meanB;
    both += x * y;
    squareA += x * x;
    squareB += y * y;
  }
  const scale = Math.sqrt(squareA * squareB);
  return scale > 0 ? Math.max(-1, Math.min(1, both / scale)) : 0;
}

/** Spearman's rank correlation, ties included: from -1 to 1. */
export const spearman = (a: Float64Array, b: Float64Array): number => correlation(ranks(a), ranks(b));

/** Eta squared: the share of the variance of `values` that lies between the groups, 0 to 1. `groups` has each one's group, from 0. */
export function etaSquared(groups: ArrayLike<number>, values: Float64Array): number {
  const sums: number[] = [];
  const counts: number[] = [];
  const all = mean(values);
  let total = 0;
  for (let at = 0; at < values.length; at++) {
    const away = (values[at] as number) - all;
    const group = groups[at] as number;
    sums[group] = (sums[group] ?? 0) + away;
    counts[group] = (counts[group] ?? 0) + 1;
    total += away * away;
  }
  if (total === 0) return 0;
  let between = 0;
  sums.forEach((sum, group) => {
    between += (sum * sum) / (counts[group] as number);
  });
  return Math.min(1, between / total);
}

/** Eta squared without what `groups` groups would explain of `n` values by chance; never below 0. */
export const withoutChance = (share: number, groups: number, n: number): number =>
  n > groups ? Math.max(0, 1 - ((1 - share) * (n - 1)) / (n - groups)) : 0;

function mean(values: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += values[at] as number;
  return sum / values.length;
}
