/** Everything that happens to a request, in order. Endpoints of the table come before Express: they are hot, and need nothing of it. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { API_PREFIXES, MltrackError } from '../api/index.js';
import { failed } from './answer.js';
import { withListings } from './artifacts/listings.js';
import { ownedFileRoutes } from './artifacts/owned-files.js';
import { askStore, ownersOf } from './artifacts/owners.js';
import type { Places } from './artifacts/places.js';
import { refuseArtifacts, refuseTracking } from './artifacts/refusals.js';
import { artifactRoutes } from './artifacts/routes.js';
import type { AuthFront } from './auth/front.js';
import type { EventHub } from './events/hub.js';
import { eventRoutes } from './events/routes.js';
import { withTrash } from './gc/trash.js';
import { sendError, sendJson } from './http-answers.js';
import { mount } from './mount.js';
import { notImplemented } from './not-implemented.js';
import { type LogWriter, logRequests, type RequestLogging, requestIdOf } from './request-log.js';
import { type FrameOptions, type SecurityCheck, secure } from './security.js';
import { serverInfo } from './server-info.js';
import { servingRoutes, type Trying } from './serving/routes.js';
import type { Backend } from './threads/backend.js';
import { uiFiles } from './ui-files.js';

export interface AppParts {
  /** Undefined when only artifacts are served. */
  readonly backend: Backend | undefined;
  readonly places: Places;
  readonly log: LogWriter;
  readonly requestLog: RequestLogging;
  readonly version: string;
  /** Undefined when it was switched off. */
  readonly security: SecurityCheck | undefined;
  readonly frameOptions: FrameOptions;
  /** Undefined where nobody has to sign in. */
  readonly auth: AuthFront | undefined;
  /** Undefined when only artifacts are served. */
  readonly events: EventHub | undefined;
  /** Undefined where nothing runs models. */
  readonly trying: Trying | undefined;
}

export function createApp(parts: AppParts): RequestListener {
  const { log, requestLog, version, places, security, auth } = parts;
  const backend = parts.backend && withTrash(withListings(parts.backend, places), places);
  const logRequest = logRequests(log, requestLog);
  const answerEndpoint = mount(backend, log.line, auth);
  const others = createOthers(parts);
  // Where users sign in, only what a rule admits reaches what is served.
  const unserved = createOthers({ ...parts, backend: undefined, places: { ...places, destination: undefined } });
  const info = Buffer.from(JSON.stringify(serverInfo(places.destination)));
  return (req: IncomingMessage, res: ServerResponse) => {
    // As MLflow's server takes them: the UI's own links have had two slashes.
    if (req.url?.includes('//')) req.url = req.url.replace(/^[^?]*/, (path) => path.replace(/\/{2,}/g, '/'));
    if (security?.(req, res)) return;
    if (req.url === '/health') return sendText(res, 'OK');
    if (req.url === '/version') return sendText(res, version);
    const id = requestIdOf(req);
    logRequest(req, res, id);
    if (answerEndpoint(req, res, id)) return;
    if (!auth && isInfo(req)) return sendJson(res, 200, info, id);
    res.setHeader('x-request-id', id);
    if (security) secure(res, parts.frameOptions);
    if (!auth) return others(req, res);
    auth.admit(req, res, id).then(
      (way) => {
        if (way && isInfo(req)) sendJson(res, 200, info, id);
        else if (way) (way === 'served' ? others : unserved)(req, res);
      },
      (error: Error) => {
        log.line(`${id} ${error.stack ?? error}`);
        sendError(res, new MltrackError('TEMPORARILY_UNAVAILABLE', 'The store cannot be reached at the moment.'), id);
      },
    );
  };
}

const INFO_PATHS: ReadonlySet<string> = new Set(API_PREFIXES.map((prefix) => `${prefix}/3.0/mlflow/server-info`));

const isInfo = (req: IncomingMessage) => INFO_PATHS.has(req.url?.split('?')[0] ?? '');

/** Artifact bytes, the UI, and everything that is not there. */
function createOthers({ backend, places, log, frameOptions, auth, events, trying }: AppParts): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  if (places.destination) app.use(artifactRoutes(places.destination));
  else
    app.use(
      API_PREFIXES.map((prefix) => `${prefix}/2.0/mlflow-artifacts`),
      refusing(refuseArtifacts),
    );
  if (backend && events) app.use(eventRoutes(events));
  const asking = backend && (auth ? asServer(backend) : backend);
  if (asking && trying) app.use(servingRoutes(ownersOf(askStore(asking), places), trying));
  if (asking) app.use(ownedFileRoutes(asking, places));
  else app.use(TRACKING_PATHS, refusing(refuseTracking));
  app.use((req: Request, res: Response, next: NextFunction) => {
    const error = notImplemented(req.path);
    if (error) sendError(res, error);
    else next();
  });
  app.use([...API_PREFIXES], (req: Request, res: Response) => {
    sendError(
      res,
      new MltrackError('ENDPOINT_NOT_FOUND', `No endpoint ${req.method} ${req.originalUrl.split('?')[0]}`),
    );
  });
  app.use(uiFiles(frameOptions, auth !== undefined));
  app.use((_req: Request, res: Response) => void res.status(404).type('text/plain').send('Not found\n'));
  app.use((error: unknown, _req: Request, res: Response, _next: NextFunction) => {
    const { status, body, failure } = failed(asBadRequest(error));
    if (failure) log.line(`${res.getHeader('x-request-id')} ${failure}`);
    if (res.headersSent) res.destroy();
    else sendJson(res, status, body);
  });
  return app;
}

/** What a rule has admitted is asked of the store in the server's own name. */
const asServer = (backend: Backend): Backend => ({
  ...backend,
  send: (request) => backend.send({ ...request, identity: 'server' }),
});

/** Routes outside the table that need the store. */
const TRACKING_PATHS = [
  '/get-artifact',
  '/model-versions/get-artifact',
  ...API_PREFIXES.flatMap((prefix) => [`${prefix}/2.0/mlflow`, `${prefix}/2.0/mltrack`, `${prefix}/3.0/mlflow`]),
];

function refusing(refuse: (path: string, res: ServerResponse) => void) {
  return (req: Request, res: Response) => refuse(req.originalUrl.split('?')[0] as string, res);
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
