/** Rows that go for good, each function within one transaction. Metric keys and contexts stay: others may use them, and threads remember them. */
import type { Db } from '../db/db.js';
import { listed, raw, rows, sql } from '../db/sql.js';

/** Tables whose rows belong to one run. */
const OF_RUN = [
  'heartbeats',
  'metric_log',
  'chunks_without_levels',
  'metric_series',
  'latest_metrics',
  'params',
  'tags',
  'run_outputs',
  'run_inputs',
  'inputs',
];

/** Removes those of the runs that are still deleted, and notes their artifacts. Answers which. */
export async function removeRuns(db: Db, runIds: readonly string[]): Promise<string[]> {
  const found = await db.all<{ id: number; run_id: string; artifact_uri: string }>(
    sql`select id, run_id, artifact_uri from runs where run_id in (${listed(runIds)}) and lifecycle_stage = 'deleted'
        order by id ${db.dialect.forUpdate}`,
  );
  if (found.length === 0) return [];
  const ids = listed(found.map(({ id }) => id));
  const removed = found.map(({ run_id }) => run_id);
  for (const table of ['metric_chunks', 'metric_levels']) {
    await db.run(sql`delete from ${raw(table)} where series in (select id from metric_series where run in (${ids}))`);
  }
  await db.run(sql`delete from input_tags where input in (select id from inputs where run in (${ids}))`);
  for (const table of OF_RUN) await db.run(sql`delete from ${raw(table)} where run in (${ids})`);
  await db.run(sql`delete from webhook_reached where run in (${ids})`);
  await db.run(sql`delete from trace_links where kind = 'run' and target in (${listed(removed)})`);
  await db.run(sql`delete from runs where id in (${ids})`);
  await noteArtifacts(
    db,
    found.map(({ run_id, artifact_uri }) => [artifact_uri, run_id]),
  );
  return removed;
}

/** Removes those of the logged models that are still deleted, and notes their artifacts. Answers which. */
export async function removeModels(db: Db, modelIds: readonly string[]): Promise<string[]> {
  const found = await db.all<ModelRow>(
    sql`select model_id, artifact_uri from logged_models
        where model_id in (${listed(modelIds)}) and lifecycle_stage = 'deleted' order by model_id ${db.dialect.forUpdate}`,
  );
  await removeModelRows(db, found);
  return found.map(({ model_id }) => model_id);
}

interface ModelRow {
  readonly model_id: string;
  readonly artifact_uri: string;
}

async function removeModelRows(db: Db, found: readonly ModelRow[]): Promise<void> {
  if (found.length === 0) return;
  const ids = listed(found.map(({ model_id }) => model_id));
  for (const table of ['run_outputs', 'run_inputs']) {
    await db.run(
      sql`update runs set revision = revision + 1 where id in (select run from ${raw(table)} where model_id in (${ids}))`,
    );
    await db.run(sql`delete from ${raw(table)} where model_id in (${ids})`);
  }
  for (const table of ['logged_model_params', 'logged_model_tags', 'logged_models']) {
    await db.run(sql`delete from ${raw(table)} where model_id in (${ids})`);
  }
  await noteArtifacts(
    db,
    found.map(({ model_id, artifact_uri }) => [artifact_uri, model_id]),
  );
}

/** Removes some traces of a deleted experiment. Answers whether there were any. */
export async function removeSomeTraces(db: Db, experiment: number, most: number): Promise<boolean> {
  const found = await db.all<{ id: number; request_id: string }>(
    sql`select traces.id, request_id from traces join experiments on experiments.id = traces.experiment
        where experiment = ${experiment} and lifecycle_stage = 'deleted' order by traces.id limit ${most}`,
  );
  if (found.length === 0) return false;
  const ids = listed(found.map(({ id }) => id));
  await db.run(sql`delete from trace_tags where trace in (${ids})`);
  await db.run(sql`delete from trace_metadata where trace in (${ids})`);
  await db.run(sql`delete from trace_links where request_id in (${listed(found.map((row) => row.request_id))})`);
  await db.run(sql`delete from traces where id in (${ids})`);
  return true;
}

/** Removes an experiment that is still deleted and has no runs any more, with its logged models: their ids, or undefined when it stays. */
export async function removeExperiment(db: Db, experiment: number): Promise<string[] | undefined> {
  const row = await db.get<{ id: number }>(
    sql`select id from experiments where id = ${experiment} and lifecycle_stage = 'deleted' ${db.dialect.forUpdate}`,
  );
  if (!row || (await db.get(sql`select id from runs where experiment = ${experiment} limit 1`))) return undefined;
  const models = await db.all<ModelRow>(
    sql`select model_id, artifact_uri from logged_models where experiment = ${experiment}`,
  );
  await removeModelRows(db, models);
  for (const table of ['datasets', 'experiment_tags']) {
    await db.run(sql`delete from ${raw(table)} where experiment = ${experiment}`);
  }
  await db.run(sql`delete from experiments where id = ${experiment}`);
  return models.map(({ model_id }) => model_id);
}

async function noteArtifacts(db: Db, artifacts: readonly (readonly [uri: string, owner: string])[]): Promise<void> {
  await db.run(
    sql`insert into artifacts_to_remove (uri, owner) values ${rows(artifacts)} on conflict (uri) do nothing`,
  );
}
