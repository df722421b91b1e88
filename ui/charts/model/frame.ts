/** The part of the plane that a chart shows, and what of its lines lies outside: said, never silently left out. */
import type { Line } from './lines.js';
import type { Range } from './ticks.js';

export interface FrameOptions {
  logX: boolean;
  logY: boolean;
  /** Leaves extreme values out of the vertical range. */
  isClipped: boolean;
  /** What one zoomed to. */
  xZoom?: Range | undefined;
  yZoom?: Range | undefined;
  /** That several charts share. */
  xShared?: Range | undefined;
}

export interface ChartFrame {
  x: Range;
  y: Range;
  logX: boolean;
  logY: boolean;
  /** Entries that a logarithmic axis cannot show. */
  notPositive: number;
  /** Entries beyond the vertical range because of clipping. */
  above: number;
  below: number;
  /** A few values far out leave the rest little room: clipping would show more. */
  isFlattened: boolean;
}

/** Undefined when there is nothing to show. */
export function frameOf(lines: readonly Line[], options: FrameOptions): ChartFrame | undefined {
  const { logX, logY, isClipped, xZoom, yZoom, xShared } = options;
  const x =
    xZoom ??
    widened(
      union(
        extentOf(
          lines.map((line) => line.x),
          logX,
        ),
        xShared,
      ),
      logX,
    );
  if (!x) return undefined;
  const values = valuesIn(lines, x, logX, logY);
  const full = range(values.low, values.high);
  const most = clippedRange(values.low, values.high);
  const held = isClipped ? most : full;
  const y = yZoom ?? widened(padded(held, logY), logY) ?? ([0, 1] as const);
  const isOutside = isClipped && !yZoom;
  return {
    x,
    y,
    logX,
    logY,
    notPositive: values.notPositive,
    above: isOutside ? values.high.filter((each) => each > y[1]).length : 0,
    below: isOutside ? values.low.filter((each) => each < y[0]).length : 0,
    isFlattened: !isClipped && !yZoom && !logY && full && most ? lengthOf(full) > FLATTENED * lengthOf(most) : false,
  };
}

/** As often as the rest's the whole range must be, for the lines to count as flattened. */
const FLATTENED = 8;

const lengthOf = ([min, max]: Range) => max - min;

function union(a: Range | undefined, b: Range | undefined): Range | undefined {
  if (!a || !b) return a ?? b;
  return [Math.min(a[0], b[0]), Math.max(a[1], b[1])];
}

function extentOf(columns: readonly (readonly number[])[], isLog: boolean): Range | undefined {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const column of columns) {
    for (const each of column) {
      if (Number.isNaN(each) || (isLog && each <= 0)) continue;
      if (each < min) min = each;
      if (each > max) max = each;
    }
  }
  return min <= max ? [min, max] : undefined;
}

interface Values {
  low: number[];
  high: number[];
  notPositive: number;
}

/** Of the entries that the horizontal range shows: their lowest and highest values. */
function valuesIn(lines: readonly Line[], [from, to]: Range, logX: boolean, logY: boolean): Values {
  const result: Values = { low: [], high: [], notPositive: 0 };
  for (const { x, y, low = y, high = y } of lines) {
    for (let at = 0; at < x.length; at++) {
      const here = x[at] as number;
      if (logX && here <= 0) result.notPositive++;
      else if (here >= from && here <= to)
        addEntry(result, y[at] as number, low[at] as number, high[at] as number, logY);
    }
  }
  return result;
}

function addEntry(into: Values, y: number, low: number, high: number, logY: boolean): void {
  if (Number.isNaN(y) && Number.isNaN(low)) return;
  if (logY && !(y > 0)) into.notPositive++;
  // A logarithmic band begins where it becomes positive: at the line itself, at the latest.
  const least = logY && low <= 0 ? y : low;
  if (!logY || least > 0) into.low.push(least);
  if (!logY || high > 0) into.high.push(high);
}

function range(low: readonly number[], high: readonly number[]): Range | undefined {
  return extentOf([low, high], false);
}

/** The range without the outermost hundredth of the values, and half as much again for what follows on from the rest. */
function clippedRange(low: readonly number[], high: readonly number[]): Range | undefined {
  const full = range(low, high);
  if (!full) return undefined;
  const [lows, highs] = [[...low].sort((a, b) => a - b), [...high].sort((a, b) => a - b)];
  const quantile = (sorted: number[], share: number) => sorted[Math.floor(share * (sorted.length - 1))] as number;
  const [bottom, top] = [quantile(lows, 0.01), quantile(highs, 0.99)];
  const reach = (top - bottom) / 2;
  return [Math.max(full[0], bottom - reach), Math.min(full[1], top + reach)];
}

function padded(held: Range | undefined, isLog: boolean): Range | undefined {
  if (!held || held[0] === held[1]) return held;
  const [min, max] = held;
  if (isLog) {
    const factor = (max / min) ** 0.04;
    return [min / factor, max * factor];
  }
  const room = (max - min) * 0.04;
  // What is never negative gets no room below zero.
  return [min >= 0 && min < room ? 0 : min - room, max <= 0 && -max < room ? 0 : max + room];
}

/** A range of one value gets some room, so that it stands in the middle. */
function widened(held: Range | undefined, isLog: boolean): Range | undefined {
  if (!held || held[0] < held[1]) return held;
  const [value] = held;
  if (isLog) return [value / 2, value * 2];
  const room = Number.isInteger(value) && Math.abs(value) < 1e6 ? 1 : Math.abs(value) / 10 || 1;
  return [value - room, value + room];
}

/** Zoomed about a point of the range, by a factor below 1 inwards. */
export function zoomed([min, max]: Range, about: number, factor: number, isLog: boolean): Range {
  if (isLog) {
    const [low, high, here] = [Math.log(min), Math.log(max), Math.log(about)];
    return [Math.exp(here - (here - low) * factor), Math.exp(here + (high - here) * factor)];
  }
  return [about - (about - min) * factor, about + (max - about) * factor];
}
