/** What webhooks are told: rows written in the transaction of what happened. How they are sent is in deliveries.ts. */
import { randomUUID } from 'node:crypto';
import type { Metric, RunAction, RunInfo, WebhookEvent } from '../../../api/index.js';
import { sql } from '../../db/sql.js';
import type { StoreContext } from '../context.js';

/** What an active webhook asks for. */
export interface Subscription {
  readonly id: number;
  readonly webhook_id: string;
  readonly entity: string;
  readonly action: string;
  readonly experiment: number | null;
  readonly metric_key: string | null;
  readonly comparator: string | null;
  readonly threshold: number | null;
}

/** Tells the webhooks that asked for an event of the registry. `data` is as `mlflow/webhooks/types.py` has it. */
export async function announce(ctx: StoreContext, event: WebhookEvent, data: Record<string, unknown>): Promise<void> {
  for (const each of await subscriptions(ctx)) {
    if (each.entity === event.entity && each.action === event.action) await enqueue(ctx, each, data);
  }
}

/** Tells the webhooks that asked for what a run did. */
export async function announceRun(
  ctx: StoreContext,
  action: Exclude<RunAction, 'METRIC_REACHED'>,
  info: RunInfo,
): Promise<void> {
  for (const each of await subscriptions(ctx)) {
    const isAsked = each.entity === 'RUN' && each.action === action;
    if (!isAsked || (each.experiment !== null && String(each.experiment) !== info.experiment_id)) continue;
    const { run_id, run_name, experiment_id, user_id, status, start_time, end_time } = info;
    await enqueue(ctx, each, { run_id, run_name, experiment_id, user_id, status, start_time, end_time });
  }
}

/** Tells the webhooks whose threshold one of the metrics is the first of its run to reach. `run` is the row's id. */
export async function announceMetrics(ctx: StoreContext, run: number, metrics: readonly Metric[]): Promise<void> {
  for (const each of await subscriptions(ctx)) {
    if (each.action !== 'METRIC_REACHED') continue;
    const first = metrics.find((metric) => metric.key === each.metric_key && reaches(metric.value, each));
    if (first) await announceReached(ctx, run, each, first);
  }
}

async function announceReached(ctx: StoreContext, run: number, each: Subscription, metric: Metric): Promise<void> {
  const row = await ctx.db.get<{ run_id: string; name: string; experiment: number }>(
    sql`select run_id, name, experiment from runs where id = ${run}`,
  );
  if (!row || (each.experiment !== null && each.experiment !== row.experiment)) return;
  const isFirst = await ctx.db.run(
    sql`insert into webhook_reached (event, run) values (${each.id}, ${run}) on conflict (event, run) do nothing`,
  );
  if (isFirst === 0) return;
  const { key, value, step, timestamp } = metric;
  await enqueue(ctx, each, {
    run_id: row.run_id,
    run_name: row.name,
    experiment_id: String(row.experiment),
    metric_key: key,
    comparator: each.comparator,
    threshold: each.threshold,
    value: Number.isFinite(value) ? value : String(value),
    step: Number(step),
    timestamp: Number(timestamp),
  });
}

function reaches(value: number, { comparator, threshold }: Subscription): boolean {
  const bound = threshold ?? Number.NaN;
  if (comparator === '>') return value > bound;
  if (comparator === '>=') return value >= bound;
  return comparator === '<' ? value < bound : value <= bound;
}

/** Whether any webhook asks for anything. */
export const hasSubscribers = async (ctx: StoreContext) => (await subscriptions(ctx)).length > 0;

async function subscriptions(ctx: StoreContext): Promise<readonly Subscription[]> {
  const known = ctx.memory.subscriptions.get('active');
  if (known) return known;
  const found = await ctx.db.all<Subscription>(
    sql`select webhook_events.* from webhook_events join webhooks on webhooks.webhook_id = webhook_events.webhook_id
        where status = 'ACTIVE' order by webhook_events.id`,
  );
  ctx.memory.subscriptions.set('active', found);
  return found;
}

async function enqueue(ctx: StoreContext, { webhook_id, entity, action }: Subscription, data: unknown): Promise<void> {
  const payload = payloadOf(ctx, entity, action, data);
  await ctx.db.run(
    sql`insert into webhook_deliveries (delivery_id, webhook_id, payload, attempts, due)
        values (${randomUUID()}, ${webhook_id}, ${payload}, 0, ${ctx.now()})`,
  );
  ctx.enqueued();
}

/** The JSON of a delivery. */
export function payloadOf(ctx: StoreContext, entity: string, action: string, data: unknown): string {
  const timestamp = new Date(ctx.now()).toISOString();
  return JSON.stringify({ entity: entity.toLowerCase(), action: action.toLowerCase(), timestamp, data });
}
