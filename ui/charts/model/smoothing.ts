/** Smoothing of a line: an exponential moving average that starts without bias and weighs by distance, not by how many points lie there. */

/** The mean distance between the points of a line: what one step of the average is. */
export function spacingOf(x: readonly number[]): number {
  const first = x[0];
  const last = x.at(-1);
  return first === undefined || last === undefined || x.length < 2 ? 1 : Math.abs(last - first) / (x.length - 1) || 1;
}

/**
 * `weight` is how much of the past each step of `spacing` keeps, 0 to 0.99. A point after a long gap counts for more, and
 * finer points of a window change nothing about the shape. Holes stay holes, and the average goes on behind them.
 */
export function smoothed(x: readonly number[], y: readonly number[], weight: number, spacing: number): number[] {
  let average = 0;
  let share = 0;
  let before: number | undefined;
  return y.map((value, at) => {
    const here = x[at] as number;
    if (Number.isNaN(value) || Number.isNaN(here)) return Number.NaN;
    const distance = before === undefined ? 1 : Math.abs(here - before) / spacing;
    before = here;
    const kept = weight ** distance;
    average = average * kept + value * (1 - kept);
    share = share * kept + (1 - kept);
    return share > 0 ? average / share : value;
  });
}
