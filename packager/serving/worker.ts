/**
 * A thread with one InferenceSession of its own: takes some jobs, answers them, takes the next. The only file that imports
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
import { type Feeds, type Outcome, runTogether } from './batch.js';
import { decode, encode } from './codecs/codecs.js';
import type { FromWorker, Job, JobReply, WorkerSetup } from './protocol.js';
import { bind, type Call, type Interface } from './pyfunc.js';
import { type Batching, probeRows } from './row-probe.js';
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

function probe(model: LoadedModel, example: string | undefined): Promise<Batching> {
  const { session, inputs, outputs } = model;
  const fixedOutputs = outputs.filter(({ tensor, labels }) => {
    const found = session.outputMetadata.find((output) => output.name === tensor);
    // What a ZipMap read has no shape in the graph: the probe sees how many rows it has.
    return !labels && !(found?.isTensor && typeof found.shape[0] === 'string');
  });
  return probeRows(
    {
      inputs,
      fixedOutputs: fixedOutputs.map(({ name }) => name),
      example: example ? exampleFeeds(model, example) : undefined,
    },
    (feeds) => infer(model, feeds),
  );
}

/** An input example is a body of `/invocations`. One that cannot be read is none. */
function exampleFeeds(model: LoadedModel, file: string): Feeds | undefined {
  try {
    return bind(decode(readFileSync(file), { codec: 'mlflow-json' }), model).feeds;
  } catch {
    return undefined;
  }
}

/** One reply for each job; a body that is refused has no part in the others' run. */
async function answer(model: LoadedModel, jobs: readonly Job[]): Promise<{ replies: JobReply[]; joined: number }> {
  const calls = jobs.map((job) => read(model, job));
  const good = calls.filter((call): call is Call => 'feeds' in call);
  const outcomes = await runTogether(
    good.map((call) => call.feeds),
    (feeds) => infer(model, feeds),
  );
  let next = 0;
  const replies = calls.map((call, index) => {
    const outcome: Outcome = 'feeds' in call ? (outcomes[next++] as Outcome) : call;
    return replyTo(outcome, call as Call, jobs[index] as Job);
  });
  return { replies, joined: outcomes.filter((outcome) => 'joined' in outcome && outcome.joined).length };
}

function read(model: LoadedModel, { dialect, body }: Job): Call | { error: unknown } {
  try {
    return bind(decode(body, dialect), model);
  } catch (error) {
    return { error };
  }
}

function replyTo(outcome: Outcome, { form, rows }: Call, { dialect }: Job): JobReply {
  try {
    if ('error' in outcome) throw outcome.error;
    return reply(200, encode({ outputs: outcome.outputs, form, rows }, dialect));
  } catch (error) {
    if (error instanceof MltrackError) return reply(error.status, JSON.stringify(error.body()));
    console.error(error);
    return reply(500, JSON.stringify({ error_code: 'INTERNAL_ERROR', message: 'The reply could not be made.' }));
  }
}

/** Throws BAD_REQUEST with onnxruntime's reason when the graph refuses the feeds. */
async function infer(model: LoadedModel, feeds: Feeds): Promise<Output[]> {
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
  const batching = setup.probe ? await probe(model, setup.model.example) : undefined;
  port.on('message', async (jobs: readonly Job[]) => {
    const { replies, joined } = await answer(model, jobs);
    const bodies = replies.map(({ body }) => body.buffer);
    say({ event: 'replies', replies, joined }, bodies);
  });
  say({ event: 'loaded', batching });
} catch (error) {
  say({ event: 'failed', reason: firstLine(error) });
}
