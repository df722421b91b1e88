/** Logged models (MLflow 3): their facts, params, tags, and the metrics that name them. */
import { randomUUID } from 'node:crypto';
import type { Handlers } from '../../api/endpoint.js';
import {
  invalid,
  type KeyValue,
  LIMITS,
  LOGGED_MODEL_STATUS,
  type LoggedModel,
  type LoggedModelStatus,
  type Metric,
  missing,
} from '../../api/index.js';
import type { loggedModels as table } from '../../api/logged-models.js';
import { below } from '../artifacts/locations.js';
import { joined, rows, type Sql, sql } from '../db/sql.js';
import type { StoreContext } from './context.js';
import { checkActive, findExperiment } from './experiments.js';
import { contextMetrics } from './metric-reads.js';
import { pageToken, readPageToken } from './page-token.js';
import { randomName } from './run-names.js';
import { checkLength, experimentIdOf, pageSize } from './validation.js';

interface ModelRow {
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

export const loggedModels: Handlers<typeof table, StoreContext> = {
  async createLoggedModel({ experiment_id, name, model_type, source_run_id, params, tags }, ctx) {
    const experiment = await findExperiment(ctx, experiment_id, 'share');
    checkActive(experiment);
    if (name && /[/:.%"']/.test(name)) {
      throw invalid(
        `Invalid model name ('${name}') provided. Model name must be a non-empty string and cannot contain the following characters: ('/', ':', '.', '%', '"', "'")`,
      );
    }
    const model_id = `m-${randomUUID().replaceAll('-', '')}`;
    const now = ctx.now();
    await ctx.db.run(
      sql`insert into logged_models (model_id, experiment, name, model_type, source_run_id, artifact_uri, status,
                                     lifecycle_stage, creation_time, last_update_time)
          values (${model_id}, ${experiment.id}, ${name || randomName()}, ${model_type ?? null}, ${source_run_id || null},
                  ${below(experiment.artifact_location, `models/${model_id}/artifacts`)}, ${LOGGED_MODEL_STATUS.LOGGED_MODEL_PENDING},
                  'active', ${now}, ${now})`,
    );
    await setKeyValues(ctx, sql`logged_model_params`, model_id, params);
    await setKeyValues(ctx, sql`logged_model_tags`, model_id, tags);
    return { model: await loadModel(ctx, await findModel(ctx, model_id)) };
  },

  async getLoggedModel({ model_id }, ctx) {
    return { model: await loadModel(ctx, await findModel(ctx, model_id)) };
  },

  async searchLoggedModels({ experiment_ids, filter, max_results, page_token }, ctx) {
    const limit = pageSize(max_results || undefined, 50, 1000);
    const experiments = experiment_ids.map(experimentIdOf).filter((id) => id !== undefined);
    if (experiments.length === 0) return {};
    const conditions = [
      sql`lifecycle_stage = 'active'`,
      sql`experiment in (${joined(experiments.map((id) => sql`${id}`))})`,
    ];
    const name = nameFilter(filter);
    if (name !== undefined) conditions.push(sql`name = ${name}`);
    if (page_token) {
      const [time, id] = readPageToken(page_token, ['number', 'string']) as [number, string];
      conditions.push(sql`(creation_time < ${time} or (creation_time = ${time} and model_id > ${id}))`);
    }
    const found = await ctx.db.all<ModelRow>(
      sql`select * from logged_models where ${joined(conditions, ' and ')} order by creation_time desc, model_id limit ${limit + 1}`,
    );
    const page = found.slice(0, limit);
    const last = page.at(-1);
    const models: LoggedModel[] = [];
    for (const row of page) models.push(await loadModel(ctx, row));
    return {
      ...(models.length > 0 && { models }),
      ...(found.length > limit && last && { next_page_token: pageToken([last.creation_time, last.model_id]) }),
    };
  },

  async finalizeLoggedModel({ model_id, status }, ctx) {
    await findModel(ctx, model_id);
    await ctx.db.run(
      sql`update logged_models set status = ${LOGGED_MODEL_STATUS[status]}, last_update_time = ${ctx.now()} where model_id = ${model_id}`,
    );
    return { model: await loadModel(ctx, await findModel(ctx, model_id)) };
  },

  async deleteLoggedModel({ model_id }, ctx) {
    await findModel(ctx, model_id);
    await ctx.db.run(
      sql`update logged_models set lifecycle_stage = 'deleted', last_update_time = ${ctx.now()} where model_id = ${model_id}`,
    );
    return {};
  },

  async setLoggedModelTags({ model_id, tags }, ctx) {
    const model = await findModel(ctx, model_id);
    await setKeyValues(ctx, sql`logged_model_tags`, model_id, tags);
    return { model: await loadModel(ctx, model) };
  },

  async deleteLoggedModelTag({ model_id, tag_key }, ctx) {
    await findModel(ctx, model_id);
    const removed = await ctx.db.run(
      sql`delete from logged_model_tags where model_id = ${model_id} and key = ${tag_key}`,
    );
    if (removed === 0) throw missing(`No tag with key '${tag_key}' found for model with ID '${model_id}'.`);
    return {};
  },

  async logLoggedModelParams({ model_id, params }, ctx) {
    await findModel(ctx, model_id);
    await setKeyValues(ctx, sql`logged_model_params`, model_id, params);
    return {};
  },
};

/** The row of a model that is not deleted. Throws RESOURCE_DOES_NOT_EXIST. */
export async function findModel(ctx: StoreContext, id: string): Promise<ModelRow> {
  const row = await ctx.db.get<ModelRow>(
    sql`select * from logged_models where model_id = ${id} and lifecycle_stage = 'active'`,
  );
  if (!row) throw missing(`Logged model with ID '${id}' not found.`);
  return row;
}

async function loadModel(ctx: StoreContext, row: ModelRow): Promise<LoggedModel> {
  const params = await keyValues(ctx, sql`logged_model_params`, row.model_id);
  const tags = await keyValues(ctx, sql`logged_model_tags`, row.model_id);
  const metrics = await metricsOf(ctx, row);
  return {
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
      ...(tags.length > 0 && { tags }),
    },
    data: { ...(params.length > 0 && { params }), ...(metrics.length > 0 && { metrics }) },
  };
}

/** Latest metrics that runs logged for this model. */
async function metricsOf(ctx: StoreContext, { model_id }: ModelRow): Promise<Metric[]> {
  const contexts = await ctx.db.all<{ id: number; dataset_name: string; dataset_digest: string }>(
    sql`select id, dataset_name, dataset_digest from metric_contexts where model_id = ${model_id}`,
  );
  const found: Metric[] = [];
  for (const { id, dataset_name, dataset_digest } of contexts) {
    for (const metric of await contextMetrics(ctx, id)) {
      found.push({ ...metric, model_id, ...(dataset_name && { dataset_name, dataset_digest }) });
    }
  }
  return found;
}

const keyValues = (ctx: StoreContext, table: Sql, id: string): Promise<KeyValue[]> =>
  ctx.db.all<KeyValue>(sql`select key, value from ${table} where model_id = ${id} order by key`);

async function setKeyValues(ctx: StoreContext, table: Sql, id: string, pairs: readonly KeyValue[]): Promise<void> {
  // MLflow takes any characters here.
  for (const { key } of pairs) checkLength('key', key, LIMITS.keyLength);
  const distinct = [...new Map(pairs.map(({ key, value }) => [key, value]))];
  if (distinct.length === 0) return;
  await ctx.db.run(
    sql`insert into ${table} (model_id, key, value) values ${rows(distinct.map(([key, value]) => [id, key, value]))}
        on conflict (model_id, key) do update set value = excluded.value`,
  );
}

/** The one filter that clients send by themselves, to resolve `runs:/` URIs: `name = 'x'`. */
function nameFilter(filter: string | undefined): string | undefined {
  if (!filter?.trim()) return undefined;
  const match = /^\s*(?:attributes\.)?name\s*=\s*(?:'([^']*)'|"([^"]*)")\s*$/.exec(filter);
  if (!match)
    throw invalid(`Invalid filter string: '${filter}'. This server filters logged models by name = '…' only.`);
  return match[1] ?? match[2];
}
