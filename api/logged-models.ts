/** Logged models (MLflow 3): a model with its own id and artifact folder, made by a run. */
import { endpoint } from './endpoint.js';
import { Metric } from './metrics.js';
import { Empty, KeyValue } from './scalars.js';
import {
  bool,
  enumeration,
  id,
  int64,
  integer,
  list,
  listOf,
  message,
  type Output,
  one,
  required,
  someOf,
  string,
  withDefault,
} from './schema.js';

export const LOGGED_MODEL_STATUS = {
  LOGGED_MODEL_STATUS_UNSPECIFIED: 0,
  LOGGED_MODEL_PENDING: 1,
  LOGGED_MODEL_READY: 2,
  LOGGED_MODEL_UPLOAD_FAILED: 3,
} as const;
export type LoggedModelStatus = keyof typeof LOGGED_MODEL_STATUS;

export const ModelInput = message('ModelInput', { model_id: required(string()) });
export const ModelOutput = message('ModelOutput', { model_id: required(string()), step: withDefault(int64(), 0) });

const Registration = message('LoggedModelRegistrationInfo', {
  name: required(string('of the registered model')),
  version: required(string()),
});

export const LoggedModel = message('LoggedModel', {
  info: required(
    one(
      message('LoggedModelInfo', {
        model_id: required(string('m- and 32 hexadecimal digits')),
        experiment_id: required(string()),
        name: required(string()),
        creation_timestamp_ms: required(integer()),
        last_updated_timestamp_ms: required(integer()),
        artifact_uri: required(string()),
        status: required(enumeration(LOGGED_MODEL_STATUS)),
        model_type: string(),
        source_run_id: string(),
        tags: someOf(KeyValue),
        registrations: someOf(Registration, 'the versions of registered models that were made from it'),
      }),
    ),
  ),
  data: required(one(message('LoggedModelData', { params: someOf(KeyValue), metrics: someOf(Metric) }))),
});
export type LoggedModel = Output<typeof LoggedModel>;

const dataset = { dataset_digest: string() };
const DatasetFilter = message('LoggedModelDatasetFilter', { dataset_name: required(string()), ...dataset });
const LoggedModelOrder = message('LoggedModelOrder', {
  field_name: required(string('An attribute, or metrics.KEY')),
  ascending: withDefault(bool(), true),
  dataset_name: string('Only metrics on this one count'),
  ...dataset,
});

const ModelResponse = message('LoggedModelResponse', { model: required(one(LoggedModel)) });
const ModelId = message('ModelId', { model_id: required(id()) });

export const loggedModels = {
  createLoggedModel: endpoint(
    'POST',
    '/2.0/mlflow/logged-models',
    'write',
    'Creates a pending logged model in an active experiment.',
    message('CreateLoggedModel', {
      experiment_id: required(id()),
      name: string('Default: made up'),
      model_type: string(),
      source_run_id: id(),
      params: listOf(KeyValue),
      tags: listOf(KeyValue),
    }),
    ModelResponse,
  ),
  getLoggedModel: endpoint(
    'GET',
    '/2.0/mlflow/logged-models/{model_id}',
    'read',
    'The logged model with its params, tags and latest metrics.',
    message('GetLoggedModel', { model_id: required(id()), allow_deleted: bool('default: false') }),
    ModelResponse,
  ),
  searchLoggedModels: endpoint(
    'POST',
    '/2.0/mlflow/logged-models/search',
    'search',
    'Logged models of the given experiments, page by page. Default order: the newest first.',
    message('SearchLoggedModels', {
      experiment_ids: list(id()),
      filter: string('Language: search.md'),
      datasets: listOf(DatasetFilter, 'Only metrics on these count'),
      max_results: integer('1 to 1,000; default 50'),
      order_by: listOf(LoggedModelOrder),
      page_token: string(),
    }),
    message('SearchLoggedModelsResponse', { models: someOf(LoggedModel), next_page_token: string() }),
  ),
  finalizeLoggedModel: endpoint(
    'PATCH',
    '/2.0/mlflow/logged-models/{model_id}',
    'write',
    'Sets the status once the files are there, or could not be written.',
    message('FinalizeLoggedModel', { model_id: required(id()), status: required(enumeration(LOGGED_MODEL_STATUS)) }),
    ModelResponse,
  ),
  deleteLoggedModel: endpoint(
    'DELETE',
    '/2.0/mlflow/logged-models/{model_id}',
    'write',
    'Marks a logged model deleted.',
    ModelId,
    Empty,
  ),
  setLoggedModelTags: endpoint(
    'PATCH',
    '/2.0/mlflow/logged-models/{model_id}/tags',
    'write',
    'Sets tags, replacing their values.',
    message('SetLoggedModelTags', { model_id: required(id()), tags: listOf(KeyValue) }),
    ModelResponse,
  ),
  deleteLoggedModelTag: endpoint(
    'DELETE',
    '/2.0/mlflow/logged-models/{model_id}/tags/{tag_key}',
    'write',
    'Removes a tag.',
    message('DeleteLoggedModelTag', { model_id: required(id()), tag_key: required(string()) }),
    Empty,
  ),
  logLoggedModelParams: endpoint(
    'POST',
    '/2.0/mlflow/logged-models/{model_id}/params',
    'write',
    'Adds params to a logged model. A param that is there keeps its value: another one is refused.',
    message('LogLoggedModelParams', { model_id: required(id()), params: listOf(KeyValue) }),
    Empty,
  ),
};
