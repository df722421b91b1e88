/** searchRuns: which runs a page has, by any filter and any order. What is read of them is in run-pages.ts. */
import { LIMITS, type Output, type ViewType } from '../../../api/index.js';
import type { runs as table } from '../../../api/runs.js';
import { joined, listed, type Sql, sql } from '../../db/sql.js';
import { encodedAs } from '../../encode.js';
import { type Equality, metricKey, type ReadFilter, readFilter } from '../../search/compile.js';
import { inOrder } from '../../search/merge.js';
import { compileOrder, type Order, type OrderItem, readOrder } from '../../search/order-by.js';
import { runColumns } from '../../search/runs.js';
import { visibleExperiments } from '../auth/visible.js';
import type { StoreContext } from '../context.js';
import { experimentIdsOf, pageSize } from '../validation.js';
import { type MetricOverlay, metricOverlay, unfoldedRuns } from './metric-overlay.js';
import { type RunVersion, runJson } from './run-json.js';

type SearchRuns = (typeof table)['searchRuns'];

/** A run with its place in the order. */
type PlacedRow = FoundRun & Record<string, unknown>;

export interface FoundRun extends RunVersion {
  readonly run_id: string;
}

/** Which runs are wanted: what every search of them takes. */
export interface RunsWanted {
  readonly experiment_ids: readonly string[];
  readonly filter?: string | undefined;
  readonly run_view_type?: ViewType | undefined;
}

export interface RunPage {
  readonly runs: readonly FoundRun[];
  readonly next_page_token?: string;
  /** All runs that have log records. */
  readonly unfolded: ReadonlySet<number>;
}

export async function searchRunPage(
  ctx: StoreContext,
  request: Output<SearchRuns['request']>,
): Promise<Output<SearchRuns['response']>> {
  const limit = pageSize(request.max_results || undefined, 1000, LIMITS.searchMaxResults);
  const { runs, next_page_token, unfolded } = await findRunPage(ctx, request, limit);
  if (runs.length === 0) return {};
  const json = await runJson(ctx, runs, unfolded);
  const token = next_page_token ? `,"next_page_token":"${next_page_token}"` : '';
  const pieces = json.flatMap((run, i) => (i === 0 ? [run] : [COMMA, run]));
  return encodedAs([RUNS, ...pieces, Buffer.from(`]${token}}`)]);
}

/** Up to `limit` runs in the asked order, MLflow's where none is asked for. */
export async function findRunPage(
  ctx: StoreContext,
  wanted: RunsWanted & { readonly order_by?: readonly string[]; readonly page_token?: string | undefined },
  limit: number,
): Promise<RunPage> {
  const filter = readFilter(runColumns, wanted.filter);
  const items = readOrder(runColumns, wanted.order_by ?? []);
  const { numberOf } = ctx.db.dialect;
  const order = compileOrder(runColumns, items, { numberOf });
  const after = wanted.page_token ? order.after(wanted.page_token) : undefined;
  const experiments = experimentIdsOf(wanted.experiment_ids);
  if (experiments.length === 0) return { runs: [], unfolded: new Set() };
  const where = conditionsOf(ctx, experiments, wanted.run_view_type);
  const unfolded = await unfoldedRuns(ctx);
  const query = { experiments, where, filter, items, order, after, token: wanted.page_token };
  const found = await findRows(ctx, query, unfolded, limit + 1);
  const runs = found.slice(0, limit);
  const last = runs.at(-1);
  return {
    runs,
    unfolded: new Set(unfolded),
    ...(found.length > limit && last && { next_page_token: order.token(last) }),
  };
}

/** What selects from all runs that match: one after `from`, each run in one of them. */
export async function matchingRuns(ctx: StoreContext, wanted: RunsWanted): Promise<Sql[]> {
  const filter = readFilter(runColumns, wanted.filter);
  const experiments = experimentIdsOf(wanted.experiment_ids);
  if (experiments.length === 0) return [];
  const where = conditionsOf(ctx, experiments, wanted.run_view_type);
  const unfolded = filter.metricKeys.length > 0 ? await unfoldedRuns(ctx) : [];
  const overlay = await metricOverlay(ctx, experiments, unfolded, filter.metricKeys);
  ctx.checkDeadline();
  const few = await fewRuns(ctx, filter);
  const runs = few ? sql`(${few}) few cross join runs where ${OF_FEW} and` : sql`runs where`;
  const folded = joined([...where, filter.compile({ numberOf: ctx.db.dialect.numberOf })], ' and ');
  if (!overlay) return [sql`${runs} ${folded}`];
  const { metrics } = overlay;
  return [
    sql`${runs} ${folded} and runs.id not in (${overlay.runs})`,
    sql`${runs} ${joined([...where, sql`runs.id in (${overlay.runs})`, filter.compile({ metrics, numberOf: ctx.db.dialect.numberOf })], ' and ')}`,
  ];
}

function conditionsOf(ctx: StoreContext, experiments: readonly number[], view: ViewType = 'ACTIVE_ONLY'): Sql[] {
  const where = [sql`runs.experiment in (${listed(experiments)})`, ...visibleExperiments(ctx, sql`runs.experiment`)];
  if (view !== 'ALL') where.push(sql`runs.lifecycle_stage = ${view === 'ACTIVE_ONLY' ? 'active' : 'deleted'}`);
  return where;
}

const RUNS = Buffer.from('{"runs":[');
const COMMA = Buffer.from(',');

interface Query {
  readonly experiments: readonly number[];
  readonly where: readonly Sql[];
  readonly filter: ReadFilter;
  readonly items: readonly OrderItem[];
  readonly order: Order;
  readonly after: Sql | undefined;
  readonly token: string | undefined;
}

/** The first `limit` rows of the order. */
async function findRows(
  ctx: StoreContext,
  query: Query,
  unfolded: readonly number[],
  limit: number,
): Promise<PlacedRow[]> {
  const { where, filter, items, order, token } = query;
  const ordered = items.filter((item) => item.entity === 'metric').map((item) => item.key);
  const overlay = await metricOverlay(ctx, query.experiments, unfolded, [...filter.metricKeys, ...ordered]);
  ctx.checkDeadline();
  const folded = await foldedRows(ctx, overlay ? excluding(query, overlay) : query, limit);
  if (!overlay) return folded;
  ctx.checkDeadline();
  const { metrics } = overlay;
  const overlaid = compileOrder(runColumns, items, { metrics, numberOf: ctx.db.dialect.numberOf });
  const others = [
    ...where,
    sql`runs.id in (${overlay.runs})`,
    filter.compile({ metrics, numberOf: ctx.db.dialect.numberOf }),
    ...(token ? [overlaid.after(token)] : []),
  ];
  return inOrder(order.terms, folded, await select(ctx, sql`runs${overlaid.joins}`, overlaid, others, limit)).slice(
    0,
    limit,
  );
}

const excluding = (query: Query, overlay: MetricOverlay): Query => ({
  ...query,
  where: [...query.where, sql`runs.id not in (${overlay.runs})`],
});

/** Rows by what is folded, in the cheapest way there is. */
async function foldedRows(ctx: StoreContext, query: Query, limit: number): Promise<PlacedRow[]> {
  const { where, filter, items, order, after, experiments } = query;
  const conditions = [...where, filter.compile({ numberOf: ctx.db.dialect.numberOf }), ...(after ? [after] : [])];
  const few = await fewRuns(ctx, filter);
  if (few) return select(ctx, sql`(${few}) few cross join runs${order.joins}`, order, [...conditions, OF_FEW], limit);
  const [first] = items;
  if (first?.entity === 'metric' && !first.aggregate && experiments.length === 1) {
    return metricWalk(ctx, query, conditions, first, limit);
  }
  return select(ctx, sql`runs${order.joins}`, order, conditions, limit);
}

const OF_FEW = sql`runs.id = few.run`;

/** So many runs are rather sorted than found in the order. */
const FEW = 300;

/** Selects the runs that one of the filter's equalities leaves, when they are few: a parent's children, those of a name. */
async function fewRuns(ctx: StoreContext, { equalities }: ReadFilter): Promise<Sql | undefined> {
  for (const equality of equalities) {
    const found = indexed(equality);
    if (!found) continue;
    const { runs } = (await ctx.db.get<{ runs: number }>(
      sql`select count(*) as runs from (${found} limit ${FEW + 1}) found`,
    )) as { runs: number };
    if (runs <= FEW) return found;
  }
  return undefined;
}

/**
 * Only what an index holds: one of every param and tag made a batch of them twice as dear. The key is part of the text, since the
 * index has no other.
 */
function indexed({ entity, key, value }: Equality): Sql | undefined {
  if (entity === 'attribute' && key === 'run_name') return sql`select id as run from runs where name = ${value}`;
  if (entity !== 'tag' || key !== 'mlflow.parentRunId') return undefined;
  return sql`select run from tags where key = 'mlflow.parentRunId' and substr(value, 1, 200) = ${[...value].slice(0, 200).join('')}`;
}

/** Rows by a metric of one experiment: along the index of its values, then those with NaN, then those without it. */
async function metricWalk(
  ctx: StoreContext,
  { order, token, experiments }: Query,
  conditions: readonly Sql[],
  { key, descending }: OrderItem,
  limit: number,
): Promise<PlacedRow[]> {
  const place = token === undefined ? undefined : order.first(token);
  const found: PlacedRow[] = [];
  for (let rank = place?.rank ?? 0; rank <= 1 && found.length < limit; rank++) {
    ctx.checkDeadline();
    const bound = place?.rank === rank && place.value !== null ? place.value : undefined;
    const from = sql`latest_metrics o0 cross join runs${order.otherJoins}`;
    const walk = [
      sql`o0.experiment = ${experiments[0] as number} and o0.key = ${metricKey(key)} and o0.is_nan = ${rank}`,
      ...(bound === undefined ? [] : [descending ? sql`o0.value <= ${bound}` : sql`o0.value >= ${bound}`]),
      sql`runs.id = o0.run`,
      ...conditions,
    ];
    found.push(...(await select(ctx, from, { ...order, by: order.byWithinRank }, walk, limit - found.length)));
  }
  if (found.length === limit) return found;
  ctx.checkDeadline();
  const without = [...conditions, sql`o0.value is null`];
  return [...found, ...(await select(ctx, sql`runs${order.joins}`, order, without, limit - found.length))];
}

const select = (
  ctx: StoreContext,
  from: Sql,
  { columns, by }: Pick<Order, 'columns' | 'by'>,
  where: readonly Sql[],
  limit: number,
): Promise<PlacedRow[]> =>
  ctx.db.all<PlacedRow>(
    sql`select runs.id, runs.revision, runs.run_id${columns} from ${from} where ${joined(where, ' and ')} order by ${by} limit ${limit}`,
  );
