/** Registered models with their tags and aliases. Source: `mlflow/store/model_registry/sqlalchemy_store.py`. */
import type { Handlers } from '../../../api/endpoint.js';
import { invalid, type KeyValue, LIMITS, MltrackError, missing, type RegisteredModel } from '../../../api/index.js';
import type { registeredModels as table } from '../../../api/registered-models.js';
import { joined, rows, sql } from '../../db/sql.js';
import { compileFilter } from '../../search/compile.js';
import { compileOrder, readOrder } from '../../search/order-by.js';
import { registeredModelColumns } from '../../search/registry.js';
import { visibleModels } from '../auth/visible.js';
import type { StoreContext } from '../context.js';
import { checkLength, pageSize } from '../validation.js';
import { announce } from '../webhooks/announce.js';
import { ALIAS, announceChange, TAG } from './announce.js';
import {
  checkAlias,
  checkModelName,
  checkNotReserved,
  checkRegistryTag,
  checkTagKey,
  isLatest,
  isPromptTag,
  PROMPT_TAG,
  STAGES,
  stageOf,
} from './names.js';
import {
  findRegisteredModel,
  findVersion,
  isPrompt,
  loadModels,
  loadVersions,
  lockModel,
  type ModelRow,
  type VersionRow,
} from './rows.js';

export const registeredModels: Handlers<typeof table, StoreContext> = {
  async createRegisteredModel({ name, tags, description = '' }, ctx) {
    checkModelName(name);
    checkDescription(description);
    for (const tag of tags) checkRegistryTag(tag.key, tag.value);
    const now = ctx.now();
    const created = await ctx.db.run(
      sql`insert into registered_models (name, description, creation_time, last_updated_time)
          values (${name}, ${description}, ${now}, ${now}) on conflict (name) do nothing`,
    );
    if (created === 0) throw alreadyExists(name, await isPrompt(ctx, name), isPromptTag(tags));
    const distinct = [...new Map(tags.map(({ key, value }) => [key, value]))];
    if (distinct.length > 0) {
      await ctx.db.run(
        sql`insert into registered_model_tags (name, key, value) values ${rows(distinct.map(([key, value]) => [name, key, value]))}`,
      );
    }
    await announceCreated(ctx, name, tags, description);
    return { registered_model: await loadModel(ctx, await findRegisteredModel(ctx, name)) };
  },

  async getRegisteredModel({ name }, ctx) {
    return { registered_model: await loadModel(ctx, await findRegisteredModel(ctx, name)) };
  },

  async renameRegisteredModel({ name, new_name }, ctx) {
    checkModelName(new_name, 'new_name');
    await findRegisteredModel(ctx, name, 'update');
    if (new_name !== name && (await ctx.db.get(sql`select name from registered_models where name = ${new_name}`))) {
      throw new MltrackError(
        'RESOURCE_ALREADY_EXISTS',
        `Registered Model (name=${new_name}) already exists. Error: the name is taken.`,
      );
    }
    const now = ctx.now();
    await ctx.db.run(
      sql`update registered_models set name = ${new_name}, last_updated_time = ${now} where name = ${name}`,
    );
    await ctx.db.run(sql`update model_versions set last_updated_time = ${now} where name = ${new_name}`);
    return { registered_model: await loadModel(ctx, await findRegisteredModel(ctx, new_name)) };
  },

  async updateRegisteredModel({ name, description = '' }, ctx) {
    checkDescription(description);
    await findRegisteredModel(ctx, name, 'update');
    await ctx.db.run(
      sql`update registered_models set description = ${description}, last_updated_time = ${ctx.now()} where name = ${name}`,
    );
    return { registered_model: await loadModel(ctx, await findRegisteredModel(ctx, name)) };
  },

  async deleteRegisteredModel({ name }, ctx) {
    await findRegisteredModel(ctx, name, 'update');
    await ctx.db.run(sql`delete from registered_models where name = ${name}`);
    return {};
  },

  async searchRegisteredModels({ filter, max_results, order_by, page_token }, ctx) {
    const limit = pageSize(max_results, 100, LIMITS.registeredModelsMaxResults);
    const order = compileOrder(registeredModelColumns, readOrder(registeredModelColumns, order_by));
    const where = [compileFilter(registeredModelColumns, filter), ...visibleModels(ctx, sql`registered_models.name`)];
    if (page_token) where.push(order.after(page_token));
    const found = await ctx.db.all<ModelRow & Record<string, unknown>>(
      sql`select registered_models.*${order.columns} from registered_models${order.joins}
          where ${joined(where, ' and ')} order by ${order.by} limit ${limit + 1}`,
    );
    const page = found.slice(0, limit);
    const last = page.at(-1);
    return {
      ...(page.length > 0 && { registered_models: await loadModels(ctx, page) }),
      ...(found.length > limit && last && { next_page_token: order.token(last) }),
    };
  },

  async getLatestVersions({ name, stages }, ctx) {
    await findRegisteredModel(ctx, name);
    const wanted = new Set((stages.length > 0 ? stages : STAGES).map(stageOf));
    const found = await latestVersions(ctx, name);
    const versions = await loadVersions(
      ctx,
      found.filter((row) => wanted.has(row.current_stage as (typeof STAGES)[number])),
    );
    return versions.length > 0 ? { model_versions: versions } : {};
  },

  async setRegisteredModelTag({ name, key, value = '' }, ctx) {
    checkRegistryTag(key, value);
    await findRegisteredModel(ctx, name, 'update');
    await ctx.db.run(
      sql`insert into registered_model_tags (name, key, value) values (${name}, ${key}, ${value})
          on conflict (name, key) do update set value = excluded.value`,
    );
    await announceChange(ctx, TAG, 'SET', { name, key, value });
    return {};
  },

  async deleteRegisteredModelTag({ name, key }, ctx) {
    checkTagKey(key);
    await findRegisteredModel(ctx, name, 'update');
    await ctx.db.run(sql`delete from registered_model_tags where name = ${name} and key = ${key}`);
    await announceChange(ctx, TAG, 'DELETED', { name, key });
    return {};
  },

  async setRegisteredModelAlias({ name, alias, version }, ctx) {
    checkModelName(name);
    checkAlias(alias);
    checkNotReserved(alias);
    await lockModel(ctx, name);
    const row = await findVersion(ctx, { name, version }, 'update');
    await ctx.db.run(
      sql`insert into registered_model_aliases (name, alias, version) values (${name}, ${alias}, ${row.version})
          on conflict (name, alias) do update set version = excluded.version`,
    );
    await announceChange(ctx, ALIAS, 'CREATED', { name, alias, version });
    return {};
  },

  async deleteRegisteredModelAlias({ name, alias }, ctx) {
    checkAlias(alias);
    await findRegisteredModel(ctx, name, 'update');
    await ctx.db.run(sql`delete from registered_model_aliases where name = ${name} and alias = ${alias}`);
    await announceChange(ctx, ALIAS, 'DELETED', { name, alias });
    return {};
  },

  async getModelVersionByAlias({ name, alias }, ctx) {
    checkAlias(alias);
    await findRegisteredModel(ctx, name);
    const row = isLatest(alias) ? await newestVersion(ctx, name) : await aliasedVersion(ctx, name, alias);
    const [model_version] = await loadVersions(ctx, [row]);
    if (!model_version) throw invalid(`Registered model alias ${alias} not found.`);
    return { model_version };
  },
};

async function loadModel(ctx: StoreContext, row: ModelRow): Promise<RegisteredModel> {
  return (await loadModels(ctx, [row]))[0] as RegisteredModel;
}

function alreadyExists(name: string, wasPrompt: boolean, isNewPrompt: boolean): Error {
  const noun = (prompt: boolean) => (prompt ? 'Prompt' : 'Registered Model');
  return new MltrackError(
    'RESOURCE_ALREADY_EXISTS',
    wasPrompt === isNewPrompt
      ? `${noun(isNewPrompt)} (name=${name}) already exists.`
      : `Tried to create a ${noun(isNewPrompt).toLowerCase()} with name '${name}', but the name is already taken by a ${noun(wasPrompt).toLowerCase()}. MLflow does not allow creating a model and a prompt with the same name.`,
  );
}

export function checkDescription(description: string | undefined): void {
  checkLength('description', description ?? '', LIMITS.descriptionLength);
}

/** Tags that only say what kind of thing it is. */
const KIND_TAGS = [PROMPT_TAG, '_mlflow_prompt_type'];

async function announceCreated(ctx: StoreContext, name: string, tags: readonly KeyValue[], description: string) {
  const isNewPrompt = isPromptTag(tags);
  const told = isNewPrompt ? tags.filter(({ key }) => !KIND_TAGS.includes(key)) : tags;
  const data = { name, tags: Object.fromEntries(told.map(({ key, value }) => [key, value])), description };
  await announce(ctx, { entity: isNewPrompt ? 'PROMPT' : 'REGISTERED_MODEL', action: 'CREATED' }, data);
}

/** The newest version of each stage. */
async function latestVersions(ctx: StoreContext, name: string): Promise<VersionRow[]> {
  return ctx.db.all<VersionRow>(
    sql`select * from model_versions where name = ${name} and current_stage <> 'Deleted_Internal'
          and version = (select max(version) from model_versions other
                         where other.name = model_versions.name and other.current_stage = model_versions.current_stage)
        order by version`,
  );
}

async function newestVersion(ctx: StoreContext, name: string): Promise<VersionRow> {
  const newest = (await latestVersions(ctx, name)).at(-1);
  if (!newest) throw missing(`Latest version not found for model ${name}.`);
  return newest;
}

async function aliasedVersion(ctx: StoreContext, name: string, alias: string): Promise<VersionRow> {
  const row = await ctx.db.get<{ version: number }>(
    sql`select version from registered_model_aliases where name = ${name} and alias = ${alias}`,
  );
  if (!row) throw invalid(`Registered model alias ${alias} not found.`);
  return findVersion(ctx, { name, version: row.version });
}
