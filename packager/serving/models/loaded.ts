/**
 * The models of a multi-model server, each with an engine of its own. Each name has one thing going on at a time: it is loaded
 * once, and what is being unloaded is gone before it can be loaded again.
 */
import { type Engine, Unavailable } from '../engine/engine.js';
import { memoryOf } from './memory.js';
import { type FoundModel, findModel, type OpenOptions, openModel, sizingFor } from './open.js';

export interface LoadedModel {
  readonly name: string;
  readonly url: string;
}

/** The name is taken. */
export class AlreadyLoaded extends Error {}

/** The model does not fit into the memory that is left. */
export class MemoryShortage extends Error {}

export interface LoadedModelsOptions extends Pick<OpenOptions, 'choice' | 'workers' | 'stuckAfter'> {
  /** Milliseconds that a caller waits for what else goes on with a name. */
  readonly timeout: number;
  /** Bytes that all models together may take, as `memoryOf` estimates them. */
  readonly memory: number;
}

interface Entry extends LoadedModel {
  state: 'loading' | 'loaded' | 'unloading';
  /** Resolves when it is no longer loading, or unloading. Never rejects. */
  settled: Promise<void>;
  /** Estimated bytes. */
  memory: number;
  opened: { readonly engine: Engine; readonly found: FoundModel } | undefined;
}

export class LoadedModels {
  readonly #options: LoadedModelsOptions;
  readonly #entries = new Map<string, Entry>();

  constructor(options: LoadedModelsOptions) {
    this.#options = options;
  }

  /**
   * Rejects with AlreadyLoaded, MemoryShortage, Unavailable when the name is busy for too long, or an Error of one line when
   * there is no model or it does not load.
   */
  async load(name: string, url: string): Promise<void> {
    for (let busy = this.#busy(name); busy; busy = this.#busy(name)) await this.#inTime(busy, name);
    if (this.#entries.has(name)) throw new AlreadyLoaded(`The model '${name}' is already loaded.`);
    const entry: Entry = { name, url, state: 'loading', memory: 0, opened: undefined, settled: Promise.resolve() };
    this.#entries.set(name, entry);
    const opening = this.#open(entry);
    entry.settled = opening.catch(() => {});
    await opening;
  }

  /**
   * False when it is not loaded. Resolves when its workers have ended; those that run an inference end it first, and when that
   * takes too long, this rejects with Unavailable and the unloading goes on.
   */
  async unload(name: string): Promise<boolean> {
    for (let busy = this.#busy(name); busy; busy = this.#busy(name)) await this.#inTime(busy, name);
    const entry = this.#entries.get(name);
    if (!entry) return false;
    entry.state = 'unloading';
    entry.settled = this.#close(entry);
    await this.#inTime(entry.settled, name);
    return true;
  }

  /** The engine of a loaded model. */
  engine(name: string): Engine | undefined {
    const entry = this.#entries.get(name);
    return entry?.state === 'loaded' ? entry.opened?.engine : undefined;
  }

  /** The loaded models by name. */
  get loaded(): LoadedModel[] {
    const loaded = [...this.#entries.values()].filter(({ state }) => state === 'loaded');
    return loaded.sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#entries.keys()].map((name) => this.unload(name)));
  }

  /** What is going on with a name, if anything is. */
  #busy(name: string): Promise<void> | undefined {
    const entry = this.#entries.get(name);
    return entry && entry.state !== 'loaded' ? entry.settled : undefined;
  }

  async #inTime(settled: Promise<void>, name: string): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(
          new Unavailable(
            `The model '${name}' is still being ${this.#entries.get(name)?.state === 'loading' ? 'loaded' : 'unloaded'}.`,
          ),
        );
      }, this.#options.timeout);
    });
    await Promise.race([settled, late]).finally(() => clearTimeout(timer));
  }

  async #open(entry: Entry): Promise<void> {
    let found: FoundModel | undefined;
    try {
      found = await findModel(entry.url);
      this.#reserve(entry, found);
      const options = { ...this.#options, several: true, label: `${entry.name}: ` };
      entry.opened = { found, engine: await openModel(found, options) };
      entry.state = 'loaded';
    } catch (error) {
      found?.remove();
      this.#entries.delete(entry.name);
      throw isAllocationFailure(error) ? new MemoryShortage((error as Error).message) : error;
    }
  }

  /** Before the model is loaded: several may be on their way. */
  #reserve(entry: Entry, { description }: FoundModel): void {
    const needed = memoryOf(description, sizingFor(description, { ...this.#options, several: true }));
    let taken = 0;
    for (const { memory } of this.#entries.values()) taken += memory;
    if (taken + needed > this.#options.memory) {
      const mib = (bytes: number) => Math.ceil(bytes / 2 ** 20);
      throw new MemoryShortage(
        `The model '${entry.name}' needs about ${mib(needed)} MiB; ${mib(taken)} of ${mib(this.#options.memory)} MiB are taken.`,
      );
    }
    entry.memory = needed;
  }

  async #close({ name, opened }: Entry): Promise<void> {
    await opened?.engine.close();
    opened?.found.remove();
    this.#entries.delete(name);
  }
}

/** onnxruntime's and C++'s words for it. */
function isAllocationFailure(error: unknown): boolean {
  return error instanceof Error && /bad_alloc|failed to allocate memory|out of memory/i.test(error.message);
}
