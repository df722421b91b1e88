/**
 * The folder of an ONNX model as MLflow writes it, so that Python's `mlflow.pyfunc` and `mlflow.onnx` load it: MLmodel, the ONNX file and
 * the files of its weights, an example, and what Python needs to run it. Source: `save_model` in `mlflow/onnx/__init__.py`.
 */
import { yaml } from '../content/yaml.js';
import type { StoredContent } from '../entries.js';
import { type ExampleFiles, exampleFiles, type InputExample } from './example.js';
import { inferSignature, type ModelSignature } from './signature.js';

/** A file of a model, by its path in the folder. */
export interface ModelFile {
  readonly path: string;
  /** Bytes, or a file on this machine, which is not read into memory. */
  readonly content: StoredContent;
  /** How many bytes it has. */
  readonly size: number;
}

/** An ONNX model that is to be logged. */
export interface ModelSource {
  /** The model's bytes, or those of the model less its weights. */
  readonly outline: Uint8Array;
  /** `model.onnx`, and the files that it names. */
  readonly files: readonly ModelFile[];
}

export interface ModelDescription {
  /** Default: what the graph says. */
  signature?: ModelSignature;
  inputExample?: InputExample;
  /** Kept in the MLmodel as it is. */
  metadata?: Readonly<Record<string, unknown>>;
  /** onnxruntime's execution providers that Python is to try, the best first. */
  providers?: readonly string[];
  /** onnxruntime's options for Python, as `onnx_session_options` in MLflow. */
  sessionOptions?: Readonly<Record<string, unknown>>;
  /** What Python needs. Default: mlflow, onnx and onnxruntime. */
  pipRequirements?: readonly string[];
}

/** Where the folder is to lie. */
export interface ModelPlace {
  readonly artifactPath: string;
  readonly runId?: string | undefined;
  readonly modelId?: string | undefined;
}

export interface ModelFolder {
  readonly files: readonly ModelFile[];
  /** The MLmodel's content. */
  readonly mlmodel: Readonly<Record<string, unknown>>;
  readonly signature: ModelSignature | undefined;
}

export const MODEL_FILE = 'model.onnx';
/** The version of MLflow's model format that is written. */
const MLFLOW_VERSION = '3.0.0';
const PYTHON_VERSION = '3.11.9';
const PROVIDERS = ['CUDAExecutionProvider', 'CPUExecutionProvider'];
const REQUIREMENTS = ['mlflow', 'onnx', 'onnxruntime'];

/** All files of the folder. Throws an Error when the source is no ONNX model, INVALID_PARAMETER_VALUE for a bad example. */
export function modelFolder(source: ModelSource, description: ModelDescription, place: ModelPlace): ModelFolder {
  const inferred = inferSignature(source.outline);
  const signature = { ...inferred, ...description.signature };
  const hasSignature = signature.inputs !== undefined || signature.outputs !== undefined;
  const example = description.inputExample === undefined ? undefined : exampleFiles(description.inputExample);
  const requirements = description.pipRequirements ?? REQUIREMENTS;
  const mlmodel = contentOf(source, description, place, hasSignature ? signature : undefined, example);
  const files: ModelFile[] = [
    ...source.files,
    ...(example?.files ?? []).map(({ path, content }) => textFile(path, content)),
    textFile('requirements.txt', `${requirements.join('\n')}\n`),
    textFile('conda.yaml', yaml(condaEnvironment(requirements))),
    textFile('python_env.yaml', yaml(PYTHON_ENVIRONMENT)),
    // The last: a folder with an MLmodel has the rest, too.
    textFile('MLmodel', yaml(mlmodel)),
  ];
  return { files, mlmodel, signature: hasSignature ? signature : undefined };
}

function contentOf(
  source: ModelSource,
  { metadata, providers = PROVIDERS, sessionOptions }: ModelDescription,
  { artifactPath, runId, modelId }: ModelPlace,
  signature: ModelSignature | undefined,
  example: ExampleFiles | undefined,
): Record<string, unknown> {
  return {
    artifact_path: artifactPath,
    flavors: {
      onnx: {
        code: null,
        data: MODEL_FILE,
        onnx_session_options: sessionOptions ?? null,
        // Of whom wrote the graph nothing is known; loading asks for the key only.
        onnx_version: null,
        providers,
      },
      python_function: {
        data: MODEL_FILE,
        env: { conda: 'conda.yaml', virtualenv: 'python_env.yaml' },
        loader_module: 'mlflow.onnx',
        python_version: PYTHON_VERSION,
      },
    },
    is_signature_from_type_hint: false,
    metadata,
    mlflow_version: MLFLOW_VERSION,
    model_id: modelId ?? null,
    model_size_bytes: source.files.reduce((sum, { size }) => sum + size, 0),
    model_uuid:
      modelId ?? crypto.getRandomValues(new Uint8Array(16)).reduce((hex, byte) => hex + hexadecimal(byte), ''),
    run_id: runId,
    saved_input_example_info: example?.info,
    signature: signature && {
      inputs: jsonOrNull(signature.inputs),
      outputs: jsonOrNull(signature.outputs),
      params: jsonOrNull(signature.params),
    },
    type_hint_from_example: false,
    utc_time_created: new Date().toISOString().replace('T', ' ').replace('Z', '000'),
  };
}

const hexadecimal = (byte: number) => byte.toString(16).padStart(2, '0');
const jsonOrNull = (value: unknown) => (value === undefined ? null : JSON.stringify(value));

function textFile(path: string, text: string): ModelFile {
  const content = new TextEncoder().encode(text);
  return { path, content, size: content.length };
}

const condaEnvironment = (requirements: readonly string[]) => ({
  channels: ['conda-forge'],
  dependencies: [`python=${PYTHON_VERSION}`, 'pip', { pip: requirements }],
  name: 'mlflow-env',
});

const PYTHON_ENVIRONMENT = {
  python: PYTHON_VERSION,
  build_dependencies: ['pip', 'setuptools', 'wheel'],
  dependencies: ['-r requirements.txt'],
};
