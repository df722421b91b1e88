/** The endpoint table as routes: finds the endpoint of a request, collects its bytes, and passes them to the store's threads. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { API_PREFIXES, api, type EndpointName, invalid, LIMITS, MltrackError } from '../api/index.js';
import { refuseTracking } from './artifacts/refusals.js';
import { type AuthFront, challenge } from './auth/front.js';
import { answerSession, isSessionEndpoint } from './auth/sessions.js';
import { sendCompressed, sendError, sendJson } from './http-answers.js';
import { notImplemented } from './not-implemented.js';
import type { Backend } from './threads/backend.js';
import type { Log } from './threads/thread.js';

/** How long the answer of a search may take, in ms. */
const DEADLINE = 60_000;

interface Pattern {
  readonly regex: RegExp;
  readonly names: readonly string[];
  readonly methods: Map<string, EndpointName>;
}

interface Found {
  readonly methods: ReadonlyMap<string, EndpointName>;
  /** Throws INVALID_PARAMETER_VALUE for a field that is no valid percent-encoding. */
  pathFields(): Record<string, string>;
}

const noFields = () => ({});

/**
 * Answers a request when its path is an endpoint's: a look-up, where a router would try its routes one by one. Without a
 * backend the answer is that there is none; with `auth` each sender is known before the store is asked.
 */
export function mount(backend: Backend | undefined, log: Log, auth?: AuthFront) {
  const find = finder();
  return (req: IncomingMessage, res: ServerResponse, id: string): boolean => {
    const url = req.url ?? '';
    const at = url.indexOf('?');
    const path = at < 0 ? url : url.slice(0, at);
    const found = find(path);
    if (!found || (!found.methods.has(req.method ?? '') && notImplemented(path))) return false;
    if (!backend) {
      refuseTracking(path, res);
      return true;
    }
    answer(backend, log, auth, found, at < 0 ? '' : url.slice(at + 1), req, res, id).catch((error: unknown) => {
      if (error instanceof MltrackError) return sendError(res, error, id);
      log(`${id} ${(error as Error).stack ?? error}`);
      sendError(res, new MltrackError('TEMPORARILY_UNAVAILABLE', 'The store cannot be reached at the moment.'), id);
    });
    return true;
  };
}

async function answer(
  backend: Backend,
  log: Log,
  auth: AuthFront | undefined,
  { methods, pathFields }: Found,
  query: string,
  req: IncomingMessage,
  res: ServerResponse,
  id: string,
): Promise<void> {
  const endpoint = methods.get(req.method ?? '');
  const isSession = endpoint !== undefined && isSessionEndpoint(endpoint);
  const identity = isSession ? undefined : auth && (await auth.identify(req, res, id));
  if (auth && !identity && !isSession) return;
  if (!endpoint) return refuseMethod(res, [...methods.keys()], id);
  const body = await collect(req);
  if (!body) return;
  if (body.length > 0) checkContentType(req);
  const fields = { ...(query === '' ? {} : queryFields(query)), ...pathFields() };
  if (isSession) return answerSession(auth, endpoint, { fields, body }, req, res, id);
  const response = await backend.send({
    endpoint,
    fields,
    body,
    requestId: id,
    deadline: Date.now() + DEADLINE,
    identity,
  });
  if (response.failure !== undefined) log(`${id} ${response.failure}`);
  if (auth && response.status === 401) return challenge(req, res, id);
  if (req.url?.includes(BEYOND)) await sendCompressed(req, res, response.status, response.body, id);
  else sendJson(res, response.status, response.body, id);
}

/** Of the calls that pages make: their clients are browsers, which take compressed answers and may be far away. */
const BEYOND = '/2.0/mltrack/';

/** Endpoints by path under every prefix; paths with fields by pattern, in the table's order. */
function finder(): (path: string) => Found | undefined {
  const fixed = new Map<string, Map<string, EndpointName>>();
  const patterns = new Map<string, Pattern>();
  for (const [name, { path, method }] of Object.entries(api)) {
    for (const prefix of API_PREFIXES) {
      const methods = path.includes('{') ? patternOf(patterns, prefix + path).methods : fixedOf(fixed, prefix + path);
      for (const each of method) methods.set(each, name as EndpointName);
    }
  }
  return (path) => {
    const known = fixed.get(path);
    if (known) return { methods: known, pathFields: noFields };
    for (const { regex, names, methods } of patterns.values()) {
      const match = regex.exec(path);
      if (!match) continue;
      const pathFields = () => Object.fromEntries(names.map((name, i) => [name, decoded(match[i + 1] ?? '')]));
      return { methods, pathFields };
    }
    return undefined;
  };
}

function fixedOf(fixed: Map<string, Map<string, EndpointName>>, path: string): Map<string, EndpointName> {
  const methods = fixed.get(path) ?? new Map<string, EndpointName>();
  fixed.set(path, methods);
  return methods;
}

function patternOf(patterns: Map<string, Pattern>, path: string): Pattern {
  const known = patterns.get(path);
  if (known) return known;
  const names: string[] = [];
  const source = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    names.push(name);
    return '([^/]+)';
  });
  const pattern = { regex: new RegExp(`^${source}$`), names, methods: new Map<string, EndpointName>() };
  patterns.set(path, pattern);
  return pattern;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid('The path is not valid percent-encoding.');
  }
}

function queryFields(query: string): Record<string, string | string[]> {
  const fields: Record<string, string | string[]> = {};
  for (const [name, value] of new URLSearchParams(query)) {
    const before = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (before === undefined) fields[name] = value;
    else fields[name] = Array.isArray(before) ? [...before, value] : [before, value];
  }
  return fields;
}

/** The body's pieces, or undefined when the client went away. Throws REQUEST_TOO_LARGE past the limit. */
function collect(req: IncomingMessage): Promise<Uint8Array[] | undefined> {
  const length = Number(req.headers['content-length'] ?? 0);
  if (length === 0 && req.headers['transfer-encoding'] === undefined) return Promise.resolve([]);
  const tooLarge = () =>
    new MltrackError('REQUEST_TOO_LARGE', `The request body is larger than ${LIMITS.requestBody} bytes.`);
  if (length > LIMITS.requestBody) return Promise.reject(tooLarge());
  return new Promise((resolve, reject) => {
    const pieces: Uint8Array[] = [];
    let size = 0;
    req.on('data', (piece: Buffer) => {
      size += piece.byteLength;
      if (size <= LIMITS.requestBody) pieces.push(piece);
      else {
        req.removeAllListeners('data');
        req.resume();
        reject(tooLarge());
      }
    });
    req.on('end', () => resolve(pieces));
    req.on('error', () => resolve(undefined));
    req.on('close', () => resolve(undefined));
  });
}

const JSON_TYPE = /^application\/json\s*(;|$)/i;

/** As MLflow, which has its clients name the type where a browser's form could send one. */
function checkContentType(req: IncomingMessage): void {
  if (req.method !== 'POST' && req.method !== 'PUT') return;
  const type = req.headers['content-type'];
  if (type === undefined) throw invalid('Bad Request. Content-Type header is missing.');
  if (!JSON_TYPE.test(type)) throw invalid("Bad Request. Content-Type must be one of ['application/json'].");
}

function refuseMethod(res: ServerResponse, allowed: readonly string[], id: string): void {
  res.setHeader('allow', allowed.join(', '));
  const body = {
    error_code: 'ENDPOINT_NOT_FOUND',
    message: `Method not allowed; this path takes ${allowed.join(', ')}.`,
  };
  sendJson(res, 405, Buffer.from(JSON.stringify(body)), id);
}
