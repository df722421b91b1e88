/** Answers of the HTTP thread: JSON bytes with MLflow's statuses and reason phrases. */
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import type { MltrackError } from '../api/index.js';

/** Node sends headers and a short string in one piece, but headers and bytes in two. */
const SHORT_BODY = 8 * 1024;

/** Sends JSON. MLflow's clients compare the reason phrase, which Python's servers write in capitals. */
export function sendJson(
  res: ServerResponse,
  status: number,
  body: Uint8Array,
  requestId?: string,
  more: Record<string, string> = {},
): void {
  if (status >= 400) res.statusMessage = (STATUS_CODES[status] ?? 'ERROR').toUpperCase();
  const headers: Record<string, string | number> = {
    'content-type': 'application/json',
    'content-length': body.byteLength,
    ...more,
  };
  if (requestId !== undefined) headers['x-request-id'] = requestId;
  if (status === 429 || status === 503) headers['retry-after'] = 1;
  res.writeHead(status, headers);
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  if (bytes.length < SHORT_BODY && more['content-encoding'] === undefined) res.end(bytes.toString());
  else res.end(bytes);
}

/** Answers below this are sent as they are: a packet holds them. */
const WORTH_COMPRESSING = 1024;
const compressed = promisify(gzip);

/** The same, compressed where that is worth it and the client takes it: on the thread pool, for this thread has others to answer. */
export async function sendCompressed(
  req: IncomingMessage,
  res: ServerResponse,
  status: number,
  body: Uint8Array,
  requestId: string,
): Promise<void> {
  const vary = { vary: 'Accept-Encoding' };
  if (body.byteLength <= WORTH_COMPRESSING || !takesGzip(req.headers['accept-encoding'])) {
    return sendJson(res, status, body, requestId, vary);
  }
  const small = await compressed(body, { level: constants.Z_BEST_SPEED });
  sendJson(res, status, small, requestId, { ...vary, 'content-encoding': 'gzip' });
}

function takesGzip(accepted: string | string[] | undefined): boolean {
  return String(accepted ?? '')
    .split(',')
    .some((each) => /^\s*(gzip|\*)\s*(;\s*q=(?!0(\.0*)?\s*$)[\d.]+\s*)?$/i.test(each));
}

export function sendError(res: ServerResponse, error: MltrackError, requestId?: string): void {
  sendJson(res, error.status, Buffer.from(JSON.stringify(error.body())), requestId);
}
