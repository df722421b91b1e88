/** The routes of a model server, on node:http: it reads bodies as bytes, hands them to the engine and sends what comes back. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { dialectOf } from './codecs/dialect.js';
import { type Engine, Unavailable } from './engine.js';
import { createMetrics } from './metrics.js';

export interface HttpOptions {
  /** The engine, once its model is loaded. */
  engine(): Engine | undefined;
  /** Milliseconds until a request is answered 504. */
  readonly timeout: number;
  /** The largest body, in MiB. */
  readonly maxPayload: number;
  readonly version: string;
}

interface Answer {
  readonly status: number;
  readonly type: 'application/json' | 'text/plain';
  readonly body: string | Uint8Array;
}

const json = (status: number, body: unknown): Answer => ({
  status,
  type: 'application/json',
  body: JSON.stringify(body),
});
const failure = (status: number, error_code: string, message: string) => json(status, { error_code, message });
const plain = (status: number, body: string): Answer => ({ status, type: 'text/plain', body });

/** SageMaker's batch transform multiplies the two and allows 100 (CreateTransformJob, MaxPayloadInMB). */
const TRANSFORM_MB = 100;

/** Longer than the idle time of the load balancers in front, which would else reuse a connection that is just being closed. */
const KEEP_ALIVE_MS = 75_000;

/** A full queue has moved on by then, and a worker that died has been replaced. */
const RETRY_AFTER_S = 1;

/** A server that does not listen yet. */
export function createModelServer(options: HttpOptions): Server {
  const metrics = createMetrics();
  const gets: Partial<Record<string, () => Answer>> = {
    '/ping': () => health(options.engine()),
    '/health': () => health(options.engine()),
    '/version': () => ({ status: 200, type: 'application/json', body: options.version }),
    '/metrics': () => plain(200, metrics.text(options.engine())),
    '/execution-parameters': () => executionParameters(options),
  };
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, async (request, response) => {
    const path = (request.url ?? '/').split('?')[0] as string;
    const get = gets[path];
    if (path === '/invocations' && request.method === 'POST') {
      const start = performance.now();
      const answer = await invoke(request, response, options);
      if (!answer) return;
      send(response, answer);
      metrics.count(answer.status, (performance.now() - start) / 1000);
    } else if (get && (request.method === 'GET' || request.method === 'HEAD')) send(response, get());
    else if (get || path === '/invocations') {
      response.setHeader('allow', get ? 'GET, HEAD' : 'POST');
      send(response, failure(405, 'BAD_REQUEST', `${request.method} is not allowed for ${path}`));
    } else send(response, failure(404, 'ENDPOINT_NOT_FOUND', `Nothing is served at ${path}`));
  });
  // By default Node asks for every announced body; one that is too big is refused unread.
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    if (!isTooLarge(request, options.maxPayload)) response.writeContinue();
    server.emit('request', request, response);
  });
  return server;
}

function health(engine: Engine | undefined): Answer {
  if (engine && engine.ready > 0) return { status: 200, type: 'application/json', body: '\n' };
  return failure(503, 'TEMPORARILY_UNAVAILABLE', engine ? 'No worker answers.' : 'No model is loaded.');
}

function executionParameters({ engine, maxPayload }: HttpOptions): Answer {
  const payload = Math.min(maxPayload, TRANSFORM_MB);
  const atOnce = Math.min(engine()?.workers ?? 1, Math.floor(TRANSFORM_MB / payload));
  return json(200, { MaxConcurrentTransforms: atOnce, BatchStrategy: 'MULTI_RECORD', MaxPayloadInMB: payload });
}

/** Undefined when the client has gone. */
async function invoke(
  request: IncomingMessage,
  response: ServerResponse,
  options: HttpOptions,
): Promise<Answer | undefined> {
  const dialect = dialectOf(request.headers['content-type']);
  if ('refusal' in dialect) return plain(415, dialect.refusal);
  // Before the body is read: what cannot be queued need not be held either.
  if (options.engine()?.full) return failure(503, 'TEMPORARILY_UNAVAILABLE', 'The queue is full.');
  const limit = options.maxPayload * 2 ** 20;
  const body = isTooLarge(request, options.maxPayload) ? 'too large' : await readBody(request, limit);
  if (body === 'too large') {
    return failure(413, 'REQUEST_TOO_LARGE', `The body is larger than ${options.maxPayload} MiB.`);
  }
  if (body === 'gone') return undefined;
  const engine = options.engine();
  if (!engine) return failure(503, 'TEMPORARILY_UNAVAILABLE', 'No model is loaded yet.');
  const { reply, cancel } = engine.submit({ dialect, body });
  response.once('close', cancel);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Answer>((resolve) => {
    timer = setTimeout(() => {
      cancel();
      resolve({ status: 504, type: 'application/json', body: 'Request processing time exceeded limit' });
    }, options.timeout);
  });
  try {
    const done = reply.then(({ status, body }): Answer => ({ status, type: 'application/json', body }));
    return await Promise.race([done, late]);
  } catch (error) {
    if (error instanceof Unavailable) return failure(503, 'TEMPORARILY_UNAVAILABLE', error.message);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function isTooLarge(request: IncomingMessage, maxPayload: number): boolean {
  return Number(request.headers['content-length'] ?? 0) > maxPayload * 2 ** 20;
}

/** The body in memory of its own, which can be given to a worker. */
function readBody(request: IncomingMessage, limit: number): Promise<Uint8Array<ArrayBuffer> | 'too large' | 'gone'> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= limit) chunks.push(chunk);
      else {
        chunks.length = 0;
        resolve('too large');
      }
    });
    request.on('end', () => {
      if (length <= limit) resolve(joined(chunks, length));
    });
    request.on('error', () => resolve('gone'));
    request.on('close', () => resolve('gone'));
  });
}

function joined(chunks: readonly Buffer[], length: number): Uint8Array<ArrayBuffer> {
  const body = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk, at);
    at += chunk.length;
  }
  return body;
}

function send(response: ServerResponse, { status, type, body }: Answer): void {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  if (status === 503) response.setHeader('retry-after', RETRY_AFTER_S);
  response.writeHead(status, {
    'content-type': type === 'text/plain' ? 'text/plain; charset=utf-8' : type,
    'content-length': bytes.byteLength,
  });
  response.end(bytes);
}
