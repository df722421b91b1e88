/** A history thinned to a number of points: in the order of steps, cut into buckets of equal size, the first of each, and the last of all. */
import type { Int64 } from '../../api/index.js';
import { sql } from '../db/sql.js';
import { decodeChunk, decodeRisingAt } from '../metrics/codec.js';
import { byStep, concatenated, inSteps, type Points, pick, sorted } from '../metrics/points.js';
import type { StoreContext } from './context.js';
import { chunkData, exactInt, readHistory, tailOf } from './metric-reads.js';

/** Both ends belong to it. */
export interface StepRange {
  readonly from: number;
  readonly to: number;
}

/** A piece of a history, all of whose steps come before or at the next one's. */
interface Piece {
  readonly n: number;
  /** The points at ascending indexes of the piece in the order of steps. */
  pick(indexes: readonly number[]): Promise<Points>;
}

/** Up to `most` points of one metric of a run. Source: `_sample_rows_with_window_functions` of MLflow’s SQL store. */
export async function sampleHistory(
  ctx: StoreContext,
  run: number,
  key: string,
  most: number,
  range?: StepRange,
): Promise<Points> {
  const pieces = (await piecesOf(ctx, run, key, range)) ?? [whole(await readHistory(ctx, run, key, range ?? {}))];
  const total = pieces.reduce((sum, { n }) => sum + n, 0);
  const wanted = chooseRows(total, most);
  const found: Points[] = [];
  let before = 0;
  let at = 0;
  for (const piece of pieces) {
    const indexes: number[] = [];
    for (; at < wanted.length && (wanted[at] as number) < before + piece.n; at++) {
      indexes.push((wanted[at] as number) - before);
    }
    if (indexes.length > 0) found.push(await piece.pick(indexes));
    before += piece.n;
  }
  return concatenated(found);
}

/** The first row of each of `most` buckets, as SQL’s NTILE makes them; the last row of all in place of the last, or after it. */
function chooseRows(total: number, most: number): number[] {
  if (total <= most) return Array.from({ length: total }, (_, i) => i);
  const size = Math.floor(total / most);
  const larger = total % most;
  const rows = Array.from({ length: most }, (_, i) => i * size + Math.min(i, larger));
  rows[most - 1] = total - 1;
  return rows;
}

interface ChunkRow {
  series: number;
  seq: number;
  points: number;
  min_step: number | string;
  max_step: number | string;
}

/** The chunks as pieces; undefined when their steps overlap: then the history has to be read and sorted. */
async function piecesOf(ctx: StoreContext, run: number, key: string, range?: StepRange): Promise<Piece[] | undefined> {
  const keyRow = await ctx.db.get<{ id: number }>(sql`select id from metric_keys where name = ${key}`);
  if (!keyRow) return [];
  const { exact } = ctx.db.dialect;
  const chunks = await ctx.db.all<ChunkRow>(
    sql`select series, seq, points, ${exact('min_step')} as min_step, ${exact('max_step')} as max_step
        from metric_chunks join metric_series on metric_series.id = metric_chunks.series
        where run = ${run} and key = ${keyRow.id} order by series, seq`,
  );
  const pieces: Piece[] = [];
  let end: Int64 | undefined;
  for (const chunk of chunks) {
    const [min, max] = [exactInt(chunk.min_step), exactInt(chunk.max_step)];
    if (chunk.series !== chunks[0]?.series || (end !== undefined && min < end)) return undefined;
    end = max;
    if (range && (max < range.from || min > range.to)) continue;
    const isWhole = !range || (min >= range.from && max <= range.to);
    pieces.push(isWhole ? lazy(ctx, chunk) : whole(inSteps(decodeChunk(await chunkData(ctx, chunk)), range)));
  }
  const tail = byStep(sorted(await tailOf(ctx, run, keyRow.id)));
  if (tail.values.length === 0) return pieces;
  // What is logged twice counts once: only what lies behind the chunks is sure to be new.
  if (end !== undefined && (tail.steps[0] as Int64) <= end) return undefined;
  return [...pieces, whole(range ? inSteps(tail, range) : tail)];
}

const whole = (points: Points): Piece => {
  const ordered = byStep(points);
  return { n: ordered.values.length, pick: async (indexes) => pick(ordered, indexes) };
};

const lazy = (ctx: StoreContext, chunk: ChunkRow): Piece => ({
  n: chunk.points,
  async pick(indexes) {
    const data = await chunkData(ctx, chunk);
    return decodeRisingAt(data, indexes) ?? pick(byStep(decodeChunk(data)), indexes);
  },
});
