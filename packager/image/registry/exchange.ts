/** One HTTP request and its answer, over Node's own client: bodies stream with a Content-Length, and nothing is followed or tried again. */
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { Readable } from 'node:stream';
import { networkFailure, RegistryError } from './failure.js';
import { isLoopback } from './reference.js';

export interface Outgoing {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT';
  readonly url: URL;
  readonly headers?: Record<string, string>;
  /** A stream's length must be in the headers. */
  readonly body?: Uint8Array | Readable | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Milliseconds in which nothing moves, after which a connection counts as lost. A registry hashes a layer before it answers. */
const IDLE = 120_000;

/** Throws a RegistryError unless the URL is https, or http on this machine: passwords and images go over neither else. */
export function checkScheme(url: URL, what: string): void {
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname))) return;
  throw new RegistryError(`${what} is ${url.origin}: plain http is for this machine only, https was expected`);
}

/**
 * Resolves with any answer, whose body is still to be read. Rejects with a RegistryError that begins with `doing` when the
 * network fails, with the body's own error when that fails, with the signal's when it is aborted.
 */
export function exchange(
  { method, url, headers = {}, body, signal }: Outgoing,
  doing: string,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const { request: start } = url.protocol === 'https:' ? https : http;
    const request = start(url, { method, headers, timeout: IDLE, ...(signal && { signal }) });
    const late = () => Object.assign(new Error(`nothing came for ${IDLE / 1000} s`), { code: 'ETIMEDOUT' });
    request.once('timeout', () => request.destroy(late()));
    request.once('response', resolve);
    // After an answer has come, a connection that breaks is for whoever reads the answer.
    let spoilt: Error | undefined;
    request.on('error', (error) => reject(error === spoilt ? error : networkFailure(error, doing)));
    if (!(body instanceof Readable)) {
      request.end(body);
      return;
    }
    body.once('error', (error) => {
      spoilt = error;
      request.destroy(error);
    });
    request.once('close', () => body.destroy());
    // Given up after an early answer: half a body would keep the connection waiting.
    body.once('close', () => request.writableEnded || request.destroy());
    body.pipe(request);
  });
}

/** The whole body of an answer, if it is no longer than `limit` bytes. */
export async function bodyOf(answer: IncomingMessage, limit: number, doing: string): Promise<Buffer<ArrayBuffer>> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of answer) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > limit) throw new RegistryError(`${doing}: the answer is longer than ${limit} bytes`);
    }
  } catch (error) {
    throw networkFailure(error, doing);
  }
  return Buffer.concat(chunks);
}
