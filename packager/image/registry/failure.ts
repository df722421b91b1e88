/** What a registry refuses and what the network loses, as errors of one line, and trying again where that may help. */
import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

export interface FailureDetail {
  /** The HTTP status of the answer, where there was one. */
  readonly status?: number | undefined;
  /** The registry's code for it, such as `MANIFEST_UNKNOWN`; empty where it gave none. */
  readonly code?: string;
  /** The same may succeed later: the network, 408, 429, 5xx. */
  readonly temporary?: boolean;
  /** Seconds the registry asks to wait. */
  readonly retryAfter?: number;
}

/** A registry or the way to it failed; the message is one line, for the user. */
export class RegistryError extends Error {
  override readonly name = 'RegistryError';
  readonly status: number | undefined;
  readonly code: string;
  readonly temporary: boolean;
  readonly retryAfter: number;

  constructor(message: string, detail: FailureDetail = {}, options?: ErrorOptions) {
    super(message, options);
    this.status = detail.status;
    this.code = detail.code ?? '';
    this.temporary = detail.temporary ?? false;
    this.retryAfter = detail.retryAfter ?? 0;
  }
}

/** A registry's answer to an error, or a token server's; bytes after this many are not read. */
const MAX_ERROR_TEXT = 64 * 1024;

/** Reads an answer that is none of those hoped for. The connection is given up: a request's body may still be on its way. */
export async function failureOf(answer: IncomingMessage, doing: string): Promise<RegistryError> {
  const status = answer.statusCode ?? 0;
  const text = await textOf(answer);
  const { code = '', message = '' } = firstError(text);
  const said = [code, message].filter((part) => part !== '').join(': ') || text.trim().slice(0, 300);
  const line = `${doing}: the registry answered ${status}${said === '' ? '' : `, ${said}`}`.replace(/\s+/g, ' ');
  const temporary = status === 408 || status === 429 || (status >= 500 && status !== 501);
  const retryAfter = Number(answer.headers['retry-after']) || 0;
  return new RegistryError(line, { status, code, temporary, retryAfter });
}

async function textOf(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of answer) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > MAX_ERROR_TEXT) break;
    }
  } catch {
    // The status has come, and what there was of the text: a cut connection must not hide it.
  }
  answer.destroy();
  return Buffer.concat(chunks).toString('utf8');
}

/** `{"errors": [{"code", "message"}]}` of the distribution specification; a token server's `{"details"}` has no errors. */
function firstError(text: string): { code?: string; message?: string } {
  try {
    const { errors } = JSON.parse(text) as { errors?: { code?: unknown; message?: unknown }[] };
    const { code = '', message = '' } = errors?.[0] ?? {};
    return { code: String(code), message: String(message) };
  } catch {
    return {};
  }
}

/** The request did not get through, or its answer did not: worth another try. Names and certificates do not change by waiting. */
const PASSING = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
]);

/** An error of a socket, or of TLS on it, as one of ours. */
export function networkFailure(error: unknown, doing: string): RegistryError {
  if (error instanceof RegistryError) return error;
  const { code = '', message } = error as NodeJS.ErrnoException;
  const why = /wrong version number/.test(message) ? 'no https is spoken there' : message || code;
  const line = `${doing}: ${why}`.replace(/\s+/g, ' ');
  return new RegistryError(line, { temporary: PASSING.has(code) }, { cause: error });
}

export interface Patience {
  /** How often what failed for a while is tried again. */
  readonly retries: number;
  /** Milliseconds before the first of these, twice as many before each further one. */
  readonly pause: number;
  readonly signal: AbortSignal | undefined;
}

/** Seconds; a registry that asks for more is not waited for longer. */
const MAX_WAIT = 30;

/** Tries until it succeeds, fails for good, or has been tried often enough. Throws the signal's reason once it is aborted. */
export async function patiently<T>(patience: Patience, attempt: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried++) {
    patience.signal?.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      await pauseAfter(error, tried, patience);
    }
  }
}

/** Waits before the next try; throws when there is to be none, because of the error, the number of tries or the signal. */
export async function pauseAfter(error: unknown, tried: number, { retries, pause, signal }: Patience): Promise<void> {
  signal?.throwIfAborted();
  if (!(error instanceof RegistryError && error.temporary)) throw error;
  if (tried > retries) {
    throw new RegistryError(`${error.message} (tried ${tried} times)`, { status: error.status }, { cause: error });
  }
  const asked = Math.min(error.retryAfter, MAX_WAIT) * 1000;
  const grown = Math.min(pause * 2 ** (tried - 1), MAX_WAIT * 1000) * (0.75 + Math.random() / 2);
  await sleep(Math.max(asked, grown), undefined, { ...(signal && { signal }) }).catch(() => {});
  signal?.throwIfAborted();
}
