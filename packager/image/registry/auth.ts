/**
 * The Authorization header: Basic, as ECR and htpasswd have it, or a token that the registry's token server gives for it.
 * Source: "Token Authentication Specification" and "Token Scope" of the distribution project.
 */
import type { Credentials } from './credentials.js';
import { bodyOf, checkScheme, exchange } from './exchange.js';
import { failureOf, type Patience, patiently, RegistryError } from './failure.js';

export interface AuthOptions extends Patience {
  /** Sent with the first request already, as ECR has it. */
  readonly credentials: Credentials | undefined;
  /** Asked once, and only when the registry wants some and none are given. */
  stored(): Promise<Credentials | undefined>;
  /** Credentials in the place of those that have expired. */
  readonly fresh: (() => Promise<Credentials>) | undefined;
  /** What a token must allow, such as `repository:NAME:pull,push`. */
  readonly scopes: readonly string[];
}

export interface Auth {
  /** For the next request; undefined while the registry has not asked for any. A token near its end is renewed first. */
  header(): Promise<string | undefined>;
  /**
   * Learns from the `WWW-Authenticate` of a 401 to a request that carried `sent`. True when there now is another header to try;
   * false when there is none, so that the registry has refused. Throws a RegistryError when the token server fails.
   */
  challenged(challenge: string | undefined, sent: string | undefined): Promise<boolean>;
  /** Learns that the credentials of a request are too old. True when there now are others. */
  expired(sent: string | undefined): Promise<boolean>;
}

interface Token {
  readonly header: string;
  /** On the clock of `performance.now()`, milliseconds. */
  readonly renewAt: number;
}

interface Bearer {
  readonly realm: URL;
  readonly service: string | undefined;
  readonly scopes: readonly string[];
}

export function authorizer(options: AuthOptions): Auth {
  let lookup: Promise<Credentials | undefined> | undefined;
  const credentials = () => {
    lookup ??= options.credentials ? Promise.resolve(options.credentials) : options.stored();
    return lookup;
  };
  let basic = options.credentials && basicHeader(options.credentials);
  let bearer: Bearer | undefined;
  let token: Token | undefined;
  let renewal: Promise<Token> | undefined;
  let refreshing: Promise<Credentials> | undefined;
  // Uploads run side by side; when a token ends, they need one new one.
  const renew = async (from: Bearer) => {
    renewal ??= credentials().then((known) => fetchToken(from, known, options));
    try {
      token = await renewal;
    } finally {
      renewal = undefined;
    }
    return token.header;
  };
  return {
    async header() {
      if (!bearer) return basic;
      return token && performance.now() < token.renewAt ? token.header : renew(bearer);
    },
    async challenged(challenge, sent) {
      const asked = challengesIn(challenge ?? '');
      if (asked.bearer) {
        if (token && sent !== token.header) return true;
        bearer = bearerOf(asked.bearer, options.scopes);
        await renew(bearer);
        return true;
      }
      if (!asked.basic) return false;
      const known = await credentials();
      basic = known && basicHeader(known);
      return basic !== undefined && basic !== sent;
    },
    async expired(sent) {
      if (!options.fresh) return false;
      if (sent !== basic) return true;
      refreshing ??= options.fresh();
      try {
        basic = basicHeader(await refreshing);
      } finally {
        refreshing = undefined;
      }
      return basic !== sent;
    },
  };
}

function basicHeader(credentials: Credentials): string | undefined {
  if ('identityToken' in credentials) return undefined;
  return `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`, 'utf8').toString('base64')}`;
}

const CHALLENGE = /\b(bearer|basic)\s+(\w+=(?:"[^"]*"|[^\s,"]+)(?:\s*,\s*\w+=(?:"[^"]*"|[^\s,"]+))*)/gi;
const PARAMETER = /(\w+)=(?:"([^"]*)"|([^\s,"]+))/g;

type Parameters = Partial<Record<string, string>>;

function challengesIn(header: string): { bearer?: Parameters; basic?: Parameters } {
  const found: Partial<Record<string, Parameters>> = {};
  for (const [, scheme = '', text = ''] of header.matchAll(CHALLENGE)) {
    const pairs = [...text.matchAll(PARAMETER)].map(([, name = '', quoted, bare]) => [
      name.toLowerCase(),
      quoted ?? bare,
    ]);
    found[scheme.toLowerCase()] = Object.fromEntries(pairs);
  }
  return found;
}

function bearerOf({ realm, service, scope }: Parameters, scopes: readonly string[]): Bearer {
  if (realm === undefined || !URL.canParse(realm)) {
    throw new RegistryError(`The registry wants a token, but names no token server (its realm is '${realm ?? ''}')`);
  }
  const url = new URL(realm);
  checkScheme(url, 'The registry’s token server');
  // What the registry missed comes beside what the whole operation needs.
  return { realm: url, service, scopes: [...new Set([...scopes, ...(scope?.split(' ') ?? [])])] };
}

const MAX_TOKEN = 1024 * 1024;
/** Seconds; the specification's, for a server that says nothing. */
const DEFAULT_LIFE = 60;

function fetchToken({ realm, service, scopes }: Bearer, known: Credentials | undefined, patience: Patience) {
  const doing = `Getting a token from ${realm.host}`;
  return patiently(patience, async (): Promise<Token> => {
    const asked = performance.now();
    const answer = await exchange({ ...tokenRequest(realm, service, scopes, known), signal: patience.signal }, doing);
    if (answer.statusCode !== 200) throw await failureOf(answer, doing);
    const text = (await bodyOf(answer, MAX_TOKEN, doing)).toString('utf8');
    const { value, seconds } = tokenIn(text, doing);
    return { header: `Bearer ${value}`, renewAt: asked + seconds * 900 };
  });
}

function tokenRequest(realm: URL, service: string | undefined, scopes: readonly string[], known?: Credentials) {
  if (known && 'identityToken' in known) {
    const form = new URLSearchParams({ grant_type: 'refresh_token', client_id: 'mltrack', scope: scopes.join(' ') });
    if (service !== undefined) form.set('service', service);
    form.set('refresh_token', known.identityToken);
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    return { method: 'POST', url: realm, headers, body: Buffer.from(form.toString()) } as const;
  }
  const url = new URL(realm);
  if (service !== undefined) url.searchParams.set('service', service);
  for (const scope of scopes) url.searchParams.append('scope', scope);
  const authorization = known && basicHeader(known);
  return { method: 'GET', url, headers: authorization ? { authorization } : {} } as const;
}

function tokenIn(text: string, doing: string): { value: string; seconds: number } {
  try {
    const answer = JSON.parse(text) as { token?: unknown; access_token?: unknown; expires_in?: unknown };
    const value = answer.token ?? answer.access_token;
    if (typeof value === 'string' && value !== '') {
      return { value, seconds: typeof answer.expires_in === 'number' ? answer.expires_in : DEFAULT_LIFE };
    }
  } catch {
    // Told below, as for JSON without a token.
  }
  throw new RegistryError(`${doing}: its answer holds no token`);
}
