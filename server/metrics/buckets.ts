/**
 * Points cut into buckets of steps, each a power of two wide and at multiples of itself, so that points which come later change no
 * bucket but the last. A bucket keeps its first and last point, the extremes and the mean of what is finite, and how much is not.
 * Pure.
 */
import type { Points } from './points.js';

/** Both ends belong to it; they may be infinite. */
export interface StepRange {
  readonly from: number;
  readonly to: number;
}

/** The least power of two, 1 at least, by whose multiples a range of steps is cut into at most `most` buckets. */
export function widthOf({ from, to }: StepRange, most: number): number {
  let width = 1;
  while (Math.floor(to / width) - Math.floor(from / width) >= most) width *= 2;
  return width;
}

/** The columns of buckets, in the order of steps. Only buckets with points are there. */
export class Buckets {
  readonly width: number;
  /** Of the last point, as are the timestamps. */
  readonly steps: number[] = [];
  readonly timestamps: number[] = [];
  readonly first: number[] = [];
  readonly last: number[] = [];
  /** Least, greatest and mean of the finite values; NaN where there are none. */
  readonly min: number[] = [];
  readonly max: number[] = [];
  readonly mean: number[] = [];
  readonly n: number[] = [];
  readonly nan: number[] = [];
  readonly posInf: number[] = [];
  readonly negInf: number[] = [];
  points = 0;

  constructor(width: number) {
    this.width = width;
  }

  get length(): number {
    return this.steps.length;
  }

  /** Adds points in the order of steps, none of which comes before those that are there. */
  add({ steps, timestamps, values }: Points, { from, to }: StepRange): void {
    const { width } = this;
    const total = values.length;
    let at = 0;
    while (at < total && Number(steps[at]) < from) at++;
    while (at < total) {
      const start = Number(steps[at]);
      if (start > to) break;
      const end = Math.min((Math.floor(start / width) + 1) * width - 1, to);
      const begin = at;
      let [nan, posInf, negInf, finite, sum] = [0, 0, 0, 0, 0];
      let [min, max] = [Infinity, -Infinity];
      // A step beyond 2^53 may be past the end that was computed for it: the first always belongs.
      do {
        const value = values[at] as number;
        if (value < Number.MAX_VALUE && value > -Number.MAX_VALUE) {
          finite++;
          sum += value;
          if (value < min) min = value;
          if (value > max) max = value;
        } else if (value > 0) posInf++;
        else if (value < 0) negInf++;
        else nan++;
        at++;
      } while (at < total && Number(steps[at]) <= end);
      this.#push({
        step: Number(steps[at - 1]),
        timestamp: Number(timestamps[at - 1]),
        first: values[begin] as number,
        last: values[at - 1] as number,
        min: finite > 0 ? min : Number.NaN,
        max: finite > 0 ? max : Number.NaN,
        mean: finite > 0 ? meanOf(sum, finite, values, begin, at) : Number.NaN,
        n: at - begin,
        nan,
        posInf,
        negInf,
      });
    }
  }

  /** Adds buckets as narrow or narrower, none of which comes before those that are there. */
  merge(other: Buckets): void {
    for (let i = 0; i < other.length; i++) {
      this.#push({
        step: other.steps[i] as number,
        timestamp: other.timestamps[i] as number,
        first: other.first[i] as number,
        last: other.last[i] as number,
        min: other.min[i] as number,
        max: other.max[i] as number,
        mean: other.mean[i] as number,
        n: other.n[i] as number,
        nan: other.nan[i] as number,
        posInf: other.posInf[i] as number,
        negInf: other.negInf[i] as number,
      });
    }
  }

  #push(part: Bucket): void {
    const { width } = this;
    this.points += part.n;
    const i = this.length - 1;
    const before = this.steps[i];
    if (before === undefined || Math.floor(before / width) !== Math.floor(part.step / width)) {
      this.steps.push(part.step);
      this.timestamps.push(part.timestamp);
      this.first.push(part.first);
      this.last.push(part.last);
      this.min.push(part.min);
      this.max.push(part.max);
      this.mean.push(part.mean);
      this.n.push(part.n);
      this.nan.push(part.nan);
      this.posInf.push(part.posInf);
      this.negInf.push(part.negInf);
      return;
    }
    const here = this.#finite(i);
    const there = part.n - part.nan - part.posInf - part.negInf;
    if (there > 0) {
      if (here === 0) {
        this.min[i] = part.min;
        this.max[i] = part.max;
        this.mean[i] = part.mean;
      } else {
        if (part.min < (this.min[i] as number)) this.min[i] = part.min;
        if (part.max > (this.max[i] as number)) this.max[i] = part.max;
        const all = here + there;
        this.mean[i] = (this.mean[i] as number) * (here / all) + part.mean * (there / all);
      }
    }
    this.steps[i] = part.step;
    this.timestamps[i] = part.timestamp;
    this.last[i] = part.last;
    this.n[i] = (this.n[i] as number) + part.n;
    this.nan[i] = (this.nan[i] as number) + part.nan;
    this.posInf[i] = (this.posInf[i] as number) + part.posInf;
    this.negInf[i] = (this.negInf[i] as number) + part.negInf;
  }

  #finite(i: number): number {
    return (this.n[i] as number) - (this.nan[i] as number) - (this.posInf[i] as number) - (this.negInf[i] as number);
  }
}

interface Bucket {
  readonly step: number;
  readonly timestamp: number;
  readonly first: number;
  readonly last: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly n: number;
  readonly nan: number;
  readonly posInf: number;
  readonly negInf: number;
}

/** Of the finite values of a part. Their sum may be none. */
function meanOf(sum: number, finite: number, values: readonly number[], from: number, to: number): number {
  if (Number.isFinite(sum)) return sum / finite;
  let mean = 0;
  for (let i = from; i < to; i++) {
    const value = values[i] as number;
    if (value < Number.MAX_VALUE && value > -Number.MAX_VALUE) mean += value / finite;
  }
  return mean;
}
