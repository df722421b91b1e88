/**
 * Search over values that are not folded yet: the few runs that have log records are searched beside the others, in a table made
 * for the one statement from what is stored and what their logs add.
 */
import { listed, type Sql, sql } from '../../db/sql.js';
import { type Points, sorted } from '../../metrics/points.js';
import { finite, merged, type Summary, summaryOf } from '../../metrics/summary.js';
import type { StoreContext } from '../context.js';
import { storedSummaries } from '../folding/latest-metrics.js';
import { tailsByKey } from '../metric-reads.js';

export interface MetricOverlay {
  /** Selects the ids of the runs whose metrics of the wanted keys are in `metrics` and not in latest_metrics. */
  readonly runs: Sql;
  /** A table like latest_metrics. */
  readonly metrics: Sql;
}

/** Runs read at a time. */
const SLICE = 200;

const COLUMNS = {
  run: 'int',
  key: 'int',
  value: 'double',
  is_nan: 'int',
  step: 'int',
  least: 'double',
  greatest: 'double',
  first_value: 'double',
  points: 'int',
} as const;

/** Undefined when every value of these metrics in these experiments is folded. `unfolded` are all runs with a log. */
export async function metricOverlay(
  ctx: StoreContext,
  experiments: readonly number[],
  unfolded: readonly number[],
  names: readonly string[],
): Promise<MetricOverlay | undefined> {
  if (names.length === 0 || unfolded.length === 0) return undefined;
  const wanted = await ofExperiments(ctx, experiments, unfolded);
  const keys = (
    await ctx.db.all<{ id: number }>(sql`select id from metric_keys where name in (${listed([...new Set(names)])})`)
  ).map((row) => row.id);
  if (keys.length === 0) return undefined;
  const records: string[] = [];
  const runs: string[] = [];
  for (let at = 0; at < wanted.length; at += SLICE) {
    ctx.checkDeadline();
    const slice = wanted.slice(at, at + SLICE);
    const tails = await tailsByKey(ctx, slice, new Set(keys));
    if (tails.size === 0) continue;
    const stored = await storedSummaries(ctx.db, [...tails.keys()], keys);
    for (const [run, points] of tails) {
      runs.push(`[${run}]`);
      for (const [key, summary] of overlaid(stored.get(run), points)) records.push(record(run, key, summary));
    }
  }
  if (runs.length === 0) return undefined;
  const { dialect } = ctx.db;
  return {
    runs: sql`select u.run from ${dialect.rowsOf(`[${runs.join()}]`, { run: 'int' })} u`,
    metrics: dialect.rowsOf(`[${records.join()}]`, COLUMNS),
  };
}

async function ofExperiments(
  ctx: StoreContext,
  experiments: readonly number[],
  runs: readonly number[],
): Promise<number[]> {
  const table = ctx.db.dialect.rowsOf(`[${runs.map((run) => `[${run}]`).join()}]`, { run: 'int' });
  const found = await ctx.db.all<{ id: number }>(
    sql`select id from runs where id in (select u.run from ${table} u) and experiment in (${listed(experiments)})`,
  );
  return found.map((row) => row.id);
}

/** Runs that have log records: one look at the index for each, however long its log is. */
export async function unfoldedRuns(ctx: StoreContext): Promise<number[]> {
  const found = await ctx.db.all<{ run: number }>(
    sql`with recursive unfolded (run) as (
          select min(run) from metric_log
          union all
          select (select min(run) from metric_log where run > unfolded.run) from unfolded where unfolded.run is not null
        )
        select run from unfolded where run is not null`,
  );
  return found.map((row) => row.run);
}

/** Summaries by key id of one run: what is stored and what its log adds. */
export function overlaid(
  stored: ReadonlyMap<number, Summary | undefined> | undefined,
  tail: ReadonlyMap<number, Points>,
): Map<number, Summary> {
  const summaries = new Map<number, Summary>();
  for (const [key, summary] of stored ?? []) if (summary) summaries.set(key, summary);
  for (const [key, points] of tail) {
    const added = summaryOf(sorted(points));
    const before = summaries.get(key);
    summaries.set(key, before ? merged(before, added) : added);
  }
  return summaries;
}

/** JSON with all digits of a step, which a bigint has. */
function record(run: number, key: number, { latest, least, greatest, first, points }: Summary): string {
  const isNan = Number.isNaN(latest.value);
  const cells = [
    ...[run, key, isNan ? 0 : finite(latest.value), Number(isNan), latest.step],
    ...[cell(least), cell(greatest), cell(first.value), points],
  ];
  return `[${cells.join()}]`;
}

const cell = (value: number | undefined) =>
  value === undefined || Number.isNaN(value) ? 'null' : String(finite(value));
