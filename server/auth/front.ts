/** Authentication on the HTTP thread: who sends a request, what of it needs a password hashed, and the routes that no table has. */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { api, invalid, MltrackError, type Output } from '../../api/index.js';
import { failed, type StoreResponse } from '../answer.js';
import { encode } from '../encode.js';
import type { StoreEndpointName } from '../endpoints.js';
import { sendError } from '../http-answers.js';
import { parse } from '../parse.js';
import type { Backend } from '../threads/backend.js';
import type { FrontRequest, Log } from '../threads/thread.js';
import { Authenticator } from './authenticator.js';
import { checkIsMeant, isPage, sessionCookie } from './cookie.js';
import { CHALLENGE, type Identity, NOT_AUTHENTICATED, notAuthenticated, notePerson, type Person } from './identity.js';
import { checkPassword, hashPassword } from './passwords.js';
import { verdictOf } from './routes.js';
import { Sessions } from './sessions.js';
import type { AuthSettings } from './settings.js';

const PATIENCE = 60_000;
/** After these, what was verified may not hold any more. */
const CHANGES: ReadonlySet<StoreEndpointName> = new Set([
  'updateUserPassword',
  'updateUserAdmin',
  'deleteUser',
  'revokeToken',
]);

export class AuthFront {
  readonly #backend: Backend;
  readonly #authenticator: Authenticator;
  readonly #onChanges: () => void;
  readonly sessions: Sessions;

  /** `onChanges` hears when a sign-in that was good may not be any more. */
  constructor(backend: Backend, onChanges: () => void) {
    this.#onChanges = onChanges;
    this.#backend = backend;
    const authenticator = new Authenticator((endpoint, request) => this.#ask(endpoint, request));
    this.#authenticator = authenticator;
    this.sessions = new Sessions({
      ask: (endpoint, request, identity) => this.#ask(endpoint, request, identity),
      authenticator,
      identify: (req) => this.#identify(req),
      onEnd: () => this.#ended(),
    });
  }

  /** The sender; undefined once a request without a valid credential has been answered. */
  async identify(req: IncomingMessage, res: ServerResponse, id: string): Promise<Person | undefined> {
    try {
      return await this.#identify(req);
    } catch (error) {
      if (!(error instanceof MltrackError)) throw error;
      if (error.code === 'UNAUTHENTICATED') challenge(req, res, id);
      else sendError(res, error, id);
      return undefined;
    }
  }

  #identify(req: IncomingMessage): Person | Promise<Person> {
    const { authorization } = req.headers;
    if (authorization !== undefined) return this.#authenticator.identify(authorization, addressOf(req));
    const session = sessionCookie(req);
    if (session === undefined) throw notAuthenticated();
    checkIsMeant(req);
    return this.#authenticator.identify({ session }, addressOf(req));
  }

  /** Sign-ins that were good may not be any more. */
  #ended(): void {
    this.#authenticator.forget();
    this.#onChanges();
  }

  /** The store with users in front of it: passwords are hashed here, where a thread pool does it. */
  get backend(): Backend {
    return { ...this.#backend, send: (request) => this.#send(request) };
  }

  /** Where a request of no table may go: to what is `served`, or only to the UI and to refusals; undefined once it is answered. */
  async admit(req: IncomingMessage, res: ServerResponse, id: string): Promise<'served' | 'unserved' | undefined> {
    try {
      const verdict = verdictOf(req.method ?? '', req.url ?? '');
      if (verdict === 'open') return 'unserved';
      const person = await this.identify(req, res, id);
      if (!person) return undefined;
      if (verdict === 'closed') return 'unserved';
      const needed = verdict.needed();
      if (needed !== 'person') await this.#ask('checkAccess', { ...needed }, person);
      notePerson(req, person);
      return 'served';
    } catch (error) {
      if (!(error instanceof MltrackError)) throw error;
      if (error.code === 'UNAUTHENTICATED') challenge(req, res, id);
      else sendError(res, error, id);
      return undefined;
    }
  }

  /** Makes the first admin. The password that it makes up is told to `log`, once. */
  async begin(settings: AuthSettings, log: Log): Promise<void> {
    const { has_users } = await this.#ask<{ has_users: boolean }>('hasUsers', {});
    if (has_users) return;
    const password = settings.adminPassword ?? randomBytes(18).toString('base64url');
    const password_hash = await hashPassword(password);
    const username = settings.adminUsername;
    const { added } = await this.#ask<{ added: boolean }>('addFirstAdmin', { username, password_hash });
    if (!added) return;
    const secret =
      settings.adminPassword === undefined ? `password ${password} (it is not shown again)` : 'the given password';
    log(`created the admin ${username} with ${secret}`);
  }

  async #send(request: FrontRequest): Promise<StoreResponse> {
    const response = await this.#answer(request).catch((error: unknown) => failed(error));
    if (CHANGES.has(request.endpoint)) this.#ended();
    else if (response.status === 401) this.#authenticator.forget();
    return response;
  }

  async #answer(request: FrontRequest): Promise<StoreResponse> {
    if (request.endpoint === 'createUser') {
      const { username, password } = messageOf('createUser', request);
      checkPassword(password);
      return this.#withHash(request, 'addUser', username, password);
    }
    if (request.endpoint === 'updateUserPassword') {
      const { username, password, current_password: current } = messageOf('updateUserPassword', request);
      checkPassword(password);
      await this.#checkCurrent(request.identity, username, password, current);
      return this.#withHash(request, 'changePassword', username, password);
    }
    return this.#backend.send(request);
  }

  /** Source: `update_user_password` in `mlflow/server/auth/__init__.py`. */
  async #checkCurrent(identity: Identity | undefined, username: string, password: string, current: string | undefined) {
    if (!identity || identity === 'server') throw notAuthenticated();
    if (identity.username !== username) return;
    if (!current) throw invalid('Current password is required when changing your own password.');
    const signedIn = await this.#authenticator.signIn(username, current, 'self').catch((error: MltrackError) => error);
    if (signedIn instanceof MltrackError) {
      throw signedIn.code === 'UNAUTHENTICATED' ? invalid('Current password does not match.') : signedIn;
    }
    if (password === current) throw invalid('New password must differ from the current password.');
  }

  async #withHash(
    request: FrontRequest,
    endpoint: 'addUser' | 'changePassword',
    username: string,
    password: string,
  ): Promise<StoreResponse> {
    const body = [encode({ username, password_hash: await hashPassword(password) })];
    return this.#backend.send({ ...request, endpoint, fields: {}, body });
  }

  async #ask<T>(
    endpoint: StoreEndpointName,
    request: Record<string, unknown>,
    identity: Identity = 'server',
  ): Promise<T> {
    const response = await this.#backend.send({
      endpoint,
      fields: {},
      body: [encode(request)],
      requestId: 'auth',
      deadline: Date.now() + PATIENCE,
      identity,
    });
    const value = JSON.parse(Buffer.from(response.body).toString());
    if (response.status === 200) return value as T;
    throw new MltrackError(value.error_code, response.failure ?? value.message);
  }
}

type Messages = { [K in 'createUser' | 'updateUserPassword']: Output<(typeof api)[K]['request']> };

const messageOf = <K extends keyof Messages>(endpoint: K, { fields, body }: FrontRequest): Messages[K] =>
  parse(api[endpoint].request, fields, Buffer.concat(body)) as Messages[K];

const addressOf = (req: IncomingMessage) => req.socket.remoteAddress ?? '';

/** MLflow's 401: text, and what makes a browser ask for a name and a password; for the UI's own page, the error alone. */
export function challenge(req: IncomingMessage, res: ServerResponse, id: string): void {
  if (isPage(req)) {
    sendError(res, notAuthenticated(), id);
    return;
  }
  res.writeHead(401, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(NOT_AUTHENTICATED),
    'www-authenticate': CHALLENGE,
    'x-request-id': id,
  });
  res.end(NOT_AUTHENTICATED);
}
