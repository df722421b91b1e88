/** Datasets as inputs of runs: what a run was trained or evaluated on. They belong to an experiment, by name and digest. */
import { endpoint } from './endpoint.js';
import { KeyValue } from './scalars.js';
import { id, list, message, type Output, one, required, someOf, string, withDefault } from './schema.js';

export const Dataset = message('Dataset', {
  name: required(string('at most 500 characters')),
  digest: required(string('at most 36 characters')),
  source_type: withDefault(string(), ''),
  source: withDefault(string('at most 65,535 characters, JSON by custom'), ''),
  schema: string('at most 1,048,575 characters'),
  profile: string('at most 16,777,215 characters'),
});
export type Dataset = Output<typeof Dataset>;

export const DatasetInput = message('DatasetInput', {
  tags: someOf(KeyValue, 'mlflow.data.context says what the run did with the dataset'),
  dataset: required(one(Dataset)),
});
export type DatasetInput = Output<typeof DatasetInput>;

const DatasetSummary = message('DatasetSummary', {
  experiment_id: required(string()),
  name: required(string()),
  digest: required(string()),
  context: string('the tag mlflow.data.context of an input'),
});

export const datasets = {
  searchDatasets: endpoint(
    'POST',
    '/2.0/mlflow/experiments/search-datasets',
    'search',
    'The datasets that runs of the given experiments have as inputs, once per context, 1,000 at most.',
    message('SearchDatasets', { experiment_ids: list(id(), '1 to 20') }),
    message('SearchDatasetsResponse', { dataset_summaries: someOf(DatasetSummary) }),
  ),
};
