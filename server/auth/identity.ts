/** Who asks, as it travels with a request. */
import type { IncomingMessage } from 'node:http';
import { MltrackError } from '../../api/index.js';

/** A user whose password or token the front has verified; the store sees whether that still holds. */
export interface Person {
  readonly user: number;
  readonly username: string;
  /** Of the password that was verified: another one makes this identity void. */
  readonly revision: number;
  /** The token that was sent in place of a password. */
  readonly token?: number;
  /** The session of the browser that sent its cookie. */
  readonly session?: number;
}

/** `server` asks for itself. */
export type Identity = Person | 'server';

const persons = new WeakMap<IncomingMessage, Person>();

/** Who sent a request of no table, once a rule has let it pass; undefined where nobody has to sign in. */
export const personOf = (req: IncomingMessage) => persons.get(req);
export const notePerson = (req: IncomingMessage, person: Person) => void persons.set(req, person);

/** Text and challenge of every 401. Source: `make_basic_auth_response` in `mlflow/server/auth/__init__.py`. */
export const NOT_AUTHENTICATED =
  'You are not authenticated. Please see https://www.mlflow.org/docs/latest/auth/index.html#authenticating-to-mlflow on how to authenticate.';
export const CHALLENGE = 'Basic realm="mlflow"';

export const withoutUsers = () =>
  new MltrackError('ENDPOINT_NOT_FOUND', 'This server has no users: it was started without --app-name basic-auth.');

export const notAuthenticated = () => new MltrackError('UNAUTHENTICATED', NOT_AUTHENTICATED);
export const forbidden = () => new MltrackError('PERMISSION_DENIED', 'Permission denied');
