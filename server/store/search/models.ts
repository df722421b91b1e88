/** searchLoggedModels: which models a page has, by any filter and any order. */
import { invalid, type Output } from '../../../api/index.js';
import type { loggedModels as table } from '../../../api/logged-models.js';
import { joined, listed, raw, type Sql, sql } from '../../db/sql.js';
import { finite } from '../../metrics/summary.js';
import type { Identifier } from '../../search/columns.js';
import { readFilter } from '../../search/compile.js';
import { loggedModelColumns } from '../../search/logged-models.js';
import { attributeTerm, metricTerm, type Term, withTieBreak } from '../../search/order-by.js';
import { visibleExperiments } from '../auth/visible.js';
import type { StoreContext } from '../context.js';
import { experimentIdsOf, pageSize } from '../validation.js';
import { type ModelMetric, modelMetrics } from './model-metrics.js';
import { loadModels, type ModelRow } from './model-pages.js';

type SearchModels = (typeof table)['searchLoggedModels'];
type Request = Output<SearchModels['request']>;
type Dataset = Request['datasets'][number];
type OrderItem = Request['order_by'][number];

export async function searchModelPage(ctx: StoreContext, request: Request): Promise<Output<SearchModels['response']>> {
  const { datasets, order_by } = request;
  const limit = pageSize(request.max_results || undefined, 50, 1000);
  const filter = readFilter(loggedModelColumns, request.filter);
  const items = order_by.map((item) => loggedModelColumns.rules.identify(item.field_name, 'order'));
  if (items.length > MOST_ORDER_ITEMS) throw invalid(`order_by may have at most ${MOST_ORDER_ITEMS} items.`);
  const experiments = experimentIdsOf(request.experiment_ids);
  if (experiments.length === 0) return {};

  const where = [
    sql`logged_models.lifecycle_stage = 'active'`,
    sql`logged_models.experiment in (${listed(experiments)})`,
    ...visibleExperiments(ctx, sql`logged_models.experiment`),
  ];
  const keys = [...filter.metricKeys, ...items.filter(({ entity }) => entity === 'metric').map(({ key }) => key)];
  const metrics = keys.length === 0 ? [] : await metricsOf(ctx, where, [...new Set(keys)]);
  const order = await orderOf(ctx, items, order_by, metrics, request);
  if (request.page_token) where.push(order.after(request.page_token));
  const counted =
    datasets.length === 0 ? metrics : metrics.filter((metric) => datasets.some((each) => isOn(metric, each)));
  where.push(filter.compile({ metrics: await metricTable(ctx, counted) }));
  if (datasets.length > 0 && filter.metricKeys.length === 0) where.push(hasMetricOn(datasets));
  ctx.checkDeadline();
  const found = await ctx.db.all<ModelRow & Record<string, unknown>>(
    sql`select logged_models.*${order.columns} from logged_models${order.joins} where ${joined(where, ' and ')}
        order by ${order.by} limit ${limit + 1}`,
  );
  const page = found.slice(0, limit);
  const last = page.at(-1);
  return {
    ...(page.length > 0 && { models: await loadModels(ctx, page) }),
    ...(found.length > limit && last && { next_page_token: order.token(last) }),
  };
}

/** Joins of one statement: SQLite takes 64. */
const MOST_ORDER_ITEMS = 30;

async function metricsOf(ctx: StoreContext, where: readonly Sql[], keys: readonly string[]): Promise<ModelMetric[]> {
  const models = await ctx.db.all<{ model_id: string }>(
    sql`select model_id from logged_models where ${joined(where, ' and ')}`,
  );
  return modelMetrics(
    ctx,
    models.map((row) => row.model_id),
    keys,
  );
}

const isOn = (metric: ModelMetric, { dataset_name, dataset_digest }: Dataset): boolean =>
  metric.dataset_name === dataset_name && (!dataset_digest || metric.dataset_digest === dataset_digest);

/** The model has any metric on one of the datasets: a context is made with its first value. */
function hasMetricOn(datasets: readonly Dataset[]): Sql {
  const each = datasets.map(({ dataset_name, dataset_digest }) => {
    const digest = dataset_digest ? sql` and c.dataset_digest = ${dataset_digest}` : sql``;
    return sql`(c.dataset_name = ${dataset_name}${digest})`;
  });
  return sql`exists (select 1 from metric_contexts c where c.model_id = logged_models.model_id and (${joined(each, ' or ')}))`;
}

/** Those metrics as a table that filters and orders read: (model_id, key id, value, is_nan). */
async function metricTable(ctx: StoreContext, metrics: readonly ModelMetric[]): Promise<Sql> {
  const names = [...new Set(metrics.map(({ key }) => key))];
  const ids = new Map<string, number>();
  if (names.length > 0) {
    const found = await ctx.db.all<{ id: number; name: string }>(
      sql`select id, name from metric_keys where name in (${listed(names)})`,
    );
    for (const { id, name } of found) ids.set(name, id);
  }
  const rows = metrics.map(({ model_id, key, point: { value } }) => {
    const isNan = Number.isNaN(value);
    return [model_id, ids.get(key), isNan ? 0 : finite(value), Number(isNan)];
  });
  const columns = { model_id: 'text', key: 'int', value: 'double', is_nan: 'int' } as const;
  return ctx.db.dialect.rowsOf(JSON.stringify(rows), columns);
}

async function orderOf(
  ctx: StoreContext,
  items: readonly Identifier[],
  orderBy: readonly OrderItem[],
  metrics: readonly ModelMetric[],
  { experiment_ids, filter }: Request,
) {
  const joins: Sql[] = [];
  const terms: Term[] = [];
  for (const [i, { entity, key }] of items.entries()) {
    const { ascending, dataset_name, dataset_digest } = orderBy[i] as OrderItem;
    if (entity === 'attribute') {
      terms.push(attributeTerm(loggedModelColumns, key, !ascending));
      continue;
    }
    const counted = metrics.filter(
      (metric) =>
        metric.key === key &&
        (!dataset_name || metric.dataset_name === dataset_name) &&
        (!dataset_digest || metric.dataset_digest === dataset_digest),
    );
    const alias = raw(`o${i}`);
    const latest = await metricTable(ctx, latestOfEach(counted));
    joins.push(sql` left join ${latest} ${alias} on ${alias}.model_id = logged_models.model_id`);
    terms.push(metricTerm(`o${i}`, !ascending));
  }
  // A token belongs to its request, as MLflow's does.
  const signature = JSON.stringify([experiment_ids, filter ?? '', orderBy]);
  return withTieBreak(loggedModelColumns, items, terms, joins, signature);
}

/** One metric of each model: the latest by time, then by step, then of the run whose id comes first. */
function latestOfEach(metrics: readonly ModelMetric[]): ModelMetric[] {
  const latest = new Map<string, ModelMetric>();
  for (const metric of metrics) {
    const best = latest.get(metric.model_id);
    if (!best || isNewer(metric, best)) latest.set(metric.model_id, metric);
  }
  return [...latest.values()];
}

function isNewer({ point: a, run_id }: ModelMetric, { point: b, run_id: other }: ModelMetric): boolean {
  if (a.timestamp !== b.timestamp) return a.timestamp > b.timestamp;
  if (a.step !== b.step) return a.step > b.step;
  return run_id < other;
}
