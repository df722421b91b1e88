/** The front's end of a store thread: sends what came in one turn of the event loop as one batch, and replaces a thread that died. */
import { Worker } from 'node:worker_threads';
import { MltrackError } from '../../api/index.js';
import { failed, type StoreRequest, type StoreResponse } from '../answer.js';
import { DatabaseError } from '../db/db.js';
import type { Changes } from '../events/change-set.js';
import {
  ENDPOINT_INDEX,
  type FromThread,
  joinBytes,
  type ResponseBatch,
  type ThreadSettings,
  type ToThread,
} from './messages.js';

/** A request whose body is still in the pieces that came from the socket. */
export interface FrontRequest extends Omit<StoreRequest, 'body'> {
  readonly body: readonly Uint8Array[];
  /** ms since the epoch. */
  readonly deadline: number;
}

export type Log = (message: string) => void;

/** What a thread says unasked. */
export interface ThreadListener {
  /** Webhook deliveries wait. */
  onEnqueued?(): void;
  /** What commits changed, while it is watched. */
  onChanged?(changes: Changes): void;
  /** Changes may have been missed: a watched thread died. */
  onMissed?(): void;
}

interface Waiting {
  readonly size: number;
  resolve(response: StoreResponse): void;
}

/** Bytes of request bodies that may wait for one thread. */
const QUEUE_BYTES = 64 * 1024 * 1024;
/** Pause before a thread is started again, doubled with each death in a row, in ms. */
const RESTART_PAUSE = 100;
const LONGEST_PAUSE = 10_000;

export class StoreThread {
  readonly #entry: URL;
  readonly #settings: ThreadSettings;
  readonly #log: Log;
  readonly #listener: ThreadListener;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #ready = false;
  #closing = false;
  #outbox: { id: number; request: FrontRequest }[] = [];
  #waitingBytes = 0;
  #nextId = 0;
  #deaths = 0;
  #onClosed: (() => void) | undefined;
  #isWatched = false;
  #onWatching: (() => void)[] = [];

  /** `entry` is the built worker.ts. */
  constructor(entry: URL, settings: ThreadSettings, log: Log, listener: ThreadListener = {}) {
    this.#entry = entry;
    this.#settings = settings;
    this.#log = log;
    this.#listener = listener;
  }

  /** Requests that have no answer yet. */
  get load(): number {
    return this.#waiting.size;
  }

  /** Resolves once the thread takes requests. Throws DatabaseError when the database cannot be used. */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      const worker = new Worker(this.#entry, {
        workerData: this.#settings,
        name: `mltrack-${this.#settings.role}`,
        // What lives long here is small; a large young generation only costs memory.
        resourceLimits: { maxYoungGenerationSizeMb: 4 },
      });
      this.#worker = worker;
      worker.on('message', (message: FromThread) => {
        if (message.type === 'responses') this.#receive(message);
        else if (message.type === 'log') this.#log(message.message);
        else if (message.type === 'enqueued') this.#listener.onEnqueued?.();
        else if (message.type === 'changed') this.#listener.onChanged?.(message.changes);
        else if (message.type === 'watching') this.#onWatching.shift()?.();
        else if (message.type === 'closed') this.#onClosed?.();
        else if (message.type === 'failed') {
          reject(message.expected ? new DatabaseError(message.message) : new Error(message.message));
        } else {
          this.#ready = true;
          if (this.#isWatched) void this.watch(true);
          resolve();
          this.#flush();
        }
      });
      worker.on('error', (error) => {
        this.#log(`The ${this.#settings.role} thread died: ${error.stack ?? error}`);
        reject(error);
      });
      worker.on('exit', () => this.#exited());
    });
  }

  send(request: FrontRequest): Promise<StoreResponse> {
    let size = 0;
    for (const piece of request.body) size += piece.byteLength;
    if (this.#waitingBytes + size > QUEUE_BYTES || this.#closing) {
      return Promise.resolve(busy('The server has too much to do at the moment.'));
    }
    const id = this.#nextId++;
    this.#waitingBytes += size;
    return new Promise((resolve) => {
      this.#waiting.set(id, { size, resolve });
      if (this.#outbox.push({ id, request }) === 1) setImmediate(() => this.#flush());
    });
  }

  /** Whether changes are told of. Resolves once every later commit is, or the thread has died. */
  watch(on: boolean): Promise<void> {
    this.#isWatched = on;
    // A thread that is starting is told when it is ready.
    if (!this.#ready) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onWatching.push(resolve);
      this.#worker?.postMessage({ type: 'watch', on } satisfies ToThread);
    });
  }

  /** Ends the thread as a crash would: what it had is answered 503, and another takes its place. */
  async kill(): Promise<void> {
    await this.#worker?.terminate();
  }

  /** Lets the thread finish what it has, fold and close its database. */
  async close(): Promise<void> {
    this.#flush();
    const worker = this.#worker;
    if (!worker || this.#closing) return;
    this.#closing = true;
    await new Promise<void>((resolve) => {
      this.#onClosed = resolve;
      worker.once('exit', () => resolve());
      worker.postMessage({ type: 'close' } satisfies ToThread);
    });
    await worker.terminate();
  }

  #flush(): void {
    if (!this.#ready || this.#outbox.length === 0) return;
    const outbox = this.#outbox;
    this.#outbox = [];
    const { bytes, ends } = joinBytes(outbox.map(({ request }) => request.body));
    const batch: ToThread = {
      type: 'requests',
      ids: outbox.map(({ id }) => id),
      endpoints: outbox.map(({ request }) => ENDPOINT_INDEX.get(request.endpoint) as number),
      fields: outbox.map(({ request }) => request.fields),
      identities: outbox.some(({ request }) => request.identity)
        ? outbox.map(({ request }) => request.identity)
        : undefined,
      requestIds: outbox.map(({ request }) => request.requestId),
      deadlines: outbox.map(({ request }) => request.deadline),
      bytes,
      ends,
    };
    this.#worker?.postMessage(batch, [bytes.buffer]);
  }

  #receive(batch: ResponseBatch): void {
    this.#deaths = 0;
    batch.ids.forEach((id, i) => {
      const waiting = this.#waiting.get(id);
      if (!waiting) return;
      this.#waiting.delete(id);
      this.#waitingBytes -= waiting.size;
      const failure = batch.failures[i];
      waiting.resolve({
        status: batch.statuses[i] as number,
        body: batch.bytes.subarray(i === 0 ? 0 : batch.ends[i - 1], batch.ends[i]),
        ...(failure !== undefined && { failure }),
      });
    });
  }

  /** Nothing that the dead thread had is acknowledged, and another takes its place. */
  #exited(): void {
    const wasReady = this.#ready;
    this.#ready = false;
    for (const resolve of this.#onWatching.splice(0)) resolve();
    if (wasReady && this.#isWatched) this.#listener.onMissed?.();
    const unsent = new Set(this.#outbox.map(({ id }) => id));
    for (const [id, waiting] of this.#waiting) {
      if (unsent.has(id)) continue;
      this.#waiting.delete(id);
      this.#waitingBytes -= waiting.size;
      waiting.resolve(busy('The thread that had this request has died; it may or may not have been done.'));
    }
    // A thread that never came up has told why; only one that has served is replaced.
    if (this.#closing || (!wasReady && this.#deaths === 0)) return;
    const pause = Math.min(RESTART_PAUSE * 2 ** this.#deaths++, LONGEST_PAUSE);
    setTimeout(() => {
      if (this.#closing) return;
      this.start().catch((error: Error) =>
        this.#log(`The ${this.#settings.role} thread does not start: ${error.message}`),
      );
    }, pause);
  }
}

const busy = (message: string): StoreResponse => failed(new MltrackError('TEMPORARILY_UNAVAILABLE', message));
