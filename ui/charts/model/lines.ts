/** Curves as lines on a chosen horizontal axis. Nothing is drawn here, and nothing depends on the size of the drawing. */
import { type Curve, placeOfStep } from './curve.js';
import type { Look } from './palette.js';
import { smoothed, spacingOf } from './smoothing.js';

/** What the horizontal axis shows: steps, the time of day, the time since the run began (both in ms), or another metric. */
export type Axis = 'step' | 'time' | 'rel' | `metrics.${string}`;

export const axisMetric = (axis: Axis) => (axis.startsWith('metrics.') ? axis.slice('metrics.'.length) : undefined);

/** One line to draw: columns of equal length. */
export interface Line {
  /** Of the run, or of the group. */
  id: string;
  name: string;
  look: Look;
  x: readonly number[];
  /** NaN where the line has a hole. */
  y: readonly number[];
  /** The value of the very last point; of a group, none. */
  lastValue?: number | undefined;
  /** The smoothed line; undefined when smoothing is off. */
  smooth?: readonly number[] | undefined;
  /** The band around it; undefined where there is none to draw. */
  low?: readonly number[] | undefined;
  high?: readonly number[] | undefined;
  steps: readonly number[];
  times: readonly number[];
  /** How many points (of a group: runs) an entry stands for. */
  n: readonly number[];
  nan: readonly number[];
  posInf: readonly number[];
  negInf: readonly number[];
  /** Runs of a group, in order; undefined for the line of one run. */
  members?: readonly string[] | undefined;
}

export interface LineInput {
  id: string;
  name: string;
  look: Look;
  curve: Curve;
  /** Before a window was put in: what smoothing and relative time are measured by. */
  whole: Curve;
  /** Of the metric on the horizontal axis. */
  across?: Curve | undefined;
  /** When the run began, ms since the epoch. */
  start?: number | undefined;
}

export interface LineOptions {
  axis: Axis;
  /** 0 to 0.99. */
  smoothing: number;
  value: 'mean' | 'last';
}

export function lineOf(input: LineInput, { axis, smoothing, value }: LineOptions): Line {
  const { id, name, look, curve, whole } = input;
  const x = xOf(curve, axis, input);
  const y = value === 'mean' ? curve.mean : curve.last;
  const hasBand = curve.n.some((n) => n > 1);
  return {
    id,
    name,
    look,
    x,
    y,
    lastValue: curve.lastValue,
    smooth: smoothing > 0 ? smoothed(x, y, smoothing, spacingOf(xOf(whole, axis, input))) : undefined,
    low: hasBand ? curve.min : undefined,
    high: hasBand ? curve.max : undefined,
    steps: curve.steps,
    times: curve.times,
    n: curve.n,
    nan: curve.nan,
    posInf: curve.posInf,
    negInf: curve.negInf,
  };
}

function xOf(curve: Curve, axis: Axis, { whole, across, start }: LineInput): number[] {
  if (axis === 'step') return curve.steps;
  if (axis === 'time') return curve.times;
  if (axis === 'rel') {
    const first = whole.times.reduce((least, time) => Math.min(least, time), Number.POSITIVE_INFINITY);
    const origin = start !== undefined && start <= first ? start : first;
    return curve.times.map((time) => time - origin);
  }
  return curve.steps.map((step) => valueAt(across, step, Math.max(curve.bucketSteps, across?.bucketSteps ?? 0)));
}

/** The other metric's value in the bucket of the step; NaN when it has none near. */
function valueAt(across: Curve | undefined, step: number, reach: number): number {
  if (!across) return Number.NaN;
  const after = placeOfStep(across.steps, step);
  const candidates = [after, after - 1].filter((place) => across.steps[place] !== undefined);
  const distance = (place: number) => Math.abs((across.steps[place] as number) - step);
  const near = candidates.sort((a, b) => distance(a) - distance(b))[0];
  return near !== undefined && distance(near) <= reach ? (across.mean[near] as number) : Number.NaN;
}

/** The steps that a range of the horizontal axis covers, over all lines; undefined when it covers none. */
export function stepsIn(lines: readonly Line[], [from, to]: readonly [number, number]): [number, number] | undefined {
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const { x, steps } of lines) {
    x.forEach((each, at) => {
      if (each < from || each > to) return;
      first = Math.min(first, steps[at] as number);
      last = Math.max(last, steps[at] as number);
    });
  }
  return first <= last ? [first, last] : undefined;
}
