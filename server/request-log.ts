/** The request log: one line a request, gathered so that a busy server writes a few times a second. */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** Lines wait at most this long, in ms, and at most this many characters. */
const FLUSH_AFTER = 200;
const FLUSH_CHARACTERS = 64 * 1024;

export interface LogWriter {
  line(text: string): void;
  flush(): void;
}

export function logWriter(write: (text: string) => void): LogWriter {
  let waiting = '';
  let timer: NodeJS.Timeout | undefined;
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    if (waiting !== '') write(waiting);
    waiting = '';
  };
  return {
    line(text) {
      waiting += `${new Date().toISOString()} ${text}\n`;
      if (waiting.length > FLUSH_CHARACTERS) flush();
      else timer ??= setTimeout(flush, FLUSH_AFTER).unref();
    },
    flush,
  };
}

/** Ids are unique to this process and its start: a prefix, and a number. */
const PREFIX = randomBytes(4).toString('hex');
let requests = 0;

const GIVEN_ID = /^[\w.:-]{1,64}$/;

/** The request's id: the client's own (`x-request-id`) when it is fit for a log, else a new one. */
export function requestIdOf(req: IncomingMessage): string {
  const given = req.headers['x-request-id'];
  return typeof given === 'string' && GIVEN_ID.test(given) ? given : `${PREFIX}-${requests++}`;
}

export type RequestLogging = 'all' | 'errors' | 'off';

/** Logs a request when its response has ended or its client has gone. */
export function logRequests(log: LogWriter, which: RequestLogging) {
  return (req: IncomingMessage, res: ServerResponse, id: string) => {
    if (which === 'off') return;
    const start = performance.now();
    res.once('close', () => {
      const aborted = res.writableFinished ? '' : ' aborted';
      if (which === 'errors' && res.statusCode < 400 && !aborted) return;
      const ms = (performance.now() - start).toFixed(1);
      log.line(`${id} ${req.method} ${onOneLine(req.url ?? '')} ${res.statusCode} ${ms}ms${aborted}`);
    });
  };
}

/** A log line stays one line, whatever a client puts into its URL. */
function onOneLine(url: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return url.length > 500 ? `${url.slice(0, 500)}…` : url.replace(/[\u0000-\u001f\u007f]/g, '?');
}
