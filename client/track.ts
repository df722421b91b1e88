/** `track`: goes through anything and says how far it is and how fast: as metrics of a run, and as a line in a terminal. */
import type { MetricOptions } from './run.js';

export interface TrackOptions {
  /** How many items there are. Default: the iterable's length or size, if it has one. */
  total?: number;
  /** What the metrics `NAME/items` and `NAME/items_per_second` and the line are called. Default "progress". */
  name?: string;
  /** Seconds between two values of the metrics. Default 10; the last value comes at the end. */
  every?: number;
  /** The run that the metrics go to; null for none. Default: the active run, if there is one. */
  run?: Tracked | null;
}

/** The part of a run's handle that is needed. */
export interface Tracked {
  log(values: Readonly<Record<string, number>>, options?: MetricOptions): void;
}

export interface Track {
  <T>(items: Iterable<T>, options?: TrackOptions): Generator<T, void, void>;
  <T>(items: AsyncIterable<T>, options?: TrackOptions): AsyncGenerator<T, void, void>;
}

/** Milliseconds between redraws of the line. */
const REDRAW = 100;
const BAR = 24;

interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Where lines are redrawn: Node's stderr, when it is a terminal. A browser has none. */
function terminal(): Screen | undefined {
  const stream = (globalThis as { process?: { stderr?: Screen } }).process?.stderr;
  return stream?.isTTY ? stream : undefined;
}

/** The function `track` of a module that knows the active run. */
export function trackFor(activeRun: () => Tracked | undefined): Track {
  function track<T>(items: Iterable<T> | AsyncIterable<T>, options: TrackOptions = {}) {
    const total = options.total ?? lengthOf(items);
    const run = options.run === undefined ? activeRun() : (options.run ?? undefined);
    const progress = new Progress({ name: 'progress', every: 10, ...options }, total, run);
    return Symbol.asyncIterator in items ? through(items, progress) : throughAtOnce(items, progress);
  }
  return track as Track;
}

function lengthOf(items: object): number | undefined {
  const { length, size } = items as { length?: unknown; size?: unknown };
  if (typeof length === 'number') return length;
  return typeof size === 'number' ? size : undefined;
}

function* throughAtOnce<T>(items: Iterable<T>, progress: Progress): Generator<T, void, void> {
  try {
    for (const item of items) {
      yield item;
      progress.step();
    }
  } finally {
    progress.end();
  }
}

async function* through<T>(items: AsyncIterable<T>, progress: Progress): AsyncGenerator<T, void, void> {
  try {
    for await (const item of items) {
      yield item;
      progress.step();
    }
  } finally {
    progress.end();
  }
}

class Progress {
  #done = 0;
  readonly #start = performance.now();
  #logged = { at: this.#start, done: 0 };
  #drawn = Number.NEGATIVE_INFINITY;
  readonly #screen = terminal();

  constructor(
    private readonly options: TrackOptions & { name: string; every: number },
    private readonly total: number | undefined,
    private readonly run: Tracked | undefined,
  ) {}

  /** An item is done: the one who asked for it asks for the next. */
  step(): void {
    this.#done += 1;
    const now = performance.now();
    if (now - this.#logged.at >= this.options.every * 1000) this.#log(now);
    if (this.#screen && now - this.#drawn >= REDRAW) this.#draw(this.#screen, now);
  }

  end(): void {
    const now = performance.now();
    if (this.#done > this.#logged.done) this.#log(now);
    if (!this.#screen) return;
    this.#draw(this.#screen, now);
    this.#screen.write('\n');
  }

  /** The speed is that since the last value. */
  #log(now: number): void {
    const seconds = (now - this.#logged.at) / 1000;
    const { name } = this.options;
    const values: Record<string, number> = { [`${name}/items`]: this.#done };
    if (seconds > 0) values[`${name}/items_per_second`] = (this.#done - this.#logged.done) / seconds;
    this.run?.log(values, { step: this.#done });
    this.#logged = { at: now, done: this.#done };
  }

  #draw(screen: Screen, now: number): void {
    this.#drawn = now;
    const seconds = (now - this.#start) / 1000;
    const speed = seconds > 0 ? this.#done / seconds : 0;
    const text = `${this.options.name} ${this.#state(speed)}`;
    screen.write(`\r${text.slice(0, (screen.columns ?? 80) - 1)}\x1b[K`);
  }

  #state(speed: number): string {
    const done = this.#done.toLocaleString('en');
    const fast = `${speed >= 10 ? Math.round(speed).toLocaleString('en') : speed.toFixed(2)}/s`;
    if (this.total === undefined) return `${done}, ${fast}`;
    const part = this.total > 0 ? Math.min(1, this.#done / this.total) : 1;
    const filled = Math.round(BAR * part);
    const bar = `[${'#'.repeat(filled)}${'-'.repeat(BAR - filled)}]`;
    const left = speed > 0 ? `, ${Math.ceil(Math.max(0, this.total - this.#done) / speed)} s left` : '';
    return `${bar} ${Math.floor(part * 100)} %, ${done} of ${this.total.toLocaleString('en')}, ${fast}${left}`;
  }
}
