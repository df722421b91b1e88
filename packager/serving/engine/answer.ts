/** Jobs to replies by a loaded model, in whichever thread it is. */
import { MltrackError } from '../../../api/errors.js';
import { decode, encode, failureReply } from '../codecs/codecs.js';
import { exampleFeeds } from '../probing/example.js';
import { type Batching, probeRows } from '../probing/row-probe.js';
import { bind, type Call } from '../pyfunc.js';
import { type Outcome, runTogether } from './batch.js';
import type { Job, JobReply } from './protocol.js';
import { infer, type LoadedModel } from './session.js';

export interface Answered {
  /** One for each job, in their order. */
  readonly replies: JobReply[];
  /** How many of the jobs shared a run with another. */
  readonly joined: number;
}

/** Whether jobs may be answered together. `example`: a file with a body of `/invocations`. */
export function probeBatching(model: LoadedModel, example: string | undefined): Promise<Batching> {
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

/** Several jobs share runs where their shapes agree; a body that is refused has no part in the others' run. */
export async function answer(model: LoadedModel, jobs: readonly Job[]): Promise<Answered> {
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

/** What walks a body calls itself for each level of it: one of thousands of levels ends the stack, which is a RangeError. */
const TOO_DEEP = new MltrackError(
  'BAD_REQUEST',
  'Invalid input. It is nested thousands of levels deep, or has too many values.',
);

function read(model: LoadedModel, { dialect, body }: Job): Call | { error: unknown } {
  try {
    return bind(decode(body, dialect), model);
  } catch (error) {
    return { error: error instanceof RangeError ? TOO_DEEP : error };
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
