/** Versions of registered models. Source: `mlflow/store/model_registry/sqlalchemy_store.py` and `mlflow/server/handlers.py`. */
import type { Handlers } from '../../../api/endpoint.js';
import { invalid, type KeyValue, LIMITS, type ModelVersion } from '../../../api/index.js';
import type { modelVersions as table } from '../../../api/model-versions.js';
import { checkHost } from '../../artifacts/host-addressed.js';
import { joined, rows, type Sql, sql } from '../../db/sql.js';
import { compileFilter } from '../../search/compile.js';
import { compileOrder, readOrder } from '../../search/order-by.js';
import { modelVersionColumns } from '../../search/registry.js';
import { visibleModels } from '../auth/visible.js';
import type { StoreContext } from '../context.js';
import { pageSize } from '../validation.js';
import { announce } from '../webhooks/announce.js';
import { announceChange, VERSION_TAG } from './announce.js';
import {
  checkModelName,
  checkOwnerId,
  checkTagKey,
  checkVersionTag,
  DELETED,
  isPromptTag,
  PROMPT_TAG,
  stageOf,
} from './names.js';
import { checkDescription } from './registered-models.js';
import { findRegisteredModel, findVersion, loadVersions, lockModel, touchModel, type VersionRow } from './rows.js';
import { checkPromptSource, type Lineage, lineageOf } from './sources.js';

export const modelVersions: Handlers<typeof table, StoreContext> = {
  async createModelVersion(request, ctx) {
    const { name, source, tags, run_link = '', description = '' } = request;
    const pattern = ctx.settings.modelVersionSourcePattern;
    if (pattern !== undefined && !new RegExp(pattern, 'u').test(source)) {
      throw invalid(`Invalid model version source: '${source}'.`);
    }
    checkModelName(name);
    checkDescription(description);
    checkOwnerId('run_id', request.run_id);
    checkOwnerId('model_id', request.model_id);
    for (const tag of tags) checkVersionTag(tag.key, tag.value);
    const isNewPrompt = isPromptTag(tags);
    if (isNewPrompt) checkPromptSource(source);
    else checkHost(ctx.settings.artifactHosts, source, 'source');
    const lineage: Lineage = isNewPrompt
      ? { source, storageLocation: source, runId: request.run_id, modelId: undefined }
      : await lineageOf(ctx, request);
    // The row's lock makes numbers one another's successors, whichever server gives them.
    await findRegisteredModel(ctx, name, 'update');
    const now = ctx.now();
    const row = (await ctx.db.get<VersionRow>(
      sql`insert into model_versions (name, version, creation_time, last_updated_time, description, current_stage, source,
                                      storage_location, run_id, run_link, model_id)
          values (${name}, (select coalesce(max(version), 0) + 1 from model_versions where name = ${name}), ${now}, ${now},
                  ${description}, 'None', ${lineage.source}, ${lineage.storageLocation}, ${lineage.runId ?? ''}, ${run_link},
                  ${lineage.modelId ?? null}) returning *`,
    )) as VersionRow;
    await touchModel(ctx, name, now);
    const distinct = [...new Map(tags.map(({ key, value }) => [key, value]))];
    if (distinct.length > 0) {
      await ctx.db.run(
        sql`insert into model_version_tags (name, version, key, value)
            values ${rows(distinct.map(([key, value]) => [name, row.version, key, value]))}`,
      );
    }
    if (lineage.modelId) await noteOnModel(ctx, lineage.modelId, row);
    await announceCreated(ctx, row, tags, isNewPrompt);
    return { model_version: await loadVersion(ctx, row) };
  },

  async getModelVersion(request, ctx) {
    return { model_version: await loadVersion(ctx, await findVersion(ctx, request)) };
  },

  async updateModelVersion({ name, version, description }, ctx) {
    checkDescription(description);
    const row = await findVersion(ctx, { name, version }, 'update');
    const now = ctx.now();
    return { model_version: await changeVersion(ctx, row, sql`description = ${description ?? null}`, now) };
  },

  async transitionModelVersionStage({ name, version, stage, archive_existing_versions }, ctx) {
    const target = stageOf(stage);
    if (archive_existing_versions && target !== 'Staging' && target !== 'Production') {
      throw invalid(
        `Model version transition cannot archive existing model versions because '${stage}' is not an Active stage. Valid stages are ['Staging', 'Production']`,
      );
    }
    await lockModel(ctx, name);
    const row = await findVersion(ctx, { name, version }, 'update');
    const now = ctx.now();
    if (archive_existing_versions) {
      await ctx.db.run(
        sql`update model_versions set current_stage = 'Archived', last_updated_time = ${now}
            where name = ${name} and version <> ${row.version} and current_stage = ${target}`,
      );
    }
    const model_version = await changeVersion(ctx, row, sql`current_stage = ${target}`, now);
    await touchModel(ctx, name, now);
    return { model_version };
  },

  async deleteModelVersion({ name, version }, ctx) {
    await lockModel(ctx, name);
    const row = await findVersion(ctx, { name, version }, 'update');
    const now = ctx.now();
    await ctx.db.run(sql`delete from registered_model_aliases where name = ${name} and version = ${row.version}`);
    await ctx.db.run(sql`delete from model_version_tags where name = ${name} and version = ${row.version}`);
    await ctx.db.run(
      sql`update model_versions set current_stage = ${DELETED}, last_updated_time = ${now}, description = null,
                 source = 'REDACTED-SOURCE-PATH', storage_location = 'REDACTED-SOURCE-PATH', run_id = 'REDACTED-RUN-ID',
                 run_link = 'REDACTED-RUN-LINK', model_id = null
          where name = ${name} and version = ${row.version}`,
    );
    await touchModel(ctx, name, now);
    return {};
  },

  async searchModelVersions({ filter, max_results, order_by, page_token }, ctx) {
    if (max_results !== undefined && max_results < 1) {
      throw invalid(`Invalid value for max_results. It must be a positive integer, but got ${max_results}`);
    }
    const limit = pageSize(max_results, LIMITS.modelVersionsMaxResults, LIMITS.modelVersionsMaxResults);
    const order = compileOrder(modelVersionColumns, readOrder(modelVersionColumns, order_by));
    const where = [
      sql`model_versions.current_stage <> ${DELETED}`,
      compileFilter(modelVersionColumns, filter),
      ...visibleModels(ctx, sql`model_versions.name`),
    ];
    if (page_token) where.push(order.after(page_token));
    const found = await ctx.db.all<VersionRow & Record<string, unknown>>(
      sql`select model_versions.*${order.columns} from model_versions${order.joins}
          where ${joined(where, ' and ')} order by ${order.by} limit ${limit + 1}`,
    );
    const page = found.slice(0, limit);
    const last = page.at(-1);
    return {
      ...(page.length > 0 && { model_versions: await loadVersions(ctx, page) }),
      ...(found.length > limit && last && { next_page_token: order.token(last) }),
    };
  },

  async getModelVersionDownloadUri(request, ctx) {
    return { artifact_uri: (await findVersion(ctx, request)).storage_location };
  },

  async setModelVersionTag({ name, version, key, value = '' }, ctx) {
    checkVersionTag(key, value);
    const row = await findVersion(ctx, { name, version }, 'update');
    await ctx.db.run(
      sql`insert into model_version_tags (name, version, key, value) values (${name}, ${row.version}, ${key}, ${value})
          on conflict (name, version, key) do update set value = excluded.value`,
    );
    await announceChange(ctx, VERSION_TAG, 'SET', { name, version, key, value });
    return {};
  },

  async deleteModelVersionTag({ name, version, key }, ctx) {
    checkTagKey(key);
    const row = await findVersion(ctx, { name, version }, 'update');
    await ctx.db.run(
      sql`delete from model_version_tags where name = ${name} and version = ${row.version} and key = ${key}`,
    );
    await announceChange(ctx, VERSION_TAG, 'DELETED', { name, version, key });
    return {};
  },
};

async function loadVersion(ctx: StoreContext, row: VersionRow): Promise<ModelVersion> {
  return (await loadVersions(ctx, [row]))[0] as ModelVersion;
}

async function changeVersion(ctx: StoreContext, { name, version }: VersionRow, change: Sql, now: number) {
  const row = await ctx.db.get<VersionRow>(
    sql`update model_versions set ${change}, last_updated_time = ${now} where name = ${name} and version = ${version}
        returning *`,
  );
  return loadVersion(ctx, row as VersionRow);
}

const VERSIONS_TAG = 'mlflow.modelVersions';

/** The logged model tells which versions were made from it. Source: `set_model_versions_tags` in `mlflow/store/tracking/abstract_store.py`. */
async function noteOnModel(ctx: StoreContext, modelId: string, { name, version }: VersionRow): Promise<void> {
  // Versions of other registered models may be made from it at the same time.
  await ctx.db.get(sql`select model_id from logged_models where model_id = ${modelId} ${ctx.db.dialect.forUpdate}`);
  const known = await ctx.db.get<{ value: string }>(
    sql`select value from logged_model_tags where model_id = ${modelId} and key = ${VERSIONS_TAG}`,
  );
  // As Python's json.dumps writes it.
  const entry = `{"name": ${JSON.stringify(name)}, "version": ${version}}`;
  const before = /^\[(.+)\]$/s.exec(known?.value ?? '')?.[1];
  const value = before === undefined ? `[${entry}]` : before.includes(entry) ? `[${before}]` : `[${before}, ${entry}]`;
  await ctx.db.run(
    sql`insert into logged_model_tags (model_id, key, value) values (${modelId}, ${VERSIONS_TAG}, ${value})
        on conflict (model_id, key) do update set value = excluded.value`,
  );
}

async function announceCreated(ctx: StoreContext, row: VersionRow, tags: readonly KeyValue[], isNewPrompt: boolean) {
  const all = Object.fromEntries(tags.map(({ key, value }) => [key, value]));
  const base = { name: row.name, version: String(row.version) };
  const description = row.description || null;
  if (!isNewPrompt) {
    const data = { ...base, source: row.source, run_id: row.run_id || null, tags: all, description };
    return announce(ctx, { entity: 'MODEL_VERSION', action: 'CREATED' }, data);
  }
  const { 'mlflow.prompt.text': template = null, [PROMPT_TAG]: _kind, _mlflow_prompt_type, ...rest } = all;
  return announce(ctx, { entity: 'PROMPT_VERSION', action: 'CREATED' }, { ...base, template, tags: rest, description });
}
