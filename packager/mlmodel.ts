/** The `MLmodel` file of a model folder: where the ONNX graph lies, its signature, and how a session is to be opened. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';

/** One input of a signature. Source: `Schema`, `ColSpec` and `TensorSpec` in `mlflow/types/schema.py`. */
export interface InputSpec {
  /** A tensor, or a column of a frame. */
  readonly kind: 'tensor' | 'column';
  readonly name: string | undefined;
  /** False for a column that a request may leave out. */
  readonly required: boolean;
}

/** `onnx_session_options` of the flavour (`_OnnxModelWrapper` in `mlflow/onnx/__init__.py`). */
export interface SessionOptions {
  readonly intraOpThreads?: number;
  readonly interOpThreads?: number;
  readonly executionMode?: 'sequential' | 'parallel';
  /** onnxruntime's `GraphOptimizationLevel`: 0, 1, 2 or 99. */
  readonly optimizationLevel?: number;
  readonly config?: Readonly<Record<string, string>>;
}

export interface ModelDescription {
  /** The model's folder. */
  readonly directory: string;
  /** The ONNX file in it; weights outside it lie beside it. */
  readonly file: string;
  /** Bytes of the folder's files. */
  readonly size: number;
  /** The signature's inputs; undefined when the model has no signature. */
  readonly inputs: readonly InputSpec[] | undefined;
  readonly session: SessionOptions;
  /** onnxruntime's names of execution providers, the preferred one first; undefined when the flavour has none. */
  readonly providers: readonly string[] | undefined;
  /** A file with an example of a request's body (`serving_input_example.json`). */
  readonly example: string | undefined;
}

interface OnnxFlavor {
  data?: unknown;
  loader_module?: unknown;
  onnx_session_options?: unknown;
  providers?: unknown;
}

interface MLmodel {
  flavors?: Partial<Record<string, OnnxFlavor | null>> | null;
  signature?: { inputs?: unknown } | null;
  saved_input_example_info?: { serving_input_path?: unknown } | null;
}

/**
 * Reads a model folder: its MLmodel, or a bare `model.onnx`.
 * Throws an Error of one line when the folder, its ONNX flavour or its file is not there.
 */
export async function readModel(directory: string): Promise<ModelDescription> {
  const mlmodel = await readMLmodel(directory);
  const flavor = mlmodel && onnxFlavor(mlmodel, directory);
  const data = typeof flavor?.data === 'string' ? flavor.data : 'model.onnx';
  const file = join(directory, data);
  const found = await stat(file).catch(() => undefined);
  if (!found?.isFile()) {
    throw new Error(
      mlmodel ? `No file ${data} in ${directory}` : `No model in ${directory}: no MLmodel, no model.onnx`,
    );
  }
  const example = mlmodel?.saved_input_example_info?.serving_input_path;
  return {
    directory,
    file,
    size: await folderSize(directory),
    inputs: mlmodel ? signatureInputs(mlmodel, directory) : undefined,
    session: sessionOptions(flavor?.onnx_session_options),
    providers: Array.isArray(flavor?.providers) ? flavor.providers.map(String) : undefined,
    example: typeof example === 'string' ? join(directory, example) : undefined,
  };
}

async function readMLmodel(directory: string): Promise<MLmodel | undefined> {
  const found = await stat(directory).catch(() => undefined);
  if (!found?.isDirectory()) throw new Error(`No model at ${directory}: no such folder`);
  const text = await readFile(join(directory, 'MLmodel'), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : parseMLmodel(text, directory);
}

/** `where` names the model in an error. */
export function parseMLmodel(text: string, where: string): MLmodel {
  let content: unknown;
  try {
    content = parse(text);
  } catch (error) {
    throw new Error(`The MLmodel of ${where} is not YAML: ${(error as Error).message.split('\n')[0]}`);
  }
  if (typeof content !== 'object' || content === null) throw new Error(`The MLmodel of ${where} is empty`);
  return content as MLmodel;
}

/** The flavour `onnx`, else `python_function` when it loads ONNX. Throws an Error that names the flavours there are. */
export function onnxFlavor(mlmodel: MLmodel, where: string): OnnxFlavor {
  const flavors = mlmodel.flavors ?? {};
  if (flavors.onnx) return flavors.onnx;
  const pyfunc = flavors.python_function;
  if (pyfunc?.loader_module === 'mlflow.onnx') return pyfunc;
  const found = Object.keys(flavors).join(', ') || 'none';
  throw new Error(`The model at ${where} has no onnx flavor (it has: ${found})`);
}

async function folderSize(directory: string): Promise<number> {
  let size = 0;
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    if (entry.isFile()) size += (await stat(join(directory, entry.name))).size;
  }
  return size;
}

/** The signature's input list is JSON inside the YAML. */
function signatureInputs(mlmodel: MLmodel, where: string): InputSpec[] | undefined {
  const json = mlmodel.signature?.inputs;
  if (typeof json !== 'string') return undefined;
  let list: unknown;
  try {
    list = JSON.parse(json);
  } catch {
    throw new Error(`The signature in the MLmodel of ${where} is not JSON`);
  }
  if (!Array.isArray(list)) throw new Error(`The signature in the MLmodel of ${where} is not a list of inputs`);
  return list.map((spec: { type?: unknown; name?: unknown; required?: unknown }) => ({
    kind: spec.type === 'tensor' ? 'tensor' : 'column',
    name: typeof spec.name === 'string' ? spec.name : undefined,
    required: spec.required !== false,
  }));
}

function sessionOptions(options: unknown): SessionOptions {
  if (typeof options !== 'object' || options === null) return {};
  const given = options as Record<string, unknown>;
  const mode = String(given.execution_mode ?? '').toLowerCase();
  const config = given.extra_session_config;
  return {
    ...(isCount(given.intra_op_num_threads) && { intraOpThreads: given.intra_op_num_threads }),
    ...(isCount(given.inter_op_num_threads) && { interOpThreads: given.inter_op_num_threads }),
    ...((mode === 'sequential' || mode === 'parallel') && { executionMode: mode }),
    ...(isCount(given.graph_optimization_level) && { optimizationLevel: given.graph_optimization_level }),
    ...(typeof config === 'object' &&
      config !== null && {
        config: Object.fromEntries(Object.entries(config).map(([key, value]) => [key, String(value)])),
      }),
  };
}

/** MLflow skips an option that is 0 or null. */
function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0;
}
