/**
 * A file to the artifact proxy. Large ones go over `node:http`: Node's own fetch takes a request's body whole into memory, whatever it
 * is made of.
 */
import { createReadStream, openAsBlob } from 'node:fs';
import { stat } from 'node:fs/promises';
import { type IncomingMessage, request as overHttp } from 'node:http';
import { request as overHttps } from 'node:https';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { type Connection, connect, connectOptionsOf } from '../connect.js';

/** Bytes up to which a file may be in memory. */
const LARGE = 16 * 1024 * 1024;
const READ_AHEAD = 256 * 1024;
/** As long as a request may take anyway, and the time that this many bytes a second take. */
const TIMEOUT = 120_000;
const SLOWEST = 1_000_000;

/** Rejects as `client.artifacts.put` does. */
export async function putFile(client: Connection, rootUri: string, path: string, file: string): Promise<void> {
  const { size } = await stat(file);
  const options = connectOptionsOf(client);
  // Whoever brings a fetch of his own gets to see every request.
  if (size < LARGE || !options || options.fetch) return client.artifacts.put(rootUri, path, await openAsBlob(file));
  const timeout = Math.ceil((options.timeout ?? TIMEOUT) + (size / SLOWEST) * 1000);
  const streaming: typeof fetch = (url, init) => sendFile(file, size, String(url), init ?? {});
  await connect(client.uri, { ...options, timeout, fetch: streaming }).artifacts.put(rootUri, path, '');
}

/** What fetch would do if the request's body were the file. */
async function sendFile(file: string, size: number, url: string, init: RequestInit): Promise<Response> {
  const { signal } = init;
  const headers = { ...(init.headers as Record<string, string>), 'content-length': String(size) };
  const send = url.startsWith('https:') ? overHttps : overHttp;
  const request = send(url, { method: init.method ?? 'PUT', headers, ...(signal && { signal }) });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    request.once('response', resolve);
    request.once('error', reject);
  });
  // Broken off by the server's early answer, it is the answer that counts.
  const sent = pipeline(createReadStream(file, { highWaterMark: READ_AHEAD }), request).catch(() => {});
  try {
    const answer = await answered;
    const body = await text(answer);
    const { statusCode: status = 0, statusMessage: statusText = '' } = answer;
    const known = Object.entries(answer.headers).filter(
      (each): each is [string, string] => typeof each[1] === 'string',
    );
    return new Response(body || null, { status, statusText, headers: known });
  } catch (cause) {
    throw signal?.aborted ? signal.reason : new TypeError('fetch failed', { cause });
  } finally {
    request.destroy();
    await sent;
  }
}
