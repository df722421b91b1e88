/** What is deleted for good: every row of a run, a logged model or an experiment, in one transaction. */
import { listed, raw, sql } from '../db/sql.js';
import type { StoreContext } from '../store/context.js';

/** Tables whose column `run` names a run, those that others refer to last. */
const OF_RUN = [
  'params',
  'tags',
  'metric_log',
  'latest_metrics',
  'run_outputs',
  'run_inputs',
  'webhook_reached',
] as const;

/** A deleted run, by its row's id. Does nothing when it has been restored meanwhile. */
export async function eraseRun(ctx: StoreContext, run: number): Promise<boolean> {
  const row = await ctx.db.get(
    sql`select id from runs where id = ${run} and lifecycle_stage = 'deleted' ${ctx.db.dialect.forUpdate}`,
  );
  if (!row) return false;
  for (const table of OF_RUN) await ctx.db.run(sql`delete from ${raw(table)} where run = ${run}`);
  await ctx.db.run(sql`delete from metric_chunks where series in (select id from metric_series where run = ${run})`);
  await ctx.db.run(sql`delete from metric_series where run = ${run}`);
  await ctx.db.run(sql`delete from input_tags where input in (select id from inputs where run = ${run})`);
  await ctx.db.run(sql`delete from inputs where run = ${run}`);
  await ctx.db.run(sql`delete from runs where id = ${run}`);
  return true;
}

export async function eraseLoggedModel(ctx: StoreContext, model: string): Promise<boolean> {
  const row = await ctx.db.get(
    sql`select model_id from logged_models where model_id = ${model} and lifecycle_stage = 'deleted' ${ctx.db.dialect.forUpdate}`,
  );
  if (!row) return false;
  for (const table of ['logged_model_params', 'logged_model_tags', 'logged_models']) {
    await ctx.db.run(sql`delete from ${raw(table)} where model_id = ${model}`);
  }
  return true;
}

/** A deleted experiment that has no runs and no logged models any more. */
export async function eraseExperiment(ctx: StoreContext, experiment: number): Promise<boolean> {
  const row = await ctx.db.get(
    sql`select id from experiments where id = ${experiment} and lifecycle_stage = 'deleted' ${ctx.db.dialect.forUpdate}`,
  );
  if (!row) return false;
  const traces = await ctx.db.all<{ id: number; request_id: string }>(
    sql`select id, request_id from traces where experiment = ${experiment}`,
  );
  for (let at = 0; at < traces.length; at += 500) {
    const some = traces.slice(at, at + 500);
    const ids = listed(some.map(({ id }) => id));
    await ctx.db.run(sql`delete from trace_tags where trace in (${ids})`);
    await ctx.db.run(sql`delete from trace_metadata where trace in (${ids})`);
    await ctx.db.run(sql`delete from trace_links where request_id in (${listed(some.map((each) => each.request_id))})`);
    await ctx.db.run(sql`delete from traces where id in (${ids})`);
  }
  await ctx.db.run(sql`delete from datasets where experiment = ${experiment}`);
  await ctx.db.run(sql`delete from experiment_tags where experiment = ${experiment}`);
  await ctx.db.run(sql`delete from experiments where id = ${experiment}`);
  return true;
}
