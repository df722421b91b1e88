/** A request for a prediction: what it is written in is found out, its bytes go to the engine, and what comes back is the answer. */
import { dialectOf } from './codecs/dialect.js';
import { offeredTypes, type ReplyType, replyTypeOf } from './codecs/reply-type.js';
import { type Engine, Unavailable } from './engine.js';
import { type Answer, failure, type Handler, plain, readBody } from './http.js';
import type { Job } from './protocol.js';

export interface InvocationOptions {
  /** The engine, once its model is loaded. */
  engine(): Engine | undefined;
  /** Milliseconds until a request is answered 504. */
  readonly timeout: number;
  /** The largest body, in MiB. */
  readonly maxPayload: number;
  /** What a reply is written as where the request leaves it open. */
  readonly replyType: ReplyType;
}

/** `POST /invocations`. */
export function invocation(options: InvocationOptions): Handler {
  return async ({ request, response }) => {
    const dialect = dialectOf(request.headers['content-type']);
    if ('refusal' in dialect) return plain(415, dialect.refusal);
    const offered = offeredTypes(options.engine()?.interface.outputs.length ?? 1, options.replyType);
    const accept = replyTypeOf(request.headers.accept, offered);
    if (!accept) return plain(406, notAcceptable(request.headers.accept, offered));
    // Before the body is read: what cannot be queued need not be held either.
    if (options.engine()?.full) return failure(503, 'TEMPORARILY_UNAVAILABLE', 'The queue is full.');
    const body = await readBody(request, options.maxPayload);
    if (body === 'too large') {
      return failure(413, 'REQUEST_TOO_LARGE', `The body is larger than ${options.maxPayload} MiB.`);
    }
    if (body === 'gone') return undefined;
    const engine = options.engine();
    if (!engine) return failure(503, 'TEMPORARILY_UNAVAILABLE', 'No model is loaded yet.');
    const gone = (leave: () => void) => response.once('close', leave);
    return predict(engine, { dialect, accept, body }, options.timeout, gone);
  };
}

function notAcceptable(accept: string | undefined, offered: readonly ReplyType[]): string {
  const types = offered.map((type) => `'${type}'`).join(', ');
  return `This predictor answers in the following content types: Types: [${types}]. Got '${accept}'.`;
}

/** The engine's answer, or 504 after `timeout` milliseconds, or 503. `gone` is told what to do when the client leaves. */
async function predict(engine: Engine, job: Job, timeout: number, gone: (leave: () => void) => void): Promise<Answer> {
  const { reply, cancel } = engine.submit(job);
  gone(cancel);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Answer>((resolve) => {
    timer = setTimeout(() => {
      cancel();
      resolve({ status: 504, type: 'application/json', body: 'Request processing time exceeded limit' });
    }, timeout);
  });
  try {
    return await Promise.race([reply, late]);
  } catch (error) {
    if (error instanceof Unavailable) return failure(503, 'TEMPORARILY_UNAVAILABLE', error.message);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
