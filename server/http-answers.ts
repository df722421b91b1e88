/** Answers of the HTTP thread: JSON bytes with MLflow's statuses and reason phrases. */
import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { MltrackError } from '../api/index.js';

/** Node sends headers and a short string in one piece, but headers and bytes in two. */
const SHORT_BODY = 8 * 1024;

/** Sends JSON. MLflow's clients compare the reason phrase, which Python's servers write in capitals. */
export function sendJson(res: ServerResponse, status: number, body: Uint8Array, requestId?: string): void {
  if (status >= 400) res.statusMessage = (STATUS_CODES[status] ?? 'ERROR').toUpperCase();
  const headers: Record<string, string | number> = {
    'content-type': 'application/json',
    'content-length': body.byteLength,
  };
  if (requestId !== undefined) headers['x-request-id'] = requestId;
  if (status === 429 || status === 503) headers['retry-after'] = 1;
  res.writeHead(status, headers);
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  if (bytes.length < SHORT_BODY) res.end(bytes.toString());
  else res.end(bytes);
}

export function sendError(res: ServerResponse, error: MltrackError, requestId?: string): void {
  sendJson(res, error.status, Buffer.from(JSON.stringify(error.body())), requestId);
}
