/** A metric's history as a curve reads it: chunks that follow each other step by step, each by its points or by its levels, whatever is less. */
import type { Int64 } from '../../../api/index.js';
import { listed, sql } from '../../db/sql.js';
import { Buckets, type StepRange, widthOf } from '../../metrics/buckets.js';
import { decodeChunk } from '../../metrics/codec.js';
import { byStep, concatenated, inSteps, noPoints, type Points, sorted } from '../../metrics/points.js';
import type { StoreContext } from '../context.js';
import { chunkData, exactInt, readHistory, tailsByKey } from '../metric-reads.js';
import { levelFor, readLevels } from './metric-levels.js';

/** All points in the order of steps, or buckets of them. */
export type Drawn = Points | Buckets;

export interface History {
  /** The ends of the whole of it. */
  readonly steps: StepRange;
  /** What lies in a range of steps: all points when there are no more than `most`, else at most so many buckets. */
  draw(range: StepRange, most: number): Promise<Drawn>;
}

interface Chunk {
  readonly series: number;
  readonly seq: number;
  readonly points: number;
  readonly steps: StepRange;
}

interface ChunkRow {
  run: number;
  key: number;
  series: number;
  seq: number;
  points: number;
  min_step: number | string;
  max_step: number | string;
}

const EVERYTHING: StepRange = { from: -Infinity, to: Infinity };

/** Finds the histories of these runs and keys, each undefined where there are no points. Points are read one history at a time. */
export async function openHistories(
  ctx: StoreContext,
  runs: readonly number[],
  keys: readonly string[],
): Promise<(run: number, key: string) => Promise<History | undefined>> {
  const named = await ctx.db.all<{ id: number; name: string }>(
    sql`select id, name from metric_keys where name in (${listed(keys)})`,
  );
  const ids = new Map(named.map(({ id, name }) => [name, id]));
  if (ids.size === 0 || runs.length === 0) return async () => undefined;
  const chunks = await chunksOf(ctx, runs, [...ids.values()]);
  const tails = await tailsByKey(ctx, runs, new Set(ids.values()));
  return async (run, key) => {
    const id = ids.get(key);
    if (id === undefined) return undefined;
    const tail = tails.get(run)?.get(id);
    return historyOf(ctx, run, key, chunks.get(run)?.get(id) ?? [], tail ? byStep(sorted(tail)) : noPoints());
  };
}

async function chunksOf(
  ctx: StoreContext,
  runs: readonly number[],
  keys: readonly number[],
): Promise<Map<number, Map<number, Chunk[]>>> {
  const { exact } = ctx.db.dialect;
  const rows = await ctx.db.all<ChunkRow>(
    sql`select run, key, series, seq, points, ${exact('min_step')} as min_step, ${exact('max_step')} as max_step
        from metric_series join metric_chunks on metric_chunks.series = metric_series.id
        where run in (${listed(runs)}) and key in (${listed(keys)}) order by run, key, series, seq`,
  );
  const found = new Map<number, Map<number, Chunk[]>>();
  for (const { run, key, series, seq, points, min_step, max_step } of rows) {
    let ofRun = found.get(run);
    if (!ofRun) {
      ofRun = new Map();
      found.set(run, ofRun);
    }
    const chunk = { series, seq, points, steps: { from: stepOf(min_step), to: stepOf(max_step) } };
    const chunks = ofRun.get(key);
    if (chunks) chunks.push(chunk);
    else ofRun.set(key, [chunk]);
  }
  return found;
}

const stepOf = (step: number | string): number => Number(exactInt(step));

/** `tail` is what is not folded, in the order of steps. */
async function historyOf(
  ctx: StoreContext,
  run: number,
  key: string,
  chunks: readonly Chunk[],
  tail: Points,
): Promise<History | undefined> {
  if (inOrder(chunks, tail.steps[0])) return inParts(ctx, chunks, tail);
  // Steps that overlap: what is there twice counts once, which only the points can tell.
  return inParts(ctx, [], byStep(await readHistory(ctx, run, key, {})));
}

/** Whether nothing of a part comes before the end of the one before it. What is logged twice counts once: a tail must be new. */
function inOrder(chunks: readonly Chunk[], tailStart: Int64 | undefined): boolean {
  let end = -Infinity;
  for (const { series, steps } of chunks) {
    if (series !== chunks[0]?.series || steps.from < end) return false;
    end = steps.to;
  }
  return tailStart === undefined || Number(tailStart) > end;
}

function inParts(ctx: StoreContext, chunks: readonly Chunk[], tail: Points): History | undefined {
  const first = chunks[0]?.steps.from ?? tail.steps[0];
  const last = tail.steps.at(-1) ?? chunks.at(-1)?.steps.to;
  if (first === undefined || last === undefined) return undefined;
  const steps = { from: Number(first), to: Number(last) };
  const pointsOf = async (chunk: Chunk) => byStep(decodeChunk(await chunkData(ctx, chunk)));
  return {
    steps,
    async draw(range, most) {
      const wanted = { from: Math.max(range.from, steps.from), to: Math.min(range.to, steps.to) };
      const inside = chunks.filter((chunk) => chunk.steps.to >= wanted.from && chunk.steps.from <= wanted.to);
      // Those that the range cuts are few: how many of their points are in it, they have to be asked.
      const cut = new Map<Chunk, Points>();
      for (const chunk of inside) {
        if (!isWithin(chunk.steps, wanted)) cut.set(chunk, inSteps(await pointsOf(chunk), wanted));
      }
      const end = inSteps(tail, wanted);
      const count = inside.reduce(
        (sum, chunk) => sum + (cut.get(chunk)?.values.length ?? chunk.points),
        end.values.length,
      );
      if (count <= most) {
        const parts: Points[] = [];
        for (const chunk of inside) parts.push(cut.get(chunk) ?? (await pointsOf(chunk)));
        return concatenated([...parts, end]);
      }
      const buckets = new Buckets(widthOf(wanted, most));
      const levels = await levelsOf(
        ctx,
        inside.filter((chunk) => !cut.has(chunk)),
        buckets.width,
      );
      for (const chunk of inside) {
        const level = levels.get(chunk);
        if (level) buckets.merge(level);
        else buckets.add(cut.get(chunk) ?? (await pointsOf(chunk)), EVERYTHING);
      }
      buckets.add(end, EVERYTHING);
      return buckets;
    },
  };
}

const isWithin = (inner: StepRange, outer: StepRange) => inner.from >= outer.from && inner.to <= outer.to;

/** The levels that are narrow enough: those of neighbours that have the same one are read together. */
async function levelsOf(ctx: StoreContext, chunks: readonly Chunk[], width: number): Promise<Map<Chunk, Buckets>> {
  const found = new Map<Chunk, Buckets>();
  for (let at = 0; at < chunks.length; ) {
    const first = chunks[at] as Chunk;
    const level = levelOf(first, width);
    let end = at + 1;
    while (end < chunks.length && levelOf(chunks[end] as Chunk, width) === level) end++;
    if (level !== undefined) {
      const last = chunks[end - 1] as Chunk;
      const read = await readLevels(ctx.db, first.series, level, { from: first.seq, to: last.seq });
      for (const chunk of chunks.slice(at, end)) {
        const buckets = read.get(chunk.seq);
        if (buckets) found.set(chunk, buckets);
      }
    }
    at = end;
  }
  return found;
}

const levelOf = ({ steps, points }: Chunk, width: number) => levelFor(steps, points, width);
