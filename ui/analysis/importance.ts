/**
 * How much each param has to do with the target, over the runs at hand. Numbers: the greater of Spearman's correlation squared and
 * the share that ten groups of equal size explain, because the best value of a learning rate lies in the middle, where a
 * correlation sees nothing. Categories: eta squared. All on the ranks of the target, so that one diverged run does not decide, and
 * without what as many groups would explain by chance.
 */
import { correlation, etaSquared, ranks, withoutChance } from './ranks.js';
import type { FrameColumn, NumberColumn, RunFrame } from './run-frame.js';
import { varies } from './run-frame.js';

export interface Importance {
  column: string;
  /** Of the variance of the target's ranks that the param explains by itself: 0 to 1. */
  share: number;
  /** Of numbers: Spearman's rank correlation. */
  rho: number | undefined;
  /** `rises` with the param, `falls`, or neither: the best is in between, or categories. */
  direction: 'rises' | 'falls' | 'bends' | 'groups';
  /** Runs that have both. */
  n: number;
}

export interface ImportanceReport {
  /** The greatest first. */
  params: Importance[];
  /** Runs that have the target. */
  n: number;
  /** Params that name each run rather than group them, such as ids: nothing can be said of them. */
  unjudged: string[];
}

/** Below this many runs chance alone makes params look important. */
export const FEW_RUNS = 20;
const MOST_BINS = 10;
/** What a group should have at least for its mean to say something. */
const LEAST_IN_BIN = 5;

export function importances(frame: RunFrame, target: NumberColumn): ImportanceReport {
  const unjudged: string[] = [];
  const params: Importance[] = [];
  for (const column of frame.columns.values()) {
    if (!column.name.startsWith('params.') || !varies(column)) continue;
    const found = importanceOf(column, target);
    if (found) params.push(found);
    else unjudged.push(column.name);
  }
  const n = target.values.reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : 1), 0);
  // What a handful of many runs say comes after what most of them say.
  const isRare = (each: Importance) => Number(each.n < FEW_RUNS && each.n < n / 2);
  params.sort((a, b) => isRare(a) - isRare(b) || b.share - a.share || (a.column < b.column ? -1 : 1));
  return { params, unjudged, n };
}

function importanceOf(column: FrameColumn, target: NumberColumn): Importance | undefined {
  const has = (run: number) =>
    !Number.isNaN(target.values[run]) &&
    (column.kind === 'number' ? !Number.isNaN(column.values[run]) : column.codes[run] !== -1);
  const runs = places(target.values.length).filter(has);
  const n = runs.length;
  if (n < 3) return undefined;
  const goal = ranks(at(target.values, runs));
  if (column.kind === 'category') {
    const codes = runs.map((run) => column.codes[run] as number);
    const groups = new Set(codes).size;
    if (groups > n / 2) return undefined;
    const share = withoutChance(etaSquared(codes, goal), groups, n);
    return { column: column.name, share, rho: undefined, direction: 'groups', n };
  }
  return {
    column: column.name,
    n,
    ...ordered(
      Float64Array.from(runs, (run) => column.values[run] as number),
      goal,
    ),
  };
}

function ordered(values: Float64Array, goal: Float64Array): Pick<Importance, 'share' | 'rho' | 'direction'> {
  const n = values.length;
  const ranked = ranks(values);
  // Spearman's: both are ranks.
  const rho = correlation(ranked, goal);
  const monotone = withoutChance(rho * rho, 2, n);
  const bins = binsOf(ranked);
  const groups = new Set(bins).size;
  const grouped = withoutChance(etaSquared(bins, goal), groups, n);
  const bends = grouped > monotone + 0.1;
  return {
    rho,
    share: Math.max(monotone, grouped),
    direction: bends ? 'bends' : rho < 0 ? 'falls' : 'rises',
  };
}

function at(values: Float64Array, runs: Int32Array): Float64Array {
  const found = new Float64Array(runs.length);
  for (let place = 0; place < runs.length; place++) found[place] = values[runs[place] as number] as number;
  return found;
}

function places(count: number): Int32Array {
  const all = new Int32Array(count);
  for (let at = 0; at < count; at++) all[at] = at;
  return all;
}

/** Groups of about equal size by value; equal values are never torn apart. */
function binsOf(ranked: Float64Array): Float64Array {
  const n = ranked.length;
  const bins = Math.max(2, Math.min(MOST_BINS, Math.floor(n / LEAST_IN_BIN)));
  return ranked.map((rank) => Math.min(bins - 1, Math.floor(((rank - 0.5) / n) * bins)));
}
