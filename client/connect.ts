/**
 * The endpoint table over HTTP: `connect(uri)` has one typed method per endpoint, and the artifact proxy.
 * It works against mltrack and against MLflow's own server. Browser-safe: nothing of Node is imported here.
 */
import {
  API_PREFIXES,
  type ApiCalls,
  ARTIFACT_PROXY_PATH,
  api,
  type EndpointName,
  type ErrorBody,
  errorCodeOfStatus,
  MltrackError,
  STATUS_OF_ERROR,
} from '../api/index.js';

export interface ConnectOptions {
  /** Default: the global fetch. */
  fetch?: typeof fetch;
  /** Sent with every request. */
  headers?: Record<string, string>;
  /** Credentials: a bearer token, or a user name and a password. */
  token?: string;
  username?: string;
  password?: string;
  /** Milliseconds until a request is given up. Default 120,000, MLflow's own. */
  timeout?: number;
  /** How often a request that the server did not take (connection refused, 429, 503) is sent again. Default 5. */
  retries?: number;
}

/** One request below the server's root, with retries; the answer is 2xx. */
export type Send = (
  method: string,
  path: string,
  body?: BodyInit,
  headers?: Record<string, string>,
) => Promise<Response>;

export interface ArtifactStore {
  /** Stores bytes below an `mlflow-artifacts:` URI. Throws INVALID_PARAMETER_VALUE for any other scheme. */
  put(rootUri: string, path: string, body: BodyInit): Promise<void>;
  /** The bytes as a response to read or stream. Throws RESOURCE_DOES_NOT_EXIST when there are none. */
  get(rootUri: string, path: string): Promise<Response>;
  /** Removes a file, or a folder with all below it; nothing there is no error. */
  remove(rootUri: string, path: string): Promise<void>;
  /** Where the bytes can be downloaded. */
  url(rootUri: string, path: string): string;
}

export interface Connection extends ApiCalls {
  /** The server's URL, without a slash at its end. */
  readonly uri: string;
  readonly artifacts: ArtifactStore;
  /** Any other request below the server's root, such as a part of a file by Range. Throws MltrackError for all but 2xx. */
  readonly send: Send;
}

/** Connects to a tracking server. No request is made until a method is called. */
export function connect(uri: string, options: ConnectOptions = {}): Connection {
  const root = uri.replace(/\/+$/, '');
  const send = sender(root, options);
  const connection: Record<string, unknown> = { uri: root, artifacts: artifactStore(root, send), send };
  for (const name of Object.keys(api) as EndpointName[]) {
    connection[name] = (request: Record<string, unknown>) => call(root, send, name, request);
  }
  optionsOf.set(connection, options);
  return connection as unknown as Connection;
}

/** How each connection was made. Kept beside it, so that a program that prints its connection prints no password. */
const optionsOf = new WeakMap<object, ConnectOptions>();

/** How to make a connection's like elsewhere, or undefined when it was not made by `connect`. */
export const connectOptionsOf = (connection: Connection): ConnectOptions | undefined => optionsOf.get(connection);

/** The same connection for one who tries again himself. */
export const withoutRetries = (connection: Connection): Connection =>
  connect(connection.uri, { ...optionsOf.get(connection), retries: 0 });

async function call(root: string, send: Send, name: EndpointName, request: Record<string, unknown>): Promise<unknown> {
  const { method, path, response } = api[name];
  const inPath = new Set<string>();
  const filled = path.replace(/\{(\w+)\}/g, (_, field: string) => {
    inPath.add(field);
    return encodeURIComponent(String(request[field]));
  });
  const verb = method[0] as string;
  // A body says what the path says, too: MLflow's server asks for it there.
  const answer =
    verb === 'GET'
      ? await send(verb, API_PREFIXES[0] + filled + queryString(request, inPath))
      : await send(verb, API_PREFIXES[0] + filled, JSON.stringify(request, isPlain(request) ? undefined : wireValue), {
          'content-type': 'application/json',
        });
  try {
    return response.revive(await answer.json());
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const type = answer.headers.get('content-type') ?? 'something';
    const message = `${root} answers with ${type}, not JSON: is it a tracking server's address? (${verb} ${API_PREFIXES[0]}${filled})`;
    throw new MltrackError('TEMPORARILY_UNAVAILABLE', message, { cause: error });
  }
}

/** Doubles and int64s that JSON cannot write, as protobuf's JSON mapping does. */
function wireValue(_key: string, value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  return typeof value === 'bigint' ? String(value) : value;
}

/** Whether JSON writes the value as it is: a replacer costs ten times what this does. */
function isPlain(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return typeof value !== 'bigint';
  if (Array.isArray(value)) return value.every(isPlain);
  for (const key in value) if (!isPlain((value as Record<string, unknown>)[key])) return false;
  return true;
}

function queryString(fields: Record<string, unknown>, except: ReadonlySet<string>): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(fields)) {
    if (value === undefined || value === null || except.has(key)) continue;
    for (const each of Array.isArray(value) ? value : [value]) query.append(key, String(each));
  }
  const text = query.toString();
  return text && `?${text}`;
}

function artifactStore(root: string, send: Send): ArtifactStore {
  const where = (rootUri: string, path: string) => API_PREFIXES[0] + proxyPath(rootUri, path);
  return {
    async put(rootUri, path, body) {
      await send('PUT', where(rootUri, path), body, { 'content-type': 'application/octet-stream' });
    },
    get: (rootUri, path) => send('GET', where(rootUri, path)),
    async remove(rootUri, path) {
      await send('DELETE', where(rootUri, path));
    },
    url: (rootUri, path) => root + where(rootUri, path),
  };
}

function proxyPath(rootUri: string, path: string): string {
  const match = /^mlflow-artifacts:(?:\/\/[^/]*)?\/*(.*)$/.exec(rootUri);
  if (!match) {
    throw new MltrackError(
      'INVALID_PARAMETER_VALUE',
      `The artifacts at ${rootUri} are not served by the tracking server (only mlflow-artifacts: URIs are).`,
    );
  }
  const segments = `${match[1]}/${path}`.split('/').filter((segment) => segment !== '');
  // An URL with these would lead to another place.
  if (segments.includes('..') || segments.includes('.')) {
    throw new MltrackError('INVALID_PARAMETER_VALUE', `Invalid path: ${path}`);
  }
  return `${ARTIFACT_PROXY_PATH}/${segments.map(encodeURIComponent).join('/')}`;
}

const RETRIED_STATUSES = new Set([429, 503]);

function sender(root: string, options: ConnectOptions): Send {
  const { timeout = 120_000, retries = 5 } = options;
  const headers: Record<string, string> = { ...options.headers };
  if (options.token) headers.authorization = `Bearer ${options.token}`;
  else if (options.username !== undefined) {
    headers.authorization = `Basic ${base64(`${options.username}:${options.password ?? ''}`)}`;
  }
  return async (method, path, body, extra) => {
    if (!isAddress(root)) {
      const message = `The tracking URI must be a server's address, such as http://127.0.0.1:5000, not '${root}'`;
      throw new MltrackError('INVALID_PARAMETER_VALUE', message);
    }
    const send = options.fetch ?? fetch;
    for (let attempt = 0; ; attempt++) {
      const last = attempt >= retries || (typeof body === 'object' && body instanceof ReadableStream);
      let answer: Response;
      try {
        answer = await send(root + path, {
          method,
          headers: { ...headers, ...extra },
          signal: AbortSignal.timeout(timeout),
          ...(body !== undefined && { body }),
        });
      } catch (error) {
        if (last || !isConnectionRefused(error)) throw unreachable(root, method, path, error);
        await pause(attempt);
        continue;
      }
      if (answer.ok) return answer;
      if (last || !RETRIED_STATUSES.has(answer.status)) throw await errorOf(answer, method, root + path);
      await answer.body?.cancel();
      await pause(attempt, Number(answer.headers.get('retry-after')));
    }
  };
}

/** No waiting makes a server of a file or of a name without a scheme. In a page the address may be relative to it. */
function isAddress(root: string): boolean {
  const { location } = globalThis as { location?: { href: string } };
  try {
    return /^https?:$/.test(new URL(root, location?.href).protocol);
  } catch {
    return false;
  }
}

function pause(attempt: number, seconds?: number): Promise<void> {
  const wait = seconds ? Math.min(seconds * 1000, 30_000) : Math.min(200 * 2 ** attempt, 10_000);
  return new Promise((resolve) => setTimeout(resolve, wait * (0.75 + Math.random() / 2)));
}

/** Nothing was sent: Node's fetch says so in the cause's code. */
function isConnectionRefused(error: unknown): boolean {
  const cause = (error as { cause?: { code?: string } }).cause;
  return cause?.code === 'ECONNREFUSED';
}

function unreachable(root: string, method: string, path: string, error: unknown): Error {
  const cause = (error as { cause?: { code?: string; message?: string } }).cause;
  const name = (error as Error).name;
  const why =
    name === 'TimeoutError' ? 'no answer in time' : (cause?.code ?? cause?.message ?? (error as Error).message);
  return new MltrackError('TEMPORARILY_UNAVAILABLE', `Cannot reach ${root}: ${why} (${method} ${path})`, {
    cause: error,
  });
}

async function errorOf(answer: Response, method: string, url: string): Promise<MltrackError> {
  const error = await errorOfBody(answer, method, url);
  const seconds = Number(answer.headers.get('retry-after'));
  if (seconds > 0) error.retryAfter = seconds;
  return error;
}

async function errorOfBody(answer: Response, method: string, url: string): Promise<MltrackError> {
  const text = await answer.text();
  const where = `(${method} ${url}, ${answer.status}${requestId(answer)})`;
  try {
    const body = JSON.parse(text) as ErrorBody;
    if (body.error_code in STATUS_OF_ERROR) return new MltrackError(body.error_code, `${body.message} ${where}`);
  } catch {
    // Not ours: a proxy's page, or plain text. Its beginning is the message.
  }
  return new MltrackError(errorCodeOfStatus(answer.status), `${text.slice(0, 300) || answer.statusText} ${where}`);
}

function requestId(answer: Response): string {
  const id = answer.headers.get('x-request-id');
  return id ? `, request ${id}` : '';
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
