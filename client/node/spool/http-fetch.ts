/**
 * `fetch` for the sender's many small JSON requests, over Node's http with connections that are kept: a third of the work. Whatever
 * else is sent goes the usual way.
 */
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';

const agents = {
  'http:': new http.Agent({ keepAlive: true }),
  'https:': new https.Agent({ keepAlive: true }),
};

export const httpFetch: typeof fetch = (input, init = {}) => {
  const { method = 'GET', body = null, headers, signal } = init;
  if (typeof input !== 'string' || (body !== null && typeof body !== 'string') || headers instanceof Headers) {
    return fetch(input, init);
  }
  const { protocol } = new URL(input);
  if (protocol !== 'http:' && protocol !== 'https:') return fetch(input, init);
  return new Promise((resolve, reject) => {
    const bytes = body === null ? undefined : Buffer.from(body);
    const sent = { ...(headers as Record<string, string>), ...(bytes && { 'content-length': bytes.length }) };
    const { request } = protocol === 'http:' ? http : https;
    const options = { method, headers: sent, agent: agents[protocol], ...(signal && { signal }) };
    const outgoing = request(input, options, (answer) => {
      const elsewhere = (answer.statusCode ?? 0) >= 300 && (answer.statusCode ?? 0) < 400;
      // It knows how to follow.
      if (elsewhere) answer.resume().once('end', () => resolve(fetch(input, init)));
      else readAll(answer).then((bytes) => resolve(responseOf(answer, bytes)), reject);
    });
    // As fetch tells it: the reason is the cause, and a time-out keeps its name.
    outgoing.once('error', (cause) => {
      reject(signal?.aborted ? signal.reason : new TypeError('fetch failed', { cause }));
    });
    outgoing.end(bytes);
  });
};

async function readAll(answer: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function responseOf({ statusCode = 502, statusMessage = '', headers }: IncomingMessage, bytes: Buffer): Response {
  const found = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) found.set(name, String(value));
  }
  // These have no body, and a Response with one cannot be made.
  const content = statusCode === 204 || statusCode === 304 ? null : new Uint8Array(bytes);
  return new Response(content, { status: statusCode, statusText: statusMessage, headers: found });
}
