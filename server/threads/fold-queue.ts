/** Which runs have unfolded metrics, and how much: what a store thread folds next. A cache: after a start it is read from the log. */

/** A run with more than this many bytes of log records is folded before anything else: readers overlay what is less. */
const URGENT_BYTES = 256 * 1024;

export class FoldQueue {
  readonly #bytes = new Map<number, number>();
  readonly #urgent = new Set<number>();

  appended(run: number, bytes: number): void {
    const total = (this.#bytes.get(run) ?? 0) + bytes;
    this.#bytes.set(run, total);
    if (total > URGENT_BYTES) this.#urgent.add(run);
  }

  /** A run to fold though there is other work. */
  urgent(): number | undefined {
    return this.#urgent.values().next().value;
  }

  /** Any run to fold. */
  next(): number | undefined {
    return this.urgent() ?? this.#bytes.keys().next().value;
  }

  /** Takes a run off before it is folded: what is appended meanwhile puts it back. */
  take(run: number): void {
    this.#bytes.delete(run);
    this.#urgent.delete(run);
  }
}
