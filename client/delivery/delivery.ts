/** Sends the entries of one run in their order, forever if need be: what waits and where it is kept is its source's business. */
import type { MltrackError, RunInfo } from '../../api/index.js';
import type { Connection } from '../connect.js';
import type { Entry, RunStart, StoredContent } from '../entries.js';
import type { Problems } from '../problems.js';
import { added, type Batch, emptyBatch, sendBatch, sizeOf } from './batch.js';
import { establish } from './establish.js';
import { sendHeartbeats } from './heartbeat.js';
import { isRefusal, Retrier, Stopped } from './retry.js';

/** An entry and the position behind it. */
export interface Waiting {
  readonly entry: Entry;
  readonly at: number;
}

export interface Source {
  /** The oldest that was not handed out yet, or undefined when nothing waits right now. */
  next(): Waiting | undefined;
  /** Resolves when `next` may have more; false when there will never be. */
  more(): Promise<boolean>;
  /** All that stood before the position has arrived, or was refused. */
  acknowledge(at: number): void;
}

export interface Destination {
  /** Without retries of its own. */
  readonly client: Connection;
  store(rootUri: string, path: string, content: StoredContent): Promise<void>;
}

export interface DeliveryHooks {
  readonly problems: Problems;
  /** Whether the program that logs is this one. */
  readonly alive: boolean;
  /** The run is there. */
  established(info: RunInfo): void;
  parentOf(localId: string): Promise<string | undefined>;
  /** What the server will never take. */
  refused(records: unknown, error: MltrackError): void;
}

/** Batches of metrics that may be on their way at once: one is made while others are stored, and a server commits several together. */
const OVERLAP = 4;

export class Delivery {
  readonly #destination: Destination;
  readonly #start: RunStart;
  readonly #source: Source;
  readonly #hooks: DeliveryHooks;
  readonly #retrier: Retrier;
  #held: Waiting | undefined;
  /** Batches on their way, oldest first. */
  readonly #sent: { at: number; arrived: Promise<Error | undefined> }[] = [];

  constructor(destination: Destination, start: RunStart, source: Source, hooks: DeliveryHooks) {
    this.#destination = destination;
    this.#start = start;
    this.#source = source;
    this.#hooks = hooks;
    this.#retrier = new Retrier(destination.client.uri, hooks.problems);
  }

  /** How often in a row the server has not taken something: 0 while all goes well. */
  get failures(): number {
    return this.#retrier.failures;
  }

  stop(): void {
    this.#retrier.stop();
  }

  /**
   * Resolves once the end is delivered, or there will be no more: the run is still open then. `info` is of a run that is known to exist; `attempted` says that an
   * earlier process may have created it. Throws the refusal when the run cannot be created, and Stopped.
   */
  async run(info: RunInfo | undefined, attempted: boolean): Promise<'ended' | 'open'> {
    const { client } = this.#destination;
    const { parentOf } = this.#hooks;
    const found = info ?? (await establish(this.#start, { client, retrier: this.#retrier, attempted, parentOf }));
    this.#hooks.established(found);
    const stopHeartbeats = this.#hooks.alive ? sendHeartbeats(client, found.run_id) : () => {};
    try {
      return await this.#deliverAll(found);
    } finally {
      stopHeartbeats();
    }
  }

  async #deliverAll(found: RunInfo): Promise<'ended' | 'open'> {
    for (;;) {
      const step = this.#gather();
      if (step && isMetricsOnly(step.batch)) {
        if (this.#sent.length >= OVERLAP) await this.#settleOne();
        this.#sent.push({ at: step.at, arrived: settled(this.#sendBatch(found.run_id, step.batch)) });
        continue;
      }
      while (this.#sent.length > 0) await this.#settleOne();
      if (step) {
        if (step.batch) await this.#sendBatch(found.run_id, step.batch);
        else await this.#sendAlone(found, step.entry);
        this.#source.acknowledge(step.at);
        if (step.entry.kind === 'end') return 'ended';
      } else if (!(await this.#source.more())) return 'open';
    }
  }

  async #settleOne(): Promise<void> {
    const [first] = this.#sent;
    if (!first) return;
    const error = await first.arrived;
    if (error) throw error;
    this.#sent.shift();
    this.#source.acknowledge(first.at);
  }

  /** The entries that go next: as many as a batch holds, or one that no batch does. */
  #gather(): Step | undefined {
    const first = this.#take();
    if (!first) return undefined;
    const batch = emptyBatch();
    let { at } = first;
    if (!added(batch, first.entry)) return { entry: first.entry, at };
    for (let next = this.#take(); next; next = this.#take()) {
      if (!added(batch, next.entry)) {
        this.#held = next;
        break;
      }
      at = next.at;
    }
    return { entry: first.entry, at, batch };
  }

  #take(): Waiting | undefined {
    const held = this.#held;
    this.#held = undefined;
    return held ?? this.#source.next();
  }

  async #sendBatch(run_id: string, batch: Batch): Promise<void> {
    if (sizeOf(batch) === 0) return;
    const { client } = this.#destination;
    // The wire has strings where JSON has no number.
    const send = (part: Batch) => this.#retrier.run(() => client.logBatch({ ...(part as LogBatch), run_id }));
    await sendBatch(send, batch, (part, error) => this.#refuse({ run_id, ...part }, error));
  }

  async #sendAlone(info: RunInfo, entry: Entry): Promise<void> {
    try {
      await this.#retrier.run(() => this.#attempt(info, entry));
    } catch (error) {
      if (!isRefusal(error)) throw error;
      this.#refuse({ run_id: info.run_id, ...entry }, error);
    }
  }

  async #attempt({ run_id, artifact_uri }: RunInfo, entry: Entry): Promise<unknown> {
    const { client, store } = this.#destination;
    if (entry.kind === 'artifact') return store(artifact_uri, entry.path, entry.content);
    if (entry.kind === 'end') return client.updateRun({ run_id, status: entry.status, end_time: entry.end_time });
    if (entry.kind !== 'call') throw new Error(`A batch holds ${entry.kind}`);
    const call = client[entry.endpoint] as (request: Record<string, unknown>) => Promise<unknown>;
    return call({ ...entry.request, run_id });
  }

  #refuse(records: Record<string, unknown>, error: MltrackError): void {
    this.#hooks.problems.tell('refused', `The server refused a record: ${error.message}`);
    this.#hooks.refused(records, error);
  }
}

interface Step {
  /** The first of the batch, or the one that goes alone. */
  readonly entry: Entry;
  readonly batch?: Batch;
  readonly at: number;
}

/** Metrics come out the same in whatever order they arrive; all else waits for what was before it. */
const isMetricsOnly = (batch: Batch | undefined): batch is Batch =>
  batch !== undefined && batch.params.length === 0 && batch.tags.length === 0;

/** The error that a promise ends with, if it does. */
const settled = (promise: Promise<void>): Promise<Error | undefined> =>
  promise.then(
    () => undefined,
    (error: Error) => error,
  );

type LogBatch = Parameters<Connection['logBatch']>[0];

export { Stopped };
