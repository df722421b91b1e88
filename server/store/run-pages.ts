/** Reading runs with all they have logged: a page of any size in a fixed number of statements per slice. */
import {
  type Input,
  invalid,
  type KeyValue,
  LIMITS,
  type Metric,
  type Output,
  RUN_STATUS,
  type Run,
  type RunInfo,
  type RunStatus,
} from '../../api/index.js';
import type { runs as table } from '../../api/runs.js';
import { joined, listed, type Sql, sql } from '../db/sql.js';
import type { StoreContext } from './context.js';
import { groupBy } from './group-by.js';
import { inputsOf } from './inputs.js';
import { latestMetrics } from './metric-reads.js';
import { pageToken, readPageToken } from './page-token.js';
import { experimentIdOf, pageSize, refuseFilter } from './validation.js';

export interface RunRow {
  id: number;
  run_id: string;
  experiment: number;
  name: string;
  user_id: string;
  status: number;
  start_time: number;
  end_time: number | null;
  artifact_uri: string;
  lifecycle_stage: string;
}

const STATUS_NAMES = new Map<number, RunStatus>(
  Object.entries(RUN_STATUS).map(([name, number]) => [number, name as RunStatus]),
);

/** Runs read at a time: between slices the deadline is looked at. */
const SLICE = 500;

export function runInfo(row: RunRow): RunInfo {
  return {
    run_id: row.run_id,
    run_uuid: row.run_id,
    run_name: row.name,
    experiment_id: String(row.experiment),
    user_id: row.user_id,
    status: STATUS_NAMES.get(row.status) ?? 'RUNNING',
    start_time: row.start_time,
    ...(row.end_time !== null && { end_time: row.end_time }),
    artifact_uri: row.artifact_uri,
    lifecycle_stage: row.lifecycle_stage,
  };
}

/** Whole runs in the order of the rows. */
export async function loadRuns(ctx: StoreContext, found: readonly RunRow[]): Promise<Run[]> {
  const runs: Run[] = [];
  for (let at = 0; at < found.length; at += SLICE) {
    ctx.checkDeadline();
    runs.push(...(await loadSlice(ctx, found.slice(at, at + SLICE))));
  }
  return runs;
}

async function loadSlice(ctx: StoreContext, found: readonly RunRow[]): Promise<Run[]> {
  const ids = found.map((row) => row.id);
  const params = await keyValues(ctx, sql`params`, ids);
  const tags = await keyValues(ctx, sql`tags`, ids);
  const metrics = await latestMetrics(ctx, ids);
  const inputs = await inputsOf(ctx, ids);
  const outputs = groupBy(
    await ctx.db.all<{ run: number; model_id: string; step: number }>(
      sql`select run, model_id, step from run_outputs where run in (${listed(ids)}) order by model_id`,
    ),
    (row) => row.run,
  );
  return found.map((row) => ({
    info: runInfo(row),
    data: {
      ...some('metrics', metrics.get(row.id)),
      ...some('params', params.get(row.id)),
      ...some('tags', tags.get(row.id)),
    },
    inputs: inputs.get(row.id) ?? {},
    ...(outputs.has(row.id) && {
      outputs: { model_outputs: outputs.get(row.id)?.map(({ model_id, step }) => ({ model_id, step })) },
    }),
  }));
}

/** Empty lists are absent from MLflow's wire. */
function some<K extends string, T extends KeyValue | Metric>(name: K, list: T[] | undefined): { [P in K]?: T[] } {
  return list && list.length > 0 ? ({ [name]: list } as { [P in K]?: T[] }) : {};
}

async function keyValues(ctx: StoreContext, from: Sql, ids: readonly number[]): Promise<Map<number, KeyValue[]>> {
  const found = await ctx.db.all<{ run: number; key: string; value: string }>(
    sql`select run, key, value from ${from} where run in (${listed(ids)}) order by run, key`,
  );
  const lists = new Map<number, KeyValue[]>();
  for (const { run, key, value } of found) {
    const list = lists.get(run);
    if (list) list.push({ key, value });
    else lists.set(run, [{ key, value }]);
  }
  return lists;
}

type SearchRuns = (typeof table)['searchRuns'];

/** A page of runs by start time; the token carries the last run's place, so that new runs do not shift pages. */
export async function searchRunPage(
  ctx: StoreContext,
  request: Output<SearchRuns['request']>,
): Promise<Output<SearchRuns['response']>> {
  refuseFilter(request.filter);
  const limit = pageSize(request.max_results || undefined, 1000, LIMITS.searchMaxResults);
  const descending = startTimeOrder(request.order_by) === 'desc';
  const experiments = request.experiment_ids.map(experimentIdOf).filter((id) => id !== undefined);
  if (experiments.length === 0) return {};

  const conditions = [sql`experiment in (${listed(experiments)})`];
  const view = request.run_view_type ?? 'ACTIVE_ONLY';
  if (view !== 'ALL') conditions.push(sql`lifecycle_stage = ${view === 'ACTIVE_ONLY' ? 'active' : 'deleted'}`);
  if (request.page_token) {
    const [order, time, id] = readPageToken(request.page_token, ['string', 'number', 'string']) as [
      string,
      number,
      string,
    ];
    if (order !== (descending ? 'desc' : 'asc')) throw invalid('The page token belongs to another order_by.');
    conditions.push(
      descending
        ? sql`(start_time < ${time} or (start_time = ${time} and run_id > ${id}))`
        : sql`(start_time > ${time} or (start_time = ${time} and run_id > ${id}))`,
    );
  }
  const order = descending ? sql`start_time desc, run_id` : sql`start_time, run_id`;
  const found = await ctx.db.all<RunRow>(
    sql`select * from runs where ${joined(conditions, ' and ')} order by ${order} limit ${limit + 1}`,
  );
  const page = found.slice(0, limit);
  const last = page.at(-1);
  return {
    ...(page.length > 0 && { runs: await loadRuns(ctx, page) }),
    ...(found.length > limit &&
      last && { next_page_token: pageToken([descending ? 'desc' : 'asc', last.start_time, last.run_id]) }),
  };
}

const START_TIME =
  /^\s*(?:(?:attributes|attribute|attr|run)\.)?[`"]?(?:start_time|created)[`"]?(?:\s+(asc|desc))?\s*$/i;

/** The direction that `order_by` asks for; other keys are refused until the search grammar knows them. */
function startTimeOrder(clauses: NonNullable<Input<SearchRuns['request']>['order_by']>): 'asc' | 'desc' {
  const [first, ...rest] = clauses;
  if (first === undefined) return 'desc';
  const match = START_TIME.exec(first);
  if (!match || rest.length > 0) {
    throw invalid(
      `Invalid order_by clause '${match ? rest[0] : first}': this server orders by attributes.start_time only.`,
    );
  }
  return match[1]?.toLowerCase() === 'desc' ? 'desc' : 'asc';
}
