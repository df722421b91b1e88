/** A thread with one session of its own: takes some jobs, answers them, takes the next. */
import { parentPort, workerData } from 'node:worker_threads';
import { MltrackError } from '../../api/errors.js';
import { type Outcome, runTogether } from './batch.js';
import { decode, encode, failureReply } from './codecs/codecs.js';
import { exampleFeeds } from './probing/example.js';
import { type Batching, probeRows } from './probing/row-probe.js';
import type { FromWorker, Job, JobReply, WorkerSetup } from './protocol.js';
import { bind, type Call } from './pyfunc.js';
import { firstLine, infer, type LoadedModel, load, warmUp } from './session.js';

function probe(model: LoadedModel, example: string | undefined): Promise<Batching> {
  const { inputs, outputs } = model;
  const fixedOutputs = outputs.filter(({ shape }) => shape[0] !== -1);
  return probeRows(
    {
      inputs,
      fixedOutputs: fixedOutputs.map(({ name }) => name),
      example: exampleFeeds(model, example),
    },
    (feeds) => infer(model, feeds),
  );
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

function replyTo(outcome: Outcome, { form, rows }: Call, { dialect, accept }: Job): JobReply {
  try {
    if ('error' in outcome) throw outcome.error;
    return encode({ outputs: outcome.outputs, form, rows }, dialect, accept);
  } catch (error) {
    if (error instanceof MltrackError) return failureReply(error, dialect);
    console.error(error);
    return failureReply(new MltrackError('INTERNAL_ERROR', 'The reply could not be made.'), dialect);
  }
}

const port = parentPort;
if (!port) throw new Error('This file runs as a worker thread.');
const say = (message: FromWorker, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);

const setup = workerData as WorkerSetup;
try {
  const model = await load(setup.model, setup.provider, setup.intraOpThreads);
  await warmUp(model);
  const batching = setup.probe ? await probe(model, setup.model.example) : undefined;
  port.on('message', async (jobs: readonly Job[]) => {
    const { replies, joined } = await answer(model, jobs);
    const bodies = replies.map(({ body }) => body.buffer);
    say({ event: 'replies', replies, joined }, bodies);
  });
  say({ event: 'loaded', batching, inputs: model.inputs, outputs: model.outputs });
} catch (error) {
  say({ event: 'failed', reason: firstLine(error) });
}
