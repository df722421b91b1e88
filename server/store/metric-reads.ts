/** Reading metrics: what was folded into series and chunks, overlaid with the log records that were not. */
import type { Int64, Metric } from '../../api/index.js';
import { listed, sql } from '../db/sql.js';
import { decodeChunk, decodeRecord, type LoggedMetrics } from '../metrics/codec.js';
import {
  comparePoints,
  concatenated,
  inSteps,
  isLater,
  noPoints,
  type Point,
  type Points,
  pointAt,
  push,
  slice,
  sorted,
} from '../metrics/points.js';
import { finite } from '../metrics/summary.js';
import type { StoreContext } from './context.js';

/** NaN is already the text that JSON will hold. */
const wireValue = (value: number): number => (Number.isNaN(value) ? ('NaN' as unknown as number) : finite(value));

/** A column read with `dialect.exact`: SQLite gives digits that no number holds as text. */
export function exactInt(value: number | bigint | string): Int64 {
  return typeof value === 'string' ? BigInt(value) : value;
}

/** The latest point as metric_series has it. */
export interface StoredPoint {
  value: number;
  is_nan: number;
  timestamp: number | string;
  step: number | string;
}

export const storedPoint = (row: StoredPoint): Point => ({
  step: exactInt(row.step),
  timestamp: exactInt(row.timestamp),
  value: row.is_nan ? Number.NaN : row.value,
});

interface SeriesRow extends StoredPoint {
  run: number;
  name: string;
}

/** The latest value of every metric of each run, by key. */
export async function latestMetrics(ctx: StoreContext, runs: readonly number[]): Promise<Map<number, Metric[]>> {
  const { exact } = ctx.db.dialect;
  const stored = await ctx.db.all<SeriesRow>(
    sql`select run, name, value, is_nan, ${exact('timestamp')} as timestamp, ${exact('step')} as step
        from latest_metrics join metric_keys on metric_keys.id = latest_metrics.key
        where run in (${listed(runs)}) order by run, name`,
  );
  const latest = new Map<number, Map<string, Point>>();
  for (const row of stored) {
    offer(latest, row.run, row.name, storedPoint(row));
  }
  const touched = await offerTails(ctx, latest, runs);
  return new Map([...latest].map(([run, points]) => [run, byName(points, touched.has(run))]));
}

function offer(latest: Map<number, Map<string, Point>>, run: number, name: string, point: Point): void {
  let points = latest.get(run);
  if (!points) {
    points = new Map();
    latest.set(run, points);
  }
  const best = points.get(name);
  if (!best || isLater(point, best)) points.set(name, point);
}

function byName(points: Map<string, Point>, unordered: boolean): Metric[] {
  const entries = [...points];
  if (unordered) entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([key, point]) => wireMetric(key, point));
}

export function wireMetric(key: string, { value, timestamp, step }: Point): Metric {
  return { key, value: wireValue(value), timestamp, step };
}

/** Unfolded points of each run, by key id, of the wanted keys; runs without any are left out. */
export async function tailsByKey(
  ctx: StoreContext,
  runs: readonly number[],
  keys: ReadonlySet<number>,
): Promise<Map<number, Map<number, Points>>> {
  const found = new Map<number, Map<number, Points>>();
  for (const [run, records] of await readTails(ctx, runs)) {
    const byKey = new Map<number, Points>();
    for (const record of records) {
      for (let i = 0; i < record.values.length; i++) {
        const key = record.keys[i] as number;
        if (!keys.has(key)) continue;
        let points = byKey.get(key);
        if (!points) {
          points = noPoints();
          byKey.set(key, points);
        }
        push(points, pointAt(record, i));
      }
    }
    if (byKey.size > 0) found.set(run, byKey);
  }
  return found;
}

/** Unfolded records of each run that has any, in the order they came. */
export async function readTails(ctx: StoreContext, runs: readonly number[]): Promise<Map<number, LoggedMetrics[]>> {
  const found = await ctx.db.all<{ run: number; data: Uint8Array }>(
    sql`select run, data from metric_log where run in (${listed(runs)}) order by run, id`,
  );
  const tails = new Map<number, LoggedMetrics[]>();
  for (const { run, data } of found) {
    const record = decodeRecord(data);
    const records = tails.get(run);
    if (records) records.push(record);
    else tails.set(run, [record]);
  }
  return tails;
}

export async function keyNames(ctx: StoreContext, ids: Iterable<number>): Promise<Map<number, string>> {
  const names = new Map<number, string>();
  const unknown: number[] = [];
  for (const id of ids) {
    const name = ctx.memory.names.get(id);
    if (name === undefined) unknown.push(id);
    else names.set(id, name);
  }
  if (unknown.length > 0) {
    const found = await ctx.db.all<{ id: number; name: string }>(
      sql`select id, name from metric_keys where id in (${listed(unknown)})`,
    );
    for (const { id, name } of found) {
      names.set(id, name);
      ctx.memory.names.set(id, name);
    }
  }
  return names;
}

/** Offers what the runs have logged since the last fold. Answers which runs had anything. */
async function offerTails(
  ctx: StoreContext,
  latest: Map<number, Map<string, Point>>,
  runs: readonly number[],
): Promise<Set<number>> {
  const touched = new Set<number>();
  if (runs.length === 0) return touched;
  for (const [run, records] of await readTails(ctx, runs)) {
    const points = latestInTail(records);
    const names = await keyNames(ctx, points.keys());
    for (const [key, point] of points) offer(latest, run, names.get(key) as string, point);
    if (points.size > 0) touched.add(run);
  }
  return touched;
}

/** The latest point of each key id. A tail has tens of thousands: only those that win become objects. */
function latestInTail(records: readonly LoggedMetrics[]): Map<number, Point> {
  const latest = new Map<number, Point>();
  for (const record of records) {
    const { keys, steps } = record;
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i] as number;
      const best = latest.get(key);
      if (best !== undefined) {
        const step = steps[i] as Int64;
        if (step < best.step || (step === best.step && !isLater(pointAt(record, i), best))) continue;
      }
      latest.set(key, pointAt(record, i));
    }
  }
  return latest;
}

interface ChunkRow {
  series: number;
  seq: number;
  points: number;
  first_timestamp: number | string;
}

/** Which part of a history is wanted: points after `after`, in steps `from` to `to`, the first `limit` of them. */
export interface HistoryWindow {
  after?: Point;
  from?: number;
  to?: number;
  limit?: number;
}

/** The points of one metric of a run in history's order, each once, whatever model or dataset they belong to. */
export async function readHistory(ctx: StoreContext, run: number, key: string, window: HistoryWindow): Promise<Points> {
  const keyRow = await ctx.db.get<{ id: number }>(sql`select id from metric_keys where name = ${key}`);
  if (!keyRow) return noPoints();
  const chunks = await chunksOf(ctx, run, keyRow.id, window);
  const parts = [await tailOf(ctx, run, keyRow.id)];
  let at = 0;
  for (;;) {
    // Enough chunks that the page cannot reach beyond them, then what lies before the first one left out.
    let loaded = 0;
    while (at < chunks.length && (window.limit === undefined || loaded <= window.limit)) {
      const chunk = chunks[at++] as ChunkRow;
      parts.push(decodeChunk(await chunkData(ctx, chunk)));
      loaded += chunk.points;
    }
    const horizon = at < chunks.length ? exactInt((chunks[at] as ChunkRow).first_timestamp) : undefined;
    const found = within(sorted(concatenated(parts)), window, horizon);
    if (horizon === undefined || (window.limit !== undefined && found.values.length > window.limit)) return found;
  }
}

export async function chunkData(
  ctx: StoreContext,
  { series, seq }: { series: number; seq: number },
): Promise<Uint8Array> {
  const row = await ctx.db.get<{ data: Uint8Array }>(
    sql`select data from metric_chunks where series = ${series} and seq = ${seq}`,
  );
  return (row as { data: Uint8Array }).data;
}

async function chunksOf(ctx: StoreContext, run: number, key: number, window: HistoryWindow): Promise<ChunkRow[]> {
  const after = window.after ? sql`and last_timestamp >= ${window.after.timestamp}` : sql``;
  const steps =
    window.from === undefined || window.to === undefined
      ? sql``
      : sql`and max_step >= ${window.from} and min_step <= ${window.to}`;
  return ctx.db.all<ChunkRow>(
    sql`select series, seq, points, ${ctx.db.dialect.exact('first_timestamp')} as first_timestamp
        from metric_chunks join metric_series on metric_series.id = metric_chunks.series
        where run = ${run} and key = ${key} ${after} ${steps} order by metric_chunks.first_timestamp, series, seq`,
  );
}

/** What a run has logged of a metric since the last fold, in the order it came. */
export async function tailOf(ctx: StoreContext, run: number, key: number): Promise<Points> {
  const points = noPoints();
  for (const records of (await readTails(ctx, [run])).values()) {
    for (const record of records) {
      for (let i = 0; i < record.values.length; i++) if (record.keys[i] === key) push(points, pointAt(record, i));
    }
  }
  return points;
}

/** The points of a window that come before `horizon`, a timestamp from which on chunks are missing. */
function within(points: Points, { after, from, to }: HistoryWindow, horizon: Int64 | undefined): Points {
  let start = 0;
  let end = points.values.length;
  if (after) while (start < end && comparePoints(pointAt(points, start), after) <= 0) start++;
  if (horizon !== undefined) while (end > start && (points.timestamps[end - 1] as Int64) >= horizon) end--;
  const cut = start === 0 && end === points.values.length ? points : slice(points, start, end);
  return from === undefined || to === undefined ? cut : inSteps(cut, { from, to });
}
