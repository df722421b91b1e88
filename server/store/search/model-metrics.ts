/** The latest metrics that name a logged model: per run, key and dataset, those that are not folded yet among them. */
import type { Int64 } from '../../../api/index.js';
import { listed, sql } from '../../db/sql.js';
import { isLater, type Point, pointAt } from '../../metrics/points.js';
import type { StoreContext } from '../context.js';
import { keyNames, readTails, type StoredPoint, storedPoint } from '../metric-reads.js';
import { unfoldedRuns } from './metric-overlay.js';

export interface ModelMetric {
  readonly model_id: string;
  /** Empty without a dataset. */
  readonly dataset_name: string;
  readonly dataset_digest: string;
  readonly run_id: string;
  readonly key: string;
  readonly point: Point;
}

interface Context {
  id: number;
  model_id: string;
  dataset_name: string;
  dataset_digest: string;
}

/** Models and contexts of one statement. */
const SLICE = 1000;

/** In no order. `keys` leaves all others out. */
export async function modelMetrics(
  ctx: StoreContext,
  models: readonly string[],
  keys?: readonly string[],
): Promise<ModelMetric[]> {
  const contexts = new Map<number, Context>();
  for (const slice of slices(models)) {
    const found = await ctx.db.all<Context>(
      sql`select id, model_id, dataset_name, dataset_digest from metric_contexts where model_id in (${listed(slice)})`,
    );
    for (const context of found) contexts.set(context.id, context);
  }
  if (contexts.size === 0) return [];
  const latest = new Map<string, { run: number; key: string; context: number; point: Point }>();
  const offer = (run: number, key: string, context: number, point: Point) => {
    const name = `${run} ${context} ${key}`;
    const best = latest.get(name);
    if (!best || isLater(point, best.point)) latest.set(name, { run, key, context, point });
  };
  const { exact } = ctx.db.dialect;
  for (const slice of slices([...contexts.keys()])) {
    ctx.checkDeadline();
    const stored = await ctx.db.all<StoredPoint & { run: number; name: string; context: number }>(
      sql`select run, name, context, value, is_nan, ${exact('timestamp')} as timestamp, ${exact('step')} as step
          from metric_series join metric_keys on metric_keys.id = metric_series.key
          where context in (${listed(slice)}) and context <> 0 ${keys ? sql`and name in (${listed(keys)})` : sql``}`,
    );
    for (const row of stored) offer(row.run, row.name, row.context, storedPoint(row));
  }
  await offerTails(ctx, contexts, offer);
  const wanted = keys && new Set(keys);
  const found = [...latest.values()].filter(({ key }) => !wanted || wanted.has(key));
  const runIds = await runIdsOf(ctx, new Set(found.map(({ run }) => run)));
  return found.map(({ run, key, context, point }) => {
    const { model_id, dataset_name, dataset_digest } = contexts.get(context) as Context;
    return { model_id, dataset_name, dataset_digest, run_id: runIds.get(run) as string, key, point };
  });
}

/** Any run may have logged for a model since its last fold: few runs have a tail at a time. */
async function offerTails(
  ctx: StoreContext,
  contexts: ReadonlyMap<number, Context>,
  offer: (run: number, key: string, context: number, point: Point) => void,
): Promise<void> {
  for (const slice of slices(await unfoldedRuns(ctx))) {
    ctx.checkDeadline();
    for (const [run, records] of await readTails(ctx, slice)) {
      for (const record of records) {
        const places = record.contexts.flatMap((context: Int64, i) => (contexts.has(Number(context)) ? [i] : []));
        const names = await keyNames(ctx, new Set(places.map((i) => record.keys[i] as number)));
        for (const i of places) {
          offer(run, names.get(record.keys[i] as number) as string, record.contexts[i] as number, pointAt(record, i));
        }
      }
    }
  }
}

async function runIdsOf(ctx: StoreContext, runs: ReadonlySet<number>): Promise<Map<number, string>> {
  const ids = new Map<number, string>();
  for (const slice of slices([...runs])) {
    const found = await ctx.db.all<{ id: number; run_id: string }>(
      sql`select id, run_id from runs where id in (${listed(slice)})`,
    );
    for (const { id, run_id } of found) ids.set(id, run_id);
  }
  return ids;
}

export function slices<T>(items: readonly T[]): T[][] {
  const count = Math.ceil(items.length / SLICE);
  return Array.from({ length: count }, (_, i) => items.slice(i * SLICE, (i + 1) * SLICE));
}
