/**
 * A model in onnxruntime: how its session is opened, what it takes and gives, and one inference. The only file that imports
 * onnxruntime-node, whose `create` and `run` block their thread.
 */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { InferenceSession, listSupportedBackends, Tensor as OrtTensor } from 'onnxruntime-node';
import { MltrackError } from '../../../api/errors.js';
import { type ElementType, graphInputs } from '../../../client/onnx/graph.js';
import type { ModelDescription, SessionOptions } from '../../mlmodel.js';
import { cutZipMaps, type OutputInfo } from '../../onnx/zip-map.js';
import type { Provider } from '../probing/provider.js';
import { type Interface, narrowed } from '../pyfunc.js';
import { blank, type NumericArray, type Output, type OutputTensorInfo, sizeOf, type Tensor } from '../tensor.js';
import type { Feeds } from './batch.js';

export interface LoadedModel extends Interface {
  readonly session: InferenceSession;
  readonly fetches: readonly OutputInfo[];
}

/**
 * Throws an Error with the reason when the model or the provider does not load, or an output cannot be returned.
 * What a provider other than cpu has no kernel for runs on the CPU.
 */
export async function load(model: ModelDescription, provider: Provider, intraOpThreads: number): Promise<LoadedModel> {
  const { inputs, rewritten, outputs: fetches } = graphOfFile(model.file);
  const options = { ...sessionOptions(model.session, intraOpThreads), executionProviders: [provider] };
  const session = await (rewritten
    ? InferenceSession.create(rewritten, {
        ...options,
        extra: { ...options.extra, [WEIGHTS_FOLDER]: dirname(model.file) },
      })
    : InferenceSession.create(model.file, options));
  const other = session.outputMetadata.find((output) => !output.isTensor);
  if (other) throw new Error(`the output '${other.name}' is not a tensor: it cannot be served`);
  const outputs = fetches.map((fetch) => outputTensorInfo(fetch, session));
  return { session, fetches, inputs: narrowed(inputs, model.inputs), outputs, signature: model.inputs };
}

/**
 * The graph's sides, and the model again where its ZipMaps had to be cut. The file's bytes are given back at once: a thread that
 * has nothing to do collects no garbage, and would keep the weights a second time.
 */
function graphOfFile(path: string) {
  const { size } = statSync(path);
  const memory = new ArrayBuffer(size, { maxByteLength: size });
  try {
    const bytes = new Uint8Array(memory);
    readInto(bytes, path);
    return { inputs: graphInputs(bytes), ...cutZipMaps(bytes) };
  } finally {
    memory.resize(0);
  }
}

function readInto(bytes: Uint8Array, path: string): void {
  const file = openSync(path, 'r');
  try {
    for (let at = 0; at < bytes.length; ) {
      const length = readSync(file, bytes, at, Math.min(bytes.length - at, 2 ** 30), at);
      if (length === 0) throw new Error(`${path} has become shorter while it was read`);
      at += length;
    }
  } finally {
    closeSync(file);
  }
}

/** Names of the execution providers in this build of onnxruntime; a library or the device of one may still be missing. */
export const providers = (): string[] => listSupportedBackends().map(({ name }) => name);

function outputTensorInfo({ name, tensor, labels }: OutputInfo, session: InferenceSession): OutputTensorInfo {
  const found = session.outputMetadata.find((output) => output.name === tensor);
  if (!found?.isTensor) throw new Error(`the output '${name}' is not in the graph`);
  // What a ZipMap read has no shape in the graph, but one row for each of the maps.
  const shape = labels ? [-1, labels.length] : found.shape.map((axis) => (typeof axis === 'number' ? axis : -1));
  return { name, type: found.type as ElementType, shape, labels };
}

/** A model given as bytes has no folder in which onnxruntime would find its weight files; this option names it. */
const WEIGHTS_FOLDER = 'session.model_external_initializers_file_folder_path';

const OPTIMIZATION_LEVELS: Partial<Record<number, 'disabled' | 'basic' | 'extended' | 'all'>> = {
  1: 'basic',
  2: 'extended',
  99: 'all',
};

function sessionOptions(given: SessionOptions, threads: number): InferenceSession.SessionOptions {
  const level = OPTIMIZATION_LEVELS[given.optimizationLevel ?? 99];
  return {
    intraOpNumThreads: given.intraOpThreads ?? threads,
    ...(given.interOpThreads !== undefined && { interOpNumThreads: given.interOpThreads }),
    ...(given.executionMode && { executionMode: given.executionMode }),
    ...(level && { graphOptimizationLevel: level }),
    // Errors only: warnings about a graph are for its author, not for who serves it.
    logSeverityLevel: 3,
    extra: { ...given.config },
  };
}

/** One inference on zeros, so that the first request is not the slow one. That zeros may be no valid input says nothing. */
export async function warmUp(model: LoadedModel): Promise<void> {
  await infer(model, zeros(model, 1)).catch(() => undefined);
}

/** Zeros, or empty texts, for every input: as many rows where axis 0 is free, and 1 for any other free axis. */
export function zeros({ inputs }: Interface, rows: number): Feeds {
  return Object.fromEntries(
    inputs.map(({ name, type, shape = [] }) => {
      const dims = shape.map((length, axis) => (length === -1 ? (axis === 0 ? rows : 1) : length));
      return [name, { type, dims, data: blank(type, sizeOf(dims)) }];
    }),
  );
}

/** Throws BAD_REQUEST with onnxruntime's reason when the graph refuses the feeds. */
export async function infer(model: LoadedModel, feeds: Feeds): Promise<Output[]> {
  const given = Object.entries(feeds).map(([name, tensor]) => [name, toOrt(tensor)] as const);
  let results: InferenceSession.OnnxValueMapType;
  try {
    results = await model.session.run(Object.fromEntries(given));
  } catch (error) {
    throw new MltrackError(
      'BAD_REQUEST',
      `Encountered an unexpected error while evaluating the model. Verify that the input is compatible with the model for inference. Error: ${firstLine(error)}`,
    );
  }
  return model.fetches.map(({ name, tensor, labels }) => {
    return { name, labels, tensor: fromOrt(results[tensor] as OrtTensor) };
  });
}

function toOrt({ type, data, dims }: Tensor): OrtTensor {
  return type === 'string'
    ? new OrtTensor('string', data as string[], dims)
    : new OrtTensor(type, data as Uint8Array, dims);
}

function fromOrt({ type, data, dims }: OrtTensor): Tensor {
  if (type !== 'float16') return { type, dims, data: data as NumericArray } as Tensor;
  // Where there is a Float16Array, onnxruntime gives one; its bits are what the codecs read.
  const { buffer, byteOffset, length } = data as Uint16Array;
  return { type, dims, data: new Uint16Array(buffer, byteOffset, length) };
}

export function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.trim().split('\n')[0] as string;
}
