/** The store behind its threads: which thread answers which request. */
import type { StoreResponse } from '../answer.js';
import { endpoints } from '../endpoints.js';
import type { ThreadSettings } from './messages.js';
import { type FrontRequest, type Log, StoreThread, type ThreadListener } from './thread.js';

export interface Backend {
  send(request: FrontRequest): Promise<StoreResponse>;
  /** Whether changes are told of; resolves once every later commit is. */
  watch(on: boolean): Promise<void>;
  /** Finishes what was taken, folds, closes. */
  close(): Promise<void>;
}

export interface BackendOptions extends Omit<ThreadSettings, 'role' | 'database' | 'connections'> {
  /** `sqlite:///PATH` or `postgresql://…`, checked. */
  readonly storeUri: StoreUri;
  /** Threads that search; SQLite only. */
  readonly searchThreads: number;
  /** The built worker.ts. */
  readonly entry: URL;
  readonly log: Log;
  readonly listener: ThreadListener;
}

export type StoreUri =
  | { readonly kind: 'sqlite'; readonly path: string }
  | { readonly kind: 'postgres'; readonly uri: string };

/** Connections of a PostgreSQL pool: enough that readers do not wait for writers that wait for row locks. */
const CONNECTIONS = 10;

/** Resolves once requests are taken. Throws DatabaseError when the database cannot be used. */
export function openBackend(options: BackendOptions): Promise<Backend> {
  return options.storeUri.kind === 'sqlite'
    ? openSqlite(options, options.storeUri.path)
    : openPostgres(options, options.storeUri.uri);
}

async function openSqlite(options: BackendOptions, path: string): Promise<Backend> {
  const thread = (role: 'writer' | 'reader') =>
    new StoreThread(
      options.entry,
      { ...shared(options), role, database: path, connections: 1 },
      options.log,
      options.listener,
    );
  const writer = thread('writer');
  await writer.start();
  const point = onDemand(() => thread('reader'));
  const searches = Array.from({ length: options.searchThreads }, () => onDemand(() => thread('reader')));
  return {
    async send(request) {
      const { access } = endpoints[request.endpoint];
      if (access === 'write') return writer.send(request);
      if (access === 'read') return (await point.get()).send(request);
      return (await leastLoaded(searches).get()).send(request);
    },
    watch: (on) => writer.watch(on),
    async close() {
      await Promise.all([point, ...searches].map((each) => each.started?.close()));
      await writer.close();
    },
  };
}

async function openPostgres(options: BackendOptions, uri: string): Promise<Backend> {
  const thread = new StoreThread(
    options.entry,
    { ...shared(options), role: 'postgres', database: uri, connections: CONNECTIONS },
    options.log,
    options.listener,
  );
  await thread.start();
  return {
    send: (request) => thread.send(request),
    watch: (on) => thread.watch(on),
    close: () => thread.close(),
  };
}

/** The settings of every thread, and nothing that cannot be sent to one. */
function shared({ storeUri, searchThreads, entry, log, listener, ...settings }: BackendOptions) {
  return settings;
}

/** A thread that is started by its first request. */
interface OnDemand {
  readonly started: StoreThread | undefined;
  get(): Promise<StoreThread>;
}

function onDemand(make: () => StoreThread): OnDemand {
  let thread: StoreThread | undefined;
  let starting: Promise<StoreThread> | undefined;
  return {
    get started() {
      return thread;
    },
    get() {
      if (!starting) {
        const made = make();
        starting = made.start().then(() => {
          thread = made;
          return made;
        });
        starting.catch(() => {
          starting = undefined;
        });
      }
      return starting;
    },
  };
}

/** An idle thread that runs, else one that is not started yet, else the one with the least to do. */
function leastLoaded(threads: readonly OnDemand[]): OnDemand {
  const idle = threads.find((each) => each.started?.load === 0);
  const fresh = threads.find((each) => !each.started);
  const first = threads[0] as OnDemand;
  return (
    idle ??
    fresh ??
    threads.reduce((best, each) => ((each.started?.load ?? 0) < (best.started?.load ?? 0) ? each : best), first)
  );
}
