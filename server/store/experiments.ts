/** Experiments and their tags. */

import type { Handlers } from '../../api/endpoint.js';
import type { experiments as table } from '../../api/experiments.js';
import { type Experiment, invalid, LIMITS, MltrackError, missing } from '../../api/index.js';
import { checkHost } from '../artifacts/host-addressed.js';
import { below, checkedLocation } from '../artifacts/locations.js';
import { joined, listed, rows, sql } from '../db/sql.js';
import { compileFilter } from '../search/compile.js';
import { experimentColumns } from '../search/experiments.js';
import { compileOrder, readOrder } from '../search/order-by.js';
import { visibleExperiments } from './auth/visible.js';
import type { StoreContext } from './context.js';
import { groupBy } from './group-by.js';
import { checkKey, checkLength, experimentIdOf, pageSize } from './validation.js';

interface ExperimentRow {
  id: number;
  name: string;
  artifact_location: string;
  lifecycle_stage: string;
  creation_time: number;
  last_update_time: number;
}

const DEFAULT_ID = '0';

export const experiments: Handlers<typeof table, StoreContext> = {
  async createExperiment({ name, artifact_location, tags }, ctx) {
    checkName(name);
    if (artifact_location) checkHost(ctx.settings.artifactHosts, artifact_location, 'artifact_location');
    const given = artifact_location ? checkedLocation(artifact_location, ctx.settings.lengths) : '';
    for (const tag of tags) checkTag(tag.key, tag.value);
    const now = ctx.now();
    const created = await ctx.db.get<{ id: number }>(
      sql`insert into experiments (name, artifact_location, lifecycle_stage, creation_time, last_update_time)
          values (${name}, ${given}, 'active', ${now}, ${now}) on conflict (name) do nothing returning id`,
    );
    if (!created) throw alreadyExists(name);
    if (given === '') {
      const location = below(ctx.settings.defaultArtifactRoot, String(created.id));
      await ctx.db.run(sql`update experiments set artifact_location = ${location} where id = ${created.id}`);
    }
    const distinct = new Map(tags.map((tag) => [tag.key, tag.value]));
    if (distinct.size > 0) {
      await ctx.db.run(
        sql`insert into experiment_tags (experiment, key, value) values ${rows([...distinct].map(([key, value]) => [created.id, key, value]))}`,
      );
    }
    return { experiment_id: String(created.id) };
  },

  async getExperiment({ experiment_id }, ctx) {
    const row = await findExperiment(ctx, experiment_id || DEFAULT_ID);
    return { experiment: (await withTags(ctx, [row]))[0] as Experiment };
  },

  async getExperimentByName({ experiment_name }, ctx) {
    const row = await ctx.db.get<ExperimentRow>(sql`select * from experiments where name = ${experiment_name}`);
    if (!row) throw missing(`Could not find experiment with name '${experiment_name}'`);
    return { experiment: (await withTags(ctx, [row]))[0] as Experiment };
  },

  async searchExperiments({ max_results, page_token, filter, order_by, view_type = 'ACTIVE_ONLY' }, ctx) {
    const limit = pageSize(max_results || undefined, 1000, LIMITS.searchMaxResults);
    const order = compileOrder(experimentColumns, readOrder(experimentColumns, order_by));
    const where = [compileFilter(experimentColumns, filter), ...visibleExperiments(ctx, sql`experiments.id`)];
    if (view_type !== 'ALL') where.push(sql`lifecycle_stage = ${view_type === 'ACTIVE_ONLY' ? 'active' : 'deleted'}`);
    if (page_token) where.push(order.after(page_token));
    const found = await ctx.db.all<ExperimentRow & Record<string, unknown>>(
      sql`select experiments.*${order.columns} from experiments${order.joins} where ${joined(where, ' and ')}
          order by ${order.by} limit ${limit + 1}`,
    );
    const page = found.slice(0, limit);
    const last = page.at(-1);
    return {
      ...(page.length > 0 && { experiments: await withTags(ctx, page) }),
      ...(found.length > limit && last && { next_page_token: order.token(last) }),
    };
  },

  async updateExperiment({ experiment_id, new_name }, ctx) {
    const row = await findExperiment(ctx, experiment_id, 'update');
    if (row.lifecycle_stage !== 'active') throw invalid('Cannot rename a non-active experiment.');
    checkName(new_name);
    const taken = await ctx.db.get(sql`select id from experiments where name = ${new_name} and id <> ${row.id}`);
    if (taken) throw alreadyExists(new_name);
    await ctx.db.run(
      sql`update experiments set name = ${new_name}, last_update_time = ${ctx.now()} where id = ${row.id}`,
    );
    return {};
  },

  async deleteExperiment({ experiment_id }, ctx) {
    const row = await findExperiment(ctx, experiment_id, 'update');
    if (row.lifecycle_stage !== 'active') throw missing(`No Experiment with id=${experiment_id} exists`);
    await setStage(ctx, row.id, 'deleted');
    return {};
  },

  async restoreExperiment({ experiment_id }, ctx) {
    const row = await findExperiment(ctx, experiment_id, 'update');
    if (row.lifecycle_stage !== 'deleted') throw missing(`No Experiment with id=${experiment_id} exists`);
    await setStage(ctx, row.id, 'active');
    return {};
  },

  async setExperimentTag({ experiment_id, key, value }, ctx) {
    checkTag(key, value);
    const row = await findExperiment(ctx, experiment_id, 'update');
    checkActive(row);
    await ctx.db.run(
      sql`insert into experiment_tags (experiment, key, value) values (${row.id}, ${key}, ${value})
          on conflict (experiment, key) do update set value = excluded.value`,
    );
    await touch(ctx, row.id);
    return {};
  },

  async deleteExperimentTag({ experiment_id, key }, ctx) {
    const row = await findExperiment(ctx, experiment_id, 'update');
    checkActive(row);
    const removed = await ctx.db.run(sql`delete from experiment_tags where experiment = ${row.id} and key = ${key}`);
    if (removed === 0) throw missing(`No tag with name: ${key} in experiment with id ${experiment_id}`);
    await touch(ctx, row.id);
    return {};
  },
};

/** The experiment "0", named Default, of an empty store. */
export async function createDefaultExperiment(ctx: Pick<StoreContext, 'db' | 'settings' | 'now'>): Promise<void> {
  if (await ctx.db.get(sql`select id from experiments limit 1`)) return;
  const now = ctx.now();
  await ctx.db.run(
    sql`insert into experiments (id, name, artifact_location, lifecycle_stage, creation_time, last_update_time)
        values (0, 'Default', ${below(ctx.settings.defaultArtifactRoot, DEFAULT_ID)}, 'active', ${now}, ${now})`,
  );
}

/** The row, deleted or not; with `update`, locked against other writers. Throws RESOURCE_DOES_NOT_EXIST. */
export async function findExperiment(
  ctx: StoreContext,
  id: string,
  intent?: 'update' | 'share',
): Promise<ExperimentRow> {
  const number = experimentIdOf(id);
  const { forUpdate, forShare } = ctx.db.dialect;
  const lock = intent === 'update' ? forUpdate : intent === 'share' ? forShare : sql``;
  const row =
    number === undefined
      ? undefined
      : await ctx.db.get<ExperimentRow>(sql`select * from experiments where id = ${number} ${lock}`);
  if (!row) throw missing(`No Experiment with id=${id} exists`);
  return row;
}

export function checkActive(row: { id: number; lifecycle_stage: string }): void {
  if (row.lifecycle_stage !== 'active') {
    throw invalid(`The experiment ${row.id} must be in the 'active' state. Current state is ${row.lifecycle_stage}.`);
  }
}

async function withTags(ctx: StoreContext, found: readonly ExperimentRow[]): Promise<Experiment[]> {
  const ids = found.map((row) => row.id);
  const tags = await ctx.db.all<{ experiment: number; key: string; value: string }>(
    sql`select experiment, key, value from experiment_tags where experiment in (${listed(ids)}) order by key`,
  );
  const byExperiment = groupBy(tags, (tag) => tag.experiment);
  return found.map(({ id, name, artifact_location, lifecycle_stage, creation_time, last_update_time }) => ({
    experiment_id: String(id),
    name,
    artifact_location,
    lifecycle_stage,
    creation_time,
    last_update_time,
    ...(byExperiment.has(id) && { tags: byExperiment.get(id)?.map(({ key, value }) => ({ key, value })) }),
  }));
}

async function setStage(ctx: StoreContext, id: number, stage: 'active' | 'deleted'): Promise<void> {
  const now = ctx.now();
  const deletedTime = stage === 'deleted' ? now : null;
  await ctx.db.run(sql`update experiments set lifecycle_stage = ${stage}, last_update_time = ${now} where id = ${id}`);
  await ctx.db.run(
    sql`update runs set lifecycle_stage = ${stage}, deleted_time = ${deletedTime}, revision = revision + 1 where experiment = ${id}`,
  );
  ctx.memory.runs.clear();
}

async function touch(ctx: StoreContext, id: number): Promise<void> {
  await ctx.db.run(sql`update experiments set last_update_time = ${ctx.now()} where id = ${id}`);
}

const alreadyExists = (name: string) =>
  new MltrackError(
    'RESOURCE_ALREADY_EXISTS',
    `Experiment(name=${name}) already exists. Error: the name is taken; deleted experiments keep theirs.`,
  );

function checkName(name: string): void {
  if (name === '') throw invalid(`Invalid experiment name: '${name}'`);
  if (name.length > LIMITS.experimentNameLength) {
    throw invalid(`'name' exceeds the maximum length of ${LIMITS.experimentNameLength} characters`);
  }
}

function checkTag(key: string, value: string): void {
  checkKey(key, 'key');
  checkLength('value', value, LIMITS.experimentTagValueLength);
}
