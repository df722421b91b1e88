/** What training scripts write to a run: params, metrics, tags, what it used, and the models that it made. */
import { DatasetInput } from './datasets.js';
import { endpoint } from './endpoint.js';
import { ModelInput, ModelOutput } from './logged-models.js';
import { Metric } from './metrics.js';
import { runId } from './runs.js';
import { Empty, KeyValue } from './scalars.js';
import { emptyOk, listOf, message, required, string } from './schema.js';

export const logging = {
  logMetric: endpoint(
    'POST',
    '/2.0/mlflow/runs/log-metric',
    'write',
    'Appends one metric value.',
    message('LogMetric', { ...runId, ...Metric.shape, run_id: runId.run_id }),
    Empty,
  ),
  logParam: endpoint(
    'POST',
    '/2.0/mlflow/runs/log-parameter',
    'write',
    'Sets a param once: the same value again is accepted, another is refused.',
    message('LogParam', { ...runId, key: required(string()), value: emptyOk() }),
    Empty,
  ),
  logBatch: endpoint(
    'POST',
    '/2.0/mlflow/runs/log-batch',
    'write',
    'Logs up to 1,000 metrics, 100 params and 100 tags, 1,000 in all: everything or nothing.',
    message('LogBatch', { ...runId, metrics: listOf(Metric), params: listOf(KeyValue), tags: listOf(KeyValue) }),
    Empty,
  ),
  setTag: endpoint(
    'POST',
    '/2.0/mlflow/runs/set-tag',
    'write',
    'Sets a tag of an active run, replacing its value.',
    message('SetTag', { ...runId, key: required(string()), value: emptyOk() }),
    Empty,
  ),
  deleteTag: endpoint(
    'POST',
    '/2.0/mlflow/runs/delete-tag',
    'write',
    'Removes a tag of an active run.',
    message('DeleteTag', { ...runId, key: required(string()) }),
    Empty,
  ),
  logInputs: endpoint(
    'POST',
    '/2.0/mlflow/runs/log-inputs',
    'write',
    'Records the datasets and logged models that a run uses. A dataset that the experiment or the run has already stays as it is.',
    message('LogInputs', { ...runId, datasets: listOf(DatasetInput), models: listOf(ModelInput) }),
    Empty,
  ),
  logModel: endpoint(
    'POST',
    '/2.0/mlflow/runs/log-model',
    'write',
    'Appends a model to the tag mlflow.log-model.history, as clients before MLflow 3 do.',
    message('LogModel', {
      ...runId,
      model_json: required(
        string('an MLmodel file as JSON: artifact_path, flavors, utc_time_created and run_id at least'),
      ),
    }),
    Empty,
  ),
  logOutputs: endpoint(
    'POST',
    '/2.0/mlflow/runs/outputs',
    'write',
    'Records the logged models that a run made.',
    message('LogOutputs', { ...runId, models: listOf(ModelOutput) }),
    Empty,
  ),
};
