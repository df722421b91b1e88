/** What waits for a worker: first come, first served, bounded in number and in bytes, and left by who gives up. */

export interface QueueLimits {
  readonly items: number;
  readonly bytes: number;
}

interface Sized {
  /** Of the request's body. */
  readonly bytes: number;
}

export class Queue<Item extends Sized> {
  // A set keeps the order of arrival, and one that leaves from the middle costs nothing.
  readonly #items = new Set<Item>();
  readonly #limits: QueueLimits;
  #bytes = 0;

  constructor(limits: QueueLimits) {
    this.#limits = limits;
  }

  get length(): number {
    return this.#items.size;
  }

  /** Whether nothing more is taken. An empty queue takes an item of any size: the largest body has its own limit. */
  get full(): boolean {
    return this.#items.size >= this.#limits.items || this.#bytes >= this.#limits.bytes;
  }

  /** Of what has waited longest; 0 when nothing waits. */
  get nextBytes(): number {
    for (const { bytes } of this.#items) return bytes;
    return 0;
  }

  /** Whether all that waits is no more than this. */
  isWithin({ items, bytes }: QueueLimits): boolean {
    return this.#items.size <= items && this.#bytes <= bytes;
  }

  /** False when there is no room for it. */
  push(item: Item): boolean {
    const fits = this.#items.size === 0 || this.#bytes + item.bytes <= this.#limits.bytes;
    if (!fits || this.#items.size >= this.#limits.items) return false;
    this.#items.add(item);
    this.#bytes += item.bytes;
    return true;
  }

  remove(item: Item): void {
    if (this.#items.delete(item)) this.#bytes -= item.bytes;
  }

  /** Those that have waited longest, within the limits, and one at least when any waits. */
  take({ items, bytes }: QueueLimits): Item[] {
    const taken: Item[] = [];
    let size = 0;
    for (const item of this.#items) {
      size += item.bytes;
      if (taken.length > 0 && (taken.length >= items || size > bytes)) break;
      taken.push(item);
    }
    for (const item of taken) this.remove(item);
    return taken;
  }
}
