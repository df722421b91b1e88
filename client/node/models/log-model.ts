/** `logModel` in Node: the model may be a file, which is streamed with the files of its weights, whatever their size. */
import { openAsBlob } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, posix } from 'node:path';
import { MltrackError, type RunInfo } from '../../../api/index.js';
import type { Connection } from '../../connect.js';
import { MODEL_FILE, type ModelFile, type ModelSource } from '../../models/folder.js';
import { type LoggedModelInfo, type LogModelOptions, logModel as log, modelOfBytes } from '../../models/log-model.js';
import { externalFiles } from '../../onnx/graph.js';
import { putBytes } from '../files.js';
import { outlineOf } from './outline.js';

/**
 * Logs an ONNX model, its bytes or its file's path, as one that the run made; the weight files that it names lie beside the file.
 * Rejects with INVALID_PARAMETER_VALUE when it is no ONNX model or a weight file is missing, and with the server's refusal.
 */
export async function logModel(
  client: Connection,
  run: Pick<RunInfo, 'run_id' | 'experiment_id' | 'artifact_uri'>,
  model: Uint8Array | string,
  options: LogModelOptions = {},
): Promise<LoggedModelInfo> {
  const source = typeof model === 'string' ? await modelOfFile(model) : modelOfBytes(model);
  return log(client, run, source, options, (rootUri, path, content) => putBytes(client, rootUri, path, content));
}

export async function modelOfFile(file: string): Promise<ModelSource> {
  if (!(await isFile(file))) throw invalid(`No such file: ${file}`);
  const outline = await outlineOf(file).catch((cause) => {
    throw invalid(`${file} is no ONNX model: ${(cause as Error).message}`, cause);
  });
  const files: ModelFile[] = [{ path: MODEL_FILE, content: await openAsBlob(file) }];
  for (const path of weightFiles(outline, file)) {
    if (isAbsolute(path) || posix.normalize(path).startsWith('..')) {
      throw invalid(`The weights of ${file} lie outside its folder, at ${path}`);
    }
    const weights = join(dirname(file), path);
    if (!(await isFile(weights))) throw invalid(`The file ${path} with weights of ${file} cannot be read`);
    files.push({ path, content: await openAsBlob(weights) });
  }
  return { outline, files };
}

const isFile = async (path: string) => (await stat(path).catch(() => undefined))?.isFile() ?? false;

function weightFiles(outline: Uint8Array, file: string): string[] {
  try {
    return externalFiles(outline);
  } catch (cause) {
    throw invalid(`${file} is no ONNX model: ${(cause as Error).message}`, cause);
  }
}

const invalid = (message: string, cause?: unknown) =>
  new MltrackError('INVALID_PARAMETER_VALUE', message, cause === undefined ? undefined : { cause });
