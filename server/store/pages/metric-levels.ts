/**
 * Levels: the buckets of a full chunk at two widths, kept beside it when it is folded. A look at a whole history of a million points
 * reads some hundred bytes a chunk where the chunk itself has 40 kB. What is not there is read from the points.
 */
import type { Db } from '../../db/db.js';
import { sql } from '../../db/sql.js';
import { Buckets, type StepRange, widthOf } from '../../metrics/buckets.js';
import { decodeBuckets, decodeChunk, encodeBuckets } from '../../metrics/codec.js';
import { byStep, type Points, range } from '../../metrics/points.js';

/** Most buckets of a chunk, by level. */
const MOST_BUCKETS = [128, 16] as const;
/** Chunks of fewer points have no levels: they are soon rewritten, and few. */
const LEAST_POINTS = 2048;

/** The level whose buckets are the fewest that are as narrow as `width` or narrower; undefined where only points are. */
export function levelFor(steps: StepRange, points: number, width: number): number | undefined {
  if (points < LEAST_POINTS) return undefined;
  const found = MOST_BUCKETS.findLastIndex((most) => widthOf(steps, most) <= width);
  return found < 0 ? undefined : found;
}

/** Keeps the levels of a chunk, whose points are in history's order. */
export async function writeLevels(db: Db, series: number, seq: number, chunk: Points): Promise<void> {
  if (chunk.values.length < LEAST_POINTS) return;
  const [from, to] = range(chunk.steps);
  const [first, last] = [chunk.timestamps[0], chunk.timestamps.at(-1)];
  // Buckets have numbers: what only a bigint can hold is read from the points.
  if ([from, to, first, last].some((each) => typeof each !== 'number')) return;
  const steps = { from: Number(from), to: Number(to) };
  const ordered = byStep(chunk);
  for (const [level, most] of MOST_BUCKETS.entries()) {
    const buckets = new Buckets(widthOf(steps, most));
    buckets.add(ordered, steps);
    await db.run(
      sql`insert into metric_levels (series, level, seq, data) values (${series}, ${level}, ${seq}, ${encodeBuckets(buckets)})
          on conflict (series, level, seq) do update set data = excluded.data`,
    );
  }
}

/** Chunks of one transaction. */
const OLDER = 50;

/** Writes levels of chunks of a run that an earlier version has folded. Answers whether there were any. */
export async function levelOlderChunks(db: Db, run: number): Promise<boolean> {
  const older = await db.all<{ series: number; seq: number; data: Uint8Array | null }>(
    sql`select older.series, older.seq, data from chunks_without_levels older
        left join metric_chunks c on c.series = older.series and c.seq = older.seq
        where older.run = ${run} order by older.series, older.seq limit ${OLDER}`,
  );
  for (const { series, seq, data } of older) {
    if (data) await writeLevels(db, series, seq, decodeChunk(data));
    await db.run(sql`delete from chunks_without_levels where run = ${run} and series = ${series} and seq = ${seq}`);
  }
  return older.length > 0;
}

/** Of the chunks from `seq` on, which are about to be written anew. */
export async function removeLevels(db: Db, series: number, seq: number): Promise<void> {
  for (const level of MOST_BUCKETS.keys()) {
    await db.run(sql`delete from metric_levels where series = ${series} and level = ${level} and seq >= ${seq}`);
  }
}

/** The buckets of the chunks from one to another, by chunk, of those that have them. */
export async function readLevels(
  db: Db,
  series: number,
  level: number,
  { from, to }: { from: number; to: number },
): Promise<Map<number, Buckets>> {
  const found = await db.all<{ seq: number; data: Uint8Array }>(
    sql`select seq, data from metric_levels
        where series = ${series} and level = ${level} and seq between ${from} and ${to}`,
  );
  return new Map(found.map(({ seq, data }) => [seq, decodeBuckets(data)]));
}
