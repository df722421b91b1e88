/** A model URI to a path on this machine: folders and files as they are, artifacts of a tracking server in a temporary folder. */
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MltrackError } from '../api/errors.js';
import { type Connection, connect, downloadArtifacts } from '../client/node/index.js';
import { onnxFlavor, parseMLmodel } from './mlmodel.js';
import { externalFiles } from './onnx/graph.js';

export interface LocalModel {
  /** A folder, or an ONNX file. */
  readonly path: string;
  /** Removes the folder if it is a download. It is removed when the process ends, too. */
  remove(): void;
}

const UNDERSTOOD = 'a folder, an ONNX file, file:, runs:/ID/PATH, models:/m-ID, mlflow-artifacts:/PATH';

/**
 * Finds a model, downloading it if it is not on this machine. The tracking server is `MLTRACK_TRACKING_URI`, else
 * `MLFLOW_TRACKING_URI`. Throws an Error of one line when the URI is not understood or there is nothing there.
 */
export async function resolveModel(uri: string): Promise<LocalModel> {
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(uri)?.[1]?.toLowerCase();
  if (scheme === undefined) return { path: uri, remove() {} };
  if (scheme === 'file') return { path: pathOf(uri), remove() {} };
  const download = DOWNLOADS[scheme];
  if (!download) throw new Error(`Cannot read the model URI ${uri}: it must be ${UNDERSTOOD}`);
  const folder = await mkdtemp(join(tmpdir(), 'mltrack-model-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove);
  try {
    await download(connect(), uri, join(folder, 'model'));
  } catch (error) {
    remove();
    throw error;
  }
  return { path: join(folder, 'model'), remove };
}

function pathOf(uri: string): string {
  try {
    return fileURLToPath(uri);
  } catch (error) {
    throw new Error(`Cannot read the model URI ${uri}: ${(error as Error).message}`);
  }
}

type ListFiles = Parameters<typeof downloadArtifacts>[3];
type Download = (client: Connection, uri: string, destination: string) => Promise<void>;

const DOWNLOADS: Partial<Record<string, Download>> = {
  runs: downloadOfRun,
  models: downloadOfModels,
  'mlflow-artifacts': downloadOfProxy,
};

/**
 * `runs:/ID/PATH`: the run's artifacts, or, as MLflow 3 stores them, the logged model of that name among its outputs
 * (`RunsArtifactRepository` in `mlflow/store/artifact/runs_artifact_repo.py`).
 */
async function downloadOfRun(client: Connection, uri: string, destination: string): Promise<void> {
  const [, run_id = '', path = ''] = /^runs:\/+([^/]+)\/+(.+?)\/*$/.exec(uri) ?? [];
  if (path === '') throw new Error(`Cannot read the model URI ${uri}: it must be runs:/RUN_ID/PATH`);
  const { run } = await client.getRun({ run_id });
  const list: ListFiles = (folder) => allPages((page) => client.listArtifacts({ run_id, path: folder, ...page }));
  if (await exists(run.info.artifact_uri, path, list)) {
    await downloadArtifacts(client, run.info.artifact_uri, path, list, destination);
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

async function exists(root: string, path: string, list: ListFiles): Promise<boolean> {
  if (/^mlflow-artifacts:/.test(root)) return (await list(path)).length > 0;
  const local = root.startsWith('file:') ? fileURLToPath(root) : root;
  return (await stat(join(local, path)).catch(() => undefined)) !== undefined;
}

async function downloadOfModels(client: Connection, uri: string, destination: string): Promise<void> {
  const model_id = /^models:\/+(m-[^/@]+)\/*$/.exec(uri)?.[1];
  if (model_id === undefined) {
    throw new Error(`Cannot read the model URI ${uri}: of models:, only models:/m-ID (a logged model) is understood`);
  }
  const { model } = await client.getLoggedModel({ model_id });
  await downloadLoggedModel(client, model_id, model.info.artifact_uri, destination);
}

async function downloadLoggedModel(client: Connection, model_id: string, root: string, to: string): Promise<void> {
  const list: ListFiles = (folder) =>
    allPages((page) => client.listLoggedModelArtifacts({ model_id, artifact_directory_path: folder, ...page }));
  await downloadArtifacts(client, root, '', list, to);
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
