/** `registerModel`: a model version from what a run logged. Source: `register_model` in `mlflow/tracking/_model_registry/fluent.py`. */
import { type LoggedModel, MltrackError, type ModelVersion } from '../api/index.js';
import type { Connection } from './connect.js';
import { searchLoggedModels } from './searches.js';

export interface RegisterOptions {
  tags?: Readonly<Record<string, string>>;
  description?: string;
  /** Seconds to wait for the version to be ready; 0 waits for nothing. Default 300. */
  await?: number;
}

interface Origin {
  readonly source: string;
  readonly run_id?: string | undefined;
  readonly model_id?: string | undefined;
}

/**
 * Makes a version of the registered model `name`, which is created when missing, from `runs:/ID/PATH`, `models:/m-ID`,
 * `models:/NAME/VERSION`, `models:/NAME@ALIAS`, or the URI of an artifact. Rejects with RESOURCE_DOES_NOT_EXIST when nothing lies there,
 * and with the server's words when a version fails to become ready.
 */
export async function registerModel(
  client: Connection,
  uri: string,
  name: string,
  { tags = {}, description, await: seconds = 300 }: RegisterOptions = {},
): Promise<ModelVersion> {
  const origin = await originOf(client, uri);
  await client.createRegisteredModel({ name }).catch((error) => {
    if (!['RESOURCE_ALREADY_EXISTS', 'ALREADY_EXISTS'].includes((error as MltrackError).code)) throw error;
  });
  const { model_version } = await client.createModelVersion({
    name,
    ...origin,
    ...(description !== undefined && { description }),
    tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
  });
  return whenReady(client, model_version, seconds);
}

async function originOf(client: Connection, uri: string): Promise<Origin> {
  const run = /^runs:\/+([^/]+)\/+(.+?)\/*$/i.exec(uri);
  if (run) return originInRun(client, run[1]!, run[2]!);
  const model = /^models:\/+([^/]+)(?:\/([^/]+))?\/*$/i.exec(uri);
  if (!model) return { source: uri };
  const [, named = '', version] = model;
  if (version !== undefined) return originOfVersion(await versionOf(client, named, version));
  const at = named.lastIndexOf('@');
  if (at > 0) {
    const asked = { name: named.slice(0, at), alias: named.slice(at + 1) };
    return originOfVersion((await client.getModelVersionByAlias(asked)).model_version);
  }
  const { info } = (await client.getLoggedModel({ model_id: named })).model;
  return { source: `models:/${named}`, model_id: named, run_id: info.source_run_id };
}

const originOfVersion = ({ name, version, run_id, model_id }: ModelVersion): Origin => ({
  source: `models:/${name}/${version}`,
  run_id,
  model_id,
});

async function versionOf(client: Connection, name: string, version: string): Promise<ModelVersion> {
  if (/^\d+$/.test(version)) return (await client.getModelVersion({ name, version })).model_version;
  if (version.toLowerCase() === 'latest') {
    return (await client.getModelVersionByAlias({ name, alias: 'latest' })).model_version;
  }
  const { model_versions: [found] = [] } = await client.getLatestVersions({ name, stages: [version] });
  if (found) return found;
  throw new MltrackError(
    'RESOURCE_DOES_NOT_EXIST',
    `The registered model ${name} has no version in the stage ${version}`,
  );
}

/** An artifact folder of the run, else the logged model of that name that the run made last. */
async function originInRun(client: Connection, run_id: string, path: string): Promise<Origin> {
  const { info, outputs } = (await client.getRun({ run_id })).run;
  const { files = [] } = await client.listArtifacts({ run_id, path });
  if (files.some((file) => file.path === `${path}/MLmodel`)) {
    return { source: `${info.artifact_uri.replace(/\/+$/, '')}/${path}`, run_id };
  }
  const steps = new Map(outputs?.model_outputs?.map(({ model_id, step }) => [model_id, BigInt(step ?? 0)]));
  let last: LoggedModel | undefined;
  const search = { experiment_ids: [info.experiment_id], filter: `name = '${path.replaceAll("'", "''")}'` };
  const stepOf = ({ info: { model_id } }: LoggedModel) => steps.get(model_id) ?? -1n;
  for await (const model of searchLoggedModels(client, search)) {
    if (model.info.source_run_id === run_id && (!last || stepOf(model) > stepOf(last))) last = model;
  }
  if (last) return { source: `models:/${last.info.model_id}`, run_id, model_id: last.info.model_id };
  throw new MltrackError('RESOURCE_DOES_NOT_EXIST', `The run ${run_id} has no model at ${path}`);
}

const POLL = 500;

async function whenReady(client: Connection, made: ModelVersion, seconds: number): Promise<ModelVersion> {
  const { name, version } = made;
  const until = Date.now() + seconds * 1000;
  let current = made;
  while (current.status === 'PENDING_REGISTRATION' && Date.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, POLL));
    current = (await client.getModelVersion({ name, version })).model_version;
  }
  if (current.status === 'READY' || seconds <= 0) return current;
  const why = current.status_message ? `: ${current.status_message}` : '';
  throw new MltrackError('INVALID_STATE', `Version ${version} of ${name} is ${current.status}${why}`);
}
