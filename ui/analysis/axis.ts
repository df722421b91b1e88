/** An axis over one column: where each run stands on it from 0 to 1, its ticks, and the value at a place. */
import { shortNumber, tickNumber } from '../display/numbers.js';
import type { FrameColumn } from './run-frame.js';

export interface AxisLook {
  /** Undefined: logarithmic where the values ask for it. */
  isLog?: boolean | undefined;
  isFlipped?: boolean | undefined;
}

/** Runs in the order in which those that share a value are spread about its place; without one they all stand on it. */
export type Spread = readonly number[] | undefined;

export interface Tick {
  place: number;
  text: string;
}

export interface Axis {
  column: FrameColumn;
  isLog: boolean;
  /** Whether all values are above 0, so that it could be logarithmic. */
  canLog: boolean;
  isFlipped: boolean;
  /** One per run; NaN where there is none, or none above 0 on a logarithmic axis. */
  places: Float64Array;
  ticks: readonly Tick[];
  /** Of numbers. */
  placeOf: (value: number) => number;
  valueAt: (place: number) => number;
}

const MOST_TICKS = 6;
/** A smaller ratio of the greatest to the least needs no logarithm. */
const LOG_FROM = 8;
/** With more distinct values there is no room to spread runs about each. */
const MOST_SPREAD = 12;
const WIDEST_SPREAD = 0.03;
/** Fewer lines can be told apart where they are. */
const SPREAD_FROM = 40;

export function axisOf(column: FrameColumn, { isLog, isFlipped = false }: AxisLook, spread?: Spread): Axis {
  const axis =
    column.kind === 'category'
      ? categoryAxis(column, isFlipped)
      : numberAxis(column, isLog, isFlipped, rangeOf(column.values));
  const isCrowded = spread && (column.kind === 'category' || spread.length >= SPREAD_FROM);
  return isCrowded ? { ...axis, places: spreadOut(axis, spread) } : axis;
}

/** Where hundreds of runs share a few values, their lines would lie on one another: each gets a place near its value instead. */
function spreadOut({ places, column }: Axis, order: readonly number[]): Float64Array {
  const counts = new Map<number, { n: number; next: number }>();
  for (const run of order) {
    const place = places[run] as number;
    if (Number.isNaN(place)) continue;
    const found = counts.get(place);
    if (found) found.n++;
    else if (counts.size === MOST_SPREAD) return places;
    else counts.set(place, { n: 1, next: 0 });
  }
  const distinct = [...counts.keys()].sort((a, b) => a - b);
  const gaps = distinct.slice(1).map((place, at) => place - (distinct[at] as number));
  const reach = Math.min(0.35 * Math.min(1, ...gaps), column.kind === 'category' ? 0.4 : WIDEST_SPREAD);
  const spread = Float64Array.from(places);
  for (const run of order) {
    const group = counts.get(places[run] as number);
    if (!group || group.n < 2) continue;
    spread[run] = (places[run] as number) + reach * ((2 * group.next) / (group.n - 1) - 1);
    group.next++;
  }
  return spread;
}

function rangeOf(values: Float64Array): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (let at = 0; at < values.length; at++) {
    const value = values[at] as number;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : [0, 1];
}

function numberAxis(
  column: FrameColumn & { kind: 'number' },
  wanted: boolean | undefined,
  isFlipped: boolean,
  [low, high]: [number, number],
): Axis {
  const canLog = low > 0;
  const isLog = canLog && (wanted ?? (column.name.startsWith('params.') && asksForLog(column.values, low, high)));
  const through = isLog ? Math.log10 : (value: number) => value;
  const back = isLog ? (value: number) => 10 ** value : (value: number) => value;
  const flat = low === high;
  const start = flat ? through(low) - 1 : through(low);
  const span = flat ? 2 : through(high) - start;
  const placeOf = (value: number) => {
    const place = (through(value) - start) / span;
    return isFlipped ? 1 - place : place;
  };
  const few = fewValues(column.values);
  const ticks = (few ?? (isLog ? logTicks(low, high) : linearTicks(low, high))).map((value) => ({
    place: placeOf(value),
    text: tickNumber(value),
  }));
  return {
    column,
    isLog,
    canLog,
    isFlipped,
    places: column.values.map(placeOf),
    ticks,
    placeOf,
    valueAt: (place) => back(start + (isFlipped ? 1 - place : place) * span),
  };
}

/** Whether the middle one of the different values stands nearer the middle of a logarithmic axis than of a linear one. */
function asksForLog(values: Float64Array, low: number, high: number): boolean {
  if (high / low < LOG_FROM) return false;
  const distinct = Float64Array.from(new Set(values.filter((value) => !Number.isNaN(value)))).sort();
  const half = (distinct.length - 1) / 2;
  const median = ((distinct[Math.floor(half)] as number) + (distinct[Math.ceil(half)] as number)) / 2;
  const linear = (median - low) / (high - low);
  const logarithmic = Math.log(median / low) / Math.log(high / low);
  return Math.abs(logarithmic - 0.5) < Math.abs(linear - 0.5);
}

function categoryAxis(column: FrameColumn & { kind: 'category' }, isFlipped: boolean): Axis {
  const count = column.levels.length;
  const placeOf = (code: number) => {
    const place = (code + 0.5) / count;
    return isFlipped ? 1 - place : place;
  };
  return {
    column,
    isLog: false,
    canLog: false,
    isFlipped,
    places: Float64Array.from(column.codes, (code) => (code < 0 ? Number.NaN : placeOf(code))),
    ticks: column.levels.map((text, code) => ({ place: placeOf(code), text })),
    placeOf,
    valueAt: (place) => (isFlipped ? 1 - place : place) * count - 0.5,
  };
}

/** The values themselves where they are few enough to be the ticks. */
function fewValues(values: Float64Array): number[] | undefined {
  const distinct = new Set<number>();
  for (const value of values) {
    if (!Number.isNaN(value)) distinct.add(value);
    if (distinct.size > MOST_TICKS) return undefined;
  }
  return distinct.size > 0 ? [...distinct].sort((a, b) => a - b) : undefined;
}

function linearTicks(low: number, high: number): number[] {
  const rough = (high - low) / MOST_TICKS;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((times) => times * power >= rough) ?? 10);
  const ticks: number[] = [];
  for (let at = Math.ceil(low / step); at <= Math.floor(high / step + 1e-9); at++) {
    ticks.push(Number((at * step).toPrecision(12)));
  }
  return ticks.length > 0 ? ticks : [low, high];
}

function logTicks(low: number, high: number): number[] {
  const first = Math.ceil(Math.log10(low) - 1e-9);
  const last = Math.floor(Math.log10(high) + 1e-9);
  const every = Math.max(1, Math.ceil((last - first + 1) / MOST_TICKS));
  const powers: number[] = [];
  for (let power = first; power <= last; power += every) powers.push(10 ** power);
  if (powers.length >= 2) return powers;
  // Less than two powers of ten: 1, 2 and 5 of each.
  const finer: number[] = [];
  for (let power = first - 1; power <= last; power++) {
    for (const times of [1, 2, 5]) {
      const value = Number((times * 10 ** power).toPrecision(12));
      if (value >= low && value <= high) finer.push(value);
    }
  }
  return finer.length >= 2 ? finer : [low, high];
}

/** What the run has on this axis, in words. */
export function textAt({ column }: Axis, run: number): string {
  if (column.kind === 'category') return column.levels[column.codes[run] as number] ?? 'none';
  const value = column.values[run] as number;
  return Number.isNaN(value) ? 'none' : shortNumber(value);
}
