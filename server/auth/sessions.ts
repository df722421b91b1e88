/** The calls that sign a browser in and out. They are answered here, before anybody is known; what must be kept is in the store. */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { api, type EndpointName, MltrackError } from '../../api/index.js';
import { encode } from '../encode.js';
import type { StoreEndpointName } from '../endpoints.js';
import { sendJson } from '../http-answers.js';
import { parse } from '../parse.js';
import type { Authenticator } from './authenticator.js';
import { SESSION_LIFE, sessionCookie, setSessionCookie } from './cookie.js';
import type { AuthFront } from './front.js';
import { type Identity, type Person, withoutUsers } from './identity.js';
import { hashToken } from './passwords.js';

const SECRET_BYTES = 32;

type SessionEndpoint = 'createSession' | 'getSession' | 'deleteSession';
const ENDPOINTS: ReadonlySet<string> = new Set(['createSession', 'getSession', 'deleteSession']);
export const isSessionEndpoint = (name: EndpointName): name is SessionEndpoint => ENDPOINTS.has(name);

type Ask = <T>(endpoint: StoreEndpointName, request: Record<string, unknown>, identity?: Identity) => Promise<T>;

interface Answer {
  readonly value: Record<string, unknown>;
  /** A header that sets it. */
  readonly cookie?: string;
}

export interface SessionParts {
  readonly ask: Ask;
  readonly authenticator: Authenticator;
  identify(req: IncomingMessage): Person | Promise<Person>;
  /** Sign-ins have ended. */
  onEnd(): void;
}

export class Sessions {
  readonly #parts: SessionParts;

  constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  /** Throws UNAUTHENTICATED, or REQUEST_LIMIT_EXCEEDED after too many wrong passwords. */
  async createSession(
    { username, password }: { username: string; password: string },
    req: IncomingMessage,
  ): Promise<Answer> {
    const { ask, authenticator } = this.#parts;
    const person = await authenticator
      .signIn(username, password, req.socket.remoteAddress ?? '')
      .catch((error: MltrackError) => {
        if (error.code !== 'UNAUTHENTICATED') throw error;
        throw new MltrackError('UNAUTHENTICATED', 'The user name or the password is wrong.');
      });
    const secret = `mls_${randomBytes(SECRET_BYTES).toString('base64url')}`;
    const { user: user_id, revision } = person;
    const session = { user_id, revision, hash: hashToken(secret), expiration_time: expiry() };
    const { is_admin } = await ask<{ is_admin: boolean }>('addSession', session);
    return { value: { username, is_admin }, cookie: setSessionCookie(req, secret) };
  }

  async getSession(_: unknown, req: IncomingMessage): Promise<Answer> {
    const { ask } = this.#parts;
    try {
      const person = await this.#parts.identify(req);
      const { user } = await ask<{ user: { username: string; is_admin: boolean } }>('getCurrentUser', {}, person);
      const { session: session_id } = person;
      const value = {
        auth_enabled: true,
        username: user.username,
        is_admin: user.is_admin,
        is_session: session_id !== undefined,
      };
      if (session_id === undefined) return { value };
      await ask('extendSession', { session_id, expiration_time: expiry() });
      return { value, cookie: setSessionCookie(req, sessionCookie(req)) };
    } catch (error) {
      if (!(error instanceof MltrackError) || error.code !== 'UNAUTHENTICATED') throw error;
      return { value: { auth_enabled: true } };
    }
  }

  async deleteSession({ everywhere }: { everywhere?: boolean | undefined }, req: IncomingMessage): Promise<Answer> {
    const { user: user_id, session: session_id } = await this.#parts.identify(req);
    if (everywhere) await this.#parts.ask('endSessions', { user_id });
    else if (session_id !== undefined) await this.#parts.ask('endSessions', { user_id, session_id });
    this.#parts.onEnd();
    return { value: {}, cookie: setSessionCookie(req, undefined) };
  }
}

const expiry = () => Date.now() + SESSION_LIFE * 1000;

/** `auth` is undefined where nobody has to sign in. Throws MltrackError. */
export async function answerSession(
  auth: AuthFront | undefined,
  endpoint: SessionEndpoint,
  { fields, body }: { fields: Record<string, string | string[]>; body: readonly Uint8Array[] },
  req: IncomingMessage,
  res: ServerResponse,
  id: string,
): Promise<void> {
  if (!auth && endpoint !== 'getSession') throw withoutUsers();
  const message = parse(api[endpoint].request, fields, Buffer.concat(body));
  // The table's types pair each method with its message; here the endpoint is only known to be one of them.
  const answered = auth?.sessions[endpoint] as
    | ((message: unknown, req: IncomingMessage) => Promise<Answer>)
    | undefined;
  const { value, cookie } = (await answered?.call(auth?.sessions, message, req)) ?? { value: { auth_enabled: false } };
  if (cookie) res.setHeader('set-cookie', cookie);
  res.setHeader('cache-control', 'no-store');
  sendJson(res, 200, encode(value), id);
}
