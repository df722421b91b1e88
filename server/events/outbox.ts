/** A store thread's end of the events: gathers what commits changed while somebody listens, and sends it a few times a second. */
import { ChangeSet, type Changes } from './change-set.js';
import type { StoreChange } from './changes.js';

/** Between two messages of a thread, in ms. */
const PAUSE = 200;

export class Outbox {
  readonly #send: (changes: Changes) => void;
  #isWatched = false;
  #gathered = new ChangeSet();
  #sentAt = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(send: (changes: Changes) => void) {
    this.#send = send;
  }

  get isWatched(): boolean {
    return this.#isWatched;
  }

  watch(on: boolean): void {
    this.#isWatched = on;
    if (on) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#gathered = new ChangeSet();
  }

  /** What a commit changed. */
  committed(changes: readonly StoreChange[]): void {
    if (!this.#isWatched || changes.length === 0) return;
    for (const change of changes) this.#gathered.add(change);
    const rest = this.#sentAt + PAUSE - Date.now();
    // A thread with much to do does not come to its timers: then the commit that is late enough sends.
    if (rest <= 0) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), rest);
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sentAt = Date.now();
    this.#send(this.#gathered.changes());
    this.#gathered = new ChangeSet();
  }
}
