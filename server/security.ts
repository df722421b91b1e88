/**
 * What stands between a browser's other tabs and this server: which Host names it answers to, which origins may change things,
 * and the headers of every answer. Wire behaviour as `mlflow/server/security_utils.py`; hosts are parsed, never matched as text.
 */
import { type IncomingMessage, type OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { BlockList, isIP } from 'node:net';

export interface SecurityRules {
  /** Instead of the default hosts: `name`, `name:port`, `*.domain`, `192.168.*` (addresses only), `*` for any. */
  readonly allowedHosts: readonly string[] | undefined;
  /** Origins besides the server's own: `https://name`, with `*` for any part; `*` alone for any, without credentials. */
  readonly allowedOrigins: readonly string[];
}

export type FrameOptions = 'SAMEORIGIN' | 'DENY' | 'NONE';

const REFUSED_HOST = 'Invalid Host header - possible DNS rebinding attack detected';
const REFUSED_ORIGIN = 'Cross-origin request blocked';
const METHODS = 'GET, POST, PUT, PATCH, DELETE, OPTIONS';
/** How long a browser may remember the answer of a preflight, in seconds. */
const PREFLIGHT_AGE = 600;

/** Hosts and origins whose verdict is remembered: honest clients send few. */
const REMEMBERED = 256;

/** Answers a request that must not go on; false for all others. */
export type SecurityCheck = (req: IncomingMessage, res: ServerResponse) => boolean;

/** `ownHost` is what the server listens on. Throws Error, with a message for the user, for an entry that is no host or origin. */
export function securityCheck(rules: SecurityRules, ownHost: string): SecurityCheck {
  const isAllowedHost = remembered(hostRule(rules.allowedHosts, ownHost));
  const isAllowedOrigin = remembered(originRule(rules.allowedOrigins));
  const anyOrigin = rules.allowedOrigins.includes('*');
  return (req, res) => {
    if (req.url === '/health' || req.url === '/version') return false;
    const { host = '', origin } = req.headers;
    if (!isAllowedHost(host)) return refuse(res, REFUSED_HOST);
    const changes = req.method !== 'GET' && req.method !== 'HEAD';
    if (origin === undefined) {
      const site = req.headers['sec-fetch-site'];
      const isForeign = site === 'cross-site' || site === 'same-site';
      if (changes && isForeign && !anyOrigin) return refuse(res, REFUSED_ORIGIN);
      return req.method === 'OPTIONS' ? answerOptions(res) : false;
    }
    const isOwn = isSameOrigin(origin, host);
    if (!isOwn && !isAllowedOrigin(origin)) return changes ? refuse(res, REFUSED_ORIGIN) : false;
    if (!isOwn) allowOrigin(req, res, anyOrigin ? '*' : origin);
    return req.method === 'OPTIONS' ? answerOptions(res) : false;
  };
}

/** Responses that say what browsers must not do with them. In `writeHead`: to set headers one by one costs 4 µs a request. */
export function securedResponse(frameOptions: FrameOptions): typeof ServerResponse<IncomingMessage> {
  class SecuredResponse<Request extends IncomingMessage = IncomingMessage> extends ServerResponse<Request> {
    override writeHead(status: number, ...rest: never[]): this {
      const headers = (rest[0] ?? {}) as OutgoingHttpHeaders;
      headers['x-content-type-options'] = 'nosniff';
      if (frameOptions !== 'NONE') headers['x-frame-options'] = frameOptions;
      return super.writeHead(status, headers);
    }
  }
  return SecuredResponse;
}

/** The same for a response of Express, which puts its own in the place of the server's. */
export function secure(res: ServerResponse, frameOptions: FrameOptions): void {
  res.setHeader('x-content-type-options', 'nosniff');
  if (frameOptions !== 'NONE') res.setHeader('x-frame-options', frameOptions);
}

/** The scheme is left out: behind a proxy that ends TLS the server does not know its own. */
function isSameOrigin(origin: string, host: string): boolean {
  const at = origin.indexOf('://');
  return at > 0 && origin.slice(at + 3).toLowerCase() === host.toLowerCase();
}

function allowOrigin(req: IncomingMessage, res: ServerResponse, origin: string): void {
  res.setHeader('access-control-allow-origin', origin);
  res.setHeader('access-control-expose-headers', 'x-request-id');
  if (origin !== '*') {
    res.setHeader('access-control-allow-credentials', 'true');
    res.setHeader('vary', 'origin');
  }
  if (req.method !== 'OPTIONS') return;
  res.setHeader('access-control-allow-methods', METHODS);
  res.setHeader('access-control-max-age', PREFLIGHT_AGE);
  const headers = req.headers['access-control-request-headers'];
  if (headers !== undefined) res.setHeader('access-control-allow-headers', headers);
}

function answerOptions(res: ServerResponse): true {
  res.writeHead(204, { allow: METHODS });
  res.end();
  return true;
}

function refuse(res: ServerResponse, text: string): true {
  res.statusMessage = 'FORBIDDEN';
  res.writeHead(403, { 'content-type': 'text/plain; charset=utf-8', 'content-length': text.length });
  res.end(text);
  return true;
}

function remembered(rule: (text: string) => boolean): (text: string) => boolean {
  const verdicts = new Map<string, boolean>();
  return (text) => {
    const known = verdicts.get(text);
    if (known !== undefined) return known;
    const verdict = rule(text);
    if (verdicts.size >= REMEMBERED) verdicts.clear();
    verdicts.set(text, verdict);
    return verdict;
  };
}

interface Host {
  /** In lower case; of an IPv6 address without its brackets. */
  readonly name: string;
  readonly port: string | undefined;
}

const HOST = /^(?:\[([0-9a-f:.]+)\]|([\w.*-]+))(?::(\d{1,5}|\*))?$/;

function parseHost(text: string): Host | undefined {
  const match = HOST.exec(text.toLowerCase());
  return match ? { name: (match[1] ?? match[2]) as string, port: match[3] } : undefined;
}

type HostRule = (host: Host) => boolean;

function hostRule(allowed: readonly string[] | undefined, ownHost: string): (text: string) => boolean {
  const rules = allowed ? allowed.map(entryRule) : defaultRules(ownHost);
  if (allowed?.includes('*')) return () => true;
  return (text) => {
    const host = parseHost(text);
    return host !== undefined && !text.includes('*') && rules.some((rule) => rule(host));
  };
}

function entryRule(entry: string): HostRule {
  const wanted = parseHost(isIP(entry) === 6 ? `[${entry}]` : entry);
  if (!wanted)
    throw new Error(`--allowed-hosts takes host names such as mlflow.example.org or *.example.org, not '${entry}'.`);
  const { name, port } = wanted;
  const isAddress = /^[\d.*]+$/.test(name) && name !== '*';
  const matches = glob(name);
  return (host) =>
    matches.test(host.name) && (!isAddress || isIP(host.name) !== 0) && (!port || port === '*' || port === host.port);
}

/** This machine, and addresses that no public name server can speak for. */
function defaultRules(ownHost: string): HostRule[] {
  const own = ownHost.toLowerCase();
  const networks = privateNetworks();
  return [
    ({ name }) => name === 'localhost' || name === '0.0.0.0' || name === '::' || name === own,
    ({ name }) => {
      const version = isIP(name);
      return version !== 0 && networks.check(name, version === 4 ? 'ipv4' : 'ipv6');
    },
  ];
}

/** Loopback, private (RFC 1918, RFC 4193) and link-local (RFC 3927, RFC 4291) addresses. */
function privateNetworks(): BlockList {
  const list = new BlockList();
  list.addSubnet('127.0.0.0', 8);
  list.addSubnet('10.0.0.0', 8);
  list.addSubnet('172.16.0.0', 12);
  list.addSubnet('192.168.0.0', 16);
  list.addSubnet('169.254.0.0', 16);
  list.addAddress('::1', 'ipv6');
  list.addSubnet('fc00::', 7, 'ipv6');
  list.addSubnet('fe80::', 10, 'ipv6');
  return list;
}

const ORIGIN = /^[a-z][a-z0-9+.*-]*:\/\/[^/\s?#]+$/;

function originRule(allowed: readonly string[]): (origin: string) => boolean {
  if (allowed.includes('*')) return () => true;
  const rules = allowed.map((entry) => {
    const origin = entry.toLowerCase().replace(/\/$/, '');
    if (!ORIGIN.test(origin)) {
      throw new Error(`--cors-allowed-origins takes origins such as https://app.example.org, not '${entry}'.`);
    }
    return glob(origin);
  });
  return (origin) => rules.some((rule) => rule.test(origin.toLowerCase()));
}

/** `*` stands for what may lie between the dots and slashes of a name, dots included. */
function glob(pattern: string): RegExp {
  const source = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${source.join('[^/@\\s]*')}$`);
}
