/** Registered models: names under which versions of models are kept, with aliases and stages. Prompts are registered models too. */
import { endpoint } from './endpoint.js';
import { ModelVersion } from './model-versions.js';
import { Empty, KeyValue } from './scalars.js';
import { id, integer, list, listOf, message, type Output, one, required, someOf, string } from './schema.js';

const name = () => required(string('without / and :'));
const version = () => required(id('1, 2, …'));

export const RegisteredModelAlias = message('RegisteredModelAlias', {
  alias: required(string()),
  version: required(id()),
});

export const RegisteredModel = message('RegisteredModel', {
  name: required(string()),
  creation_timestamp: required(integer('ms since the epoch')),
  last_updated_timestamp: required(integer('ms since the epoch')),
  description: string(),
  latest_versions: someOf(ModelVersion, 'the latest of each stage'),
  tags: someOf(KeyValue),
  aliases: someOf(RegisteredModelAlias),
});
export type RegisteredModel = Output<typeof RegisteredModel>;

const tagged = { key: required(string()), value: string('default: empty') };

const ModelResponse = message('RegisteredModelResponse', { registered_model: required(one(RegisteredModel)) });
const VersionResponse = message('AliasedVersionResponse', { model_version: required(one(ModelVersion)) });
const VersionsResponse = message('LatestVersionsResponse', { model_versions: someOf(ModelVersion) });

export const registeredModels = {
  createRegisteredModel: endpoint(
    'POST',
    '/2.0/mlflow/registered-models/create',
    'write',
    'Creates a registered model. With the tag mlflow.prompt.is_prompt at true it is a prompt.',
    message('CreateRegisteredModel', { name: name(), tags: listOf(KeyValue), description: string() }),
    ModelResponse,
  ),
  getRegisteredModel: endpoint(
    'GET',
    '/2.0/mlflow/registered-models/get',
    'read',
    'The registered model with its aliases, tags and the latest version of each stage.',
    message('GetRegisteredModel', { name: name() }),
    ModelResponse,
  ),
  renameRegisteredModel: endpoint(
    'POST',
    '/2.0/mlflow/registered-models/rename',
    'write',
    'Renames a registered model with all its versions, tags and aliases.',
    message('RenameRegisteredModel', { name: name(), new_name: required(string()) }),
    ModelResponse,
  ),
  updateRegisteredModel: endpoint(
    'PATCH',
    '/2.0/mlflow/registered-models/update',
    'write',
    'Replaces the description.',
    message('UpdateRegisteredModel', { name: name(), description: string('default: empty') }),
    ModelResponse,
  ),
  deleteRegisteredModel: endpoint(
    'DELETE',
    '/2.0/mlflow/registered-models/delete',
    'write',
    'Removes a registered model with all its versions; the artifacts stay.',
    message('DeleteRegisteredModel', { name: name() }),
    Empty,
  ),
  searchRegisteredModels: endpoint(
    'GET',
    '/2.0/mlflow/registered-models/search',
    'search',
    'Registered models by name, page by page; prompts only where the filter asks for them.',
    message('SearchRegisteredModels', {
      filter: string(),
      max_results: integer('1 to 1,000; default 100'),
      order_by: list(string()),
      page_token: string(),
    }),
    message('SearchRegisteredModelsResponse', {
      registered_models: someOf(RegisteredModel),
      next_page_token: string(),
    }),
  ),
  getLatestVersions: endpoint(
    ['POST', 'GET'],
    '/2.0/mlflow/registered-models/get-latest-versions',
    'read',
    'The latest version of each of the stages; without any, of every stage.',
    message('GetLatestVersions', { name: name(), stages: list(string()) }),
    VersionsResponse,
  ),
  setRegisteredModelTag: endpoint(
    'POST',
    '/2.0/mlflow/registered-models/set-tag',
    'write',
    'Sets a tag, replacing its value.',
    message('SetRegisteredModelTag', { name: name(), ...tagged }),
    Empty,
  ),
  deleteRegisteredModelTag: endpoint(
    'DELETE',
    '/2.0/mlflow/registered-models/delete-tag',
    'write',
    'Removes a tag, if it is there.',
    message('DeleteRegisteredModelTag', { name: name(), key: required(string()) }),
    Empty,
  ),
  setRegisteredModelAlias: endpoint(
    'POST',
    '/2.0/mlflow/registered-models/alias',
    'write',
    'Points an alias at a version, wherever it pointed before.',
    message('SetRegisteredModelAlias', { name: name(), alias: required(string()), version: version() }),
    Empty,
  ),
  deleteRegisteredModelAlias: endpoint(
    'DELETE',
    '/2.0/mlflow/registered-models/alias',
    'write',
    'Removes an alias, if it is there.',
    message('DeleteRegisteredModelAlias', { name: name(), alias: required(string()) }),
    Empty,
  ),
  getModelVersionByAlias: endpoint(
    'GET',
    '/2.0/mlflow/registered-models/alias',
    'read',
    'The version that an alias points at; `latest` is the newest.',
    message('GetModelVersionByAlias', { name: name(), alias: required(string()) }),
    VersionResponse,
  ),
};
