/** Hashes of passwords and tokens. Passwords are hashed as werkzeug does (`scrypt:N:r:p$salt$hex`), off the thread that asks. */
import { createHash, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { invalid, MltrackError } from '../../api/index.js';

const [N, R, P, BYTES] = [32_768, 8, 1, 64] as const;
const SHORTEST = 12;

/** Hashes at a time: each takes 32 MB and a core for some 50 ms. */
const AT_ONCE = 2;
const MOST_WAITING = 100;

/** Throws INVALID_PARAMETER_VALUE for a password that is too short. */
export function checkPassword(password: string): void {
  if (password.length < SHORTEST) throw invalid(`Password must be at least ${SHORTEST} characters.`);
}

/** Throws REQUEST_LIMIT_EXCEEDED when too many wait. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(12).toString('base64url');
  return `scrypt:${N}:${R}:${P}$${salt}$${(await derive(password, salt, [N, R, P])).toString('hex')}`;
}

/** Whether the password is the one that was hashed; it takes as long where there is no hash. */
export async function verifyPassword(password: string, hash: string | undefined): Promise<boolean> {
  const match = /^scrypt:(\d{1,7}):(\d{1,3}):(\d{1,3})\$([^$]+)\$([0-9a-f]{128})$/.exec(hash ?? NOBODY);
  if (!match) return false;
  const [, n, r, p, salt = '', expected = ''] = match;
  const derived = await derive(password, salt, [Number(n), Number(r), Number(p)]);
  return timingSafeEqual(derived, Buffer.from(expected, 'hex')) && hash !== undefined;
}

const NOBODY = `scrypt:${N}:${R}:${P}$nobody$${'0'.repeat(2 * BYTES)}`;

export const hashToken = (token: string): string => createHash('sha256').update(token).digest('hex');

let running = 0;
const waiting: (() => void)[] = [];

async function derive(
  password: string,
  salt: string,
  [cost, r, p]: readonly [number, number, number],
): Promise<Buffer> {
  if (waiting.length >= MOST_WAITING) {
    throw new MltrackError('REQUEST_LIMIT_EXCEEDED', 'Too many sign in at the moment: try again.');
  }
  if (running >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
  else running++;
  try {
    return await new Promise((resolve, reject) =>
      scrypt(
        password,
        salt,
        BYTES,
        { cost, blockSize: r, parallelization: p, maxmem: 132 * cost * r * p },
        (error, key) => (error ? reject(error) : resolve(key)),
      ),
    );
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running--;
  }
}
