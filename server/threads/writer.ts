/**
 * The one writer of a SQLite database: every waiting request runs in its own savepoint of one transaction, and is answered after
 * the commit. Between groups it folds metrics.
 */
import { MltrackError } from '../../api/index.js';
import { failed, type StoreRequest, type StoreResponse } from '../answer.js';
import type { SqliteDb } from '../db/sqlite.js';
import { type Call, prepare } from '../dispatch.js';
import type { StoreChange } from '../events/changes.js';
import type { Outbox } from '../events/outbox.js';
import type { Memory, StoreContext } from '../store/context.js';
import { foldRun, unfoldedRuns } from '../store/folding/metric-fold.js';
import { FoldQueue } from './fold-queue.js';

export interface WriterOptions extends Pick<StoreContext, 'settings' | 'memory'> {
  /** Told after a commit that wrote webhook deliveries. */
  readonly onEnqueued?: () => void;
  /** Gathers what commits changed. */
  readonly outbox?: Outbox;
}

export class Writer {
  readonly #db: SqliteDb;
  readonly #context: StoreContext;
  readonly #watchedContext: StoreContext;
  readonly #memories: readonly Memory[keyof Memory][];
  readonly folds = new FoldQueue();
  #dataVersion: number;
  readonly #onEnqueued: () => void;
  #enqueued = false;
  readonly #outbox: Outbox | undefined;
  #changed: StoreChange[] = [];

  constructor(db: SqliteDb, options: WriterOptions) {
    this.#db = db;
    this.#memories = Object.values(options.memory);
    this.#dataVersion = db.dataVersion();
    this.#onEnqueued = options.onEnqueued ?? (() => {});
    this.#outbox = options.outbox;
    this.#context = {
      ...options,
      db,
      now: Date.now,
      appended: (run, bytes) => this.folds.appended(run, bytes),
      enqueued: () => {
        this.#enqueued = true;
      },
      checkDeadline: () => {},
    };
    this.#watchedContext = { ...this.#context, changed: (change) => this.#changed.push(change) };
  }

  /** One transaction for all of them. A request that fails undoes only its own; a transaction that fails is 503 for all. */
  async group(requests: readonly StoreRequest[]): Promise<StoreResponse[]> {
    const prepared = requests.map(attempt);
    if (!prepared.some((each) => typeof each === 'function')) return prepared as StoreResponse[];
    try {
      this.#begin();
      const responses: StoreResponse[] = [];
      for (const each of prepared) responses.push(typeof each === 'function' ? await this.#inSavepoint(each) : each);
      this.#db.control('commit');
      for (const memory of this.#memories) memory.commit();
      if (this.#enqueued) this.#onEnqueued();
      this.#enqueued = false;
      this.#outbox?.committed(this.#changed);
      this.#changed = [];
      return responses;
    } catch (error) {
      this.#abandon();
      const lost = failed(
        new MltrackError('TEMPORARILY_UNAVAILABLE', `The database cannot take this now: ${(error as Error).message}`),
      );
      const failure = (error as Error).stack ?? String(error);
      return prepared.map((each) => (typeof each === 'function' ? { ...lost, failure } : each));
    }
  }

  /** Puts what an earlier process left unfolded into the queue. */
  async findUnfolded(): Promise<void> {
    for (const run of await unfoldedRuns(this.#db)) this.folds.appended(run, 0);
  }

  /** Folds a part of a run's log in a transaction of its own. */
  async fold(run: number): Promise<void> {
    this.folds.take(run);
    try {
      this.#begin();
      const more = await foldRun(this.#db, run);
      this.#db.control('commit');
      if (more) this.folds.appended(run, 0);
    } catch (error) {
      this.#abandon();
      this.folds.appended(run, 0);
      throw error;
    }
  }

  #begin(): void {
    // First: what another process commits before it would be missed.
    this.#db.control('begin immediate');
    const version = this.#db.dataVersion();
    if (version !== this.#dataVersion) {
      // Another process wrote: what was known may be wrong.
      this.#dataVersion = version;
      for (const memory of this.#memories) memory.clear();
    }
  }

  async #inSavepoint(call: Call): Promise<StoreResponse> {
    const marks = this.#memories.map((memory) => memory.mark());
    this.#db.control('savepoint request');
    try {
      const response = await call(this.#outbox?.isWatched ? this.#watchedContext : this.#context);
      this.#db.control('release request');
      return response;
    } catch (error) {
      // Some errors (a full disk) have ended the whole transaction: nothing of the group can be acknowledged then.
      if (!this.#db.inTransaction) throw error;
      this.#db.control('rollback to request');
      this.#db.control('release request');
      this.#memories.forEach((memory, i) => {
        memory.rollback(marks[i] as number);
      });
      return failed(error);
    }
  }

  #abandon(): void {
    for (const memory of this.#memories) memory.clear();
    this.#changed = [];
    if (this.#db.inTransaction) this.#db.control('rollback');
  }
}

function attempt(request: StoreRequest): Call | StoreResponse {
  try {
    return prepare(request);
  } catch (error) {
    return failed(error);
  }
}
