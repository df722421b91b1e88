/** One repository of a registry, spoken to over HTTP: addresses, authorization, redirects, and which failures pass. */
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { type Auth, authorizer } from './auth.js';
import { type Credentials, storedCredentials } from './credentials.js';
import { checkScheme, exchange, type Outgoing } from './exchange.js';
import { failureOf, type Patience, patiently, pauseAfter, RegistryError } from './failure.js';
import { type EcrRegistry, ecrRegistry, type Reference, registryUrl } from './reference.js';

export interface RegistryOptions {
  /** Where the registry answers, when its name does not say: scheme, host and port. Plain http is for this machine only. */
  readonly url?: string | undefined;
  /** Default: what `docker login` has stored for the host, when the registry wants any. */
  readonly credentials?: Credentials | undefined;
  /** Others, once the registry says that the given ones have expired. */
  readonly renewCredentials?: (() => Promise<Credentials>) | undefined;
  /** Aborted, the operation ends and rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** How often a request that the network or an overloaded registry failed is tried again. Default 5. */
  readonly retries?: number | undefined;
  /** Milliseconds before the first of these; twice as many before each further one. Default 250. */
  readonly pause?: number | undefined;
}

export interface RegistryRequest {
  readonly method: Outgoing['method'];
  /** Below the repository (`manifests/TAG`), or a whole address as an upload session has. */
  readonly to: string | URL;
  readonly headers?: Record<string, string>;
  readonly body?: Uint8Array | Readable;
  /** The statuses that are an answer; any other is thrown. */
  readonly accept: readonly number[];
  /** Begins the message of an error: `Uploading sha256:…`. */
  readonly doing: string;
}

export interface Repository {
  /** Its name below the registry. */
  readonly name: string;
  /** The registry's, with a port where it has one. */
  readonly host: string;
  /** The address below which it lies, ending in a slash. */
  readonly root: URL;
  /** Whose ECR it is, by name or by address. */
  readonly ecr: EcrRegistry | undefined;
  /**
   * One try. GET and HEAD follow redirects, and the Authorization header goes to the registry only: of a redirect to another
   * host, HEAD returns the answer itself. Throws a RegistryError.
   */
  ask(request: RegistryRequest): Promise<IncomingMessage>;
  /** Tries as often as the options say. */
  patiently<T>(attempt: () => Promise<T>): Promise<T>;
  /** For tries that are no one call: waits before the next, or throws the error when there is to be none. */
  pauseAfter(error: unknown, tried: number): Promise<void>;
}

const REDIRECTS = [301, 302, 303, 307, 308];
const MAX_REDIRECTS = 5;

/** Makes no request. `scopes` are what a token must allow, such as `repository:NAME:pull`. */
export function openRepository(reference: Reference, scopes: readonly string[], options: RegistryOptions): Repository {
  const { signal, retries = 5, pause = 250, credentials, renewCredentials: fresh } = options;
  const root = rootOf(options.url ?? registryUrl(reference.registry));
  const patience: Patience = { retries, pause, signal };
  const auth = authorizer({
    ...patience,
    credentials,
    fresh,
    scopes,
    stored: () => storedCredentials(root.host, signal),
  });
  const ecr = ecrRegistry(reference.registry) ?? ecrRegistry(root.host);
  const channel: Channel = { root, auth, signal, ecr };
  const below = new URL(`/v2/${reference.repository}/`, root);
  return {
    name: reference.repository,
    host: root.host,
    root: below,
    ecr,
    ask: (request) => ask(channel, new URL(request.to, below), request),
    patiently: (attempt) => patiently(patience, attempt),
    pauseAfter: (error, tried) => pauseAfter(error, tried, patience),
  };
}

function rootOf(text: string): URL {
  const wrong = () =>
    new RegistryError(`The registry’s address ${text}: scheme://HOST or scheme://HOST:PORT was expected`);
  if (!URL.canParse(text)) throw wrong();
  const url = new URL(text);
  if (!/^https?:$/.test(url.protocol)) throw wrong();
  if (url.username !== '' || url.password !== '') {
    throw new RegistryError(
      `The registry’s address at ${url.host} holds a user or password: they are given apart from it`,
    );
  }
  if (!/^\/?$/.test(url.pathname + url.search + url.hash)) throw wrong();
  checkScheme(url, 'The registry’s address');
  return url;
}

interface Channel {
  readonly root: URL;
  readonly auth: Auth;
  readonly signal: AbortSignal | undefined;
  readonly ecr: EcrRegistry | undefined;
}

async function ask(channel: Channel, first: URL, request: RegistryRequest): Promise<IncomingMessage> {
  const { method, doing } = request;
  const follows = method === 'GET' || method === 'HEAD';
  let url = first;
  for (let hops = 0; ; hops++) {
    checkScheme(url, `${doing}: the address`);
    const answer = await authorized(channel, url, request);
    const status = answer.statusCode ?? 0;
    if (request.accept.includes(status)) return answer;
    const location = answer.headers.location;
    if (!follows || !REDIRECTS.includes(status) || location === undefined) throw await failureOf(answer, doing);
    const next = addressIn(location, url, doing);
    if (method === 'HEAD' && next.origin !== channel.root.origin) return answer;
    answer.resume();
    if (hops === MAX_REDIRECTS)
      throw new RegistryError(`${doing}: the registry redirects more than ${MAX_REDIRECTS} times`);
    url = next;
  }
}

/** An answer's Location, which may be relative. Throws a RegistryError when it is none. */
export function addressIn(location: string | undefined, from: URL | string, doing: string): URL {
  if (location === undefined || !URL.canParse(location, from)) {
    throw new RegistryError(`${doing}: the registry’s answer has no Location to go on with`);
  }
  return new URL(location, from);
}

async function authorized(channel: Channel, url: URL, request: RegistryRequest): Promise<IncomingMessage> {
  const { auth, root, signal } = channel;
  const { method, headers, body, doing } = request;
  const isRegistry = url.origin === root.origin;
  for (let last = false; ; last = true) {
    const authorization = isRegistry ? await auth.header() : undefined;
    const sent = { ...headers, ...(authorization !== undefined && { authorization }) };
    const answer = await exchange({ method, url, headers: sent, body, signal }, doing);
    if (!isRegistry || (answer.statusCode !== 401 && answer.statusCode !== 403)) return answer;
    const failure = await failureOf(answer, doing);
    const again = !last && (await mayAgain(auth, answer, { method, failure, sent: authorization }));
    if (!again) throw refused(channel, failure, authorization !== undefined);
    if (body === undefined || body instanceof Uint8Array) continue;
    // A stream is spent: whoever made it makes another.
    throw new RegistryError(failure.message, { status: answer.statusCode, temporary: true });
  }
}

interface Refused {
  readonly method: Outgoing['method'];
  readonly failure: RegistryError;
  readonly sent: string | undefined;
}

/** ECR says 403 of a token that is too old, and to HEAD no word of why. */
function mayAgain(auth: Auth, answer: IncomingMessage, { method, failure, sent }: Refused): Promise<boolean> {
  const { statusCode, headers } = answer;
  const isOld = statusCode === 403 && (method === 'HEAD' || /token has expired/i.test(failure.message));
  if (isOld) return auth.expired(sent);
  return statusCode === 401 ? auth.challenged(headers['www-authenticate'], sent) : Promise.resolve(false);
}

function refused({ root, ecr }: Channel, failure: RegistryError, hadCredentials: boolean): RegistryError {
  const cure = ecr
    ? 'a token of ECR’s lasts 12 hours and its user needs the permission'
    : `see docker login ${root.host}`;
  const why = hadCredentials ? 'the credentials do not suffice' : 'no credentials are known';
  return new RegistryError(`${failure.message} (${why}; ${cure})`, { status: failure.status, code: failure.code });
}
