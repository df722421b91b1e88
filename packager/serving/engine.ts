/**
 * The queue and the worker threads behind it. A free worker takes the job that has waited longest; the thread that calls
 * never runs an inference and never parses a body.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { ModelDescription } from '../mlmodel.js';
import type { FromWorker, Job, JobReply, WorkerSetup } from './protocol.js';

export interface EngineOptions {
  readonly model: ModelDescription;
  /** Worker threads. Default: one a core (four at most) for a model below 50 MB, one that uses all cores for a bigger one. */
  readonly workers?: number | undefined;
}

/** The worker that had the job is gone; another takes its place. */
export class WorkerLost extends Error {}

export interface Submitted {
  /** Rejects with WorkerLost. */
  readonly reply: Promise<JobReply>;
  /** Takes the job out of the queue. One that runs goes on, for nobody. */
  cancel(): void;
}

export interface Engine {
  submit(job: Job): Submitted;
  /** Workers that have a model, busy or not. */
  readonly ready: number;
  readonly workers: number;
  /** Jobs that wait. */
  readonly queued: number;
  /** Ends the workers, whatever they do. */
  close(): Promise<void>;
}

interface Pending {
  readonly job: Job;
  resolve(reply: JobReply): void;
  reject(error: Error): void;
}

/** A place for a worker, which is filled again when its thread dies. */
interface Slot {
  worker: Worker;
  loaded: boolean;
  pending: Pending | undefined;
}

const SMALL_MODEL = 50_000_000;
const MOST_WORKERS = 4;
/** Before a worker that could not load its model is tried again. */
const RELOAD_MS = 1000;

/** Loads the model in every worker. Rejects with the reason, in one line, when it does not load. */
export async function startEngine({ model, workers }: EngineOptions): Promise<Engine> {
  // Read by onnxruntime's native library, which looks at the process's environment once, when it is loaded.
  process.env.ORT_DISABLE_TELEMETRY = '1';
  const count = workers ?? (model.size < SMALL_MODEL ? Math.min(availableParallelism(), MOST_WORKERS) : 1);
  const pool = new Pool({ model, intraOpThreads: count > 1 ? 1 : 0 });
  try {
    await pool.start(count);
  } catch (error) {
    await pool.close();
    throw error;
  }
  return pool;
}

class Pool implements Engine {
  readonly #setup: WorkerSetup;
  readonly #slots: Slot[] = [];
  readonly #waiting: Pending[] = [];
  #closed = false;

  constructor(setup: WorkerSetup) {
    this.#setup = setup;
  }

  get ready(): number {
    return this.#slots.filter((slot) => slot.loaded).length;
  }

  get workers(): number {
    return this.#slots.length;
  }

  get queued(): number {
    return this.#waiting.length;
  }

  async start(count: number): Promise<void> {
    await Promise.all(
      Array.from({ length: count }, () => new Promise<void>((loaded, failed) => this.#add(loaded, failed))),
    );
  }

  submit(job: Job): Submitted {
    let pending: Pending | undefined;
    const reply = new Promise<JobReply>((resolve, reject) => {
      pending = { job, resolve, reject };
      this.#waiting.push(pending);
    });
    this.#dispatch();
    return {
      reply,
      cancel: () => {
        const place = this.#waiting.indexOf(pending as Pending);
        if (place !== -1) this.#waiting.splice(place, 1);
      },
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#slots.map((slot) => slot.worker.terminate()));
  }

  #add(loaded: () => void, failed: (reason: Error) => void): void {
    const slot: Slot = { worker: this.#spawn(), loaded: false, pending: undefined };
    this.#slots.push(slot);
    this.#watch(slot, loaded, failed);
  }

  #spawn(): Worker {
    return new Worker(WORKER_FILE, { workerData: this.#setup });
  }

  #watch(slot: Slot, loaded: () => void, failed: (reason: Error) => void): void {
    let error: Error | undefined;
    slot.worker.on('message', (message: FromWorker) => {
      if (message.event === 'failed') failed(new Error(message.reason));
      else if (message.event === 'loaded') {
        slot.loaded = true;
        loaded();
      } else {
        slot.pending?.resolve(message.reply);
        slot.pending = undefined;
      }
      this.#dispatch();
    });
    slot.worker.on('error', (reason) => {
      error = reason;
    });
    slot.worker.once('exit', () => {
      const wasLoaded = slot.loaded;
      slot.loaded = false;
      slot.pending?.reject(
        new WorkerLost('The worker that had this request has ended; the request may be sent again.'),
      );
      slot.pending = undefined;
      if (this.#closed) return;
      failed(error ?? new Error('the worker ended while it loaded the model'));
      if (wasLoaded)
        console.error(`mltrack: a worker ended (${error?.message ?? 'no reason given'}), starting another`);
      setTimeout(() => this.#respawn(slot), wasLoaded ? 0 : RELOAD_MS).unref();
    });
  }

  #respawn(slot: Slot): void {
    if (this.#closed) return;
    slot.worker = this.#spawn();
    this.#watch(
      slot,
      () => {},
      (reason) => slot.loaded || console.error(`mltrack: a worker cannot load the model: ${reason.message}`),
    );
  }

  #dispatch(): void {
    for (const slot of this.#slots) {
      if (!slot.loaded || slot.pending) continue;
      const next = this.#waiting.shift();
      if (!next) return;
      slot.pending = next;
      slot.worker.postMessage(next.job, [next.job.body.buffer]);
    }
  }
}

/** Built, this module lies in `dist`, as the worker's bundle does. */
const WORKER_FILE = new URL('./serving-worker.js', import.meta.url);
