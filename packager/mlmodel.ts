/** The `MLmodel` file of a model folder: where the ONNX graph lies, its signature, and how a session is to be opened. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { externalFiles } from '../client/onnx/graph.js';

/** One input or output of a signature. Source: `Schema`, `ColSpec` and `TensorSpec` in `mlflow/types/schema.py`. */
export interface InputSpec {
  /** A tensor, or a column of a frame. */
  readonly kind: 'tensor' | 'column';
  readonly name: string | undefined;
  /** numpy's name of a tensor's element type, MLflow's of a column's (`double`; `array` and the like without what is in it). */
  readonly type: string;
  /** A tensor's, -1 where an axis is free; undefined for a column. */
  readonly shape: readonly number[] | undefined;
  /** False for a column that a request may leave out. */
  readonly required: boolean;
}

/** A parameter of a signature. Source: `ParamSpec` in `mlflow/types/schema.py`. */
export interface ParamSpec {
  readonly name: string;
  /** MLflow's name of the type. */
  readonly type: string;
  readonly default: unknown;
  /** Undefined for a scalar, -1 where an axis is free. */
  readonly shape: readonly number[] | undefined;
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
  /** The run that logged it, as its MLmodel says; undefined when that says none. */
  readonly runId: string | undefined;
  /** Names of the flavours in the MLmodel; empty for a bare ONNX file. */
  readonly flavors: readonly string[];
  /** The signature's inputs; undefined when the model has no signature. */
  readonly inputs: readonly InputSpec[] | undefined;
  /** The signature's outputs; undefined when it has none. */
  readonly outputs: readonly InputSpec[] | undefined;
  /** The signature's parameters, which an ONNX model takes no notice of. */
  readonly params: readonly ParamSpec[];
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
  run_id?: unknown;
  flavors?: Partial<Record<string, OnnxFlavor | null>> | null;
  signature?: { inputs?: unknown; outputs?: unknown; params?: unknown } | null;
  saved_input_example_info?: {
    serving_input_path?: unknown;
    artifact_path?: unknown;
    type?: unknown;
    pandas_orient?: unknown;
  } | null;
}

/**
 * Reads a model folder (its MLmodel, or a bare `model.onnx`), or an ONNX file by itself.
 * Throws an Error of one line when the folder, its ONNX flavour or its file is not there.
 */
export async function readModel(path: string): Promise<ModelDescription> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile()) return readFileAlone(path, found.size);
  if (!found?.isDirectory()) throw new Error(`No model at ${path}: no such folder`);
  return readFolder(path);
}

async function readFolder(directory: string): Promise<ModelDescription> {
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
    runId: typeof mlmodel?.run_id === 'string' ? mlmodel.run_id : undefined,
    flavors: Object.keys(mlmodel?.flavors ?? {}),
    inputs: signatureList(mlmodel, 'inputs', directory)?.map(inputSpec),
    outputs: signatureList(mlmodel, 'outputs', directory)?.map(inputSpec),
    params: signatureList(mlmodel, 'params', directory)?.map(paramSpec) ?? [],
    session: sessionOptions(flavor?.onnx_session_options),
    providers: Array.isArray(flavor?.providers) ? flavor.providers.map(String) : undefined,
    example: typeof example === 'string' ? join(directory, example) : undefined,
  };
}

/** What else lies in the file's folder is not the model's, but for the weights that the file names. */
async function readFileAlone(file: string, fileSize: number): Promise<ModelDescription> {
  const directory = dirname(file);
  let size = fileSize;
  for (const name of weightFiles(await readFile(file))) {
    size += (await stat(join(directory, name)).catch(() => undefined))?.size ?? 0;
  }
  const none = {
    runId: undefined,
    inputs: undefined,
    outputs: undefined,
    params: [],
    providers: undefined,
    example: undefined,
  };
  return { directory, file, size, flavors: [], session: {}, ...none };
}

/** Bytes that are no model name no files: that they do not load is found out by who loads them. */
function weightFiles(model: Uint8Array): string[] {
  try {
    return externalFiles(model);
  } catch {
    return [];
  }
}

async function readMLmodel(directory: string): Promise<MLmodel | undefined> {
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

/** What an MLmodel says to somebody who has not got the model's other files. */
export interface MLmodelSummary extends Pick<ModelDescription, 'flavors' | 'inputs' | 'outputs' | 'params'> {
  /** A file with a request's body; `wrappedIn` names the field that its content belongs in. */
  readonly example: { readonly path: string; readonly wrappedIn?: string } | undefined;
  /** Why it cannot be served: none of its flavours is ONNX. */
  readonly refusal: string | undefined;
}

/** Throws an Error of one line for a text that is no MLmodel. */
export function summarizeMLmodel(text: string, where: string): MLmodelSummary {
  const mlmodel = parseMLmodel(text, where);
  return {
    flavors: Object.keys(mlmodel.flavors ?? {}),
    inputs: signatureList(mlmodel, 'inputs', where)?.map(inputSpec),
    outputs: signatureList(mlmodel, 'outputs', where)?.map(inputSpec),
    params: signatureList(mlmodel, 'params', where)?.map(paramSpec) ?? [],
    example: exampleFile(mlmodel),
    refusal: refusalOf(mlmodel, where),
  };
}

function refusalOf(mlmodel: MLmodel, where: string): string | undefined {
  try {
    onnxFlavor(mlmodel, where);
    return undefined;
  } catch (error) {
    return `${(error as Error).message}: only ONNX is run here.`;
  }
}

/** Before MLflow 2.16 there was no file with a whole body. Source: `_Example` in `mlflow/models/utils.py`. */
function exampleFile({ saved_input_example_info: info }: MLmodel): MLmodelSummary['example'] {
  if (typeof info?.serving_input_path === 'string') return { path: info.serving_input_path };
  if (typeof info?.artifact_path !== 'string') return undefined;
  if (info.type === 'dataframe')
    return { path: info.artifact_path, wrappedIn: `dataframe_${info.pandas_orient ?? 'split'}` };
  return info.type === 'ndarray' ? { path: info.artifact_path } : undefined;
}

async function folderSize(directory: string): Promise<number> {
  let size = 0;
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    if (entry.isFile()) size += (await stat(join(directory, entry.name))).size;
  }
  return size;
}

interface SpecJson {
  readonly name?: unknown;
  readonly type?: unknown;
  readonly required?: unknown;
  readonly default?: unknown;
  readonly shape?: unknown;
  readonly 'tensor-spec'?: { readonly dtype?: unknown; readonly shape?: unknown };
}

/** The lists of a signature are JSON inside the YAML. Throws an Error of one line when this one cannot be read. */
function signatureList(mlmodel: MLmodel | undefined, key: 'inputs' | 'outputs' | 'params', where: string) {
  const json = mlmodel?.signature?.[key];
  if (typeof json !== 'string') return undefined;
  let list: unknown;
  try {
    list = JSON.parse(json);
  } catch {
    throw new Error(`The signature in the MLmodel of ${where} is not JSON`);
  }
  if (!Array.isArray(list) || !list.every((spec) => typeof spec === 'object' && spec !== null)) {
    throw new Error(`The signature in the MLmodel of ${where} is not a list of ${key}`);
  }
  return list as SpecJson[];
}

function inputSpec({ name, type, required, 'tensor-spec': tensor }: SpecJson): InputSpec {
  const isTensor = type === 'tensor';
  return {
    kind: isTensor ? 'tensor' : 'column',
    name: typeof name === 'string' ? name : undefined,
    type: String((isTensor ? tensor?.dtype : type) ?? 'any'),
    shape: isTensor ? lengths(tensor?.shape) : undefined,
    required: required !== false,
  };
}

function paramSpec(spec: SpecJson): ParamSpec {
  return {
    name: String(spec.name),
    type: String(spec.type ?? 'any'),
    default: spec.default ?? null,
    shape: lengths(spec.shape),
  };
}

function lengths(shape: unknown): number[] | undefined {
  return Array.isArray(shape) ? shape.map(Number) : undefined;
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
