/** Reading runs with all they have logged: a page of any size in a fixed number of statements per slice. */
import { type KeyValue, type Metric, RUN_STATUS, type Run, type RunInfo, type RunStatus } from '../../api/index.js';
import { listed, type Sql, sql } from '../db/sql.js';
import type { StoreContext } from './context.js';
import { groupBy } from './group-by.js';
import { inputsOf } from './inputs/inputs.js';
import { latestMetrics } from './metric-reads.js';

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
    outputs: outputs.has(row.id)
      ? { model_outputs: outputs.get(row.id)?.map(({ model_id, step }) => ({ model_id, step })) }
      : {},
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
