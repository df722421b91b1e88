/**
 * A thread with one InferenceSession of its own: takes a job, answers it, takes the next. The only file that imports
 * onnxruntime-node, whose `create` and `run` block their thread.
 */
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { MltrackError } from '../../api/errors.js';
import type { SessionOptions } from '../mlmodel.js';
import { graphInputs } from '../onnx/graph.js';
import { cutZipMaps, type OutputInfo } from '../onnx/zip-map.js';
import { decode, encode } from './codecs/codecs.js';
import type { FromWorker, Job, JobReply, WorkerSetup } from './protocol.js';
import { bind, type Interface } from './pyfunc.js';
import { blank, type NumericArray, type Output, sizeOf, type Tensor } from './tensor.js';

interface LoadedModel extends Interface {
  readonly session: InferenceSession;
  readonly outputs: readonly OutputInfo[];
}

async function load({ model, intraOpThreads }: WorkerSetup): Promise<LoadedModel> {
  const bytes = readFileSync(model.file);
  const inputs = graphInputs(bytes);
  const { rewritten, outputs } = cutZipMaps(bytes);
  const options = sessionOptions(model.session, intraOpThreads);
  const session = await (rewritten
    ? InferenceSession.create(rewritten, {
        ...options,
        extra: { ...options.extra, [WEIGHTS_FOLDER]: dirname(model.file) },
      })
    : InferenceSession.create(model.file, options));
  const other = session.outputMetadata.find((output) => !output.isTensor);
  if (other) throw new Error(`the output '${other.name}' is not a tensor: it cannot be served`);
  return { session, inputs, outputs, signature: model.inputs };
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
async function warmUp(model: LoadedModel): Promise<void> {
  const feeds = model.inputs.map(({ name, type, shape }) => {
    const dims = (shape ?? []).map((length) => Math.max(length, 1));
    return [name, toOrt({ type, dims, data: blank(type, sizeOf(dims)) })] as const;
  });
  await model.session.run(Object.fromEntries(feeds)).catch(() => undefined);
}

async function answer(model: LoadedModel, { dialect, body }: Job): Promise<JobReply> {
  try {
    const call = bind(decode(body, dialect), model);
    const outputs = await infer(model, call.feeds);
    return reply(200, encode({ outputs, form: call.form, rows: call.rows }, dialect));
  } catch (error) {
    if (error instanceof MltrackError) return reply(error.status, JSON.stringify(error.body()));
    console.error(error);
    return reply(500, JSON.stringify({ error_code: 'INTERNAL_ERROR', message: 'The reply could not be made.' }));
  }
}

/** Throws BAD_REQUEST with onnxruntime's reason when the graph refuses the feeds. */
async function infer(model: LoadedModel, feeds: Readonly<Record<string, Tensor>>): Promise<Output[]> {
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
  return model.outputs.map(({ name, tensor, labels }) => {
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

function reply(status: number, text: string): JobReply {
  return { status, body: new TextEncoder().encode(text) };
}

function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.trim().split('\n')[0] as string;
}

const port = parentPort;
if (!port) throw new Error('This file runs as a worker thread.');
const say = (message: FromWorker, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);

const setup = workerData as WorkerSetup;
try {
  const model = await load(setup);
  await warmUp(model);
  port.on('message', async (job: Job) => {
    const reply = await answer(model, job);
    say({ event: 'reply', reply }, [reply.body.buffer]);
  });
  say({ event: 'loaded' });
} catch (error) {
  say({ event: 'failed', reason: firstLine(error) });
}
