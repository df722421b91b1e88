/** `logModel`: an ONNX model into a tracking server: as a logged model of MLflow 3, or below the run's artifacts where the server is older. */
import { type LoggedModel, MltrackError, type ModelVersion, type RunInfo } from '../../api/index.js';
import type { Connection } from '../connect.js';
import { registerModel } from '../registry.js';
import { MODEL_FILE, type ModelDescription, type ModelFile, type ModelSource, modelFolder } from './folder.js';
import type { ModelSignature } from './signature.js';

export interface LogModelOptions extends ModelDescription {
  /** Default: "model". */
  name?: string;
  /** Made a version of this registered model, which is created when missing. */
  registeredModelName?: string;
  /** Of the logged model. */
  params?: Readonly<Record<string, string | number | boolean | bigint>>;
  tags?: Readonly<Record<string, string>>;
  modelType?: string;
  /** The step of the run at which the model was as it is. Default 0. */
  step?: number | bigint;
}

export interface LoggedModelInfo {
  /** What `mlflow.pyfunc.load_model` and `models serve` take. */
  readonly modelUri: string;
  /** Undefined on a server without logged models. */
  readonly modelId: string | undefined;
  readonly runId: string;
  readonly name: string;
  readonly artifactUri: string;
  readonly signature: ModelSignature | undefined;
  /** The version that was made of it, when it was registered. */
  readonly registeredVersion: ModelVersion | undefined;
}

/** Stores a file below an artifact URI. */
export type PutArtifact = (
  client: Connection,
  rootUri: string,
  path: string,
  content: ModelFile['content'],
) => Promise<void>;

const putBytes: PutArtifact = async (client, rootUri, path, content) => {
  if (content instanceof Uint8Array) await client.artifacts.put(rootUri, path, content);
};

/** What a model is called where nothing else is said. */
export const MODEL_NAME = 'model';

/** The model's bytes as what is logged. */
export function modelOfBytes(bytes: Uint8Array): ModelSource {
  const content = bytes as Uint8Array<ArrayBuffer>;
  return { outline: bytes, files: [{ path: MODEL_FILE, content, size: bytes.length }] };
}

/**
 * Logs a model as one that the run made. Rejects with the server's refusal; the logged model is then marked as failed.
 * Rejects with INVALID_PARAMETER_VALUE when the bytes are no ONNX model.
 */
export async function logModel(
  client: Connection,
  run: Pick<RunInfo, 'run_id' | 'experiment_id' | 'artifact_uri'>,
  source: ModelSource,
  options: LogModelOptions = {},
  put: PutArtifact = putBytes,
): Promise<LoggedModelInfo> {
  const name = options.name ?? MODEL_NAME;
  // Before anything is created: bytes that are no model leave nothing behind.
  folderOf(source, options, { artifactPath: name });
  const created = await createLoggedModel(client, run, name, options);
  const stored = created
    ? await storeLogged(client, run.run_id, created, source, options, put)
    : await storeInRun(client, run, name, source, options, put);
  const info = { runId: run.run_id, name, ...stored };
  if (options.registeredModelName === undefined) return { ...info, registeredVersion: undefined };
  const registeredVersion = await registerModel(client, info.modelUri, options.registeredModelName);
  return { ...info, registeredVersion };
}

function folderOf(...args: Parameters<typeof modelFolder>) {
  try {
    return modelFolder(...args);
  } catch (cause) {
    if (cause instanceof MltrackError) throw cause;
    throw new MltrackError('INVALID_PARAMETER_VALUE', `The model cannot be logged: ${(cause as Error).message}`, {
      cause,
    });
  }
}

/** Undefined where the server knows no logged models, as before MLflow 3. */
async function createLoggedModel(
  client: Connection,
  { run_id, experiment_id }: Pick<RunInfo, 'run_id' | 'experiment_id'>,
  name: string,
  { params = {}, tags = {}, modelType }: LogModelOptions,
): Promise<LoggedModel | undefined> {
  try {
    const { model } = await client.createLoggedModel({
      experiment_id,
      name,
      source_run_id: run_id,
      model_type: modelType,
      params: keyValues(params),
      tags: keyValues(tags),
    });
    return model;
  } catch (error) {
    const code = error instanceof MltrackError ? error.code : undefined;
    if (code === 'NOT_FOUND' || code === 'ENDPOINT_NOT_FOUND' || code === 'NOT_IMPLEMENTED') return undefined;
    throw error;
  }
}

const keyValues = (record: Readonly<Record<string, unknown>>) =>
  Object.entries(record).map(([key, value]) => ({ key, value: String(value) }));

async function storeLogged(
  client: Connection,
  run_id: string,
  { info }: LoggedModel,
  source: ModelSource,
  options: LogModelOptions,
  put: PutArtifact,
) {
  const { model_id, artifact_uri } = info;
  const { files, signature } = folderOf(source, options, {
    artifactPath: artifact_uri,
    runId: run_id,
    modelId: model_id,
  });
  try {
    for (const { path, content } of files) await put(client, artifact_uri, path, content);
  } catch (error) {
    // The failed upload is what the caller is to hear of.
    await client.finalizeLoggedModel({ model_id, status: 'LOGGED_MODEL_UPLOAD_FAILED' }).catch(() => {});
    throw error;
  }
  await client.finalizeLoggedModel({ model_id, status: 'LOGGED_MODEL_READY' });
  await client.logOutputs({ run_id, models: [{ model_id, step: options.step ?? 0 }] });
  return { modelUri: `models:/${model_id}`, modelId: model_id, artifactUri: artifact_uri, signature };
}

async function storeInRun(
  client: Connection,
  { run_id, artifact_uri }: Pick<RunInfo, 'run_id' | 'artifact_uri'>,
  name: string,
  source: ModelSource,
  options: LogModelOptions,
  put: PutArtifact,
) {
  const { files, signature, mlmodel } = folderOf(source, options, { artifactPath: name, runId: run_id });
  for (const { path, content } of files) await put(client, artifact_uri, `${name}/${path}`, content);
  await client.logModel({ run_id, model_json: JSON.stringify(mlmodel) });
  return {
    modelUri: `runs:/${run_id}/${name}`,
    modelId: undefined,
    artifactUri: `${artifact_uri.replace(/\/+$/, '')}/${name}`,
    signature,
  };
}
