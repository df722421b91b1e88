/** The Express application: everything that happens to a request, in order. */
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { API_PREFIXES, MltrackError } from '../api/index.js';
import { failed } from './answer.js';
import type { ArtifactRepository } from './artifacts/repository.js';
import { artifactRoutes, refuseArtifacts } from './artifacts/routes.js';
import { sendError, sendJson } from './http-errors.js';
import { mount } from './mount.js';
import { type LogWriter, requestLog } from './request-log.js';
import type { Backend } from './threads/backend.js';
import { uiFiles } from './ui-files.js';

export interface AppParts {
  readonly backend: Backend;
  readonly artifacts: ArtifactRepository | undefined;
  readonly log: LogWriter;
  readonly requestLog: 'all' | 'errors' | 'off';
  readonly version: string;
}

export function createApp({ backend, artifacts, log, requestLog: logged, version }: AppParts): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  app.get('/health', (_req, res) => void res.type('text/plain').send('OK'));
  app.get('/version', (_req, res) => void res.type('text/plain').send(version));
  app.use(requestLog(log, logged));
  app.use(mount(backend, log.line));
  app.use(artifacts ? artifactRoutes(artifacts) : refuseArtifacts());
  app.use(API_PREFIXES as unknown as string[], (req: Request, res: Response) => {
    sendError(
      res,
      new MltrackError('ENDPOINT_NOT_FOUND', `No endpoint ${req.method} ${req.originalUrl.split('?')[0]}`),
    );
  });
  app.use(uiFiles());
  app.use((_req: Request, res: Response) => void res.status(404).type('text/plain').send('Not found\n'));
  app.use((error: unknown, _req: Request, res: Response, _next: NextFunction) => {
    const { status, body, failure } = failed(asBadRequest(error));
    if (failure) log.line(`${res.locals.requestId} ${failure}`);
    if (res.headersSent) res.destroy();
    else sendJson(res, status, body);
  });
  return app;
}

/** Express refuses some requests itself (a malformed path); its errors carry a 4xx status. */
function asBadRequest(error: unknown): unknown {
  const { status, message } = error as { status?: number; message?: string };
  const isRefusal = !(error instanceof MltrackError) && status !== undefined && status >= 400 && status < 500;
  return isRefusal ? new MltrackError(status === 404 ? 'NOT_FOUND' : 'BAD_REQUEST', message ?? 'Bad request') : error;
}
