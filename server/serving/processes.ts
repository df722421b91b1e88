/** The processes of models that are tried: one a model, few at a time, each ended when nobody has asked it for a while. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MltrackError } from '../../api/index.js';
import type { Log } from '../threads/thread.js';
import type { ServingEngine, ServingProcess } from './engine.js';
import type { TrySettings } from './settings.js';

/** How long a model may take to load, in ms. */
const START = 60_000;
/** A model that did not start is not started again for so long, in ms. */
const GRUDGE = 10_000;

export interface Running {
  readonly url: string;
  readonly process: ServingProcess;
}

interface Entry {
  readonly started: Promise<Running>;
  users: number;
  lastUsed: number;
  idle?: NodeJS.Timeout;
  stop(): void;
}

export class ServingProcesses {
  readonly #engine: ServingEngine;
  readonly #settings: TrySettings;
  readonly #log: Log;
  readonly #entries = new Map<string, Entry>();
  readonly #failures = new Map<string, { error: Error; until: number }>();
  /** What is being cleared away, processes that still end among it. */
  readonly #ending = new Set<Promise<void>>();
  #isClosed = false;

  constructor(engine: ServingEngine, settings: TrySettings, log: Log) {
    this.#engine = engine;
    this.#settings = settings;
    this.#log = log;
  }

  isRunning(key: string): boolean {
    return this.#entries.has(key);
  }

  /**
   * Runs `task` with the model's process, which is started where there is none: `prepare` puts the model into its folder. Throws
   * TEMPORARILY_UNAVAILABLE with the reason when it does not start, or when others have all the processes there may be.
   */
  async use<T>(
    key: string,
    prepare: (folder: string) => Promise<void>,
    task: (running: Running) => Promise<T>,
  ): Promise<T> {
    if (this.#isClosed) throw unavailable('The server is shutting down.');
    const entry = this.#entries.get(key) ?? this.#begin(key, prepare);
    entry.users++;
    clearTimeout(entry.idle);
    try {
      return await task(await entry.started);
    } finally {
      entry.users--;
      entry.lastUsed = Date.now();
      if (entry.users === 0 && this.#entries.get(key) === entry) {
        entry.idle = setTimeout(() => this.#end(key), this.#settings.idle).unref();
      }
    }
  }

  /** Ends every process. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const key of [...this.#entries.keys()]) this.#end(key);
    await Promise.all(this.#ending);
  }

  #begin(key: string, prepare: (folder: string) => Promise<void>): Entry {
    const failure = this.#failures.get(key);
    if (failure && failure.until > Date.now()) throw failure.error;
    this.#failures.delete(key);
    this.#makeRoom();
    const ended = new AbortController();
    const started = this.#start(key, prepare, ended.signal);
    const entry: Entry = { started, users: 0, lastUsed: Date.now(), stop: () => ended.abort() };
    this.#entries.set(key, entry);
    started.catch((error: Error) => {
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
      if (ended.signal.aborted) return;
      this.#failures.set(key, { error, until: Date.now() + GRUDGE });
    });
    return entry;
  }

  /** Ends the process that was not asked for the longest time, where there are as many as may be. */
  #makeRoom(): void {
    if (this.#entries.size < this.#settings.models) return;
    const idle = [...this.#entries].filter(([, { users }]) => users === 0);
    const [oldest] = idle.sort(([, a], [, b]) => a.lastUsed - b.lastUsed);
    if (!oldest) throw unavailable(`${this.#settings.models} models are being tried at the moment: try again.`);
    this.#end(oldest[0]);
  }

  #end(key: string): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#entries.delete(key);
    clearTimeout(entry.idle);
    entry.stop();
  }

  async #start(key: string, prepare: (folder: string) => Promise<void>, ended: AbortSignal): Promise<Running> {
    const folder = await mkdtemp(join(tmpdir(), 'mltrack-try-'));
    let process: ServingProcess | undefined;
    try {
      await prepare(folder);
      if (ended.aborted) throw unavailable('The model was not needed any more.');
      process = this.#engine.spawn(folder);
      const { kill } = process;
      ended.addEventListener('abort', () => kill());
      this.#forgetWithProcess(key, process, folder);
      return { url: await withinStart(process), process };
    } catch (error) {
      process?.kill();
      if (!process) this.#clear(Promise.resolve(), folder);
      throw error instanceof MltrackError
        ? error
        : unavailable(`The model does not start: ${(error as Error).message}`);
    }
  }

  #forgetWithProcess(key: string, process: ServingProcess, folder: string): void {
    this.#clear(process.ended, folder);
    void process.ended.then((words) => {
      const entry = this.#entries.get(key);
      if (!entry) return;
      entry.started.then(
        (running) => {
          if (running.process !== process) return;
          this.#log(`try: the process of a model ended: ${words}`);
          this.#end(key);
        },
        () => {},
      );
    });
  }

  #clear(after: Promise<unknown>, folder: string): void {
    const cleared = after
      .then(() => rm(folder, { recursive: true, force: true }))
      .catch((error: Error) => this.#log(`try: ${error.message}`))
      .then(() => void this.#ending.delete(cleared));
    this.#ending.add(cleared);
  }
}

async function withinStart(process: ServingProcess): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it has not loaded in ${START / 1000} seconds`)), START);
  });
  try {
    return await Promise.race([process.url, late]);
  } finally {
    clearTimeout(timer);
  }
}

export const unavailable = (message: string) => new MltrackError('TEMPORARILY_UNAVAILABLE', message);
