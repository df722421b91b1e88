/** Which traces a page has, by any filter and order, and which a deletion takes. */
import { invalid, type Output } from '../../../api/index.js';
import type { traces as table } from '../../../api/traces/traces.js';
import { joined, listed, sql } from '../../db/sql.js';
import { compileFilter } from '../../search/compile.js';
import { compileOrder, readOrder } from '../../search/order-by.js';
import { traceColumns } from '../../search/traces.js';
import { visibleExperiments } from '../auth/visible.js';
import type { StoreContext } from '../context.js';
import { experimentIdsOf, pageSize } from '../validation.js';
import { loadTraces, type TraceRow, type WholeTrace } from './rows.js';

const MOST_RESULTS = 500;
const DEFAULT_RESULTS = 100;

export interface TraceQuery {
  readonly experimentIds: readonly string[];
  readonly filter?: string | undefined;
  readonly max_results?: number | undefined;
  readonly order_by: readonly string[];
  readonly page_token?: string | undefined;
}

export interface TracePage {
  readonly traces: readonly WholeTrace[];
  readonly next?: string;
}

export async function searchTracePage(ctx: StoreContext, query: TraceQuery): Promise<TracePage> {
  const limit = pageSize(query.max_results, DEFAULT_RESULTS, MOST_RESULTS);
  const filter = compileFilter(traceColumns, query.filter);
  const order = compileOrder(traceColumns, readOrder(traceColumns, query.order_by));
  const conditions = [filter, ...visibleExperiments(ctx, sql`traces.experiment`)];
  if (query.page_token) conditions.push(order.after(query.page_token));
  const experiments = experimentIdsOf([...query.experimentIds]);
  if (experiments.length === 0) return { traces: [] };
  conditions.push(sql`traces.experiment in (${listed(experiments)})`);
  const found = await ctx.db.all<TraceRow & Record<string, unknown>>(
    sql`select traces.*${order.columns} from traces${order.joins}
        where ${joined(conditions, ' and ')} order by ${order.by} limit ${limit + 1}`,
  );
  const page = found.slice(0, limit);
  const last = page.at(-1);
  return {
    traces: page.length > 0 ? await loadTraces(ctx, page) : [],
    ...(found.length > limit && last && { next: order.token(last) }),
  };
}

type DeleteTraces = Output<(typeof table)['deleteTraces']['request']>;

/** The rows that a deletion means, locked, the oldest first. Throws INVALID_PARAMETER_VALUE in MLflow's words. */
export async function tracesToDelete(
  ctx: StoreContext,
  experiment: number,
  { max_timestamp_millis, max_traces, request_ids }: DeleteTraces,
): Promise<Pick<TraceRow, 'id' | 'request_id'>[]> {
  const byIds = request_ids.length > 0;
  if (max_timestamp_millis === undefined && !byIds) {
    throw invalid('Either `max_timestamp_millis` or `trace_ids` must be specified.');
  }
  if (max_timestamp_millis !== undefined && byIds) {
    throw invalid('Only one of `max_timestamp_millis` and `trace_ids` can be specified.');
  }
  if (byIds && max_traces !== undefined) {
    throw invalid("`max_traces` can't be specified if `trace_ids` is specified.");
  }
  if (max_traces !== undefined && max_traces <= 0) {
    throw invalid(`\`max_traces\` must be a positive integer, received ${max_traces}.`);
  }
  const which =
    max_timestamp_millis === undefined
      ? sql`request_id in (${listed(request_ids)})`
      : sql`timestamp_ms <= ${max_timestamp_millis}`;
  return ctx.db.all<Pick<TraceRow, 'id' | 'request_id'>>(
    sql`select id, request_id from traces where experiment = ${experiment} and ${which} order by timestamp_ms, request_id
        ${max_traces === undefined ? sql`` : sql`limit ${max_traces}`} ${ctx.db.dialect.forUpdate}`,
  );
}
