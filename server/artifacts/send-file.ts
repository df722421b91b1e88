/** A file as an answer: ranges and conditions as RFC 9110 has them, headers as MLflow sends them. */
import type { Request, Response } from 'express';
import { contentDisposition } from './content-disposition.js';
import { contentType } from './content-type.js';
import type { ArtifactFile, ByteRange } from './repository.js';
import { queried } from './requests.js';

/** Scripts of a shown page run on an opaque origin and reach no server. */
const SANDBOX = "sandbox allow-scripts; default-src 'unsafe-inline' data: blob:";
/** What `view=inline` shows instead of saving it, and under which policy. A PDF's reader is the browser's own, which no sandbox lets in. */
const SHOWN: Record<string, string> = {
  'text/html': SANDBOX,
  'image/svg+xml': SANDBOX,
  'application/pdf': "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'",
};

/** Streams the file, and closes it. `path` names it. */
export async function sendFile(file: ArtifactFile, path: string, req: Request, res: Response): Promise<void> {
  try {
    const name = path.slice(path.lastIndexOf('/') + 1);
    const type = contentType(name);
    const shown = queried(req, 'view') === 'inline' ? SHOWN[type] : undefined;
    res.setHeader('content-type', shown && type.startsWith('text/') ? `${type}; charset=utf-8` : type);
    res.setHeader('content-disposition', shown ? 'inline' : contentDisposition(name));
    // Nothing that a user uploaded may run in this origin.
    res.setHeader('x-content-type-options', 'nosniff');
    res.setHeader('content-security-policy', shown ?? "sandbox; default-src 'none'");
    // The pages of this server may frame it even where nobody may frame them.
    if (shown) res.setHeader('x-frame-options', 'SAMEORIGIN');
    res.setHeader('cache-control', 'no-cache');
    res.setHeader('accept-ranges', 'bytes');
    res.setHeader('last-modified', file.lastModified.toUTCString());
    if (file.etag !== '') res.setHeader('etag', file.etag);
    if (isKnown(req, file)) return void res.status(304).end();
    const range = rangeOf(req, file);
    if (range === 'none') {
      res.setHeader('content-range', `bytes */${file.size}`);
      return void res.status(416).end();
    }
    if (range) res.status(206).setHeader('content-range', `bytes ${range.start}-${range.end}/${file.size}`);
    res.setHeader('content-length', range ? range.end - range.start + 1 : file.size);
    if (req.method === 'HEAD' || file.size === 0) return void res.end();
    await file.send(range ?? { start: 0, end: file.size - 1 }, res);
  } catch (error) {
    // A client that goes away in the middle is its own affair.
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  } finally {
    await file.close();
  }
}

/** Whether the client has this version already. */
function isKnown({ headers }: Request, { etag, lastModified }: ArtifactFile): boolean {
  const tags = headers['if-none-match'];
  if (tags !== undefined)
    return tags.trim() === '*' || tags.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
  return wholeSeconds(lastModified) <= Date.parse(headers['if-modified-since'] ?? '');
}

const wholeSeconds = (date: Date) => Math.floor(date.getTime() / 1000) * 1000;

/** The one range that is asked for; several are answered by the whole file, as is a range of another version. */
function rangeOf(req: Request, file: ArtifactFile): ByteRange | 'none' | undefined {
  const condition = req.headers['if-range'];
  if (typeof condition === 'string' && !isSame(condition, file)) return undefined;
  // The parser takes a last part that is longer than the file for none; RFC 9110, 14.1.2, has it be the whole file.
  const [, last] = /^bytes=-(\d+)$/.exec(req.headers.range ?? '') ?? [];
  if (last !== undefined && file.size > 0 && Number(last) >= file.size) return { start: 0, end: file.size - 1 };
  const ranges = req.range(file.size, { combine: true });
  if (ranges === -1) return 'none';
  if (ranges === undefined || ranges === -2 || ranges.type !== 'bytes' || ranges.length !== 1) return undefined;
  return ranges[0];
}

function isSame(condition: string, file: ArtifactFile): boolean {
  if (condition.startsWith('"')) return condition === file.etag;
  return wholeSeconds(file.lastModified) <= Date.parse(condition);
}
