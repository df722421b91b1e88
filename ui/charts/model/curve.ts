/** One run's history of one metric as a chart holds it: points, or buckets of steps that keep the extremes. It can grow at its end and take a finer window in. */
import type { Curve as WireCurve } from '../../../api/index.js';
import { isDrawable } from '../../display/numbers.js';

/** Columns of equal length, ascending by step. Numbers that cannot be drawn are NaN; the counts say what they were. */
export interface Curve {
  runId: string;
  key: string;
  /** Steps that a bucket covers; 0: every entry is one point. */
  bucketSteps: number;
  /** The value of the very last point. */
  lastValue: number;
  /** Whether `last` was asked for: else it holds the means. */
  hasLast: boolean;
  steps: number[];
  times: number[];
  last: number[];
  mean: number[];
  min: number[];
  max: number[];
  /** Finite points of the entry. */
  n: number[];
  nan: number[];
  posInf: number[];
  negInf: number[];
}

const COLUMNS = ['steps', 'times', 'last', 'mean', 'min', 'max', 'n', 'nan', 'posInf', 'negInf'] as const;

const drawable = (value: number) => (isDrawable(value) ? value : Number.NaN);
const counts = (values: readonly number[], is: (value: number) => boolean) => values.map((each) => (is(each) ? 1 : 0));

export function curveOf(wire: WireCurve): Curve {
  const { run_id: runId, key, bucket_steps: bucketSteps, steps, timestamps: times, last: values } = wire;
  const last = values.map(drawable);
  const lastValue = wire.last_value ?? values.at(-1) ?? Number.NaN;
  if (wire.n.length === 0) {
    return {
      runId,
      key,
      bucketSteps: 0,
      lastValue,
      hasLast: true,
      steps,
      times,
      last,
      mean: last,
      min: last,
      max: last,
      n: counts(values, isDrawable),
      nan: counts(values, Number.isNaN),
      posInf: counts(values, (value) => value > 0 && !isDrawable(value)),
      negInf: counts(values, (value) => value < 0 && !isDrawable(value)),
    };
  }
  const zeros = steps.map(() => 0);
  const some = (column: number[]) => (column.length > 0 ? column : zeros);
  const [nan, posInf, negInf] = [some(wire.nan), some(wire.pos_inf), some(wire.neg_inf)];
  const mean = wire.mean.map(drawable);
  const hasLast = last.length > 0;
  return {
    runId,
    key,
    bucketSteps,
    lastValue,
    hasLast,
    steps,
    times,
    last: hasLast ? last : mean,
    mean,
    min: wire.min.map(drawable),
    max: wire.max.map(drawable),
    n: wire.n.map((n, at) => n - (nan[at] ?? 0) - (posInf[at] ?? 0) - (negInf[at] ?? 0)),
    nan,
    posInf,
    negInf,
  };
}

/** The entries from `start` up to, not with, `end`. */
function sliced(curve: Curve, start: number, end: number): Curve {
  const part = { ...curve };
  for (const column of COLUMNS) part[column] = curve[column].slice(start, end);
  return part;
}

function joined(parts: readonly Curve[]): Curve {
  const [first] = parts as [Curve, ...Curve[]];
  const whole = {
    ...first,
    bucketSteps: Math.max(...parts.map(({ bucketSteps }) => bucketSteps)),
    lastValue: parts.findLast(({ steps }) => steps.length > 0)?.lastValue ?? first.lastValue,
    hasLast: parts.every(({ hasLast }) => hasLast),
  };
  for (const column of COLUMNS) whole[column] = parts.flatMap((part) => part[column]);
  return whole;
}

/** Place of the first entry whose step is `step` or later. */
export function placeOfStep(steps: readonly number[], step: number): number {
  let low = 0;
  let high = steps.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((steps[middle] as number) < step) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The step from which to ask for what is new: the begin of the last bucket, which may have grown. */
export function tailStart(curve: Curve): number | undefined {
  const step = curve.steps.at(-1);
  if (step === undefined) return undefined;
  return curve.bucketSteps > 1 ? Math.floor(step / curve.bucketSteps) * curve.bucketSteps : step;
}

/** With what the server has from step `start` on; what was known there gives way. */
export function withTail(curve: Curve, tail: Curve, start: number): Curve {
  return joined([sliced(curve, 0, placeOfStep(curve.steps, start)), tail]);
}

/** With finer entries from step `start` on. Beyond the last of them the curve stays: it may have grown meanwhile. */
export function withWindow(curve: Curve, window: Curve, start: number): Curve {
  const last = window.steps.at(-1);
  if (last === undefined) return curve;
  const before = sliced(curve, 0, placeOfStep(curve.steps, start));
  const after = sliced(curve, placeOfStep(curve.steps, last + 1), curve.steps.length);
  const { lastValue } = curve;
  return { ...joined([before, window, after]), bucketSteps: window.bucketSteps, lastValue };
}

/** At most `most` entries: neighbours are merged into buckets twice as wide, as often as it takes. */
export function coarsened(curve: Curve, most: number): Curve {
  let result = curve;
  while (result.steps.length > most) {
    const span = (result.steps.at(-1) ?? 0) - (result.steps[0] ?? 0) + 1;
    const wide = 2 ** Math.ceil(Math.log2(Math.max(2, span / most)));
    result = merged(result, Math.max(wide, result.bucketSteps * 2));
  }
  return result;
}

function merged(curve: Curve, bucketSteps: number): Curve {
  const result: Curve = { ...curve, bucketSteps };
  for (const column of COLUMNS) result[column] = [];
  let bucket: number | undefined;
  curve.steps.forEach((step, at) => {
    const place = Math.floor(step / bucketSteps);
    if (place === bucket) mergeInto(result, result.steps.length - 1, curve, at);
    else for (const column of COLUMNS) result[column].push(curve[column][at] as number);
    bucket = place;
  });
  return result;
}

function mergeInto(into: Curve, place: number, from: Curve, at: number): void {
  const [n, more] = [into.n[place] ?? 0, from.n[at] ?? 0];
  const sum = (n > 0 ? (into.mean[place] ?? 0) * n : 0) + (more > 0 ? (from.mean[at] ?? 0) * more : 0);
  into.mean[place] = n + more > 0 ? sum / (n + more) : Number.NaN;
  into.min[place] = least(into.min[place], from.min[at]);
  into.max[place] = -least(-(into.max[place] ?? Number.NaN), -(from.max[at] ?? Number.NaN));
  for (const column of ['steps', 'times', 'last'] as const) into[column][place] = from[column][at] as number;
  for (const column of ['n', 'nan', 'posInf', 'negInf'] as const) {
    into[column][place] = (into[column][place] ?? 0) + (from[column][at] ?? 0);
  }
}

function least(a = Number.NaN, b = Number.NaN): number {
  if (Number.isNaN(a)) return b;
  return Number.isNaN(b) ? a : Math.min(a, b);
}
