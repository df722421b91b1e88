/** Experiments: named groups of runs with an artifact location. */
import { endpoint } from './endpoint.js';
import { Empty, KeyValue, viewType } from './scalars.js';
import { emptyOk, id, integer, list, listOf, message, type Output, one, required, someOf, string } from './schema.js';

export const Experiment = message('Experiment', {
  experiment_id: required(string()),
  name: required(string()),
  artifact_location: required(string('URI below which the artifacts of its runs lie')),
  lifecycle_stage: required(string('active or deleted')),
  creation_time: required(integer('ms since the epoch')),
  last_update_time: required(integer('ms since the epoch')),
  tags: someOf(KeyValue),
});
export type Experiment = Output<typeof Experiment>;

const ExperimentId = message('ExperimentId', { experiment_id: required(id()) });
const ExperimentResponse = message('ExperimentResponse', { experiment: required(one(Experiment)) });

export const experiments = {
  createExperiment: endpoint(
    'POST',
    '/2.0/mlflow/experiments/create',
    'write',
    'Creates an experiment. Names are unique, deleted experiments included.',
    message('CreateExperiment', {
      name: required(string()),
      artifact_location: string('Default: the default artifact root and the new id'),
      tags: listOf(KeyValue),
    }),
    message('CreateExperimentResponse', { experiment_id: required(string()) }),
  ),
  getExperiment: endpoint(
    'GET',
    '/2.0/mlflow/experiments/get',
    'read',
    'The experiment with this id, deleted ones too.',
    message('GetExperiment', { experiment_id: id('Default: "0"') }),
    ExperimentResponse,
  ),
  getExperimentByName: endpoint(
    'GET',
    '/2.0/mlflow/experiments/get-by-name',
    'read',
    'The experiment with this name, deleted ones too.',
    message('GetExperimentByName', { experiment_name: required(string()) }),
    ExperimentResponse,
  ),
  searchExperiments: endpoint(
    ['POST', 'GET'],
    '/2.0/mlflow/experiments/search',
    'search',
    'Experiments, the newest first.',
    message('SearchExperiments', {
      max_results: integer('1 to 50,000; default 1,000'),
      page_token: string(),
      filter: string('Language: search.md'),
      order_by: list(string()),
      view_type: viewType(),
    }),
    message('SearchExperimentsResponse', { experiments: someOf(Experiment), next_page_token: string() }),
  ),
  updateExperiment: endpoint(
    'POST',
    '/2.0/mlflow/experiments/update',
    'write',
    'Renames an active experiment.',
    message('UpdateExperiment', { experiment_id: required(id()), new_name: required(string()) }),
    Empty,
  ),
  deleteExperiment: endpoint(
    'POST',
    '/2.0/mlflow/experiments/delete',
    'write',
    'Marks an active experiment and all its runs deleted.',
    ExperimentId,
    Empty,
  ),
  restoreExperiment: endpoint(
    'POST',
    '/2.0/mlflow/experiments/restore',
    'write',
    'Makes a deleted experiment and all its runs active again.',
    ExperimentId,
    Empty,
  ),
  setExperimentTag: endpoint(
    'POST',
    '/2.0/mlflow/experiments/set-experiment-tag',
    'write',
    'Sets a tag of an active experiment, replacing its value.',
    message('SetExperimentTag', { experiment_id: required(id()), key: required(string()), value: emptyOk() }),
    Empty,
  ),
  deleteExperimentTag: endpoint(
    'POST',
    '/2.0/mlflow/experiments/delete-experiment-tag',
    'write',
    'Removes a tag of an active experiment.',
    message('DeleteExperimentTag', { experiment_id: required(id()), key: required(string()) }),
    Empty,
  ),
};
