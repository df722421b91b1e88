/** Experiments, datasets, logged models and runs of an MLflow database, with their ids and whole metric histories. */
import { type Metric, RUN_STATUS } from '../../api/index.js';
import type { Destination } from '../command-database.js';
import { DatabaseError } from '../db/db.js';
import { rows, type Sql, sql, type Value } from '../db/sql.js';
import type { StoreContext } from '../store/context.js';
import { foldRun } from '../store/folding/metric-fold.js';
import { appendMetrics } from '../store/folding/metric-log.js';
import type { Row, Source } from './source.js';

/** Told how much of a table is done. */
export type Progress = (noun: string, done: number, total: number) => void;

export const text = (value: Row[string] | undefined) => String(value ?? '');
export const optional = (value: Row[string] | undefined) =>
  value === undefined || value === null ? null : String(value);
export const number = (value: Row[string] | undefined) => Number(value ?? 0);

/** Rows of one insert. */
const INSERTED = 1000;

/** Inserts records into the table and columns that `into` names; those that are there stay. */
export async function insertAll(ctx: StoreContext, into: Sql, records: readonly (readonly Value[])[]): Promise<void> {
  for (let at = 0; at < records.length; at += INSERTED) {
    await ctx.db.run(sql`insert into ${into} values ${rows(records.slice(at, at + INSERTED))} on conflict do nothing`);
  }
}

/** Throws DatabaseError when an experiment here has the id or the name of another one there. */
export async function importExperiments(source: Source, to: Destination): Promise<void> {
  for await (const found of source.batches('experiments')) {
    const tags = await source.rowsOf(
      'experiment_tags',
      'experiment_id',
      found.map((row) => number(row.experiment_id)),
    );
    await to.transaction(async (ctx) => {
      for (const row of found) await importExperiment(ctx, row);
      await insertAll(
        ctx,
        sql`experiment_tags (experiment, key, value)`,
        tags.map((row) => [number(row.experiment_id), text(row.key), text(row.value)]),
      );
      const next = ctx.db.dialect.afterGivenIds('experiments');
      if (next) await ctx.db.get(next);
    });
  }
}

async function importExperiment(ctx: StoreContext, row: Row): Promise<void> {
  const id = number(row.experiment_id);
  const name = text(row.name);
  const there = await ctx.db.all<{ id: number; name: string }>(
    sql`select id, name from experiments where id = ${id} or name = ${name}`,
  );
  const same = there.length === 1 && there[0]?.id === id && there[0].name === name;
  const isUnused = id === 0 && there.length === 1 && there[0]?.id === 0 && (await isEmpty(ctx, 0));
  const other = there.find((each) => each.id !== id || each.name !== name);
  if (other && !isUnused) {
    throw new DatabaseError(
      `The experiment ${id} '${name}' cannot be imported: here ${other.id} is '${other.name}'. Import into a new database.`,
    );
  }
  if (same && !(await isEmpty(ctx, id))) return;
  const facts = [name, text(row.artifact_location), text(row.lifecycle_stage) || 'active', number(row.creation_time)];
  await ctx.db.run(
    sql`insert into experiments (id, name, artifact_location, lifecycle_stage, creation_time, last_update_time)
        values ${rows([[id, ...facts, number(row.last_update_time ?? row.creation_time)]])}
        on conflict (id) do update set name = excluded.name, artifact_location = excluded.artifact_location,
          lifecycle_stage = excluded.lifecycle_stage, creation_time = excluded.creation_time,
          last_update_time = excluded.last_update_time`,
  );
}

const isEmpty = async (ctx: StoreContext, experiment: number) =>
  !(await ctx.db.get(sql`select id from runs where experiment = ${experiment} limit 1`));

export async function importDatasets(source: Source, to: Destination): Promise<void> {
  for await (const found of source.batches('datasets')) {
    await to.transaction((ctx) =>
      insertAll(
        ctx,
        sql`datasets (experiment, name, digest, source_type, source, schema, profile)`,
        found.map((row) => [
          number(row.experiment_id),
          text(row.name),
          text(row.digest),
          text(row.dataset_source_type),
          text(row.dataset_source),
          optional(row.dataset_schema),
          optional(row.dataset_profile),
        ]),
      ),
    );
  }
}

export async function importLoggedModels(source: Source, to: Destination): Promise<void> {
  for await (const found of source.batches('logged_models')) {
    const ids = found.map((row) => text(row.model_id));
    const params = await source.rowsOf('logged_model_params', 'model_id', ids);
    const tags = await source.rowsOf('logged_model_tags', 'model_id', ids);
    await to.transaction(async (ctx) => {
      await insertAll(
        ctx,
        sql`logged_models (model_id, experiment, name, model_type, source_run_id, artifact_uri, status, lifecycle_stage,
                           creation_time, last_update_time)`,
        found.map((row) => [
          text(row.model_id),
          number(row.experiment_id),
          text(row.name),
          optional(row.model_type),
          optional(row.source_run_id),
          text(row.artifact_location),
          number(row.status),
          text(row.lifecycle_stage) || 'active',
          number(row.creation_timestamp_ms),
          number(row.last_updated_timestamp_ms),
        ]),
      );
      await insertAll(
        ctx,
        sql`logged_model_params (model_id, key, value)`,
        params.map((row) => [text(row.model_id), text(row.param_key), text(row.param_value)]),
      );
      await insertAll(
        ctx,
        sql`logged_model_tags (model_id, key, value)`,
        tags.map((row) => [text(row.model_id), text(row.tag_key), text(row.tag_value)]),
      );
    });
  }
}

/** Each run in a transaction of its own: it is here whole, or not at all. */
export async function importRuns(source: Source, to: Destination, progress: Progress): Promise<void> {
  const total = await source.count('runs');
  // These tables have no index by run.
  const related: Related = {
    datasets: await grouped(source, 'inputs', 'destination_id'),
    models: await grouped(source, 'inputs', 'source_id'),
    modelMetrics: await grouped(source, 'logged_model_metrics', 'run_id'),
  };
  let done = 0;
  for await (const found of source.batches('runs')) {
    for (const row of found) {
      await to.transaction((ctx) => importRun(source, related, ctx, row));
      progress('runs', ++done, total);
    }
  }
}

/** Rows by run id. */
interface Related {
  readonly datasets: ReadonlyMap<string, Row[]>;
  readonly models: ReadonlyMap<string, Row[]>;
  readonly modelMetrics: ReadonlyMap<string, Row[]>;
}

async function grouped(source: Source, table: string, column: string): Promise<Map<string, Row[]>> {
  const groups = new Map<string, Row[]>();
  for await (const found of source.batches(table)) {
    for (const row of found) {
      const group = groups.get(text(row[column]));
      if (group) group.push(row);
      else groups.set(text(row[column]), [row]);
    }
  }
  return groups;
}

const RUN_NAME = 'mlflow.runName';

async function importRun(source: Source, related: Related, ctx: StoreContext, row: Row): Promise<void> {
  const runId = text(row.run_uuid);
  const tags = await source.rowsOf('tags', 'run_uuid', [runId]);
  const name = text(tags.find(({ key }) => key === RUN_NAME)?.value ?? row.name);
  const status = RUN_STATUS[text(row.status) as keyof typeof RUN_STATUS] ?? RUN_STATUS.FINISHED;
  const inserted = await ctx.db.get<{ id: number }>(
    sql`insert into runs (run_id, experiment, name, user_id, status, start_time, end_time, artifact_uri, lifecycle_stage, deleted_time)
        values (${runId}, ${number(row.experiment_id)}, ${name}, ${text(row.user_id)}, ${status}, ${number(row.start_time)},
                ${row.end_time === null ? null : number(row.end_time)}, ${text(row.artifact_uri)},
                ${text(row.lifecycle_stage) || 'active'}, ${row.deleted_time ? number(row.deleted_time) : null})
        on conflict (run_id) do nothing returning id`,
  );
  if (!inserted) return;
  const run = inserted.id;
  const params = await source.rowsOf('params', 'run_uuid', [runId]);
  const pairs = (found: Row[]) => found.map(({ key, value }) => [run, text(key), text(value)]);
  await insertAll(ctx, sql`params (run, key, value)`, pairs(params));
  await insertAll(ctx, sql`tags (run, key, value)`, pairs(tags));
  for await (const found of source.matching('metrics', 'run_uuid', runId)) {
    await appendAll(ctx, run, found.map(metricOf));
  }
  await appendAll(ctx, run, (related.modelMetrics.get(runId) ?? []).map(modelMetricOf));
  while (await foldRun(ctx.db, run)) {
    // Each call folds a part of the log.
  }
  await importEdges(source, related, ctx, run, runId);
}

const int64 = (value: Row[string] | undefined) => (typeof value === 'string' ? BigInt(value) : number(value));

const metricOf = (row: Row): Metric => ({
  key: text(row.key),
  value: row.is_nan ? Number.NaN : number(row.value),
  timestamp: int64(row.timestamp),
  step: int64(row.step),
});

const modelMetricOf = (row: Row): Metric => ({
  key: text(row.metric_name),
  value: row.metric_value === null ? Number.NaN : number(row.metric_value),
  timestamp: int64(row.metric_timestamp_ms),
  step: int64(row.metric_step),
  model_id: text(row.model_id),
  ...(row.dataset_name && { dataset_name: text(row.dataset_name), dataset_digest: text(row.dataset_digest) }),
});

/** Values of one log record, as of one request. */
const RECORD = 1000;

async function appendAll(ctx: StoreContext, run: number, metrics: readonly Metric[]): Promise<void> {
  for (let at = 0; at < metrics.length; at += RECORD) await appendMetrics(ctx, run, metrics.slice(at, at + RECORD));
  await foldRun(ctx.db, run);
}

/** The datasets and models that the run used, and the models it made. */
async function importEdges(
  source: Source,
  related: Related,
  ctx: StoreContext,
  run: number,
  runId: string,
): Promise<void> {
  const into = related.datasets.get(runId) ?? [];
  const from = related.models.get(runId) ?? [];
  for (const edge of into.filter((each) => each.source_type === 'DATASET')) {
    const [dataset] = await source.rowsOf('datasets', 'dataset_uuid', [text(edge.source_id)]);
    if (dataset) await importUse(source, ctx, run, edge, dataset);
  }
  const models = from
    .filter((each) => each.source_type === 'RUN_INPUT')
    .map((each) => [run, text(each.destination_id)]);
  await insertAll(ctx, sql`run_inputs (run, model_id)`, models);
  const made = from.filter((each) => each.source_type === 'RUN_OUTPUT');
  await insertAll(
    ctx,
    sql`run_outputs (run, model_id, step)`,
    made.map((each) => [run, text(each.destination_id), int64(each.step)]),
  );
}

async function importUse(source: Source, ctx: StoreContext, run: number, edge: Row, dataset: Row): Promise<void> {
  const used = await ctx.db.get<{ id: number }>(
    sql`insert into inputs (run, dataset) select ${run}, id from datasets
          where experiment = ${number(dataset.experiment_id)} and name = ${text(dataset.name)} and digest = ${text(dataset.digest)}
        on conflict (run, dataset) do nothing returning id`,
  );
  if (!used) return;
  const tags = await source.rowsOf('input_tags', 'input_uuid', [text(edge.input_uuid)]);
  await insertAll(
    ctx,
    sql`input_tags (input, key, value)`,
    tags.map((tag) => [used.id, text(tag.name), text(tag.value)]),
  );
}
