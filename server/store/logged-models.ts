/** Logged models (MLflow 3): their facts, params, tags, and the metrics that name them. */
import { randomUUID } from 'node:crypto';
import type { Handlers } from '../../api/endpoint.js';
import { invalid, type KeyValue, LIMITS, LOGGED_MODEL_STATUS, type LoggedModel, missing } from '../../api/index.js';
import type { loggedModels as table } from '../../api/logged-models.js';
import { below } from '../artifacts/locations.js';
import { rows, type Sql, sql } from '../db/sql.js';
import type { StoreContext } from './context.js';
import { checkActive, findExperiment } from './experiments.js';
import { randomName } from './run-names.js';
import { loadModels, type ModelRow } from './search/model-pages.js';
import { searchModelPage } from './search/models.js';
import { checkLength } from './validation.js';

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

  searchLoggedModels: (request, ctx) => searchModelPage(ctx, request),

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
  return (await loadModels(ctx, [row]))[0] as LoggedModel;
}

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
