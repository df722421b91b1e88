/** Where a run's entries go: the interface that a run writes to, and the journal that keeps them in memory and sends them itself. */
import { LIMITS, MltrackError, type RunInfo } from '../api/index.js';
import { Delivery, type Destination, type Source, Stopped, type Waiting } from './delivery/delivery.js';
import { unref } from './delivery/retry.js';
import { type Entry, type RunStart, type WireMetric, wireNumber } from './entries.js';
import type { Problems } from './problems.js';

/** How far a delivery has come. */
export interface Flushed {
  /** Whether all that was logged before the call has arrived, or was refused. */
  readonly delivered: boolean;
  /** Where what is left is kept; none when it is in memory only. */
  readonly kept?: string;
}

export interface Journal {
  /** Numbers under keys that were checked. */
  metrics(values: Readonly<Record<string, number>>, timestamp: number | bigint, step: number | bigint): void;
  append(entry: Entry): void;
  /** The run on the server. Rejects when it cannot be created, or is not there in time (ms). */
  info(timeout: number): Promise<RunInfo>;
  /** Never rejects. Resolves after `timeout` ms at the latest. */
  flush(timeout: number): Promise<Flushed>;
  /** How far it is now. */
  readonly outcome: Flushed;
  /** Whether waiting, without the program's event loop, could change that. */
  readonly mayArrive: boolean;
}

/** How long what is logged is gathered before it is sent, in ms. */
export const LINGER = 100;
/** Values and bytes that may wait in memory. */
const MOST_ENTRIES = 1_000_000;
const MOST_BYTES = 256 * 1024 * 1024;

export interface MemoryOptions {
  readonly destination: Destination;
  readonly problems: Problems;
  parentOf(localId: string): Promise<string | undefined>;
  /** A run that something else has created; entries are sent once it is known. */
  readonly info?: Promise<RunInfo>;
}

export class MemoryJournal implements Journal, Source {
  readonly #problems: Problems;
  readonly established: Promise<RunInfo>;
  #queue: Waiting[] = [];
  /** Handed out of the queue's front; the array is cut only now and then. */
  #taken = 0;
  #end = 0;
  #acknowledged = 0;
  #bytes = 0;
  #failed = false;
  #wake: (() => void) | undefined;
  #flushing = 0;
  readonly #flushes = new Set<() => void>();

  constructor(start: RunStart, { destination, problems, parentOf, info }: MemoryOptions) {
    this.#problems = problems;
    let established: (info: RunInfo) => void = () => {};
    let failed: (error: unknown) => void = () => {};
    this.established = new Promise((resolve, reject) => {
      established = resolve;
      failed = reject;
    });
    this.established.catch(() => {});
    const hooks = { problems, alive: true, parentOf, established, refused: () => {} };
    const delivery = new Delivery(destination, start, this, hooks);
    const running = info ? info.then((found) => delivery.run(found, true)) : delivery.run(undefined, false);
    running.catch((error) => {
      this.#failed = true;
      failed(error);
      if (!(error instanceof Stopped)) {
        problems.tell('not-created', `The run could not be created: ${(error as Error).message}`);
      }
      this.#queue = [];
      this.#answerFlushes();
    });
  }

  metrics(values: Readonly<Record<string, number>>, timestamp: number | bigint, step: number | bigint): void {
    const at = { timestamp: wireNumber(timestamp), step: wireNumber(step) };
    let metrics: WireMetric[] = [];
    for (const key of Object.keys(values)) {
      metrics.push({ key, value: wireNumber(values[key] as number), ...at });
      if (metrics.length === LIMITS.batchMetrics) {
        this.append({ kind: 'metrics', metrics });
        metrics = [];
      }
    }
    if (metrics.length > 0) this.append({ kind: 'metrics', metrics });
  }

  append(entry: Entry): void {
    if (this.#failed) return;
    if (this.#queue.length - this.#taken >= MOST_ENTRIES || this.#bytes >= MOST_BYTES) {
      this.#problems.tell('dropped', 'Too much waits in memory for the server: what is logged now is lost.');
      return;
    }
    this.#bytes += bytesOf(entry);
    this.#queue.push({ entry, at: ++this.#end });
    this.#wake?.();
  }

  async info(timeout: number): Promise<RunInfo> {
    return within(this.established, timeout, 'The run is not on the server yet: it does not answer.');
  }

  get outcome(): Flushed {
    return { delivered: !this.#failed && this.#acknowledged >= this.#end };
  }

  /** It is sent by the event loop. */
  readonly mayArrive = false;

  async flush(timeout: number): Promise<Flushed> {
    const upTo = this.#end;
    const done = () => this.#failed || this.#acknowledged >= upTo;
    if (!done()) {
      this.#flushing++;
      this.#wake?.();
      await new Promise<void>((resolve) => {
        const finish = () => {
          clearTimeout(timer);
          this.#flushes.delete(check);
          resolve();
        };
        // This timer keeps the process: someone waits.
        const timer = setTimeout(finish, timeout);
        const check = () => {
          if (done()) finish();
        };
        this.#flushes.add(check);
      });
      this.#flushing--;
    }
    return { delivered: !this.#failed && this.#acknowledged >= upTo };
  }

  next(): Waiting | undefined {
    const found = this.#queue[this.#taken];
    if (found) this.#taken++;
    if (this.#taken > 10_000 && this.#taken * 2 > this.#queue.length) {
      this.#queue = this.#queue.slice(this.#taken);
      this.#taken = 0;
    }
    return found;
  }

  async more(): Promise<boolean> {
    if (this.#taken >= this.#queue.length) {
      this.#queue = [];
      this.#taken = 0;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
    if (this.#flushing === 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, LINGER);
        unref(timer);
        this.#wake = () => {
          if (this.#flushing === 0) return;
          clearTimeout(timer);
          resolve();
        };
      });
      this.#wake = undefined;
    }
    return true;
  }

  acknowledge(at: number): void {
    this.#acknowledged = at;
    if (this.#acknowledged === this.#end) this.#bytes = 0;
    this.#answerFlushes();
  }

  #answerFlushes(): void {
    for (const check of this.#flushes) check();
  }
}

function bytesOf(entry: Entry): number {
  return entry.kind === 'artifact' && entry.content instanceof Uint8Array ? entry.content.byteLength : 0;
}

/** Rejects with TEMPORARILY_UNAVAILABLE after `timeout` ms. */
export async function within<T>(promise: Promise<T>, timeout: number, message: string): Promise<T> {
  let timer: unknown;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new MltrackError('TEMPORARILY_UNAVAILABLE', message)), timeout);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer as number);
  }
}
