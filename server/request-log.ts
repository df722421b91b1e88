/** The request log: one line a request, gathered so that a busy server writes a few times a second. */
import { randomBytes } from 'node:crypto';
import type { NextFunction, Request, Response } from 'express';

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

/** Gives each request an id (a client's own is kept), answers it as `x-request-id`, and logs the request when it has ended. */
export function requestLog(log: LogWriter, which: 'all' | 'errors' | 'off') {
  return (req: Request, res: Response, next: NextFunction) => {
    const given = req.headers['x-request-id'];
    const id = typeof given === 'string' && GIVEN_ID.test(given) ? given : `${PREFIX}-${requests++}`;
    res.locals.requestId = id;
    res.setHeader('x-request-id', id);
    if (which !== 'off') {
      const start = performance.now();
      res.once('close', () => {
        const aborted = res.writableFinished ? '' : ' aborted';
        if (which === 'errors' && res.statusCode < 400 && !aborted) return;
        const ms = (performance.now() - start).toFixed(1);
        log.line(`${id} ${req.method} ${withoutControls(req.originalUrl)} ${res.statusCode} ${ms}ms${aborted}`);
      });
    }
    next();
  };
}

/** A log line stays one line, whatever a client puts into its URL. */
function withoutControls(url: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return url.length > 500 ? `${url.slice(0, 500)}…` : url.replace(/[\u0000-\u001f\u007f]/g, '?');
}
