/**
 * The queue and the worker threads behind it. A free worker takes what waits: one job, or as many as may share a run. The
 * thread that calls parses no body and runs no inference, but for a few small ones of a model that is certain to be brief (`front.ts`).
 */
import { Worker } from 'node:worker_threads';
import type { TensorInfo } from '../../../client/onnx/graph.js';
import type { ModelDescription } from '../../mlmodel.js';
import type { Provider } from '../probing/provider.js';
import type { Batching } from '../probing/row-probe.js';
import type { OutputTensorInfo } from '../tensor.js';
import type { Front } from './front.js';
import type { FromWorker, Job, JobReply, WorkerSetup } from './protocol.js';
import { Queue, type QueueLimits } from './queue.js';
import type { Sizing } from './sizing.js';

export interface EngineOptions {
  readonly model: ModelDescription;
  readonly provider: Provider;
  readonly sizing: Sizing;
  /** Whether a small model is also loaded on the calling thread. */
  readonly front?: boolean;
  /** Milliseconds after which a worker that still runs the same job counts as stuck. */
  readonly stuckAfter: number;
}

/** The job was not done, and may be sent again: the queue is full, or the worker that had it is gone. */
export class Unavailable extends Error {}

export interface Submitted {
  /** Rejects with Unavailable. */
  readonly reply: Promise<JobReply>;
  /** Takes the job out of the queue. One that runs goes on, for nobody. */
  cancel(): void;
}

/** What a loaded model takes and gives. */
export interface ServedInterface {
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly OutputTensorInfo[];
}

export interface Engine {
  readonly model: ModelDescription;
  readonly interface: ServedInterface;
  /** What runs the graph. */
  readonly provider: Provider;
  submit(job: Job): Submitted;
  /** Whether requests are answered. */
  readonly answers: boolean;
  /** Workers that have a model and are not stuck, busy or not. */
  readonly ready: number;
  readonly workers: number;
  /** Workers that have a job. */
  readonly busy: number;
  /** Jobs that wait. */
  readonly queued: number;
  /** Whether the queue takes no more jobs. */
  readonly full: boolean;
  /** Whether jobs share runs. */
  readonly batching: Batching;
  /** Jobs that shared a run with another. */
  readonly joined: number;
  /** Jobs that were answered on the calling thread. */
  readonly answeredInFront: number;
  /** Jobs that wait, and new ones, are refused. Each worker ends when it has answered what it has; one that hangs never does. */
  close(): Promise<void>;
}

interface Pending {
  readonly job: Job;
  readonly bytes: number;
  resolve(reply: JobReply): void;
  reject(error: Error): void;
}

/** A place for a worker, which is filled again when its thread dies. */
interface Slot {
  worker: Worker;
  /** `failed`: the thread ends by itself. */
  state: 'loading' | 'loaded' | 'failed';
  /** What its worker has; empty: it is free. */
  pending: readonly Pending[];
  /** When the worker was given that. */
  since: number;
}

const CLOSED = 'The model is being unloaded.';
/** What a request leaves behind is garbage soon: a larger nursery is only filled before it is looked at. */
const YOUNG_MB = 8;
/** The front is up first; threads that start meanwhile would take its time. */
const WORKERS_AFTER_MS = 100;
/** Before a worker that could not load its model is tried again. */
const RELOAD_MS = 1000;
/** Enough for a burst of small requests, and for as much of big ones as a small container's memory holds. */
const QUEUE_LIMITS = { items: 1024, bytes: 256 * 2 ** 20 };

/**
 * What a worker takes at most when jobs may share a run. Big bodies are parsed by several workers rather than joined by one:
 * there the run is the smaller part.
 */
const BATCH_LIMITS = { items: 64, bytes: 64 * 2 ** 10 };
const ONE = { items: 1, bytes: 0 };
const EVERYTHING = { items: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY };
/** Nor more than takes about so long, milliseconds, so that nobody waits long for others' answers. */
const BATCH_MS = 100;

/** Resolves once one worker has the model; the others follow. Rejects with the reason, in one line, when it does not load. */
export async function startEngine({ model, provider, sizing, front, stuckAfter }: EngineOptions): Promise<Engine> {
  // Read by onnxruntime's native library, which looks at the process's environment once, when it is loaded.
  process.env.ORT_DISABLE_TELEMETRY = '1';
  const pool = new Pool({ model, provider, intraOpThreads: sizing.intraOpThreads, probe: false }, stuckAfter);
  await pool.start(sizing.workers, front === true && provider === 'cpu');
  return pool;
}

class Pool implements Engine {
  readonly #setup: WorkerSetup;
  readonly #stuckAfter: number;
  readonly #slots: Slot[] = [];
  readonly #queue = new Queue<Pending>(QUEUE_LIMITS);
  #batching: Batching = { on: false, reason: 'no worker has loaded the model' };
  #interface: ServedInterface = { inputs: [], outputs: [] };
  #joined = 0;
  #front: Front | undefined;
  #frontIsBusy = false;
  #answeredInFront = 0;
  #dispatches = false;
  /** While a front answers alone. */
  #startWorkers: (() => void) | undefined;
  /** Of the last batch, milliseconds a job. Until there was one, jobs go one by one: the model may be slow. */
  #pace = BATCH_MS;
  #closed = false;

  constructor(setup: WorkerSetup, stuckAfter: number) {
    this.#setup = setup;
    this.#stuckAfter = stuckAfter;
  }

  get model(): ModelDescription {
    return this.#setup.model;
  }

  get interface(): ServedInterface {
    return this.#interface;
  }

  get provider(): Provider {
    return this.#setup.provider;
  }

  get ready(): number {
    const then = performance.now() - this.#stuckAfter;
    return this.#slots.filter((slot) => slot.state === 'loaded' && !(slot.pending.length > 0 && slot.since < then))
      .length;
  }

  get answers(): boolean {
    // Until the workers have loaded it, a model on this thread is enough; it does not make up for workers that hang.
    return this.ready > 0 || (this.#front !== undefined && this.#noneLoaded);
  }

  get workers(): number {
    return this.#slots.length;
  }

  get busy(): number {
    return this.#slots.filter((slot) => slot.pending.length > 0).length;
  }

  get queued(): number {
    return this.#queue.length;
  }

  get full(): boolean {
    return this.#queue.full;
  }

  get batching(): Batching {
    return this.#batching;
  }

  get joined(): number {
    return this.#joined;
  }

  get answeredInFront(): number {
    return this.#answeredInFront;
  }

  /** A model that does not load is found out by one worker: a thread that is ended while it loads takes the process along. */
  async start(count: number, front: boolean): Promise<void> {
    if (front && (await this.#openFront())) {
      this.#startWorkers = () => {
        this.#startWorkers = undefined;
        if (this.#closed) return;
        for (let worker = 0; worker < count; worker++) this.#add(false, () => {}, reportFailure);
      };
      setTimeout(() => this.#startWorkers?.(), WORKERS_AFTER_MS);
      return;
    }
    await new Promise<void>((loaded, failed) => this.#add(true, loaded, failed)).catch((reason) => {
      this.#closed = true;
      throw reason;
    });
    for (let more = 1; more < count; more++) this.#add(false, () => {}, reportFailure);
  }

  async #openFront(): Promise<boolean> {
    const { openFront } = await import('./front.js');
    this.#front = await openFront(this.model);
    if (!this.#front) return false;
    this.#batching = this.#front.batching;
    this.#interface = { inputs: this.#front.model.inputs, outputs: this.#front.model.outputs };
    return true;
  }

  submit(job: Job): Submitted {
    let pending: Pending | undefined;
    const reply = new Promise<JobReply>((resolve, reject) => {
      pending = { job, bytes: job.body.byteLength, resolve, reject };
      if (this.#closed) reject(new Unavailable(CLOSED));
      else if (!this.#queue.push(pending)) reject(new Unavailable('The queue is full.'));
    });
    this.#dispatchSoon();
    return { reply, cancel: () => this.#queue.remove(pending as Pending) };
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const { reject } of this.#queue.take(EVERYTHING)) reject(new Unavailable(CLOSED));
    await Promise.all([...this.#slots.map(end), this.#front?.close()]);
  }

  #add(probe: boolean, loaded: () => void, failed: (reason: Error) => void): void {
    const slot: Slot = { worker: this.#spawn(probe), state: 'loading', pending: [], since: 0 };
    this.#slots.push(slot);
    this.#watch(slot, loaded, failed);
  }

  #spawn(probe: boolean): Worker {
    return new Worker(WORKER_FILE, {
      workerData: { ...this.#setup, probe },
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    });
  }

  #watch(slot: Slot, loaded: () => void, failed: (reason: Error) => void): void {
    let error: Error | undefined;
    slot.worker.on('message', (message: FromWorker) => {
      if (message.event === 'failed') {
        slot.state = 'failed';
        error = new Error(message.reason);
      } else if (message.event === 'loaded') {
        slot.state = 'loaded';
        this.#batching = message.batching ?? this.#batching;
        this.#interface = message;
        loaded();
      } else this.#settle(slot, message);
      this.#dispatch();
    });
    slot.worker.on('error', (reason) => {
      error = reason;
    });
    slot.worker.once('exit', () => {
      const wasLoaded = slot.state === 'loaded';
      slot.state = 'failed';
      const lost = new Unavailable('The worker that had this request has ended; the request may be sent again.');
      for (const pending of slot.pending) pending.reject(lost);
      slot.pending = [];
      if (this.#closed) return;
      if (wasLoaded)
        console.error(`mltrack: a worker ended (${error?.message ?? 'no reason given'}), starting another`);
      else failed(error ?? new Error('the worker ended while it loaded the model'));
      setTimeout(() => this.#respawn(slot), wasLoaded ? 0 : RELOAD_MS).unref();
    });
  }

  #respawn(slot: Slot): void {
    if (this.#closed) return;
    slot.worker = this.#spawn(false);
    slot.state = 'loading';
    this.#watch(slot, () => {}, reportFailure);
  }

  #settle(slot: Slot, { replies, joined }: Extract<FromWorker, { event: 'replies' }>): void {
    this.#pace = (performance.now() - slot.since) / replies.length;
    this.#joined += joined;
    const answered = slot.pending;
    slot.pending = [];
    for (const [index, { resolve }] of answered.entries()) resolve(replies[index] as JobReply);
  }

  get #noneLoaded(): boolean {
    return this.#slots.every((slot) => slot.state !== 'loaded');
  }

  /** At the end of this turn of the event loop, when all that came with it waits. */
  #dispatchSoon(): void {
    if (this.#dispatches) return;
    this.#dispatches = true;
    setImmediate(() => {
      this.#dispatches = false;
      this.#dispatch();
    });
  }

  #dispatch(): void {
    const front = this.#front;
    const isLittle = front !== undefined && this.#queue.isWithin(front.limits);
    if (!isLittle) this.#startWorkers?.();
    // While no worker has loaded the model, this thread does what it can.
    if (front && (isLittle || (this.#noneLoaded && this.#queue.nextBytes <= front.limits.bytes))) {
      if (!this.#frontIsBusy) this.#answerInFront(front);
      return;
    }
    for (const slot of this.#slots) {
      if (slot.state !== 'loaded' || slot.pending.length > 0) continue;
      const taken = this.#queue.take(this.#batching.on ? this.#batchLimits() : ONE);
      if (taken.length === 0) return;
      slot.pending = taken;
      slot.since = performance.now();
      const jobs = taken.map(({ job }) => job);
      slot.worker.postMessage(
        jobs,
        jobs.map(({ body }) => body.buffer),
      );
    }
  }

  async #answerInFront(front: Front): Promise<void> {
    const taken = this.#queue.take(this.#batching.on ? front.limits : ONE);
    if (taken.length === 0) return;
    this.#frontIsBusy = true;
    const { replies, joined } = await front.answer(taken.map(({ job }) => job));
    this.#frontIsBusy = false;
    this.#joined += joined;
    this.#answeredInFront += taken.length;
    for (const [index, { resolve }] of taken.entries()) resolve(replies[index] as JobReply);
    this.#dispatchSoon();
  }

  #batchLimits(): QueueLimits {
    return { items: Math.min(BATCH_LIMITS.items, BATCH_MS / this.#pace), bytes: BATCH_LIMITS.bytes };
  }
}

function reportFailure(reason: Error): void {
  console.error(`mltrack: a worker cannot load the model: ${reason.message}`);
}

/** A thread must not be ended inside onnxruntime's `create`, which would end the process: its next message is waited for. */
async function end(slot: Slot): Promise<void> {
  if (slot.state === 'loading' || slot.pending.length > 0) {
    await new Promise((resolve) => slot.worker.once('message', resolve).once('exit', resolve));
  }
  await slot.worker.terminate();
}

/** Built, this module lies in `dist`, as the worker's bundle does. */
const WORKER_FILE = new URL('./serving-worker.js', import.meta.url);
