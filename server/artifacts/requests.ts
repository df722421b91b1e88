/** What the artifact routes read from a request, and how they answer it. */
import type { Request, Response } from 'express';
import { invalid } from '../../api/index.js';
import { sendJson } from '../http-answers.js';
import { checkPath } from './paths.js';

/** The part of the path behind the route, checked. Throws INVALID_PARAMETER_VALUE. */
export function pathOf(req: Request): string {
  const segments: unknown = req.params.path;
  return Array.isArray(segments) ? checkPath(segments.join('/')) : '';
}

/** A field of the query; the last one where it is repeated, undefined when it is empty. */
export function queried(req: Request, ...names: readonly string[]): string | undefined {
  for (const name of names) {
    const value: unknown = req.query[name];
    const text = Array.isArray(value) ? value.at(-1) : value;
    if (typeof text === 'string' && text !== '') return text;
  }
  return undefined;
}

export function queriedPath(req: Request): string {
  const path = queried(req, 'path');
  if (path === undefined) throw invalid("Missing value for required parameter 'path'.");
  return checkPath(path);
}

export function answerJson(res: Response, value: unknown): void {
  sendJson(res, 200, Buffer.from(JSON.stringify(value)));
}

/** Runs what takes the body; when it fails half-way the client is told so, and the connection is not used again. */
export async function takingBody(req: Request, res: Response, take: () => Promise<void>): Promise<void> {
  try {
    await take();
  } catch (error) {
    if (!req.complete && !req.destroyed) {
      res.setHeader('connection', 'close');
      req.resume();
    }
    throw error;
  }
}

/** The parsed JSON of a body; no body is an empty message. */
export function bodyOf(body: unknown): unknown {
  if (body === undefined) return {};
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body;
  throw invalid('The request body must be a JSON object.');
}

/** Seconds. Source: the default of MLFLOW_PRESIGNED_DOWNLOAD_URL_TTL_SECONDS. */
const DOWNLOAD_URL_LIFE = 300;

/** How long a URL for a download is valid, in seconds. */
export function downloadUrlLife(): number {
  const seconds = Number(process.env.MLFLOW_PRESIGNED_DOWNLOAD_URL_TTL_SECONDS);
  return Number.isInteger(seconds) && seconds > 0 ? Math.min(seconds, 604_800) : DOWNLOAD_URL_LIFE;
}
