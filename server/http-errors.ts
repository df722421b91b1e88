/** Answers of the HTTP thread itself: MLflow's error body with its status and reason phrase. */
import type { ServerResponse } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { MltrackError } from '../api/index.js';

/** Sends JSON bytes. MLflow's clients compare the reason phrase, which Python's servers write in capitals. */
export function sendJson(res: ServerResponse, status: number, body: Uint8Array): void {
  if (status >= 400) res.statusMessage = (STATUS_CODES[status] ?? 'ERROR').toUpperCase();
  const headers: Record<string, string | number> = {
    'content-type': 'application/json',
    'content-length': body.byteLength,
  };
  if (status === 429 || status === 503) headers['retry-after'] = 1;
  res.writeHead(status, headers);
  res.end(body);
}

export function sendError(res: ServerResponse, error: MltrackError): void {
  sendJson(res, error.status, Buffer.from(JSON.stringify(error.body())));
}
