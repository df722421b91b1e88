/** HTTP for a model server, on node:http: a table of routes, answers in one piece, and bodies read up to a limit. It knows no model. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

export interface Answer {
  readonly status: number;
  /** Media type. */
  readonly type: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** What the route's pattern captured of the path, decoded. */
  readonly parts: readonly string[];
  /** What follows the path's question mark. */
  readonly query: string;
}

/** Undefined when the client has gone. A GET's handler answers HEAD too. */
export type Handler = (exchange: Exchange) => Answer | undefined | Promise<Answer | undefined>;

export interface Route {
  /** The whole path, or a pattern for it whose groups are the handler's `parts`. */
  readonly path: string | RegExp;
  readonly methods: Partial<Record<'GET' | 'POST' | 'DELETE', Handler>>;
}

export const json = (status: number, body: unknown): Answer => ({
  status,
  type: 'application/json',
  body: JSON.stringify(body),
});
export const failure = (status: number, error_code: string, message: string) => json(status, { error_code, message });
export const plain = (status: number, body: string): Answer => ({ status, type: 'text/plain', body });

/** Longer than the idle time of the load balancers in front, which would else reuse a connection that is just being closed. */
const KEEP_ALIVE_MS = 75_000;

/** A full queue has moved on by then, and a worker that died has been replaced. */
const RETRY_AFTER_S = 1;

/** A server that does not listen yet. `maxPayload`: the largest body, in MiB. */
export function createHttpServer(routes: readonly Route[], maxPayload: number): Server {
  const find = finder(routes);
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, async (request, response) => {
    const [path = '/', query = ''] = (request.url ?? '/').split(/\?(.*)/s);
    const found = find(path);
    if (!found) return send(response, failure(404, 'ENDPOINT_NOT_FOUND', `Nothing is served at ${path}`));
    const { methods } = found.route;
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    const handler = methods[method as keyof typeof methods];
    if (!handler) {
      response.setHeader('allow', Object.keys(methods).map(withHead).join(', '));
      return send(response, failure(405, 'BAD_REQUEST', `${request.method} is not allowed for ${path}`));
    }
    const answer = await handler({ request, response, parts: found.parts, query });
    if (answer) send(response, answer);
  });
  // By default Node asks for every announced body; one that is too big is refused unread.
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    if (!isTooLarge(request, maxPayload)) response.writeContinue();
    server.emit('request', request, response);
  });
  return server;
}

const withHead = (method: string) => (method === 'GET' ? 'GET, HEAD' : method);

type Found = { readonly route: Route; readonly parts: readonly string[] };

function finder(routes: readonly Route[]): (path: string) => Found | undefined {
  const exact = new Map<string, Found>();
  const patterns: { pattern: RegExp; route: Route }[] = [];
  for (const route of routes) {
    if (typeof route.path === 'string') exact.set(route.path, { route, parts: [] });
    else patterns.push({ pattern: route.path, route });
  }
  return (path) => {
    const found = exact.get(path);
    if (found) return found;
    for (const { pattern, route } of patterns) {
      const match = pattern.exec(path);
      const parts = match && decoded(match.slice(1));
      if (parts) return { route, parts };
    }
    return undefined;
  };
}

/** Undefined when a part is not percent-encoded UTF-8. */
function decoded(parts: readonly string[]): string[] | undefined {
  try {
    return parts.map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

function isTooLarge(request: IncomingMessage, maxPayload: number): boolean {
  return Number(request.headers['content-length'] ?? 0) > maxPayload * 2 ** 20;
}

/**
 * The body in memory of its own, which can be given to a worker; `maxPayload` in MiB. The byte at `aligned` lies at a multiple
 * of 8 in that memory, so that numbers of any type can be read there.
 */
export function readBody(
  request: IncomingMessage,
  maxPayload: number,
  aligned = 0,
): Promise<Uint8Array<ArrayBuffer> | 'too large' | 'gone'> {
  if (isTooLarge(request, maxPayload)) return Promise.resolve('too large');
  const limit = maxPayload * 2 ** 20;
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
      if (length <= limit) resolve(joined(chunks, length, aligned));
    });
    request.on('error', () => resolve('gone'));
    request.on('close', () => resolve('gone'));
  });
}

function joined(chunks: readonly Buffer[], length: number, aligned: number): Uint8Array<ArrayBuffer> {
  const start = (8 - (aligned % 8)) % 8;
  const body = new Uint8Array(new ArrayBuffer(start + length), start);
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk, at);
    at += chunk.length;
  }
  return body;
}

function send(response: ServerResponse, { status, type, headers, body }: Answer): void {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  if (status === 503) response.setHeader('retry-after', RETRY_AFTER_S);
  response.writeHead(status, {
    ...headers,
    'content-type': type === 'text/plain' ? 'text/plain; charset=utf-8' : type,
    'content-length': bytes.byteLength,
  });
  response.end(bytes);
}
