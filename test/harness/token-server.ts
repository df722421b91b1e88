/**
 * A token server as registries have one, which docker-registry trusts: RS256 tokens with the certificate in their header.
 * Source: "Docker Registry v2 Bearer token specification" of the distribution project.
 */
import { execFileSync } from 'node:child_process';
import { createSign, randomUUID, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { INSTALL } from './registry.js';

export interface TokenRequest {
  readonly method: string;
  readonly scopes: string[];
  readonly service: string | null;
  /** The name of Basic, `refresh` for the identity token, else `anonymous`. */
  readonly user: string;
}

export interface TokenServer {
  /** The lines of a registry's `auth:` that make it ask for this server's tokens. */
  readonly auth: string;
  readonly asked: TokenRequest[];
  /** Answers to come instead of tokens, the first first. */
  readonly answers: { status: number; body: string }[];
  /** What `expires_in` says; undefined leaves it out. */
  life: number | undefined;
  stop(): Promise<void>;
}

export interface TokenUser {
  readonly username: string;
  readonly password: string;
  readonly identityToken: string;
}

const SERVICE = 'test registry';
const ISSUER = 'test issuer';

/** The user may do all that is asked, anybody else may pull. */
export async function startTokenServer(user: TokenUser): Promise<TokenServer> {
  const folder = mkdtempSync(join(tmpdir(), 'mltrack-token-'));
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  const subject = ['-subj', '/CN=test', '-days', '2', '-keyout', key, '-out', certificate];
  try {
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...subject], { stdio: 'ignore' });
  } catch (error) {
    throw new Error(`openssl made no certificate: ${(error as Error).message}. On Debian: ${INSTALL}`);
  }
  const sign = signer(readFileSync(key, 'utf8'), readFileSync(certificate, 'utf8'));

  const server = createServer(async (incoming, answer) => {
    const request = await requestOf(incoming, user);
    tokens.asked.push(request);
    const instead = tokens.answers.shift();
    if (instead || request.user === 'stranger') {
      answer.writeHead(instead?.status ?? 401).end(instead?.body ?? '{"details":"incorrect username or password"}');
      return;
    }
    const access = request.scopes.map((scope) => {
      const [type, name, actions = ''] = scope.split(':');
      return { type, name, actions: request.user === 'anonymous' ? ['pull'] : actions.split(',') };
    });
    answer.setHeader('content-type', 'application/json');
    answer.end(JSON.stringify({ token: sign(access), ...(tokens.life !== undefined && { expires_in: tokens.life }) }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const realm = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
  const tokens: TokenServer = {
    auth: `  token: { realm: '${realm}', service: '${SERVICE}', issuer: '${ISSUER}', rootcertbundle: '${certificate}' }`,
    asked: [],
    answers: [],
    life: 300,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return tokens;
}

async function requestOf(incoming: IncomingMessage, user: TokenUser): Promise<TokenRequest> {
  const { method = '', headers } = incoming;
  if (method === 'POST') {
    const form = new URLSearchParams(await text(incoming));
    const isUser = form.get('grant_type') === 'refresh_token' && form.get('refresh_token') === user.identityToken;
    const scopes = form.get('scope')?.split(' ') ?? [];
    return { method, scopes, service: form.get('service'), user: isUser ? 'refresh' : 'stranger' };
  }
  const { searchParams } = new URL(incoming.url ?? '', 'http://localhost');
  const basic = `Basic ${btoa(`${user.username}:${user.password}`)}`;
  const known = headers.authorization === basic ? user.username : 'stranger';
  const name = headers.authorization === undefined ? 'anonymous' : known;
  return { method, scopes: searchParams.getAll('scope'), service: searchParams.get('service'), user: name };
}

function signer(key: string, certificate: string): (access: object[]) => string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const header = { typ: 'JWT', alg: 'RS256', x5c: [new X509Certificate(certificate).raw.toString('base64')] };
  return (access) => {
    const now = Math.floor(Date.now() / 1000);
    const times = { iat: now, nbf: now - 10, exp: now + 300 };
    const claims = { iss: ISSUER, sub: 'test', aud: SERVICE, ...times, jti: randomUUID(), access };
    const signed = `${part(header)}.${part(claims)}`;
    return `${signed}.${createSign('RSA-SHA256').update(signed).sign(key, 'base64url')}`;
  };
}
