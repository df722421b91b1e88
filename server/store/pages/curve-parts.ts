/** A metric's history as a curve reads it: parts that follow each other step by step, each by its points or by its levels, whatever is less. */
import { listed, sql } from '../../db/sql.js';
import { Buckets, type StepRange, widthOf } from '../../metrics/buckets.js';
import { decodeChunk } from '../../metrics/codec.js';
import { byStep, concatenated, inSteps, noPoints, type Points, sorted } from '../../metrics/points.js';
import type { StoreContext } from '../context.js';
import { chunkData, exactInt, tailsByKey } from '../metric-reads.js';
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
    const id = ids.get(key) ?? -1;
    const tail = tails.get(run)?.get(id);
    return historyOf(ctx, partsOf(chunks.get(run)?.get(id) ?? [], tail ? byStep(sorted(tail)) : noPoints()));
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

/** Chunks and a tail of a log whose steps overlap, so that only their points together can be put in order; mostly one chunk. */
interface Part {
  readonly steps: StepRange;
  readonly chunks: readonly Chunk[];
  /** What is not folded, in the order of steps: some of it may be in the chunks too, and then counts once. */
  readonly tail: Points;
}

/** Parts in the order of steps, none of which reaches into the next. */
function partsOf(chunks: readonly Chunk[], tail: Points): Part[] {
  const groups: { steps: StepRange; chunks: Chunk[] }[] = [];
  for (const chunk of [...chunks].sort((a, b) => a.steps.from - b.steps.from || a.seq - b.seq)) {
    const last = groups.at(-1);
    if (last && reachesInto(last, chunk)) {
      last.chunks.push(chunk);
      last.steps = around([last.steps, chunk.steps]);
    } else {
      groups.push({ steps: chunk.steps, chunks: [chunk] });
    }
  }
  const parts = groups.map((group): Part => ({ ...group, tail: noPoints() }));
  if (tail.steps.length === 0) return parts;
  const ends = endsOf(tail);
  const touched = parts.filter(({ steps }) => steps.to >= ends.from && steps.from <= ends.to);
  const steps = around([ends, ...touched.map((part) => part.steps)]);
  const last = { steps, chunks: touched.flatMap((part) => part.chunks), tail };
  return [
    ...parts.filter((part) => part.steps.to < ends.from),
    last,
    ...parts.filter((part) => part.steps.from > ends.to),
  ];
}

/** Two chunks of one series share no point: they may meet in a step, when the later one is the later in time too. */
function reachesInto({ steps, chunks }: Pick<Part, 'steps' | 'chunks'>, chunk: Chunk): boolean {
  if (chunk.steps.from !== steps.to) return chunk.steps.from < steps.to;
  return chunks.some(({ series, seq }) => series !== chunk.series || seq > chunk.seq);
}

const around = (ranges: readonly StepRange[]): StepRange => ({
  from: ranges.reduce((least, { from }) => Math.min(least, from), Infinity),
  to: ranges.reduce((greatest, { to }) => Math.max(greatest, to), -Infinity),
});

const endsOf = ({ steps }: Points): StepRange => ({ from: Number(steps[0]), to: Number(steps.at(-1)) });

function historyOf(ctx: StoreContext, parts: readonly Part[]): History | undefined {
  const [first, last] = [parts[0], parts.at(-1)];
  if (!first || !last) return undefined;
  const steps = { from: first.steps.from, to: last.steps.to };
  return {
    steps,
    async draw(range, most) {
      const wanted = { from: Math.max(range.from, steps.from), to: Math.min(range.to, steps.to) };
      const inside = parts.filter((part) => part.steps.to >= wanted.from && part.steps.from <= wanted.to);
      // How many points of a part are wanted, those that the range cuts, and tails, have to be asked.
      const known = new Map<Part, Points>();
      let count = 0;
      for (const part of inside) {
        const isCounted = part.tail.values.length === 0 && isWithin(part.steps, range);
        if (!isCounted) known.set(part, inSteps(await pointsOf(ctx, part), range));
        count += known.get(part)?.values.length ?? part.chunks.reduce((sum, { points }) => sum + points, 0);
      }
      if (count <= most) {
        const found: Points[] = [];
        for (const part of inside) found.push(known.get(part) ?? (await pointsOf(ctx, part)));
        return concatenated(found);
      }
      const buckets = new Buckets(widthOf(wanted, most));
      const unknown = inside.filter((part) => !known.has(part));
      const levels = await levelsOf(ctx, unknown, buckets.width);
      for (const part of inside) {
        const level = levels.get(part);
        if (level) buckets.merge(level);
        else buckets.add(known.get(part) ?? (await pointsOf(ctx, part)), range);
      }
      return buckets;
    },
  };
}

const isWithin = (inner: StepRange, outer: StepRange) => inner.from >= outer.from && inner.to <= outer.to;

/** In the order of steps, each once. */
async function pointsOf(ctx: StoreContext, { chunks, tail }: Part): Promise<Points> {
  ctx.checkDeadline();
  const found: Points[] = [];
  for (const chunk of chunks) found.push(decodeChunk(await chunkData(ctx, chunk)));
  return byStep(sorted(concatenated([...found, tail])));
}

/** The levels that are narrow enough, of parts that are one chunk: those of neighbours with the same one are read together. */
async function levelsOf(ctx: StoreContext, parts: readonly Part[], width: number): Promise<Map<Part, Buckets>> {
  const found = new Map<Part, Buckets>();
  let group: { chunk: Chunk; part: Part }[] = [];
  let level: number | undefined;
  const read = async () => {
    const [first, last] = [group[0]?.chunk, group.at(-1)?.chunk];
    if (!first || !last || level === undefined) return;
    const kept = await readLevels(ctx.db, first.series, level, { from: first.seq, to: last.seq });
    for (const { chunk, part } of group) {
      const buckets = kept.get(chunk.seq);
      if (buckets) found.set(part, buckets);
    }
  };
  for (const part of parts) {
    const [chunk, ...others] = part.chunks;
    if (!chunk || others.length > 0) continue;
    const before = group.at(-1)?.chunk;
    const own = levelFor(chunk.steps, chunk.points, width);
    if (own !== level || chunk.series !== before?.series || chunk.seq !== before.seq + 1) {
      await read();
      group = [];
      level = own;
    }
    group.push({ chunk, part });
  }
  await read();
  return found;
}
