/** Versions of registered models: where a model's artifacts lie, and in which stage it is. */
import { endpoint } from './endpoint.js';
import { Empty, KeyValue } from './scalars.js';
import {
  bool,
  id,
  integer,
  list,
  listOf,
  message,
  type Output,
  one,
  required,
  some,
  someOf,
  string,
  withDefault,
} from './schema.js';

export const ModelVersion = message('ModelVersion', {
  name: required(string()),
  version: required(string('1, 2, …; never used again')),
  creation_timestamp: required(integer('ms since the epoch')),
  last_updated_timestamp: required(integer('ms since the epoch')),
  user_id: string(),
  current_stage: required(string('None, Staging, Production or Archived')),
  description: string(),
  source: required(string('URI of the artifacts, as it was given')),
  run_id: string(),
  run_link: string(),
  status: required(string('READY')),
  status_message: string(),
  tags: someOf(KeyValue),
  aliases: some(string(), 'names that point at it'),
  model_id: string('the logged model it was made from'),
});
export type ModelVersion = Output<typeof ModelVersion>;

const addressed = { name: required(string()), version: required(id()) };
const VersionResponse = message('ModelVersionResponse', { model_version: required(one(ModelVersion)) });

export const modelVersions = {
  createModelVersion: endpoint(
    'POST',
    '/2.0/mlflow/model-versions/create',
    'write',
    'Registers artifacts as the next version. A source below a run or logged model needs its id beside it.',
    message('CreateModelVersion', {
      name: required(string()),
      source: required(string('URI of the artifacts: runs:/, models:/, mlflow-artifacts:/, s3:// …')),
      run_id: id(),
      tags: listOf(KeyValue),
      run_link: string(),
      description: string(),
      model_id: id(),
    }),
    VersionResponse,
  ),
  getModelVersion: endpoint(
    'GET',
    '/2.0/mlflow/model-versions/get',
    'read',
    'The version with its tags and aliases.',
    message('GetModelVersion', addressed),
    VersionResponse,
  ),
  updateModelVersion: endpoint(
    'PATCH',
    '/2.0/mlflow/model-versions/update',
    'write',
    'Replaces the description.',
    message('UpdateModelVersion', { ...addressed, description: string() }),
    VersionResponse,
  ),
  transitionModelVersionStage: endpoint(
    'POST',
    '/2.0/mlflow/model-versions/transition-stage',
    'write',
    'Moves a version to a stage, and those that were there to Archived if asked to.',
    message('TransitionModelVersionStage', {
      ...addressed,
      stage: required(string('None, Staging, Production or Archived, in any case')),
      archive_existing_versions: withDefault(bool(), false),
    }),
    VersionResponse,
  ),
  deleteModelVersion: endpoint(
    'DELETE',
    '/2.0/mlflow/model-versions/delete',
    'write',
    'Removes a version and its aliases; its number is not used again, and the artifacts stay.',
    message('DeleteModelVersion', addressed),
    Empty,
  ),
  searchModelVersions: endpoint(
    'GET',
    '/2.0/mlflow/model-versions/search',
    'search',
    'Versions, the last changed first, page by page; those of prompts only where the filter asks for them.',
    message('SearchModelVersions', {
      filter: string(),
      max_results: integer('1 to 200,000, which is the default'),
      order_by: list(string()),
      page_token: string(),
    }),
    message('SearchModelVersionsResponse', { model_versions: someOf(ModelVersion), next_page_token: string() }),
  ),
  getModelVersionDownloadUri: endpoint(
    'GET',
    '/2.0/mlflow/model-versions/get-download-uri',
    'read',
    'Where the version’s artifacts lie.',
    message('GetModelVersionDownloadUri', addressed),
    message('GetModelVersionDownloadUriResponse', { artifact_uri: required(string()) }),
  ),
  setModelVersionTag: endpoint(
    'POST',
    '/2.0/mlflow/model-versions/set-tag',
    'write',
    'Sets a tag of a version, replacing its value.',
    message('SetModelVersionTag', { ...addressed, key: required(string()), value: string('default: empty') }),
    Empty,
  ),
  deleteModelVersionTag: endpoint(
    'DELETE',
    '/2.0/mlflow/model-versions/delete-tag',
    'write',
    'Removes a tag of a version, if it is there.',
    message('DeleteModelVersionTag', { ...addressed, key: required(string()) }),
    Empty,
  ),
};
