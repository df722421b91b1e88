/**
 * A run to write to. What is logged is checked, stamped with the time, handed to the journal, and sent from there: no logging call
 * waits for the server, and none throws.
 */
import { type KeyValue, LIMITS, type RunInfo, type RunStatus } from '../api/index.js';
import type { Connection } from './connect.js';
import {
  type Content,
  ERROR_TAG,
  type ParamValue,
  type RepeatableEndpoint,
  type RunRequest,
  type RunStart,
  type WireMetric,
  wireNumber,
} from './entries.js';
import type { Flushed, Journal } from './journal.js';
import type { OnProblem, Problems } from './problems.js';

export interface RunOptions {
  /** Default: the server that `setTrackingUri` or the environment names. */
  client?: Connection;
  /** Name of the experiment, created when missing. Default: that of `setExperiment`, else the experiment "0", Default. */
  experiment?: string;
  experimentId?: string;
  /** Default: made up by the server. */
  name?: string;
  /** Id of a run that exists, to go on with it. */
  runId?: string;
  /** The run that this one is nested in, or its id. Within `withRun` it is that run, unless this says `null`. */
  parent?: Run | string | null;
  /** Nests the run in the active one. */
  nested?: boolean;
  params?: Readonly<Record<string, ParamValue>>;
  tags?: Readonly<Record<string, ParamValue>>;
  /** Is told what goes wrong; default: one line a kind on stderr. */
  onError?: OnProblem;
  /** How long `flush`, `end` and the end of the process wait for the server, in ms. Default 30,000. */
  flushTimeout?: number;
}

export interface MetricOptions {
  /** Default 0. */
  step?: number | bigint;
  /** ms since the epoch. Default: now. */
  timestamp?: number | bigint;
}

export interface MetricValue extends MetricOptions {
  key: string;
  value: number;
}

export const FLUSH_TIMEOUT = 30_000;

/** What a run is made of. */
export interface RunParts {
  readonly start: RunStart;
  readonly client: Connection;
  readonly journal: Journal;
  readonly problems: Problems;
  readonly flushTimeout: number;
  /** Is told when the run has ended, and when nobody waits for its delivery any more. */
  ended(run: Run): void;
  settled(run: Run): void;
}

export class Run {
  /** How it began. */
  readonly start: RunStart;
  readonly client: Connection;
  protected readonly journal: Journal;
  protected readonly problems: Problems;
  readonly flushTimeout: number;
  readonly #onEnded: (run: Run) => void;
  readonly #onSettled: (run: Run) => void;
  readonly #keys = new Set<string>();
  #ended = false;

  constructor({ start, client, journal, problems, flushTimeout, ended, settled }: RunParts) {
    this.start = start;
    this.client = client;
    this.journal = journal;
    this.problems = problems;
    this.flushTimeout = flushTimeout;
    this.#onEnded = ended;
    this.#onSettled = settled;
  }

  /** Made up here, before the server knows of the run; its tag `mltrack.clientId`. */
  get localId(): string {
    return this.start.local_id;
  }

  /** Whether `end` was called. */
  get ended(): boolean {
    return this.#ended;
  }

  /** The run's id, once the server has made one. Rejects when the run was refused, or the server does not answer in time. */
  async id(): Promise<string> {
    return (await this.info()).run_id;
  }

  /** The run as it was when it was created or gone on with. Rejects as `id` does. */
  info(): Promise<RunInfo> {
    return this.journal.info(this.flushTimeout);
  }

  /** Values of one step. */
  log(values: Readonly<Record<string, number>>, options?: MetricOptions): void {
    if (this.#isOver()) return;
    try {
      if (!this.#isNamed(values) || !this.#isOptions(options)) return;
      const timestamp = options?.timestamp ?? Date.now();
      const step = options?.step ?? 0;
      if (!this.#isInt64(timestamp, 'timestamp') || !this.#isInt64(step, 'step')) return;
      let good = true;
      for (const key in values) {
        if (typeof values[key] !== 'number' || !this.#keys.has(key)) good = this.#isMetric(key, values[key]) && good;
      }
      this.journal.metrics(good ? values : this.#goodOnes(values), timestamp, step);
    } catch (error) {
      this.#bad(`What was logged could not be read: ${error}`);
    }
  }

  logMetric(key: string, value: number, options?: MetricOptions): void {
    this.log({ [key]: value }, options);
  }

  logMetrics(values: Readonly<Record<string, number>>, options?: MetricOptions): void {
    this.log(values, options);
  }

  /** Any number of values, each with its own step and timestamp. */
  logHistory(values: readonly MetricValue[]): void {
    this.safely(() => {
      const now = Date.now();
      let metrics: WireMetric[] = [];
      for (const { key, value, timestamp = now, step = 0 } of values) {
        if (!this.#isInt64(timestamp, 'timestamp') || !this.#isInt64(step, 'step')) continue;
        if (typeof value !== 'number' || !this.#keys.has(key)) {
          if (!this.#isMetric(key, value)) continue;
        }
        const number = wireNumber(Number(value));
        metrics.push({ key, value: number, timestamp: wireNumber(timestamp), step: wireNumber(step) });
        if (metrics.length === LIMITS.batchMetrics) {
          this.journal.append({ kind: 'metrics', metrics });
          metrics = [];
        }
      }
      if (metrics.length > 0) this.journal.append({ kind: 'metrics', metrics });
    });
  }

  /** Sets a param. It keeps its first value: the server refuses another one later. */
  logParam(key: string, value: ParamValue): void {
    this.logParams({ [key]: value });
  }

  logParams(params: Readonly<Record<string, ParamValue>>): void {
    this.safely(() => {
      for (const part of this.#pairs(params, LIMITS.batchParams, LIMITS.paramValueLength))
        this.journal.append({ kind: 'params', params: part });
    });
  }

  setTag(key: string, value: ParamValue): void {
    this.setTags({ [key]: value });
  }

  setTags(tags: Readonly<Record<string, ParamValue>>): void {
    this.safely(() => {
      for (const part of this.#pairs(tags, LIMITS.batchTags, LIMITS.tagValueLength))
        this.journal.append({ kind: 'tags', tags: part });
    });
  }

  /** Stores bytes or text as the file `path` below the run's artifacts. */
  logBytes(content: Content, path: string): void {
    this.safely(() => {
      if (typeof path !== 'string' || path === '') this.#bad('An artifact needs a path.');
      else this.journal.append({ kind: 'artifact', path, content: copied(content) });
    });
  }

  logText(text: string, path: string): void {
    this.logBytes(String(text), path);
  }

  /** Stores an object as JSON. */
  logDict(value: unknown, path: string): void {
    this.safely(() => {
      const text = JSON.stringify(value, (_key, each) => (typeof each === 'bigint' ? String(each) : each), 2);
      this.logBytes(text ?? 'null', path);
    });
  }

  /** Calls an endpoint for this run, in order with all that is logged. It may arrive twice, which these endpoints do not mind. */
  send<E extends RepeatableEndpoint>(endpoint: E, request: RunRequest<E>): void {
    this.safely(() => this.journal.append({ kind: 'call', endpoint, request: request as Record<string, unknown> }));
  }

  /** Waits for what is still being made of what was logged. A run by itself makes nothing that takes time. */
  async made(): Promise<void> {}

  /** Waits until all that was logged has arrived. Answers whether it has; it never rejects. */
  flush(timeout = this.flushTimeout): Promise<Flushed> {
    return this.journal.flush(timeout);
  }

  /** Ends the run, `FINISHED` unless said otherwise, and waits as `flush` does. */
  async end(status: RunStatus = 'FINISHED'): Promise<void> {
    this.markEnded(status);
    const flushed = await this.flush();
    this.settle(flushed);
  }

  /** Nobody waits any more: what has not arrived is said. */
  settle({ delivered, kept }: Flushed): void {
    this.#onSettled(this);
    if (delivered) return;
    const lost = 'Not everything has reached the server, and it was kept in memory only: it is lost.';
    this.problems.tell('left', kept ? leftIn(kept) : lost, this.localId);
  }

  /** Records the end without waiting for anything. */
  markEnded(status: RunStatus, error?: unknown): void {
    if (this.#ended) return;
    if (error !== undefined) this.setTag(ERROR_TAG, String(error).slice(0, LIMITS.tagValueLength));
    if (!STATUSES.has(status)) {
      this.#bad(`A run ends FINISHED, FAILED or KILLED, not ${show(status)}: it is FINISHED.`);
      status = 'FINISHED';
    }
    this.#ended = true;
    try {
      this.journal.append({ kind: 'end', status, end_time: Date.now() });
    } catch (failure) {
      this.#bad(`The end of the run could not be recorded: ${failure}`);
    }
    this.#onEnded(this);
  }

  protected safely(body: () => void, what = 'What was logged'): void {
    if (this.#isOver()) return;
    try {
      body();
    } catch (error) {
      this.#bad(`${what} could not be recorded: ${error}`.replace(/\s*\n\s*/g, ' '));
    }
  }

  #isOver(): boolean {
    if (!this.#ended) return false;
    const message = 'The run has ended: what is logged to it is not recorded. startRun({ runId }) goes on with a run.';
    this.problems.tell('ended', message, this.localId);
    return true;
  }

  #bad(message: string): void {
    this.problems.tell('bad-value', message, message.slice(0, 40));
  }

  /** JavaScript takes a text or a list for an object, too: each of its characters would be a value with a number for its name. */
  #isNamed(values: unknown): boolean {
    if (typeof values === 'object' && values !== null && !Array.isArray(values)) return true;
    this.#bad(
      `Values go into an object by their names, such as { loss: 0.5 }, not ${show(values)}. Nothing is recorded.`,
    );
    return false;
  }

  /** MLflow's functions take the step by itself: at step 0 all such values would lie on each other. */
  #isOptions(options: unknown): boolean {
    if (options === undefined || typeof options === 'object') return true;
    this.#bad(`A step goes into an object, such as { step: 3 }, not ${show(options)}. Nothing is recorded.`);
    return false;
  }

  #isInt64(value: unknown, noun: string): boolean {
    if (typeof value === 'number' ? Number.isSafeInteger(value) : typeof value === 'bigint') return true;
    this.#bad(`The ${noun} of a metric must be a whole number, not ${show(value)}. It is not recorded.`);
    return false;
  }

  /** MLflow takes whatever Python's float() does: booleans and big integers too. */
  #isMetric(key: string, value: unknown): boolean {
    if (!isKey(key)) {
      this.#bad(`The name of a metric must be a text of 1 to ${LIMITS.keyLength} characters, not ${show(key)}.`);
      return false;
    }
    if (typeof value !== 'number' && typeof value !== 'boolean' && typeof value !== 'bigint') {
      this.#bad(`A metric's value must be a number: '${key}' is ${show(value)}. It is not recorded.`);
      return false;
    }
    this.#keys.add(key);
    return typeof value === 'number';
  }

  #goodOnes(values: Readonly<Record<string, unknown>>): Record<string, number> {
    const good: Record<string, number> = {};
    for (const [key, value] of Object.entries(values)) {
      if (this.#keys.has(key) && ['number', 'boolean', 'bigint'].includes(typeof value)) good[key] = Number(value);
    }
    return good;
  }

  *#pairs(record: Readonly<Record<string, unknown>>, size: number, longest: number): Generator<KeyValue[]> {
    if (!this.#isNamed(record)) return;
    let part: KeyValue[] = [];
    for (const [key, value] of Object.entries(record)) {
      if (value === undefined) continue;
      if (!isKey(key)) {
        this.#bad(`A key must be a text of 1 to ${LIMITS.keyLength} characters, not ${show(key)}. It is not recorded.`);
        continue;
      }
      const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
      if (text.length > longest) {
        const kept = `of which servers keep ${longest} or refuse it`;
        this.#bad(`The value of '${key}' has ${text.length} characters, ${kept}. logText keeps any length.`);
      }
      part.push({ key, value: text });
      if (part.length === size) {
        yield part;
        part = [];
      }
    }
    if (part.length > 0) yield part;
  }
}

export const leftIn = (folder: string) =>
  `Not everything has reached the server. It is kept in ${folder}; 'mltrack sync ${folder}' delivers it.`;

const STATUSES: ReadonlySet<string> = new Set<RunStatus>(['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED']);

const isKey = (key: unknown) => typeof key === 'string' && key !== '' && key.length <= LIMITS.keyLength;

function show(value: unknown): string {
  if (typeof value === 'string') return `'${value.slice(0, 60)}'`;
  if (typeof value !== 'object' || value === null) return String(value);
  const name = value.constructor?.name || 'object';
  return `${/^[aeiou]/i.test(name) ? 'an' : 'a'} ${name}`;
}

function copied(content: Content): Uint8Array<ArrayBuffer> {
  if (typeof content === 'string') return new TextEncoder().encode(content);
  if (content instanceof ArrayBuffer) return new Uint8Array(content.slice(0));
  const { buffer, byteOffset, byteLength } = content;
  return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength).slice();
}
