/** Delivers the runs of one program, and those that programs which are gone have left. It runs in a thread of its own, or where there is none beside the program. */
import { MltrackError } from '../../../api/index.js';
import { connect } from '../../connect.js';
import { Stopped } from '../../delivery/delivery.js';
import { type OnProblem, Problems } from '../../problems.js';
import { FolderDelivery, parentBeside } from './delivering.js';
import { foldersIn, RunFolder } from './folder.js';
import { httpFetch } from './http-fetch.js';
import { acquire, release, TOUCH, touch } from './lock.js';
import { type FromSender, type Server, SharedState, type ToSender } from './messages.js';

interface Delivering {
  readonly delivery: FolderDelivery;
  readonly state: SharedState;
  readonly created: Promise<string>;
  readonly flushes: Map<number, number>;
  over: boolean;
}

export class Sender {
  readonly #post: (message: FromSender) => void;
  readonly #changed: () => void;
  readonly #runs = new Map<string, Delivering>();
  #adopting: Promise<void> = Promise.resolve();

  /** `changed` tells those who look at the shared memory that there is something new. */
  constructor(post: (message: FromSender) => void, changed: () => void) {
    this.#post = post;
    this.#changed = changed;
    const timer = setInterval(() => {
      for (const { delivery } of this.#runs.values()) touch(delivery.folder.lock);
    }, TOUCH);
    timer.unref();
  }

  receive(message: ToSender): void {
    if (message.type === 'open') this.#open(message.folder, new SharedState(message.shared), message.server);
    else if (message.type === 'flush') this.#flush(message.localId, message.id, message.upTo);
    else if (message.type === 'unflush') this.#answer(message.localId, message.id);
    else if (message.type === 'leave') this.#runs.get(message.localId)?.delivery.reader.finish();
    else this.#adopting = this.#adopting.then(() => this.#adopt(message.directory, message.server));
  }

  #open(path: string, state: SharedState, server: Server): void {
    const folder = new RunFolder(path);
    const run = folder.read();
    if (run) this.#deliver(folder, run.start, state, server, true).catch(() => {});
  }

  async #deliver(
    folder: RunFolder,
    start: RunFolderStart,
    state: SharedState,
    { uri, options }: Server,
    live: boolean,
  ): Promise<void> {
    const { localId } = folder;
    const tell: OnProblem = ({ kind, message }) => this.#post({ type: 'problem', localId, kind, message });
    let establish: (id: string) => void = () => {};
    const delivering: Delivering = {
      state,
      created: new Promise((resolve) => {
        establish = resolve;
      }),
      flushes: new Map(),
      over: false,
      delivery: new FolderDelivery(folder, start, {
        client: connect(uri, { fetch: httpFetch, ...options, retries: 0 }),
        problems: new Problems(tell),
        live,
        parentOf: (parent) => this.#parentOf(folder, parent),
        established: (info) => {
          establish(info.run_id);
          this.#post({ type: 'created', localId, info });
        },
        acknowledged: (at) => {
          state.acknowledged = at;
          this.#changed();
          this.#answerFlushes(localId);
        },
      }),
    };
    this.#runs.set(localId, delivering);
    try {
      await delivering.delivery.run();
    } catch (error) {
      if (error instanceof Stopped) return;
      state.fail();
      const { code, message } = error instanceof MltrackError ? error : { code: 'INTERNAL_ERROR', message: `${error}` };
      this.#post({ type: 'failed', localId, code, message });
      throw error;
    } finally {
      delivering.over = true;
      this.#changed();
      this.#answerFlushes(localId);
      this.#runs.delete(localId);
    }
  }

  async #parentOf(folder: RunFolder, localId: string): Promise<string | undefined> {
    const here = this.#runs.get(localId);
    if (here && !here.over) return here.created;
    return parentBeside(folder, localId);
  }

  #flush(localId: string, id: number, upTo: number): void {
    const run = this.#runs.get(localId);
    if (!run || run.over || run.state.acknowledged >= upTo) {
      this.#post({ type: 'flushed', id });
      return;
    }
    run.flushes.set(id, upTo);
    run.delivery.reader.setUrgent(true);
  }

  #answerFlushes(localId: string): void {
    const run = this.#runs.get(localId);
    if (!run || run.flushes.size === 0) return;
    for (const [id, upTo] of run.flushes) {
      if (run.over || run.state.acknowledged >= upTo) this.#answer(localId, id);
    }
  }

  #answer(localId: string, id: number): void {
    const run = this.#runs.get(localId);
    if (!run?.flushes.delete(id)) return;
    run.delivery.reader.setUrgent(false);
    this.#post({ type: 'flushed', id });
  }

  /** One after the other: the runs of this program come first. */
  async #adopt(directory: string, server: Server): Promise<void> {
    for (const folder of foldersIn(directory)) {
      const run = folder.read();
      if (!run || run.uri !== server.uri || !acquired(folder)) continue;
      try {
        await this.#deliver(folder, run.start, new SharedState(), server, false);
      } catch {
        // Told already. Another start, or `mltrack sync`, tries again.
      } finally {
        if (folder.exists()) release(folder.lock);
      }
    }
  }
}

type RunFolderStart = NonNullable<ReturnType<RunFolder['read']>>['start'];

/** A folder that vanishes meanwhile was delivered by another. */
function acquired(folder: RunFolder): boolean {
  try {
    return acquire(folder.lock) && folder.read() !== undefined;
  } catch {
    return false;
  }
}
