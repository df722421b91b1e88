/** Points of one metric series in columns, their order, and what "the latest" means. Pure. */
import type { Int64 } from '../../api/index.js';

/** Columns of equal length. Values may be NaN and ±Infinity. */
export interface Points {
  steps: Int64[];
  timestamps: Int64[];
  values: number[];
}

/** One point; `timestamp` in ms since the epoch. */
export interface Point {
  step: Int64;
  timestamp: Int64;
  value: number;
}

export const noPoints = (): Points => ({ steps: [], timestamps: [], values: [] });

export function pointAt(points: Points, i: number): Point {
  return {
    step: points.steps[i] as Int64,
    timestamp: points.timestamps[i] as Int64,
    value: points.values[i] as number,
  };
}

export function push(points: Points, { step, timestamp, value }: Point): void {
  points.steps.push(step);
  points.timestamps.push(timestamp);
  points.values.push(value);
}

/** NaN counts as 0 in every order, as in MLflow's tables, where it is stored as 0 with a flag. */
const rank = (value: number) => (Number.isNaN(value) ? 0 : value);

const compareNumbers = (a: Int64, b: Int64) => (a < b ? -1 : a > b ? 1 : 0);

/** History's order: timestamp, step, value; NaN after a 0 at the same place. */
export function comparePoints(a: Point, b: Point): number {
  return (
    compareNumbers(a.timestamp, b.timestamp) ||
    compareNumbers(a.step, b.step) ||
    compareNumbers(rank(a.value), rank(b.value)) ||
    Number(Number.isNaN(a.value)) - Number(Number.isNaN(b.value))
  );
}

/** Whether `a` replaces `b` as the latest: greater in (step, timestamp, value). */
export function isLater(a: Point, b: Point): boolean {
  const order =
    compareNumbers(a.step, b.step) ||
    compareNumbers(a.timestamp, b.timestamp) ||
    compareNumbers(rank(a.value), rank(b.value));
  return order > 0;
}

/** The points in history's order, each once. `points` itself when it is so already. */
export function sorted(points: Points): Points {
  const n = points.values.length;
  let clean = true;
  for (let i = 1; i < n && clean; i++) clean = inOrder(points, i);
  if (clean) return points;
  const all = Array.from({ length: n }, (_, i) => pointAt(points, i)).sort(comparePoints);
  const result = noPoints();
  all.forEach((point, i) => {
    if (i === 0 || comparePoints(all[i - 1] as Point, point) !== 0) push(result, point);
  });
  return result;
}

/** Whether point i comes strictly after the one before it: the common case without making objects. */
function inOrder({ timestamps, steps, values }: Points, i: number): boolean {
  const before = timestamps[i - 1] as Int64;
  const at = timestamps[i] as Int64;
  if (at !== before) return at > before;
  const stepBefore = steps[i - 1] as Int64;
  const step = steps[i] as Int64;
  if (step !== stepBefore) return step > stepBefore;
  return rank(values[i] as number) > rank(values[i - 1] as number);
}

export function concatenated(parts: readonly Points[]): Points {
  const [first = noPoints(), ...rest] = parts.filter(({ values }) => values.length > 0);
  if (rest.length === 0) return first;
  return {
    steps: first.steps.concat(...rest.map((part) => part.steps)),
    timestamps: first.timestamps.concat(...rest.map((part) => part.timestamps)),
    values: first.values.concat(...rest.map((part) => part.values)),
  };
}

export function slice(points: Points, from: number, to: number): Points {
  return {
    steps: points.steps.slice(from, to),
    timestamps: points.timestamps.slice(from, to),
    values: points.values.slice(from, to),
  };
}

/** Points in history's order, by step instead: those of one step stay as they are. `points` itself when it is so already. */
export function byStep(points: Points): Points {
  const { steps } = points;
  const falls = steps.some((step, i) => i > 0 && step < (steps[i - 1] as Int64));
  if (!falls) return points;
  const order = Array.from(steps, (_, i) => i);
  order.sort((a, b) => compareNumbers(steps[a] as Int64, steps[b] as Int64) || a - b);
  return pick(points, order);
}

/** The points at the indexes. */
export function pick(points: Points, indexes: readonly number[]): Points {
  return {
    steps: indexes.map((i) => points.steps[i] as Int64),
    timestamps: indexes.map((i) => points.timestamps[i] as Int64),
    values: indexes.map((i) => points.values[i] as number),
  };
}

/** The points whose step is from `from` to `to`. `points` itself when all are. */
export function inSteps(points: Points, { from, to }: { readonly from: number; readonly to: number }): Points {
  const kept: number[] = [];
  points.steps.forEach((step, i) => {
    if (step >= from && step <= to) kept.push(i);
  });
  return kept.length === points.steps.length ? points : pick(points, kept);
}

/** The last in (step, timestamp, value); at least one point. */
export function latestOf(points: Points): Point {
  let latest = 0;
  for (let i = 1; i < points.values.length; i++) {
    const step = points.steps[i] as Int64;
    const best = points.steps[latest] as Int64;
    if (step > best || (step === best && isLater(pointAt(points, i), pointAt(points, latest)))) latest = i;
  }
  return pointAt(points, latest);
}

/** Least and greatest; at least one value. */
export function range(values: readonly Int64[]): [Int64, Int64] {
  let low = values[0] as Int64;
  let high = low;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}
