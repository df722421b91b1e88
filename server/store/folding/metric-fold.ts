/**
 * Folding: a run's log records become latest values and sorted chunks, and are deleted, in one transaction. It may stop and start
 * anywhere: what is not folded is read from the log.
 */
import type { Int64 } from '../../../api/index.js';
import type { Db } from '../../db/db.js';
import { sql } from '../../db/sql.js';
import { decodeChunk, decodeRecord, encodeChunk } from '../../metrics/codec.js';
import { concatenated, isLater, noPoints, type Points, range, slice, sorted } from '../../metrics/points.js';
import { merged, type Summary, summaryOf } from '../../metrics/summary.js';
import { type StoredPoint, storedPoint } from '../metric-reads.js';
import { levelOlderChunks, removeLevels, writeLevels } from '../pages/metric-levels.js';
import { storedSummaries, writeSummaries } from './latest-metrics.js';

/** Points of a full chunk: about 40 kB, one overflow chain in SQLite. */
const CHUNK_POINTS = 4096;
/** A last chunk below this is filled up instead of followed by another. */
const SMALL_CHUNK_POINTS = 2048;
/** Records of one fold: about 20,000 values at most, a few milliseconds each thousand. */
const FOLD_RECORDS = 2000;
const FOLD_BYTES = 256 * 1024;

interface SeriesRow extends StoredPoint {
  id: number;
  key: number;
  context: number;
}

/** Runs that have log records, or metrics that an earlier version folded without their aggregates or levels. */
export async function unfoldedRuns(db: Db): Promise<number[]> {
  const found = await db.all<{ run: number }>(
    sql`select run from metric_log union select run from latest_metrics where points is null
        union select run from chunks_without_levels`,
  );
  return found.map((row) => row.run);
}

/** Folds the oldest records of a run. Answers whether there are more. */
export async function foldRun(db: Db, run: number): Promise<boolean> {
  // Log calls hold the row shared: none of theirs can be between an id and its commit.
  const row = await db.get<{ id: number; experiment: number }>(
    sql`select id, experiment from runs where id = ${run} ${db.dialect.forUpdate}`,
  );
  // It was deleted for good since it was put into the queue.
  if (!row) return false;
  const known = await aggregated(db, row);
  const sizes = await db.all<{ id: number; size: number }>(
    sql`select id, length(data) as size from metric_log where run = ${run} order by id limit ${FOLD_RECORDS + 1}`,
  );
  let bytes = 0;
  let last: number | undefined;
  let taken = 0;
  for (const { id, size } of sizes) {
    if (taken === FOLD_RECORDS || (bytes > 0 && bytes + size > FOLD_BYTES)) break;
    bytes += size;
    last = id;
    taken++;
  }
  if (last === undefined) return levelOlderChunks(db, run);
  const records = await db.all<{ data: Uint8Array }>(
    sql`select data from metric_log where run = ${run} and id <= ${last} order by id`,
  );
  const series = await seriesOf(db, run);
  const folded = new Map<number, Summary>();
  for (const [name, unordered] of bySeries(records.map((row) => row.data))) {
    const points = sorted(unordered);
    const summary = summaryOf(points);
    const added = await foldSeries(db, run, name, series.get(name), points, summary);
    const key = name % KEYS;
    const other = folded.get(key);
    const counted = { ...summary, points: added };
    folded.set(key, other ? merged(other, counted) : counted);
  }
  await writeSummaries(db, row, known, folded);
  await db.run(sql`delete from metric_log where run = ${run} and id <= ${last}`);
  // What lists show of the run has changed.
  await db.run(sql`update runs set revision = revision + 1 where id = ${run}`);
  return taken < sizes.length || (await levelOlderChunks(db, run));
}

/** A series within its run, as one number: metric_contexts stays far below 2^21 rows, metric_keys below 2^32. */
const KEYS = 2 ** 32;

async function seriesOf(db: Db, run: number): Promise<Map<number, SeriesRow>> {
  const { exact } = db.dialect;
  const found = await db.all<SeriesRow>(
    sql`select id, key, context, value, is_nan, ${exact('timestamp')} as timestamp, ${exact('step')} as step
        from metric_series where run = ${run}`,
  );
  return new Map(found.map((row) => [row.context * KEYS + row.key, row]));
}

function bySeries(records: readonly Uint8Array[]): Map<number, Points> {
  const series = new Map<number, Points>();
  for (const data of records) {
    const { keys, contexts, steps, timestamps, values } = decodeRecord(data);
    for (let i = 0; i < values.length; i++) {
      const name = (contexts[i] as number) * KEYS + (keys[i] as number);
      let points = series.get(name);
      if (!points) {
        points = noPoints();
        series.set(name, points);
      }
      points.steps.push(steps[i] as Int64);
      points.timestamps.push(timestamps[i] as Int64);
      points.values.push(values[i] as number);
    }
  }
  return series;
}

/** The run's summaries, those made up that an earlier version has not kept. */
async function aggregated(db: Db, run: { id: number; experiment: number }): Promise<Map<number, Summary>> {
  const known = (await storedSummaries(db, [run.id])).get(run.id) ?? new Map<number, Summary | undefined>();
  const missing = new Map<number, Summary>();
  for (const [key, summary] of known) {
    if (summary) continue;
    const chunks = await db.all<{ data: Uint8Array }>(
      sql`select data from metric_chunks join metric_series on metric_series.id = metric_chunks.series
          where run = ${run.id} and key = ${key}`,
    );
    if (chunks.length > 0)
      missing.set(key, summaryOf(sorted(concatenated(chunks.map(({ data }) => decodeChunk(data))))));
  }
  if (missing.size > 0) await writeSummaries(db, run, new Map(), missing);
  return new Map([...(known as Map<number, Summary>), ...missing]);
}

/** Answers how many of the points are new. */
async function foldSeries(
  db: Db,
  run: number,
  name: number,
  known: SeriesRow | undefined,
  points: Points,
  { latest }: Summary,
): Promise<number> {
  const isNan = Number(Number.isNaN(latest.value));
  const value = isNan ? 0 : latest.value;
  if (!known) {
    const { id } = (await db.get<{ id: number }>(
      sql`insert into metric_series (run, key, context, value, is_nan, timestamp, step)
          values (${run}, ${name % KEYS}, ${Math.floor(name / KEYS)}, ${value}, ${isNan}, ${latest.timestamp}, ${latest.step})
          returning id`,
    )) as { id: number };
    await writeChunks(db, id, 0, points);
    return points.values.length;
  }
  if (isLater(latest, storedPoint(known))) {
    await db.run(
      sql`update metric_series set value = ${value}, is_nan = ${isNan}, timestamp = ${latest.timestamp}, step = ${latest.step}
          where id = ${known.id}`,
    );
  }
  return mergeChunks(db, known.id, points);
}

/** Appends after the last chunk, or rewrites every chunk from the first that the points reach into. Answers how many are new. */
async function mergeChunks(db: Db, series: number, points: Points): Promise<number> {
  const first = points.timestamps[0] as Int64;
  const last = await db.get<{ seq: number; points: number; after: number }>(
    sql`select seq, points, case when last_timestamp < ${first} then 1 else 0 end as after
        from metric_chunks where series = ${series} order by seq desc limit 1`,
  );
  const total = points.values.length;
  if (!last || (last.after && last.points >= SMALL_CHUNK_POINTS)) {
    await writeChunks(db, series, last ? last.seq + 1 : 0, points);
    return total;
  }
  const touched = await db.all<{ seq: number; data: Uint8Array }>(
    sql`select seq, data from metric_chunks where series = ${series} and (last_timestamp >= ${first} or seq = ${last.seq})
        order by seq`,
  );
  const from = (touched[0] as { seq: number }).seq;
  const chunks = touched.map((chunk) => decodeChunk(chunk.data));
  const all = sorted(concatenated([...chunks, points]));
  await db.run(sql`delete from metric_chunks where series = ${series} and seq >= ${from}`);
  await removeLevels(db, series, from);
  await writeChunks(db, series, from, all);
  return all.values.length - chunks.reduce((sum, chunk) => sum + chunk.values.length, 0);
}

async function writeChunks(db: Db, series: number, firstSeq: number, points: Points): Promise<void> {
  const total = points.values.length;
  for (let at = 0, seq = firstSeq; at < total; at += CHUNK_POINTS, seq++) {
    const chunk = total <= CHUNK_POINTS ? points : slice(points, at, at + CHUNK_POINTS);
    const n = chunk.values.length;
    const [low, high] = range(chunk.steps);
    await db.run(
      sql`insert into metric_chunks (series, seq, points, first_timestamp, last_timestamp, min_step, max_step, data)
          values (${series}, ${seq}, ${n}, ${chunk.timestamps[0] as Int64}, ${chunk.timestamps[n - 1] as Int64}, ${low}, ${high},
                  ${encodeChunk(chunk)})`,
    );
    await writeLevels(db, series, seq, chunk);
  }
}
