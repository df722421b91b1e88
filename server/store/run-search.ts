/** searchRuns: which runs a page has, by any filter and any order. What is read of them is in run-pages.ts. */
import { LIMITS, type Output } from '../../api/index.js';
import type { runs as table } from '../../api/runs.js';
import { joined, listed, type Sql, sql } from '../db/sql.js';
import { type ReadFilter, readFilter } from '../search/compile.js';
import { inOrder } from '../search/merge.js';
import { compileOrder, type Order, type OrderItem, readOrder } from '../search/order-by.js';
import { runColumns } from '../search/runs.js';
import type { StoreContext } from './context.js';
import { metricOverlay } from './metric-overlay.js';
import { loadRuns, type RunRow } from './run-pages.js';
import { experimentIdsOf, pageSize } from './validation.js';

type SearchRuns = (typeof table)['searchRuns'];

/** A run with its place in the order. */
type PlacedRow = RunRow & Record<string, unknown>;

export async function searchRunPage(
  ctx: StoreContext,
  request: Output<SearchRuns['request']>,
): Promise<Output<SearchRuns['response']>> {
  const limit = pageSize(request.max_results || undefined, 1000, LIMITS.searchMaxResults);
  const filter = readFilter(runColumns, request.filter);
  const items = readOrder(runColumns, request.order_by);
  const order = compileOrder(runColumns, items);
  const after = request.page_token ? order.after(request.page_token) : undefined;
  const experiments = experimentIdsOf(request.experiment_ids);
  if (experiments.length === 0) return {};

  const view = request.run_view_type ?? 'ACTIVE_ONLY';
  const where = [sql`runs.experiment in (${listed(experiments)})`];
  if (view !== 'ALL') where.push(sql`runs.lifecycle_stage = ${view === 'ACTIVE_ONLY' ? 'active' : 'deleted'}`);
  const found = await findRows(
    ctx,
    { experiments, where, filter, items, order, after, token: request.page_token },
    limit + 1,
  );
  const page = found.slice(0, limit);
  const last = page.at(-1);
  return {
    ...(page.length > 0 && { runs: await loadRuns(ctx, page) }),
    ...(found.length > limit && last && { next_page_token: order.token(last) }),
  };
}

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
async function findRows(ctx: StoreContext, query: Query, limit: number): Promise<PlacedRow[]> {
  const { where, filter, items, order, after, token } = query;
  const metricKeys = [
    ...filter.metricKeys,
    ...items.filter((item) => item.entity === 'metric').map((item) => item.key),
  ];
  const overlay = await metricOverlay(ctx, query.experiments, metricKeys);
  ctx.checkDeadline();
  const folded = await ctx.db.all<PlacedRow>(
    statement(
      order,
      [
        ...where,
        ...(overlay ? [sql`runs.id not in (${overlay.runs})`] : []),
        filter.compile({}),
        ...(after ? [after] : []),
      ],
      limit,
    ),
  );
  if (!overlay) return folded;
  ctx.checkDeadline();
  const { metrics } = overlay;
  const overlaid = compileOrder(runColumns, items, { metrics });
  const unfolded = await ctx.db.all<PlacedRow>(
    statement(
      overlaid,
      [
        ...where,
        sql`runs.id in (${overlay.runs})`,
        filter.compile({ metrics }),
        ...(token ? [overlaid.after(token)] : []),
      ],
      limit,
    ),
  );
  return inOrder(order.terms, folded, unfolded).slice(0, limit);
}

const statement = ({ joins, columns, by }: Order, where: readonly Sql[], limit: number): Sql =>
  sql`select runs.*${columns} from runs${joins} where ${joined(where, ' and ')} order by ${by} limit ${limit}`;
