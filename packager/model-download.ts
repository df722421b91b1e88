/** Models that a tracking server or S3 keeps, by their URIs, to a folder on this machine. Loaded when one is asked for: it brings the whole client. */
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MltrackError } from '../api/errors.js';
import type { ModelVersion } from '../api/index.js';
import { type Connection, connect, downloadArtifacts } from '../client/node/index.js';
import { externalFiles } from '../client/onnx/graph.js';
import { onnxFlavor, parseMLmodel } from './mlmodel.js';
import { isRemote, type RemoteScheme } from './model-uri.js';
import { findVersion, parseModelsUri } from './registered-model.js';

/** Downloads a model to a folder that is not there yet. Throws an Error of one line when there is nothing at the URI. */
export function downloadModel(scheme: RemoteScheme, uri: string, destination: string): Promise<void> {
  return DOWNLOADS[scheme](connect(), uri, destination);
}

type ListFiles = Parameters<typeof downloadArtifacts>[3];
type Download = (client: Connection, uri: string, destination: string) => Promise<void>;

const DOWNLOADS: Record<RemoteScheme, Download> = {
  runs: downloadOfRun,
  models: downloadOfModels,
  'mlflow-artifacts': downloadOfProxy,
  s3: async (_client, uri, destination) => (await fromS3()).downloadFromS3(uri, destination),
};

/**
 * `runs:/ID/PATH`: the run's artifacts, or, as MLflow 3 stores them, the logged model of that name among its outputs
 * (`RunsArtifactRepository` in `mlflow/store/artifact/runs_artifact_repo.py`).
 */
async function downloadOfRun(client: Connection, uri: string, destination: string): Promise<void> {
  const [, run_id = '', path = ''] = /^runs:\/+([^/]+)\/+(.+?)\/*$/.exec(uri) ?? [];
  if (path === '') throw new Error(`Cannot read the model URI ${uri}: it must be runs:/RUN_ID/PATH`);
  const { run } = await client.getRun({ run_id });
  const list = filesOfRun(client, run_id);
  if (await exists(run.info.artifact_uri, path, list)) {
    await download(client, run.info.artifact_uri, path, list, destination);
    return;
  }
  for (const { model_id } of run.outputs?.model_outputs ?? []) {
    const { model } = await client.getLoggedModel({ model_id });
    if (model.info.name === path) {
      await downloadLoggedModel(client, model_id, model.info.artifact_uri, destination);
      return;
    }
  }
  throw new Error(`The run ${run_id} has no artifacts at '${path}' and no logged model of that name`);
}

interface Page {
  files?: { path: string; is_dir: boolean }[] | undefined;
  next_page_token?: string | undefined;
}

async function allPages(get: (page: { page_token?: string }) => Promise<Page>): ReturnType<ListFiles> {
  const files: { path: string; is_dir: boolean }[] = [];
  for (let token: string | undefined; ; ) {
    const page = await get(token ? { page_token: token } : {});
    files.push(...(page.files ?? []));
    token = page.next_page_token;
    if (!token) return files;
  }
}

function filesOfRun(client: Connection, run_id: string): ListFiles {
  return (folder) => allPages((page) => client.listArtifacts({ run_id, path: folder, ...page }));
}

function filesOfModel(client: Connection, model_id: string): ListFiles {
  return (folder) =>
    allPages((page) => client.listLoggedModelArtifacts({ model_id, artifact_directory_path: folder, ...page }));
}

const isS3 = (root: string) => /^s3:/i.test(root);
const fromS3 = () => import('./model-s3.js');
const below = (root: string, path: string) => (path === '' ? root : `${root.replace(/\/+$/, '')}/${path}`);

/** `downloadArtifacts`, and with the user's own credentials what the server keeps in S3. */
async function download(client: Connection, root: string, path: string, list: ListFiles, to: string): Promise<void> {
  if (isS3(root)) await (await fromS3()).downloadFromS3(below(root, path), to);
  else await downloadArtifacts(client, root, path, list, to);
}

async function exists(root: string, path: string, list: ListFiles): Promise<boolean> {
  if (isS3(root)) return (await fromS3()).isInS3(below(root, path));
  if (/^mlflow-artifacts:/.test(root)) return (await list(path)).length > 0;
  const local = root.startsWith('file:') ? fileURLToPath(root) : root;
  return (await stat(join(local, path)).catch(() => undefined)) !== undefined;
}

async function downloadOfModels(client: Connection, uri: string, destination: string): Promise<void> {
  const named = parseModelsUri(uri);
  if ('model_id' in named) {
    const { model } = await client.getLoggedModel(named);
    await downloadLoggedModel(client, named.model_id, model.info.artifact_uri, destination);
    return;
  }
  const version = await findVersion(client, named);
  const { artifact_uri } = await client.getModelVersionDownloadUri({ name: version.name, version: version.version });
  await downloadVersion(client, version, artifact_uri, destination);
}

/** What the server keeps is listed through the logged model or run that it belongs to; anything else is read as its URI says. */
async function downloadVersion(client: Connection, version: ModelVersion, uri: string, to: string): Promise<void> {
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(uri)?.[1]?.toLowerCase() ?? 'file';
  const { model_id, run_id } = version;
  if (scheme === 'mlflow-artifacts' && model_id) {
    const root = (await client.getLoggedModel({ model_id })).model.info.artifact_uri;
    const list = filesOfModel(client, model_id);
    if (isBelow(uri, root)) return downloadArtifacts(client, root, uri.slice(root.length + 1), list, to);
  }
  if (scheme === 'mlflow-artifacts' && run_id) {
    const root = (await client.getRun({ run_id })).run.info.artifact_uri;
    const list = filesOfRun(client, run_id);
    if (isBelow(uri, root)) return downloadArtifacts(client, root, uri.slice(root.length + 1), list, to);
  }
  if (isRemote(scheme)) return DOWNLOADS[scheme](client, uri, to);
  if (scheme === 'file') return downloadArtifacts(client, uri, '', async () => [], to);
  throw new Error(`Version ${version.version} of ${version.name} lies at ${uri}, which cannot be read`);
}

const isBelow = (uri: string, root: string) => uri === root || uri.startsWith(`${root}/`);

async function downloadLoggedModel(client: Connection, model_id: string, root: string, to: string): Promise<void> {
  await download(client, root, '', filesOfModel(client, model_id), to);
}

/** An artifact URI without the run that owns it cannot be listed: the files are those that MLmodel and the graph name. */
async function downloadOfProxy(client: Connection, uri: string, destination: string): Promise<void> {
  const get = async (path: string) => {
    const file = join(destination, path);
    if (relative(destination, file).startsWith('..'))
      throw new Error(`The model at ${uri} names a file outside: ${path}`);
    const answer = await client.artifacts.get(uri, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, new Uint8Array(await answer.arrayBuffer()));
    return file;
  };
  const mlmodel = await get('MLmodel').catch((error: unknown) => {
    if (error instanceof MltrackError && error.status === 404) return undefined;
    throw error;
  });
  const flavor =
    mlmodel === undefined ? undefined : onnxFlavor(parseMLmodel(await readFile(mlmodel, 'utf8'), uri), uri);
  const data = typeof flavor?.data === 'string' ? flavor.data : 'model.onnx';
  const graph = await readFile(await get(data));
  for (const file of externalFiles(graph)) await get(join(dirname(data), file));
}
