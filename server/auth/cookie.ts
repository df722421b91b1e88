/** The cookie that keeps a browser signed in. */
import type { IncomingMessage } from 'node:http';
import { MltrackError } from '../../api/index.js';

/** Seconds. */
export const SESSION_LIFE = 30 * 24 * 60 * 60;

/** Cookies of one host are shared by its ports, on each of which there may be a server of its own. */
function nameOf({ headers }: IncomingMessage): string {
  const port = /:(\d+)$/.exec(headers.host ?? '')?.[1];
  return port === undefined ? 'mltrack_session' : `mltrack_session_${port}`;
}

export function sessionCookie(req: IncomingMessage): string | undefined {
  const name = nameOf(req);
  for (const pair of req.headers.cookie?.split(';') ?? []) {
    const at = pair.indexOf('=');
    if (pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim() || undefined;
  }
  return undefined;
}

/** The header that sets the cookie; undefined removes it. */
export function setSessionCookie(req: IncomingMessage, secret: string | undefined): string {
  const { origin, 'x-forwarded-proto': proxied } = req.headers;
  // The server itself speaks no TLS: the page's origin tells what the browser sees.
  const isSecure = origin?.startsWith('https:') || proxied === 'https';
  const life = secret === undefined ? 0 : SESSION_LIFE;
  return `${nameOf(req)}=${secret ?? ''}; Path=/; Max-Age=${life}; HttpOnly; SameSite=Strict${isSecure ? '; Secure' : ''}`;
}

/**
 * A browser sends the cookie by itself, also for a page of another port of the same host. A header of its own it sends only for pages
 * that may: throws PERMISSION_DENIED for a change without one.
 */
export function checkIsMeant({ method, headers }: IncomingMessage): void {
  if (method === 'GET' || method === 'HEAD' || headers['x-requested-with'] !== undefined) return;
  throw new MltrackError(
    'PERMISSION_DENIED',
    'What changes something with a session needs the header X-Requested-With.',
  );
}

/** Whether the UI's own page asks, which shows a sign-in of its own where a challenge would make the browser ask. */
export function isPage({ headers }: IncomingMessage): boolean {
  if (headers['x-requested-with'] === 'mltrack-ui' || headers.accept === 'text/event-stream') return true;
  return headers['sec-fetch-site'] === 'same-origin' && headers['sec-fetch-mode'] !== 'navigate';
}
