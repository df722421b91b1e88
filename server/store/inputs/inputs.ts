/** What runs use: datasets of their experiment, and logged models. Both are edges, of which each is there once. */
import type { datasets as table } from '../../../api/datasets.js';
import type { Handlers } from '../../../api/endpoint.js';
import { type DatasetInput, invalid, type KeyValue, LIMITS, type Run } from '../../../api/index.js';
import { joined, listed, rows, sql } from '../../db/sql.js';
import { visibleExperiments } from '../auth/visible.js';
import type { StoreContext } from '../context.js';
import { groupBy } from '../group-by.js';
import { experimentIdOf } from '../validation.js';

type RunInputs = NonNullable<Run['inputs']>;

const CONTEXT_TAG = 'mlflow.data.context';

/** Rows of one statement: databases bound the number of parameters. */
const BATCH = 1000;

export const datasets: Handlers<typeof table, StoreContext> = {
  async searchDatasets({ experiment_ids }, ctx) {
    if (experiment_ids.length === 0) {
      throw invalid('SearchDatasets request must specify at least one experiment_id.');
    }
    if (experiment_ids.length > LIMITS.searchDatasetsExperiments) {
      throw invalid(
        `SearchDatasets request cannot specify more than ${LIMITS.searchDatasetsExperiments} experiment_ids. Received ${experiment_ids.length} experiment_ids.`,
      );
    }
    const experiments = experiment_ids.map((id) => {
      const number = experimentIdOf(id);
      if (number === undefined) throw invalid(`Invalid experiment ID '${id}'. Experiment ID must be a valid integer.`);
      return number;
    });
    const found = await ctx.db.all<{ experiment: number; name: string; digest: string; context: string | null }>(
      sql`select distinct experiment, name, digest, input_tags.value as context
          from datasets
          join inputs on inputs.dataset = datasets.id
          left join input_tags on input_tags.input = inputs.id and input_tags.key = ${CONTEXT_TAG}
          where ${joined([sql`experiment in (${listed(experiments)})`, ...visibleExperiments(ctx, sql`experiment`)], ' and ')}
          order by experiment, name, digest, context limit ${LIMITS.searchDatasetsResults}`,
    );
    if (found.length === 0) return {};
    return {
      dataset_summaries: found.map(({ experiment, name, digest, context }) => ({
        experiment_id: String(experiment),
        name,
        digest,
        ...(context !== null && { context }),
      })),
    };
  },
};

/** MLflow's limits of what a dataset may hold. Source: `_validate_dataset` in `mlflow/utils/validation.py`. */
export function checkDatasets(inputs: readonly DatasetInput[]): void {
  for (const { dataset, tags = [] } of inputs) {
    refuseLonger('name', dataset.name, LIMITS.datasetNameLength);
    refuseLonger('digest', dataset.digest, LIMITS.datasetDigestLength);
    refuseLonger('source', dataset.source, LIMITS.datasetSourceLength);
    refuseLonger('schema', dataset.schema ?? '', LIMITS.datasetSchemaLength);
    refuseLonger('profile', dataset.profile ?? '', LIMITS.datasetProfileLength);
    for (const { key, value } of tags) {
      refuseLonger('key', key, LIMITS.inputTagKeyLength);
      refuseLonger('value', value, LIMITS.inputTagValueLength);
    }
  }
}

function refuseLonger(noun: string, value: string, limit: number): void {
  if (value.length > limit) throw invalid(`'${noun}' exceeds the maximum length of ${limit} characters`);
}

/** Makes the run use the datasets, which are made where the experiment lacks them. What is there stays: a dataset with its source, a use with its tags. */
export async function addDatasets(ctx: StoreContext, run: number, given: readonly DatasetInput[]): Promise<void> {
  const distinct = new Map<string, DatasetInput>();
  for (const input of given) {
    const name = nameOf(input.dataset);
    if (!distinct.has(name)) distinct.set(name, input);
  }
  // In one order everywhere, so that two servers never wait for each other.
  const ordered = [...distinct].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, input]) => input);
  for (let at = 0; at < ordered.length; at += BATCH) await addBatch(ctx, run, ordered.slice(at, at + BATCH));
}

const nameOf = ({ name, digest }: { name: string; digest: string }) => JSON.stringify([name, digest]);

async function addBatch(ctx: StoreContext, run: number, batch: readonly DatasetInput[]): Promise<void> {
  const { experiment } = (await ctx.db.get<{ experiment: number }>(
    sql`select experiment from runs where id = ${run}`,
  )) as { experiment: number };
  const records = batch.map(({ dataset: { name, digest, source_type, source, schema, profile } }) => {
    return [experiment, name, digest, source_type, source, schema ?? null, profile ?? null];
  });
  await ctx.db.run(
    sql`insert into datasets (experiment, name, digest, source_type, source, schema, profile) values ${rows(records)}
        on conflict (experiment, name, digest) do nothing`,
  );
  const stored = await ctx.db.all<{ id: number; name: string; digest: string }>(
    sql`select id, name, digest from datasets where experiment = ${experiment}
        and name in (${listed(batch.map(({ dataset }) => dataset.name))})
        and digest in (${listed(batch.map(({ dataset }) => dataset.digest))})`,
  );
  const ids = new Map(stored.map((row) => [nameOf(row), row.id]));
  const tagsOf = new Map(batch.map(({ dataset, tags = [] }) => [ids.get(nameOf(dataset)) as number, tags]));
  const added = await ctx.db.all<{ id: number; dataset: number }>(
    sql`insert into inputs (run, dataset) values ${rows([...tagsOf.keys()].map((id) => [run, id]))}
        on conflict (run, dataset) do nothing returning id, dataset`,
  );
  const tags = added.flatMap(({ id, dataset }) => {
    const lastOfEach = new Map(tagsOf.get(dataset)?.map(({ key, value }) => [key, value]));
    return [...lastOfEach].map(([key, value]) => [id, key, value]);
  });
  for (let at = 0; at < tags.length; at += BATCH) {
    await ctx.db.run(sql`insert into input_tags (input, key, value) values ${rows(tags.slice(at, at + BATCH))}`);
  }
}

export async function addModelInputs(ctx: StoreContext, run: number, ids: Iterable<string>): Promise<void> {
  const ordered = [...new Set(ids)].sort();
  for (let at = 0; at < ordered.length; at += BATCH) {
    const batch = ordered.slice(at, at + BATCH).map((id) => [run, id]);
    await ctx.db.run(
      sql`insert into run_inputs (run, model_id) values ${rows(batch)} on conflict (run, model_id) do nothing`,
    );
  }
}

interface InputRow {
  run: number;
  id: number;
  name: string;
  digest: string;
  source_type: string;
  source: string;
  schema: string | null;
  profile: string | null;
}

/** The inputs of each run that has any, in the order they were logged. */
export async function inputsOf(ctx: StoreContext, runs: readonly number[]): Promise<Map<number, RunInputs>> {
  const uses = await ctx.db.all<InputRow>(
    sql`select inputs.run, inputs.id, name, digest, source_type, source, schema, profile
        from inputs join datasets on datasets.id = inputs.dataset
        where inputs.run in (${listed(runs)}) order by inputs.id`,
  );
  const tags = uses.length > 0 ? await tagsOfRuns(ctx, runs) : new Map<number, KeyValue[]>();
  const models = await ctx.db.all<{ run: number; model_id: string }>(
    sql`select run, model_id from run_inputs where run in (${listed(runs)}) order by run, model_id`,
  );
  const found = new Map<number, RunInputs>();
  for (const [run, rowsOfRun] of groupBy(uses, (row) => row.run)) {
    found.set(run, { dataset_inputs: rowsOfRun.map((row) => datasetInput(row, tags.get(row.id))) });
  }
  for (const [run, rowsOfRun] of groupBy(models, (row) => row.run)) {
    found.set(run, { ...found.get(run), model_inputs: rowsOfRun.map(({ model_id }) => ({ model_id })) });
  }
  return found;
}

async function tagsOfRuns(ctx: StoreContext, runs: readonly number[]): Promise<Map<number, KeyValue[]>> {
  const found = await ctx.db.all<KeyValue & { input: number }>(
    sql`select input, key, value from input_tags join inputs on inputs.id = input_tags.input
        where inputs.run in (${listed(runs)}) order by input, key`,
  );
  return groupBy(found, (row) => row.input);
}

function datasetInput(row: InputRow, tags: readonly KeyValue[] | undefined): DatasetInput {
  const { name, digest, source_type, source, schema, profile } = row;
  return {
    ...(tags && { tags: tags.map(({ key, value }) => ({ key, value })) }),
    dataset: {
      name,
      digest,
      source_type,
      source,
      ...(schema !== null && { schema }),
      ...(profile !== null && { profile }),
    },
  };
}
