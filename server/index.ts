/** The tracking server: settings in, a listening server out. */
import {
  createServer as createHttpServer,
  type Server as HttpServer,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { VERSION } from '../api/version.js';
import { createApp } from './app.js';
import { prepareFolder } from './artifacts/local.js';
import { openPlaces, type Storage } from './artifacts/places.js';
import { checkBucket } from './artifacts/s3/s3.js';
import { AuthFront } from './auth/front.js';
import { ConfigError, type ServerConfig, type Settings, settingsOf, uriOf } from './config.js';
import { EventHub } from './events/hub.js';
import { HeartbeatWatch } from './heartbeats/watch.js';
import { logWriter } from './request-log.js';
import { securedResponse } from './security.js';
import { ServingProcesses } from './serving/processes.js';
import { type Backend, openBackend } from './threads/backend.js';
import { Deliverer, withWebhookTests } from './webhooks/deliverer.js';

export { ConfigError, isExpected, type ServerConfig } from './config.js';
export type { ReadModel, ServingEngine, ServingProcess } from './serving/engine.js';
export { VERSION };

export interface Server {
  /** Where it listens, with the port that was taken. */
  readonly url: string;
  /** Takes no new work, finishes what runs (at most 10 s), folds, closes the database. */
  close(): Promise<void>;
}

/** How long requests in progress may take at the end, in ms. */
const DRAIN = 10_000;

/** Opens the store and listens. Throws ConfigError or DatabaseError, whose messages say the cause and the cure. */
export async function createServer(config: ServerConfig = {}): Promise<Server> {
  const settings = settingsOf(config);
  const log = logWriter(settings.writeLog);
  const { destination } = settings.artifacts;
  if (destination) await prepareArtifacts(destination);
  const http = createHttpServer(settings.security ? { ServerResponse: securedResponse(settings.frameOptions) } : {});
  const sockets = new Set<Socket>();
  http.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  // Bound first: a port in use must be found before the database is touched. Requests that come early wait for the store.
  const early: [IncomingMessage, ServerResponse][] = [];
  const wait = (req: IncomingMessage, res: ServerResponse) => early.push([req, res]);
  http.on('request', wait);
  await listen(http, settings);
  let tracking: Tracking | undefined;
  let auth: AuthFront | undefined;
  try {
    if (!settings.artifactsOnly) tracking = await openTracking(settings, log.line);
    if (tracking && settings.auth) {
      const { events } = tracking;
      auth = new AuthFront(tracking.backend, () => events.recheck());
      await auth.begin(settings.auth, log.line);
    }
  } catch (error) {
    http.close();
    http.closeAllConnections();
    throw error;
  }
  const trying = settings.trying && tryingWith(settings.trying, log.line);
  const app = createApp({
    backend: auth?.backend ?? tracking?.backend,
    places: openPlaces(settings.artifacts),
    log,
    requestLog: settings.requestLog,
    version: VERSION,
    security: settings.security,
    frameOptions: settings.frameOptions,
    auth,
    events: tracking?.events,
    trying,
  });
  http.off('request', wait).on('request', app);
  for (const [req, res] of early) app(req, res);
  return {
    url: urlOf(http, settings.host),
    async close() {
      tracking?.events.close();
      await drain(http, sockets);
      await Promise.all([tracking?.close(), trying?.processes?.close()]);
      log.flush();
    },
  };
}

const tryingWith = ({ engine, settings }: NonNullable<Settings['trying']>, log: (line: string) => void) => ({
  engine,
  processes: settings.models > 0 ? new ServingProcesses(engine, settings, log) : undefined,
});

interface Tracking {
  readonly backend: Backend;
  readonly events: EventHub;
  close(): Promise<void>;
}

/** The store and what works for it. */
async function openTracking(settings: Settings, log: (line: string) => void): Promise<Tracking> {
  let deliverer: Deliverer | undefined;
  let hub: EventHub | undefined;
  const backend = await openBackend({
    storeUri: settings.storeUri,
    searchThreads: settings.workers,
    defaultArtifactRoot: settings.defaultArtifactRoot,
    entry: new URL('./store-worker.js', import.meta.url),
    log,
    lengths: settings.lengths,
    webhooks: settings.webhooks,
    artifactHosts: settings.artifactHosts,
    modelVersionSourcePattern: settings.modelVersionSourcePattern,
    heartbeatTimeout: settings.heartbeatTimeout,
    auth: settings.auth && { defaultPermission: settings.auth.defaultPermission },
    listener: {
      onEnqueued: () => deliverer?.wake(),
      onChanged: (changes) => hub?.changed(changes),
      onMissed: () => hub?.missed(),
    },
  });
  const webhooks = new Deliverer(backend, settings.webhooks, log);
  deliverer = webhooks;
  const watch = new HeartbeatWatch(backend, settings.heartbeatTimeout, log);
  const events = new EventHub(backend, log);
  hub = events;
  webhooks.wake();
  return {
    backend: withWebhookTests(backend, webhooks),
    events,
    async close() {
      watch.close();
      await webhooks.close(DRAIN);
      await backend.close();
    },
  };
}

async function prepareArtifacts(destination: Storage): Promise<void> {
  const uri = uriOf(destination);
  try {
    if (destination.kind === 'folder') return await prepareFolder(destination.path);
    await checkBucket(destination);
  } catch (error) {
    const cure =
      destination.kind === 'folder'
        ? 'Choose a writable folder with --artifacts-destination'
        : 'Make the bucket, or set AWS_* and MLFLOW_S3_ENDPOINT_URL so that it is found, or choose another --artifacts-destination';
    throw new ConfigError(`Cannot ${verbOf(destination)} ${uri}: ${(error as Error).message}. ${cure}.`, {
      cause: error,
    });
  }
}

const verbOf = ({ kind }: Storage) => (kind === 'folder' ? 'write artifacts to' : 'use');

function listen(http: HttpServer, { host, port }: Settings): Promise<void> {
  return new Promise((resolve, reject) => {
    http.once('error', (error: NodeJS.ErrnoException) => {
      const why =
        error.code === 'EADDRINUSE'
          ? `Port ${port} of ${host} is in use: stop what uses it, or choose another with --port`
          : `Cannot listen on ${host}:${port}: ${error.message}`;
      reject(new ConfigError(`${why}.`, { cause: error }));
    });
    // Python's clients keep connections for minutes; one that is closed under a request looks like a failure.
    http.keepAliveTimeout = 120_000;
    http.requestTimeout = 0;
    http.listen({ host, port, backlog: 1024 }, resolve);
  });
}

function urlOf(http: HttpServer, host: string): string {
  const { port } = http.address() as AddressInfo;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

async function drain(http: HttpServer, sockets: ReadonlySet<Socket>): Promise<void> {
  const closed = new Promise<void>((resolve) => http.close(() => resolve()));
  http.closeIdleConnections();
  // Browsers open connections ahead; Node takes one that has not asked anything for busy.
  for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
  const timer = setTimeout(() => http.closeAllConnections(), DRAIN);
  await closed;
  clearTimeout(timer);
}
