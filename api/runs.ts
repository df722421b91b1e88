/** Runs: one execution each, with its facts, params, tags and latest metrics. */
import { DatasetInput } from './datasets.js';
import { endpoint } from './endpoint.js';
import { ModelInput, ModelOutput } from './logged-models.js';
import { Metric } from './metrics.js';
import { Empty, KeyValue, RUN_STATUS, viewType } from './scalars.js';
import {
  enumeration,
  id,
  integer,
  list,
  listOf,
  message,
  type Output,
  one,
  required,
  someOf,
  string,
} from './schema.js';

const status = () => enumeration(RUN_STATUS);

/** The tag of the id that mltrack’s client made up for a run. A run that is created again with it, in its experiment and with its start, is the same run. */
export const CLIENT_ID_TAG = 'mltrack.clientId';

export const RunInfo = message('RunInfo', {
  run_id: required(string('32 hexadecimal digits')),
  run_uuid: required(string('the same value, for old clients')),
  run_name: required(string()),
  experiment_id: required(string()),
  user_id: required(string()),
  status: required(status()),
  start_time: integer('ms since the epoch'),
  end_time: integer('ms since the epoch'),
  artifact_uri: required(string()),
  lifecycle_stage: required(string('active or deleted')),
});
export type RunInfo = Output<typeof RunInfo>;

export const RunData = message('RunData', {
  metrics: someOf(Metric, 'the latest value of each key'),
  params: someOf(KeyValue),
  tags: someOf(KeyValue),
});
export type RunData = Output<typeof RunData>;

export const Run = message('Run', {
  info: required(one(RunInfo)),
  data: required(one(RunData)),
  inputs: one(message('RunInputs', { dataset_inputs: someOf(DatasetInput), model_inputs: someOf(ModelInput) })),
  outputs: one(message('RunOutputs', { model_outputs: someOf(ModelOutput) })),
});
export type Run = Output<typeof Run>;

const RunResponse = message('RunResponse', { run: required(one(Run)) });
/** Either name is taken; `run_uuid` is the older one. */
export const runId = { run_id: id(), run_uuid: id('older name of run_id') };
const RunId = message('RunId', runId);

export const runs = {
  createRun: endpoint(
    'POST',
    '/2.0/mlflow/runs/create',
    'write',
    'Creates a running run in an active experiment.',
    message('CreateRun', {
      experiment_id: id('Default: "0"'),
      user_id: string(),
      run_name: string('Default: the tag mlflow.runName, else made up'),
      start_time: integer('ms since the epoch'),
      tags: listOf(KeyValue),
    }),
    RunResponse,
  ),
  getRun: endpoint('GET', '/2.0/mlflow/runs/get', 'read', 'The run, deleted ones too.', RunId, RunResponse),
  updateRun: endpoint(
    'POST',
    '/2.0/mlflow/runs/update',
    'write',
    'Changes the fields that are given.',
    message('UpdateRun', { ...runId, status: status(), end_time: integer('ms since the epoch'), run_name: string() }),
    message('UpdateRunResponse', { run_info: required(one(RunInfo)) }),
  ),
  deleteRun: endpoint('POST', '/2.0/mlflow/runs/delete', 'write', 'Marks a run deleted.', RunId, Empty),
  restoreRun: endpoint('POST', '/2.0/mlflow/runs/restore', 'write', 'Makes a deleted run active again.', RunId, Empty),
  searchRuns: endpoint(
    'POST',
    '/2.0/mlflow/runs/search',
    'search',
    'Runs of the given experiments, page by page. Default order: start_time DESC, run_id.',
    message('SearchRuns', {
      experiment_ids: list(id()),
      filter: string('Language: search.md'),
      run_view_type: viewType(),
      max_results: integer('1 to 50,000; default 1,000'),
      order_by: list(string('Language: search.md')),
      page_token: string(),
    }),
    message('SearchRunsResponse', { runs: someOf(Run), next_page_token: string() }),
  ),
};
