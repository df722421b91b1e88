/** What search and lists know of one metric of a run: its latest point, and aggregates over all its points. Pure. */
import { comparePoints, isLater, latestOf, type Point, type Points, pointAt } from './points.js';

export interface Summary {
  readonly latest: Point;
  /** Of the values that are numbers; absent when none is. */
  readonly least?: number | undefined;
  readonly greatest?: number | undefined;
  /** The first in history's order. */
  readonly first: Point;
  readonly points: number;
}

/** Of points in history's order, each once; at least one. */
export function summaryOf(points: Points): Summary {
  let least: number | undefined;
  let greatest: number | undefined;
  for (const value of points.values) {
    if (Number.isNaN(value)) continue;
    if (least === undefined || value < least) least = value;
    if (greatest === undefined || value > greatest) greatest = value;
  }
  return { latest: latestOf(points), least, greatest, first: pointAt(points, 0), points: points.values.length };
}

/** Of both; `points` of the second are those that the first has not. */
export function merged(a: Summary, b: Summary): Summary {
  return {
    latest: isLater(b.latest, a.latest) ? b.latest : a.latest,
    least: lesser(a.least, b.least),
    greatest: a.greatest === undefined || (b.greatest ?? -Infinity) > a.greatest ? b.greatest : a.greatest,
    first: comparePoints(b.first, a.first) < 0 ? b.first : a.first,
    points: a.points + b.points,
  };
}

const lesser = (a: number | undefined, b: number | undefined) =>
  a === undefined || (b !== undefined && b < a) ? b : a;

/** Infinities are the largest doubles in MLflow's tables, and so in its answers and comparisons. */
export function finite(value: number): number {
  if (value === Infinity) return Number.MAX_VALUE;
  return value === -Infinity ? -Number.MAX_VALUE : value;
}
