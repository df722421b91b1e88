/** The metric log: one packed record a request, which is the durable truth until it is folded into chunks. */
import type { Metric } from '../../../api/index.js';
import { listed, rows, sql } from '../../db/sql.js';
import { encodeRecord, type LoggedMetrics } from '../../metrics/codec.js';
import type { StoreContext } from '../context.js';

export async function appendMetrics(ctx: StoreContext, run: number, metrics: readonly Metric[]): Promise<void> {
  const record = encodeRecord(await columns(ctx, metrics));
  await ctx.db.run(sql`insert into metric_log (run, data) values (${run}, ${record})`);
  ctx.appended(run, record.length);
}

async function columns(ctx: StoreContext, metrics: readonly Metric[]): Promise<LoggedMetrics> {
  const n = metrics.length;
  const logged: LoggedMetrics = {
    keys: new Array(n),
    contexts: new Array(n),
    steps: new Array(n),
    timestamps: new Array(n),
    values: new Array(n),
  };
  const known = ctx.memory.keys;
  let unknown = false;
  for (let i = 0; i < n; i++) {
    const metric = metrics[i] as Metric;
    const id = known.get(metric.key);
    if (id === undefined) unknown = true;
    logged.keys[i] = id ?? 0;
    logged.contexts[i] = metric.model_id || metric.dataset_name ? await contextId(ctx, metric) : 0;
    logged.steps[i] = metric.step;
    logged.timestamps[i] = metric.timestamp;
    logged.values[i] = metric.value;
  }
  if (unknown) {
    const ids = await internKeys(ctx, new Set(metrics.map((metric) => metric.key)));
    for (let i = 0; i < n; i++) logged.keys[i] = ids.get((metrics[i] as Metric).key) as number;
  }
  return logged;
}

/** Ids of the keys, made where missing. In one order everywhere, so that two servers never wait for each other. */
async function internKeys(ctx: StoreContext, names: ReadonlySet<string>): Promise<Map<string, number>> {
  const ordered = [...names].sort();
  await ctx.db.run(
    sql`insert into metric_keys (name) values ${rows(ordered.map((name) => [name]))} on conflict (name) do nothing`,
  );
  const found = await ctx.db.all<{ id: number; name: string }>(
    sql`select id, name from metric_keys where name in (${listed(ordered)})`,
  );
  for (const { id, name } of found) ctx.memory.keys.set(name, id);
  return new Map(found.map(({ id, name }) => [name, id]));
}

/** The id of what a value belongs to besides its run. */
async function contextId(ctx: StoreContext, metric: Metric): Promise<number> {
  const fields = [metric.model_id ?? '', metric.dataset_name ?? '', metric.dataset_digest ?? ''] as const;
  const name = JSON.stringify(fields);
  const known = ctx.memory.contexts.get(name);
  if (known !== undefined) return known;
  const [model, dataset, digest] = fields;
  await ctx.db.run(
    sql`insert into metric_contexts (model_id, dataset_name, dataset_digest) values (${model}, ${dataset}, ${digest})
        on conflict (model_id, dataset_name, dataset_digest) do nothing`,
  );
  const row = (await ctx.db.get<{ id: number }>(
    sql`select id from metric_contexts where model_id = ${model} and dataset_name = ${dataset} and dataset_digest = ${digest}`,
  )) as { id: number };
  ctx.memory.contexts.set(name, row.id);
  return row.id;
}
