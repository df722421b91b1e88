/** `models:/` URIs: what they name, and which version of a registered model that is now. Source: `_parse_model_uri` in `mlflow/store/artifact/utils/models.py`. */
import type { ModelVersion } from '../api/index.js';
import { type Connection, connect } from '../client/node/index.js';

/** A logged model by its id, or a registered model by a version, a stage or an alias; `latest` is an alias. */
export type ModelsUri =
  | { readonly model_id: string }
  | ({ readonly name: string } & (
      | { readonly version: string }
      | { readonly stage: string }
      | { readonly alias: string }
    ));

/** Throws an Error of one line when the URI is of another form. */
export function parseModelsUri(uri: string): ModelsUri {
  const parts = uri
    .replace(/^models:\/+/, '')
    .replace(/\/+$/, '')
    .split('/');
  const [name = '', which] = parts;
  if (name.trim() === '' || parts.length > 2) throw misspelt(uri);
  if (which !== undefined) {
    if (which.trim() === '') throw misspelt(uri);
    if (/^\d+$/.test(which)) return { name, version: which };
    return which.toLowerCase() === 'latest' ? { name, alias: 'latest' } : { name, stage: which };
  }
  const at = name.lastIndexOf('@');
  if (at < 0) {
    if (!name.startsWith('m-')) throw misspelt(uri);
    return { model_id: name };
  }
  if (at === 0 || name.slice(at + 1).trim() === '') throw misspelt(uri);
  return { name: name.slice(0, at), alias: name.slice(at + 1) };
}

const misspelt = (uri: string) =>
  new Error(
    `Cannot read the model URI ${uri}: it must be models:/NAME/VERSION, models:/NAME/STAGE, models:/NAME@ALIAS, models:/NAME/latest or models:/m-ID`,
  );

/**
 * The URI with the alias, stage or `latest` of a registered model replaced by the version that it means now, for what must stay true
 * when they move. Any other URI stays as it is. Rejects as `findVersion` does.
 */
export async function pinnedUri(uri: string): Promise<string> {
  if (!/^models:/i.test(uri)) return uri;
  const named = parseModelsUri(uri);
  if ('model_id' in named || 'version' in named) return uri;
  const { name, version } = await findVersion(connect(), named);
  return `models:/${name}/${version}`;
}

/** The version that the URI means at this moment. Rejects with the server's error, or an Error of one line, when there is none. */
export async function findVersion(
  client: Connection,
  uri: Exclude<ModelsUri, { model_id: string }>,
): Promise<ModelVersion> {
  const { name } = uri;
  if ('version' in uri) return (await client.getModelVersion({ name, version: uri.version })).model_version;
  if ('alias' in uri) return (await client.getModelVersionByAlias({ name, alias: uri.alias })).model_version;
  const { model_versions: [version] = [] } = await client.getLatestVersions({ name, stages: [uri.stage] });
  if (!version) throw new Error(`The registered model ${name} has no version in the stage ${uri.stage}`);
  return version;
}
