/** Whether an import is complete: every noun counted on both sides, and some runs compared value by value. */

import type { Destination } from '../command-database.js';
import { DatabaseError } from '../db/db.js';
import { raw, sql } from '../db/sql.js';
import type { StoreContext } from '../store/context.js';
import { readHistory } from '../store/metric-reads.js';
import type { Source } from './source.js';
import { number, text } from './tracking.js';

/** Tables there and here that have as many rows, by what they are called in a report. */
const COUNTED: readonly (readonly [string, string, string])[] = [
  ['experiments', 'experiments', 'experiments'],
  ['experiment tags', 'experiment_tags', 'experiment_tags'],
  ['runs', 'runs', 'runs'],
  ['params', 'params', 'params'],
  ['tags', 'tags', 'tags'],
  ['metrics', 'latest_metrics', 'latest_metrics'],
  ['datasets', 'datasets', 'datasets'],
  ['logged models', 'logged_models', 'logged_models'],
  ['registered models', 'registered_models', 'registered_models'],
  ['model versions', 'model_versions', 'model_versions'],
  ['aliases', 'registered_model_aliases', 'registered_model_aliases'],
  ['traces', 'trace_info', 'traces'],
];

/** Rows of each noun that the source has. */
export type Counts = Record<string, number>;

const SAMPLED_RUNS = 20;

/** Throws DatabaseError that names the first thing that is not as it was. */
export async function verify(source: Source, to: Destination): Promise<Counts> {
  const counts: Counts = {};
  await to.transaction(async (ctx) => {
    for (const [noun, there, here] of COUNTED) {
      const wanted = await source.count(there);
      const found = number((await ctx.db.get<{ n: number }>(sql`select count(*) as n from ${raw(here)}`))?.n);
      // The database may have had things of its own before.
      if (found < wanted)
        throw new DatabaseError(`The import is not complete: ${found} of ${wanted} ${noun} are here.`);
      counts[noun] = wanted;
    }
    await compareRuns(source, ctx);
  });
  return counts;
}

async function compareRuns(source: Source, ctx: StoreContext): Promise<void> {
  let left = SAMPLED_RUNS;
  for await (const found of source.batches('runs')) {
    const step = Math.max(1, Math.floor(found.length / SAMPLED_RUNS));
    for (let i = 0; i < found.length && left > 0; i += step, left--) {
      await compareRun(source, ctx, text(found[i]?.run_uuid));
    }
    if (left === 0) return;
  }
}

async function compareRun(source: Source, ctx: StoreContext, runId: string): Promise<void> {
  const run = (await ctx.db.get<{ id: number }>(sql`select id from runs where run_id = ${runId}`))?.id;
  if (run === undefined) throw new DatabaseError(`The import is not complete: the run ${runId} is not here.`);
  const params = await ctx.db.all<{ key: string; value: string }>(
    sql`select key, value from params where run = ${run}`,
  );
  const here = new Map(params.map(({ key, value }) => [key, value]));
  for (const { key, value } of await source.rowsOf('params', 'run_uuid', [runId])) {
    if (here.get(text(key)) !== text(value)) throw differs(runId, `param ${key}`);
  }
  for (const latest of await source.rowsOf('latest_metrics', 'run_uuid', [runId])) {
    const points = await readHistory(ctx, run, text(latest.key), {});
    const wanted = latest.is_nan ? Number.NaN : number(latest.value);
    if (!points.values.some((value) => Object.is(value, wanted) || value === wanted)) {
      throw differs(runId, `metric ${latest.key}`);
    }
  }
}

const differs = (runId: string, what: string) =>
  new DatabaseError(`The import is not right: the ${what} of the run ${runId} is not what it was.`);
