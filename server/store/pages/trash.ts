/** What is deleted and not yet gone for good. When it goes, its artifacts go too, which is server/gc/trash.ts. */
import type { trash as table } from '../../../api/beyond/trash.js';
import type { Handlers } from '../../../api/endpoint.js';
import { invalid, TRASH_KIND, type TrashItem, type TrashKind } from '../../../api/index.js';
import { joined, listed, type Sql, sql } from '../../db/sql.js';
import type { trashCalls } from '../../gc/calls.js';
import { planned } from '../../gc/plan.js';
import { removeExperiment, removeModels, removeRuns, removeSomeTraces } from '../../gc/rows.js';
import { visibleExperiments } from '../auth/visible.js';
import type { StoreContext } from '../context.js';
import { pageToken, readPageToken } from '../page-token.js';
import { pageSize } from '../validation.js';

interface Row {
  kind: number;
  id: string;
  name: string;
  experiment: number;
  /** 0 where it is not known. */
  deleted: number;
}

const KINDS = new Map<number, TrashKind>(
  Object.entries(TRASH_KIND).map(([kind, number]) => [number, kind as TrashKind]),
);
const TRACES = 500;
const NOTES = 500;

export const trash: Handlers<Pick<typeof table, 'listTrash'> & typeof trashCalls, StoreContext> = {
  async listTrash({ max_results, page_token }, ctx) {
    const limit = pageSize(max_results, 100, 1000);
    const after = page_token ? afterPlace(page_token) : sql`1 = 1`;
    const deleted = deletedThings(ctx);
    const count = await ctx.db.get<{ total: number }>(sql`select count(*) as total from (${deleted}) things`);
    const found = await ctx.db.all<Row>(
      sql`select * from (${deleted}) things where ${after} order by kind, deleted desc, id limit ${limit + 1}`,
    );
    const page = found.slice(0, limit);
    const last = page.at(-1);
    return {
      items: page.map(itemOf),
      total: count?.total ?? 0,
      ...(found.length > limit && last && { next_page_token: pageToken([last.kind, last.deleted, last.id]) }),
    };
  },

  async planTrash({ experiment_ids, run_ids, model_ids, older_than }, ctx) {
    if (older_than !== undefined && older_than < 0)
      throw invalid(`Invalid value ${older_than} for parameter 'older_than'.`);
    const isNamed = experiment_ids.length + run_ids.length + model_ids.length > 0;
    if (!isNamed && older_than === undefined) {
      throw invalid('Name what is to be removed for good, or say older_than.');
    }
    const named = { experimentIds: experiment_ids, runIds: run_ids, modelIds: model_ids };
    const age = older_than === undefined ? undefined : `${(older_than / 1000).toFixed(3)}s`;
    const plan = await planned(ctx.db, { ...(isNamed && named), olderThan: age }, ctx.now());
    return { run_ids: [...plan.runs], model_ids: [...plan.loggedModels], experiment_ids: [...plan.experiments] };
  },

  async removeTrash({ run_ids, model_ids, experiment_ids }, ctx) {
    const runs = run_ids.length > 0 ? await removeRuns(ctx.db, run_ids) : [];
    // Log calls must not take them for runs that are there.
    ctx.memory.runs.clear();
    const models = model_ids.length > 0 ? await removeModels(ctx.db, model_ids) : [];
    const experiments: string[] = [];
    let unfinished = false;
    for (const id of experiment_ids) {
      if (await removeSomeTraces(ctx.db, Number(id), TRACES)) {
        unfinished = true;
        continue;
      }
      const inside = await removeExperiment(ctx.db, Number(id));
      if (!inside) continue;
      experiments.push(id);
      for (const model of inside) models.push(model);
    }
    return { run_ids: runs, model_ids: models, experiment_ids: experiments, unfinished };
  },

  async listNotedArtifacts({ after = '' }, ctx) {
    const artifacts = await ctx.db.all<{ uri: string; owner: string }>(
      sql`select uri, owner from artifacts_to_remove where uri > ${after} order by uri limit ${NOTES}`,
    );
    return { artifacts };
  },

  async forgetNotedArtifacts({ uris }, ctx) {
    if (uris.length > 0) await ctx.db.run(sql`delete from artifacts_to_remove where uri in (${listed(uris)})`);
    return {};
  },
};

/** Runs of a deleted experiment are deleted with it, and come back with it. */
function deletedThings(ctx: StoreContext): Sql {
  const where = (experiment: Sql, ...more: Sql[]) => joined([...more, ...visibleExperiments(ctx, experiment)], ' and ');
  return sql`
    select 1 as kind, cast(id as text) as id, name, id as experiment, last_update_time as deleted
    from experiments where ${where(sql`experiments.id`, sql`lifecycle_stage = 'deleted'`)}
    union all
    select 2, runs.run_id, runs.name, runs.experiment, coalesce(runs.deleted_time, 0)
    from runs join experiments on experiments.id = runs.experiment
    where ${where(sql`runs.experiment`, sql`runs.lifecycle_stage = 'deleted' and experiments.lifecycle_stage = 'active'`)}
    union all
    select 3, model_id, name, experiment, last_update_time
    from logged_models where ${where(sql`logged_models.experiment`, sql`lifecycle_stage = 'deleted'`)}`;
}

function afterPlace(token: string): Sql {
  const [kind, deleted, id] = readPageToken(token, ['number', 'number', 'string']) as [number, number, string];
  if (!Number.isSafeInteger(kind) || !Number.isSafeInteger(deleted)) throw invalid('Invalid page token.');
  return sql`(kind > ${kind} or (kind = ${kind} and (deleted < ${deleted} or (deleted = ${deleted} and id > ${id}))))`;
}

const itemOf = ({ kind, id, name, experiment, deleted }: Row): TrashItem => ({
  kind: KINDS.get(kind) as TrashKind,
  id,
  name,
  experiment_id: String(experiment),
  ...(deleted > 0 && { deletion_time: deleted }),
});
