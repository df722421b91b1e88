/** Reading logged models with all that belongs to them: a page of any size in a fixed number of statements per slice. */
import { type KeyValue, LOGGED_MODEL_STATUS, type LoggedModel, type LoggedModelStatus } from '../../../api/index.js';
import { listed, type Sql, sql } from '../../db/sql.js';
import type { StoreContext } from '../context.js';
import { groupBy } from '../group-by.js';
import { wireMetric } from '../metric-reads.js';
import { type ModelMetric, modelMetrics, slices } from './model-metrics.js';

export interface ModelRow {
  model_id: string;
  experiment: number;
  name: string;
  model_type: string | null;
  source_run_id: string | null;
  artifact_uri: string;
  status: number;
  creation_time: number;
  last_update_time: number;
}

const STATUS_NAMES = new Map<number, LoggedModelStatus>(
  Object.entries(LOGGED_MODEL_STATUS).map(([name, number]) => [number, name as LoggedModelStatus]),
);

/** Whole models in the order of the rows. */
export async function loadModels(ctx: StoreContext, found: readonly ModelRow[]): Promise<LoggedModel[]> {
  const models: LoggedModel[] = [];
  for (const slice of slices(found)) {
    ctx.checkDeadline();
    models.push(...(await loadSlice(ctx, slice)));
  }
  return models;
}

async function loadSlice(ctx: StoreContext, found: readonly ModelRow[]): Promise<LoggedModel[]> {
  const ids = found.map((row) => row.model_id);
  const params = await keyValues(ctx, sql`logged_model_params`, ids);
  const tags = await keyValues(ctx, sql`logged_model_tags`, ids);
  const registrations = groupBy(
    await ctx.db.all<{ model_id: string; name: string; version: number }>(
      sql`select model_id, name, version from model_versions where model_id in (${listed(ids)}) order by name, version`,
    ),
    (row) => row.model_id,
  );
  const metrics = groupBy((await modelMetrics(ctx, ids)).sort(byPlace), (metric) => metric.model_id);
  return found.map((row) => ({
    info: {
      model_id: row.model_id,
      experiment_id: String(row.experiment),
      name: row.name,
      creation_timestamp_ms: row.creation_time,
      last_updated_timestamp_ms: row.last_update_time,
      artifact_uri: row.artifact_uri,
      status: STATUS_NAMES.get(row.status) ?? 'LOGGED_MODEL_STATUS_UNSPECIFIED',
      ...(row.model_type !== null && { model_type: row.model_type }),
      ...(row.source_run_id !== null && { source_run_id: row.source_run_id }),
      ...(tags.has(row.model_id) && { tags: tags.get(row.model_id) }),
      ...(registrations.has(row.model_id) && {
        registrations: registrations
          .get(row.model_id)
          ?.map(({ name, version }) => ({ name, version: String(version) })),
      }),
    },
    data: {
      ...(params.has(row.model_id) && { params: params.get(row.model_id) }),
      ...(metrics.has(row.model_id) && { metrics: metrics.get(row.model_id)?.map(wire) }),
    },
  }));
}

const wire = ({ key, point, run_id, model_id, dataset_name, dataset_digest }: ModelMetric) => ({
  ...wireMetric(key, point),
  run_id,
  model_id,
  ...(dataset_name && { dataset_name, dataset_digest }),
});

function byPlace(a: ModelMetric, b: ModelMetric): number {
  const place = (metric: ModelMetric) => [metric.dataset_name, metric.dataset_digest, metric.run_id, metric.key];
  const [left, right] = [place(a), place(b)];
  const differing = left.findIndex((part, i) => part !== right[i]);
  return differing < 0 ? 0 : (left[differing] as string) < (right[differing] as string) ? -1 : 1;
}

async function keyValues(ctx: StoreContext, table: Sql, ids: readonly string[]): Promise<Map<string, KeyValue[]>> {
  const found = await ctx.db.all<KeyValue & { model_id: string }>(
    sql`select model_id, key, value from ${table} where model_id in (${listed(ids)}) order by model_id, key`,
  );
  const groups = groupBy(found, (row) => row.model_id);
  return new Map([...groups].map(([id, rows]) => [id, rows.map(({ key, value }) => ({ key, value }))]));
}
