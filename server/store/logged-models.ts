/** Logged models (MLflow 3): their facts, params, tags, and the metrics that name them. */
import { randomUUID } from 'node:crypto';
import type { Handlers } from '../../api/endpoint.js';
import { invalid, type KeyValue, LIMITS, LOGGED_MODEL_STATUS, type LoggedModel, missing } from '../../api/index.js';
import type { loggedModels as table } from '../../api/logged-models.js';
import { below } from '../artifacts/locations.js';
import { listed, rows, sql } from '../db/sql.js';
import type { StoreContext } from './context.js';
import { checkActive, findExperiment } from './experiments.js';
import { randomName } from './run-names.js';
import { loadModels, type ModelRow } from './search/model-pages.js';
import { searchModelPage } from './search/models.js';

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
    await addParams(ctx, model_id, params);
    await setTags(ctx, model_id, tags);
    return { model: await loadModel(ctx, await findModel(ctx, model_id)) };
  },

  async getLoggedModel({ model_id, allow_deleted = false }, ctx) {
    return { model: await loadModel(ctx, await findModel(ctx, model_id, { deleted: allow_deleted })) };
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
    await setTags(ctx, model_id, tags);
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
    await findModel(ctx, model_id, { lock: true });
    await addParams(ctx, model_id, params);
    return {};
  },
};

/** The row of a model that is not deleted, unless `deleted` ones are asked for too. Throws RESOURCE_DOES_NOT_EXIST. */
export async function findModel(
  ctx: StoreContext,
  id: string,
  { deleted = false, lock = false } = {},
): Promise<ModelRow> {
  const row = await ctx.db.get<ModelRow & { lifecycle_stage: string }>(
    sql`select * from logged_models where model_id = ${id} ${lock ? ctx.db.dialect.forUpdate : sql``}`,
  );
  if (!row || (row.lifecycle_stage !== 'active' && !deleted)) throw missing(`Logged model with ID '${id}' not found.`);
  return row;
}

async function loadModel(ctx: StoreContext, row: ModelRow): Promise<LoggedModel> {
  return (await loadModels(ctx, [row]))[0] as LoggedModel;
}

async function setTags(ctx: StoreContext, id: string, tags: readonly KeyValue[]): Promise<void> {
  const distinct = distinctPairs(tags);
  if (distinct.length === 0) return;
  await ctx.db.run(
    sql`insert into logged_model_tags (model_id, key, value) values ${rows(distinct.map(([key, value]) => [id, key, value]))}
        on conflict (model_id, key) do update set value = excluded.value`,
  );
}

/** Params never change. The same one again is taken: a client that saw no answer sends it twice. */
async function addParams(ctx: StoreContext, id: string, params: readonly KeyValue[]): Promise<void> {
  const distinct = distinctPairs(params);
  if (distinct.length === 0) return;
  await ctx.db.run(
    sql`insert into logged_model_params (model_id, key, value) values ${rows(distinct.map(([key, value]) => [id, key, value]))}
        on conflict (model_id, key) do nothing`,
  );
  const kept = new Map(
    (
      await ctx.db.all<KeyValue>(
        sql`select key, value from logged_model_params where model_id = ${id} and key in (${listed(distinct.map(([key]) => key))})`,
      )
    ).map(({ key, value }) => [key, value]),
  );
  const changed = params.find(({ key, value }) => kept.get(key) !== value);
  if (!changed) return;
  throw invalid(
    `Changing param values is not allowed. Param with key='${changed.key}' was already logged with value='${kept.get(changed.key)}' for model ID='${id}'. Attempted logging new value '${changed.value}'.`,
  );
}

/** The last value of each key. MLflow takes any characters here. */
function distinctPairs(pairs: readonly KeyValue[]): [string, string][] {
  for (const { key } of pairs) {
    if (key.length > LIMITS.modelKeyLength) {
      throw invalid(`'key' exceeds the maximum length of ${LIMITS.modelKeyLength} characters`);
    }
  }
  return [...new Map(pairs.map(({ key, value }) => [key, value]))];
}
