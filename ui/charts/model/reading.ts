/** What a chart says in words: the values at one place of the horizontal axis, and a summary of each line. */
import { isDrawable, shortNumber, tickNumber } from '../../display/numbers.js';
import { type Axis, axisMetric, type Line } from './lines.js';
import type { Range } from './ticks.js';
import { durationText, timeText } from './ticks.js';

export interface Reading {
  line: Line;
  /** Place of the entry in the line's columns. */
  at: number;
  value: number;
  smooth: number | undefined;
}

/** The entry of a line nearest to `x`; undefined where the line does not reach. */
export function entryAt({ x }: Line, here: number): number | undefined {
  if (x.length === 0) return undefined;
  const isAscending = (x[0] as number) <= (x.at(-1) as number) && isSorted(x);
  const at = isAscending ? nearestSorted(x, here) : nearest(x, here);
  if (at === undefined) return undefined;
  const gap = Math.abs((x[at] as number) - here);
  const reach = Math.max(
    Math.abs((x[at + 1] ?? (x[at] as number)) - (x[at] as number)),
    Math.abs((x[at] as number) - (x[at - 1] ?? (x[at] as number))),
  );
  const isInside = here >= (x[0] as number) && here <= (x.at(-1) as number);
  return isInside || !isAscending || gap <= reach || x.length === 1 ? at : undefined;
}

const sorted = new WeakMap<readonly number[], boolean>();

function isSorted(x: readonly number[]): boolean {
  const known = sorted.get(x);
  if (known !== undefined) return known;
  const answer = x.every((each, at) => at === 0 || each >= (x[at - 1] as number));
  sorted.set(x, answer);
  return answer;
}

function nearestSorted(x: readonly number[], here: number): number {
  let low = 0;
  let high = x.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((x[middle] as number) < here) low = middle + 1;
    else high = middle;
  }
  return low > 0 && here - (x[low - 1] as number) < (x[low] as number) - here ? low - 1 : low;
}

function nearest(x: readonly number[], here: number): number | undefined {
  let best: number | undefined;
  x.forEach((each, at) => {
    if (Number.isNaN(each)) return;
    if (best === undefined || Math.abs(each - here) < Math.abs((x[best] as number) - here)) best = at;
  });
  return best;
}

/** The lines at `x`, the highest value first; those with a hole there last. */
export function readingsAt(lines: readonly Line[], x: number): Reading[] {
  return lines
    .flatMap((line) => {
      const at = entryAt(line, x);
      if (at === undefined) return [];
      return [{ line, at, value: line.y[at] as number, smooth: line.smooth?.[at] }];
    })
    .sort((a, b) => rank(b.value) - rank(a.value));
}

const rank = (value: number) => (Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value);

/** At most `most` of them; the line one points at is always among them. */
export function shownReadings(readings: readonly Reading[], pointed: string | undefined, most: number): Reading[] {
  const shown = readings.slice(0, most);
  const found = readings.findIndex(({ line }) => line.id === pointed);
  if (found >= most) shown[most - 1] = readings[found] as Reading;
  return shown;
}

/** Up to six significant digits: a tooltip is where one looks closely. */
export function exactNumber(value: number): string {
  if (Number.isNaN(value)) return '–';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e9)) return shortNumber(value);
  return String(Number(value.toPrecision(6))).replace('-', '−');
}

/** "12 NaN, 1 +∞", '' when there are none. */
export function oddities(nan: number, posInf: number, negInf: number): string {
  return [nan > 0 && `${nan} NaN`, posInf > 0 && `${posInf} +∞`, negInf > 0 && `${negInf} −∞`]
    .filter((each) => each !== false)
    .join(', ');
}

export const odditiesAt = ({ nan, posInf, negInf }: Line, at: number) =>
  oddities(nan[at] ?? 0, posInf[at] ?? 0, negInf[at] ?? 0);

/** A place of the horizontal axis in words: "step 61,803", "2.5 min", "val/acc 0.91". */
export function placeText(axis: Axis, x: number, range: Range): string {
  if (axis === 'step') return `step ${Math.round(x).toLocaleString('en')}`;
  if (axis === 'time') return timeText(x, range);
  if (axis === 'rel') return durationText(x, range);
  return `${axisMetric(axis)} ${exactNumber(x)}`;
}

/** A tick of the horizontal axis. */
export function axisTick(axis: Axis, x: number, range: Range): string {
  if (axis === 'time') return timeText(x, range);
  return axis === 'rel' ? durationText(x, range) : tickNumber(x);
}

export interface LineSummary {
  id: string;
  name: string;
  last: { value: number; step: number } | undefined;
  min: { value: number; step: number } | undefined;
  max: { value: number; step: number } | undefined;
  /** How many values are not finite. */
  nan: number;
  posInf: number;
  negInf: number;
  /** That in words; '' for none. */
  odd: string;
}

export function summaryOf({
  id,
  name,
  y,
  lastValue,
  low = y,
  high = y,
  steps,
  nan,
  posInf,
  negInf,
}: Line): LineSummary {
  const best = (values: readonly number[], isBetter: (a: number, b: number) => boolean) => {
    let found: number | undefined;
    values.forEach((value, at) => {
      if (!Number.isNaN(value) && (found === undefined || isBetter(value, values[found] as number))) found = at;
    });
    return found === undefined ? undefined : { value: values[found] as number, step: steps[found] as number };
  };
  const sum = (column: readonly number[]) => column.reduce((all, each) => all + each, 0);
  const counts = { nan: sum(nan), posInf: sum(posInf), negInf: sum(negInf) };
  return {
    id,
    name,
    last:
      lastValue === undefined || !isDrawable(lastValue)
        ? best(y, () => true)
        : { value: lastValue, step: steps.at(-1) ?? 0 },
    min: best(low, (a, b) => a < b),
    max: best(high, (a, b) => a > b),
    ...counts,
    odd: oddities(counts.nan, counts.posInf, counts.negInf),
  };
}

/** "c-long-07: last 0.2 at step 9, lowest 0.1 at step 5, highest 3 at step 0, 12 NaN". */
export function summaryText({ name, last, min, max, odd }: LineSummary): string {
  const at = (word: string, point: LineSummary['last']) =>
    point && `${word} ${exactNumber(point.value)} at step ${point.step}`;
  const parts = [at('last', last), at('lowest', min), at('highest', max), odd].filter(Boolean);
  return `${name}: ${parts.length > 0 ? parts.join(', ') : 'no values'}`;
}
