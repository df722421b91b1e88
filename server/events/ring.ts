/** The last messages, for listeners that come again. Ids are `EPOCH-NUMBER`: another server's, or those of before a gap, are not known. */
import { ChangeSet, type Changes } from './change-set.js';

const MOST_MESSAGES = 600;
/** Runs in all of them together. */
const MOST_RUNS = 20_000;

export class Ring {
  readonly #name: string;
  #gaps = 0;
  #messages: Changes[] = [];
  #runs = 0;
  #next = 0;

  /** `name` is of this process. */
  constructor(name: string) {
    this.#name = name;
  }

  /** The id of the newest message. */
  get last(): string {
    return `${this.#name}.${this.#gaps}-${this.#next}`;
  }

  add(changes: Changes): void {
    this.#next++;
    this.#messages.push(changes);
    this.#runs += changes.runs.length;
    while (this.#messages.length > MOST_MESSAGES || this.#runs > MOST_RUNS) {
      this.#runs -= this.#messages.shift()?.runs.length ?? 0;
    }
  }

  /** Everything after the message with this id, as one; undefined when that is not known. */
  since(id: string): Changes | undefined {
    const at = id.lastIndexOf('-');
    const number = Number(id.slice(at + 1));
    if (id.slice(0, at) !== `${this.#name}.${this.#gaps}` || !Number.isInteger(number)) return undefined;
    const missed = this.#next - number;
    if (missed < 0 || missed > this.#messages.length) return undefined;
    const set = new ChangeSet();
    for (const changes of this.#messages.slice(this.#messages.length - missed)) set.merge(changes);
    return set.changes();
  }

  /** From here on nothing is known of what was before. */
  clear(): void {
    this.#gaps++;
    this.#messages = [];
    this.#runs = 0;
  }
}
