/** A metric's values as a drawable curve: sorted by x, with holes where a value cannot be drawn. */
import type { Metric } from '../../api/index.js';
import { isDrawable, shortNumber } from './numbers.js';

export type XAxis = 'step' | 'time';

export interface Series {
  /** Steps, or seconds since the first value. */
  x: number[];
  /** null where the value is NaN or infinite: the line breaks there. */
  y: (number | null)[];
  points: readonly Metric[];
}

export function seriesOf(metrics: readonly Metric[], axis: XAxis): Series {
  const start = metrics.reduce((first, { timestamp }) => Math.min(first, Number(timestamp)), Infinity);
  const xOf = (point: Metric) => (axis === 'step' ? Number(point.step) : (Number(point.timestamp) - start) / 1000);
  const points = [...metrics].sort((a, b) => xOf(a) - xOf(b) || Number(a.timestamp) - Number(b.timestamp));
  return { x: points.map(xOf), y: points.map(({ value }) => (isDrawable(value) ? value : null)), points };
}

export interface Summary {
  last: Metric;
  min: Metric | undefined;
  max: Metric | undefined;
  /** Values that are NaN or infinite. */
  holes: number;
}

/** Undefined for no values. */
export function summaryOf(points: readonly Metric[]): Summary | undefined {
  const last = points.at(-1);
  if (!last) return undefined;
  const drawable = points.filter(({ value }) => isDrawable(value));
  const best = (better: (a: number, b: number) => boolean) =>
    drawable.reduce<Metric | undefined>(
      (kept, point) => (!kept || better(point.value, kept.value) ? point : kept),
      undefined,
    );
  return { last, min: best((a, b) => a < b), max: best((a, b) => a > b), holes: points.length - drawable.length };
}

/** The curve in a sentence, for those who cannot see it. */
export function describe({ last, min, max, holes }: Summary): string {
  const at = (name: string, point: Metric) => `${name} ${shortNumber(point.value)} at step ${point.step}`;
  const parts = [at('last', last)];
  if (min) parts.push(at('lowest', min));
  if (max) parts.push(at('highest', max));
  if (holes > 0) parts.push(`${holes} not finite`);
  return parts.join(', ');
}
