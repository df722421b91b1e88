/** An ONNX model as it is logged from Node: its bytes, or its file, which is streamed with the files of its weights, whatever their size. */
import { stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, posix } from 'node:path';
import { MltrackError } from '../../../api/index.js';
import { MODEL_FILE, type ModelFile, type ModelSource } from '../../models/folder.js';
import { modelOfBytes } from '../../models/log-model.js';
import { externalFiles } from '../../onnx/graph.js';
import { outlineOf } from './outline.js';

/** Rejects with INVALID_PARAMETER_VALUE when there is no such file, it is no ONNX model, or a file of its weights is missing. */
export async function modelOf(model: Uint8Array | string): Promise<ModelSource> {
  return typeof model === 'string' ? modelOfFile(model) : modelOfBytes(model);
}

async function modelOfFile(file: string): Promise<ModelSource> {
  const size = await sizeOf(file);
  if (size === undefined) throw invalid(`No such file: ${file}`);
  const outline = await outlineOf(file).catch((cause) => {
    throw invalid(`${file} is no ONNX model: ${(cause as Error).message}`, cause);
  });
  const files: ModelFile[] = [{ path: MODEL_FILE, content: { file }, size }];
  for (const path of weightFiles(outline, file)) {
    if (isAbsolute(path) || posix.normalize(path).startsWith('..')) {
      throw invalid(`The weights of ${file} lie outside its folder, at ${path}`);
    }
    const weights = join(dirname(file), path);
    const weightsSize = await sizeOf(weights);
    if (weightsSize === undefined) throw invalid(`The file ${path} with weights of ${file} cannot be read`);
    files.push({ path, content: { file: weights }, size: weightsSize });
  }
  return { outline, files };
}

/** Undefined where there is no such file. */
async function sizeOf(file: string): Promise<number | undefined> {
  const found = await stat(file).catch(() => undefined);
  return found?.isFile() ? found.size : undefined;
}

function weightFiles(outline: Uint8Array, file: string): string[] {
  try {
    return externalFiles(outline);
  } catch (cause) {
    throw invalid(`${file} is no ONNX model: ${(cause as Error).message}`, cause);
  }
}

const invalid = (message: string, cause?: unknown) =>
  new MltrackError('INVALID_PARAMETER_VALUE', message, cause === undefined ? undefined : { cause });
