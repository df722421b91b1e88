/** Everything that happens to a request, in order. Endpoints of the table come before Express: they are hot, and need nothing of it. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { API_PREFIXES, MltrackError } from '../api/index.js';
import { failed } from './answer.js';
import type { ArtifactRepository } from './artifacts/repository.js';
import { artifactRoutes, refuseArtifacts } from './artifacts/routes.js';
import { sendError, sendJson } from './http-answers.js';
import { mount } from './mount.js';
import { notImplemented } from './not-implemented.js';
import { type LogWriter, logRequests, type RequestLogging, requestIdOf } from './request-log.js';
import { type FrameOptions, type SecurityCheck, secure } from './security.js';
import type { Backend } from './threads/backend.js';
import { uiFiles } from './ui-files.js';

export interface AppParts {
  readonly backend: Backend;
  /** Undefined when artifacts are not served. */
  readonly artifacts: ArtifactRepository | undefined;
  readonly log: LogWriter;
  readonly requestLog: RequestLogging;
  readonly version: string;
  /** Undefined when it was switched off. */
  readonly security: SecurityCheck | undefined;
  readonly frameOptions: FrameOptions;
}

export function createApp(parts: AppParts): RequestListener {
  const { backend, log, requestLog, version, security } = parts;
  const logRequest = logRequests(log, requestLog);
  const answerEndpoint = mount(backend, log.line);
  const others = createOthers(parts);
  return (req: IncomingMessage, res: ServerResponse) => {
    if (security?.(req, res)) return;
    if (req.url === '/health') return sendText(res, 'OK');
    if (req.url === '/version') return sendText(res, version);
    const id = requestIdOf(req);
    logRequest(req, res, id);
    if (answerEndpoint(req, res, id)) return;
    res.setHeader('x-request-id', id);
    if (security) secure(res, parts.frameOptions);
    others(req, res);
  };
}

/** Artifact bytes, the UI, and everything that is not there. */
function createOthers({ artifacts, log, frameOptions }: AppParts): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  app.use((req: Request, res: Response, next: NextFunction) => {
    const error = notImplemented(req.path);
    if (error) sendError(res, error);
    else next();
  });
  app.use(artifacts ? artifactRoutes(artifacts) : refuseArtifacts());
  app.use([...API_PREFIXES], (req: Request, res: Response) => {
    sendError(
      res,
      new MltrackError('ENDPOINT_NOT_FOUND', `No endpoint ${req.method} ${req.originalUrl.split('?')[0]}`),
    );
  });
  app.use(uiFiles(frameOptions));
  app.use((_req: Request, res: Response) => void res.status(404).type('text/plain').send('Not found\n'));
  app.use((error: unknown, _req: Request, res: Response, _next: NextFunction) => {
    const { status, body, failure } = failed(asBadRequest(error));
    if (failure) log.line(`${res.getHeader('x-request-id')} ${failure}`);
    if (res.headersSent) res.destroy();
    else sendJson(res, status, body);
  });
  return app;
}

function sendText(res: ServerResponse, text: string): void {
  res.writeHead(200, { 'content-type': 'text/plain; charset=utf-8', 'content-length': Buffer.byteLength(text) });
  res.end(text);
}

/** Express refuses some requests itself (a malformed path); its errors carry a 4xx status. */
function asBadRequest(error: unknown): unknown {
  const { status, message } = error as { status?: number; message?: string };
  const isRefusal = !(error instanceof MltrackError) && status !== undefined && status >= 400 && status < 500;
  return isRefusal ? new MltrackError(status === 404 ? 'NOT_FOUND' : 'BAD_REQUEST', message ?? 'Bad request') : error;
}
