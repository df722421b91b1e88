/** A request for a prediction: what it is written in is found out, its bytes go to the engine, and what comes back is the answer. */
import type { ErrorCode } from '../../api/errors.js';
import { dialectOf } from './codecs/dialect.js';
import { offeredTypes, type ReplyType, replyTypeOf } from './codecs/reply-type.js';
import { type Engine, Unavailable } from './engine/engine.js';
import type { Job } from './engine/protocol.js';
import { type Answer, type Exchange, failure, type Handler, plain, readBody } from './http.js';

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

/** How a protocol words a refusal. */
export type Refuse = (status: number, code: ErrorCode, message: string) => Answer;

/** SageMaker passes it in both directions; its limits are those of InvokeEndpoint. */
const CUSTOM_ATTRIBUTES = 'X-Amzn-SageMaker-Custom-Attributes';
const VISIBLE = /^[\x20-\x7e]{0,1024}$/;

/** `POST /invocations`. */
export function invocation(options: InvocationOptions): Handler {
  return (exchange) => {
    const { request, response } = exchange;
    const attributes = request.headers[CUSTOM_ATTRIBUTES.toLowerCase()];
    if (attributes !== undefined) {
      if (!VISIBLE.test(String(attributes))) {
        return refuse(400, 'BAD_REQUEST', `${CUSTOM_ATTRIBUTES} must be at most 1024 visible ASCII characters.`);
      }
      response.setHeader(CUSTOM_ATTRIBUTES, attributes);
    }
    const dialect = dialectOf(request.headers['content-type']);
    if ('refusal' in dialect) return plain(415, dialect.refusal);
    const offered = offeredTypes(options.engine()?.interface.outputs.length ?? 1, options.replyType);
    const accept = replyTypeOf(request.headers.accept, offered);
    if (!accept) return plain(406, notAcceptable(request.headers.accept, offered));
    return answerTo(exchange, { dialect, accept }, options, refuse);
  };
}

/** MLflow's server answers a late request with bare text, of this type. */
const refuse: Refuse = (status, code, message) =>
  status === 504 ? { status, type: 'application/json', body: message } : failure(status, code, message);

function notAcceptable(accept: string | undefined, offered: readonly ReplyType[]): string {
  const types = offered.map((type) => `'${type}'`).join(', ');
  return `This predictor answers in the following content types: Types: [${types}]. Got '${accept}'.`;
}

/**
 * Reads the body, and answers what the engine does; 413, 503 and 504 in the protocol's words. `aligned`: bytes of the body
 * before numbers that are to lie aligned in memory.
 */
export async function answerTo(
  { request, response }: Exchange,
  job: Omit<Job, 'body'>,
  options: InvocationOptions,
  refuse: Refuse,
  aligned = 0,
): Promise<Answer | undefined> {
  // Before the body is read: what cannot be queued need not be held either.
  if (options.engine()?.full) return refuse(503, 'TEMPORARILY_UNAVAILABLE', 'The queue is full.');
  const body = await readBody(request, options.maxPayload, aligned);
  if (body === 'too large') {
    return refuse(413, 'REQUEST_TOO_LARGE', `The body is larger than ${options.maxPayload} MiB.`);
  }
  if (body === 'gone') return undefined;
  const engine = options.engine();
  if (!engine) return refuse(503, 'TEMPORARILY_UNAVAILABLE', 'No model is loaded yet.');
  const { reply, cancel } = engine.submit({ ...job, body });
  response.once('close', cancel);
  return inTime(reply, options.timeout, refuse).finally(cancel);
}

/** The engine's answer, or 504 after `timeout` milliseconds, or 503. */
async function inTime(reply: Promise<Answer>, timeout: number, refuse: Refuse): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Answer>((resolve) => {
    const expire = () => resolve(refuse(504, 'DEADLINE_EXCEEDED', 'Request processing time exceeded limit'));
    timer = setTimeout(expire, timeout);
  });
  try {
    return await Promise.race([reply, late]);
  } catch (error) {
    if (error instanceof Unavailable) return refuse(503, 'TEMPORARILY_UNAVAILABLE', error.message);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
