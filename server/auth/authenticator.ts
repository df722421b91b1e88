/** Who sends a request: checks passwords and tokens, remembers what it has verified, and slows those down who guess. */
import { createHmac, randomBytes } from 'node:crypto';
import { MltrackError } from '../../api/index.js';
import { notAuthenticated, type Person } from './identity.js';
import { hashToken, verifyPassword } from './passwords.js';

/** How the store is asked: the answer of one of the calls in calls.ts. */
export type Ask = <T>(
  endpoint: 'findPassword' | 'findToken' | 'findSession',
  request: Record<string, unknown>,
) => Promise<T>;

interface Credential {
  readonly user_id?: number;
  readonly username?: string;
  readonly revision?: number;
  readonly token_id?: number;
  readonly session_id?: number;
  readonly password_hash?: string;
}

/** A verified credential is taken without another look for this long, in ms; the store still sees whether it holds. */
const REMEMBERED_FOR = 5 * 60_000;
const MOST_REMEMBERED = 10_000;
/** Wrong passwords for one user from one address before the next must wait, and the longest wait, in ms. */
const FREE_FAILURES = 5;
const FIRST_WAIT = 1000;
const LONGEST_WAIT = 60_000;

interface Failures {
  count: number;
  /** ms since the epoch. */
  until: number;
}

export class Authenticator {
  readonly #ask: Ask;
  readonly #key = randomBytes(32);
  readonly #verified = new Map<string, { person: Person; until: number }>();
  /** Requests that come together with the same credential are checked once. */
  readonly #running = new Map<string, Promise<Person>>();
  readonly #failures = new Map<string, Failures>();

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  /**
   * The sender, by the header `authorization` or the secret of a session. Throws UNAUTHENTICATED, or REQUEST_LIMIT_EXCEEDED where the address has guessed
   * too often; others who sign in as the same user do not notice.
   */
  identify(credential: string | { readonly session: string } | undefined, address: string): Person | Promise<Person> {
    if (credential === undefined) throw notAuthenticated();
    // No header has such a character.
    const text = typeof credential === 'string' ? credential : `\0${credential.session}`;
    const key = createHmac('sha256', this.#key).update(text).digest('base64');
    const known = this.#verified.get(key);
    if (known && known.until > Date.now()) return known.person;
    const running = this.#running.get(key);
    if (running) return running;
    const check = (
      typeof credential === 'string' ? this.#check(credential, address) : this.#bySession(credential.session)
    )
      .then((person) => {
        this.#remember(key, person);
        return person;
      })
      .finally(() => this.#running.delete(key));
    this.#running.set(key, check);
    return check;
  }

  /** Forgets everything that was verified: a password or a token is no longer what it was. */
  forget(): void {
    this.#verified.clear();
  }

  /** The user with this password. Throws as `identify` does. */
  async signIn(username: string, password: string, address: string): Promise<Person> {
    const failed = this.#begin(`${address}\0${username}`);
    const { user_id, revision, password_hash } = await this.#ask<Credential>('findPassword', { username });
    const matches = await verifyPassword(password, password_hash);
    if (!matches || user_id === undefined || revision === undefined) throw notAuthenticated();
    failed.clear();
    return { user: user_id, username, revision };
  }

  async #check(header: string, address: string): Promise<Person> {
    const [, scheme = '', credentials = ''] = /^(\w+) +(.*)$/.exec(header) ?? [];
    if (/^bearer$/i.test(scheme)) return this.#byToken(credentials);
    if (!/^basic$/i.test(scheme)) throw notAuthenticated();
    const text = Buffer.from(credentials, 'base64').toString();
    const colon = text.indexOf(':');
    if (colon < 1) throw notAuthenticated();
    return this.signIn(text.slice(0, colon), text.slice(colon + 1), address);
  }

  /** Tokens are too long to be guessed: nobody who tries has to wait. */
  async #byToken(token: string): Promise<Person> {
    if (!token.startsWith('mlt_')) throw notAuthenticated();
    const found = await this.#ask<Credential>('findToken', { hash: hashToken(token) });
    const { user_id, username, revision, token_id } = found;
    if (user_id === undefined || username === undefined || revision === undefined || token_id === undefined) {
      throw notAuthenticated();
    }
    return { user: user_id, username, revision, token: token_id };
  }

  async #bySession(secret: string): Promise<Person> {
    const { user_id, username, revision, session_id } = await this.#ask<Credential>('findSession', {
      hash: hashToken(secret),
    });
    if (user_id === undefined || username === undefined || revision === undefined || session_id === undefined) {
      throw notAuthenticated();
    }
    return { user: user_id, username, revision, session: session_id };
  }

  /** Counts a try as failed until it has succeeded, so that many at once are no way around the limit. */
  #begin(who: string): { clear(): void } {
    const now = Date.now();
    const before = this.#failures.get(who) ?? { count: 0, until: 0 };
    if (before.until > now) {
      throw new MltrackError('REQUEST_LIMIT_EXCEEDED', 'Too many wrong passwords: try again in a minute.');
    }
    const count = before.count + 1;
    const wait = count < FREE_FAILURES ? 0 : Math.min(FIRST_WAIT * 2 ** (count - FREE_FAILURES), LONGEST_WAIT);
    evictOldest(this.#failures);
    this.#failures.delete(who);
    this.#failures.set(who, { count, until: now + wait });
    return { clear: () => void this.#failures.delete(who) };
  }

  #remember(key: string, person: Person): void {
    evictOldest(this.#verified);
    this.#verified.set(key, { person, until: Date.now() + REMEMBERED_FOR });
  }
}

function evictOldest(map: Map<string, unknown>): void {
  if (map.size < MOST_REMEMBERED) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}
