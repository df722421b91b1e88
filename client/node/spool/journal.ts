/**
 * A run's journal in a file: each logging call is one write before it returns. When the file cannot be written any more, the rest of
 * the run is kept in memory, and said.
 */
import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { basename } from 'node:path';
import { LIMITS, MltrackError, type RunInfo } from '../../../api/index.js';
import type { Entry, RunStart, WireMetric } from '../../entries.js';
import { type Flushed, type Journal, within } from '../../journal.js';
import type { Problems } from '../../problems.js';
import type { Staging } from '../staging.js';
import { RunFolder } from './folder.js';
import type { SenderLink } from './link.js';
import { acquire, release } from './lock.js';
import { type Server, SharedState } from './messages.js';
import { RecordWriter } from './record.js';

/** A segment that is longer is followed by another: what is delivered of a long run is removed. */
const SEGMENT = 64 * 1024 * 1024;

export interface SpoolOptions {
  readonly directory: string;
  readonly staging: Staging;
  readonly problems: Problems;
  /** None: the run is recorded only. */
  readonly online: { readonly link: SenderLink; readonly server: Server } | undefined;
  /** Where the rest goes when the file cannot be written. */
  memory(info: Promise<RunInfo>): Journal;
}

export class SpoolJournal implements Journal {
  readonly folder: RunFolder;
  readonly #problems: Problems;
  readonly #online: SpoolOptions['online'];
  readonly #openMemory: SpoolOptions['memory'];
  readonly #staging: Staging;
  readonly #state = new SharedState();
  readonly #established: Promise<RunInfo>;
  readonly #writer = new RecordWriter();
  readonly #keys = new Map<string, number>();
  #fd: number;
  #segment = 0;
  /** The position behind the last record. */
  #end = 0;
  #memory: Journal | undefined;

  /** Throws when the folder cannot be written. */
  constructor(start: RunStart, { directory, staging, problems, online, memory }: SpoolOptions) {
    this.#problems = problems;
    this.#online = online;
    this.#openMemory = memory;
    this.folder = new RunFolder(`${directory}/${start.local_id}`);
    this.#staging = staging;
    this.folder.create();
    // First of all: a run without a lock is taken for one that was left.
    acquire(this.folder.lock);
    this.folder.setRun({ start, ...(online && { uri: online.server.uri }) });
    this.#fd = openSync(this.folder.segment(0), 'w');
    this.#established = new Promise((created, failed) => {
      online?.link.open({
        localId: start.local_id,
        folder: this.folder.path,
        state: this.#state,
        server: online.server,
        created,
        failed: (error) => {
          problems.tell('not-created', `The run could not be created: ${error.message}`, start.local_id);
          failed(error);
        },
        problem: ({ kind, message }) => problems.tell(kind, message),
      });
    });
    this.#established.catch(() => {});
  }

  metrics(values: Readonly<Record<string, number>>, timestamp: number | bigint, step: number | bigint): void {
    if (this.#memory) {
      this.#memory.metrics(values, timestamp, step);
      return;
    }
    if (typeof timestamp === 'bigint' || typeof step === 'bigint') {
      const at = { timestamp: String(timestamp), step: String(step) };
      const metrics = Object.entries(values).map(([key, value]) => ({ key, value: wire(value), ...at }));
      for (let i = 0; i < metrics.length; i += LIMITS.batchMetrics) {
        this.append({ kind: 'metrics', metrics: metrics.slice(i, i + LIMITS.batchMetrics) });
      }
      return;
    }
    this.#turnOver();
    for (const key in values) if (!this.#keys.has(key)) this.#define(key);
    const writer = this.#writer;
    let count = 0;
    writer.beginStep(LIMITS.batchMetrics, timestamp, step);
    for (const key in values) {
      if (count === LIMITS.batchMetrics) {
        this.#write(writer.finish());
        writer.beginStep(LIMITS.batchMetrics, timestamp, step);
        count = 0;
      }
      writer.stepValue(this.#keys.get(key) as number, values[key] as number);
      count++;
    }
    if (count > 0) this.#write(writer.finish());
    // What was written before the failure is sent twice, which counts once.
    this.#afterFailure((memory) => memory.metrics(values, timestamp, step));
  }

  append(entry: Entry): void {
    if (this.#memory) {
      this.#memory.append(entry);
      return;
    }
    this.#turnOver();
    if (!this.#history(entry)) this.#writeJson(entry);
    this.#afterFailure((memory) => memory.append(entry));
    if (entry.kind === 'end') this.#close();
  }

  async info(timeout: number): Promise<RunInfo> {
    if (!this.#online) throw new MltrackError('TEMPORARILY_UNAVAILABLE', 'The run is offline: no server knows it yet.');
    return within(this.#established, timeout, 'The run is not on the server yet: it does not answer.');
  }

  async flush(timeout: number): Promise<Flushed> {
    const upTo = this.#end;
    if (this.#online && !this.isDelivered(upTo)) await this.#online.link.flush(this.folder.localId, upTo, timeout);
    if (!this.isDelivered(upTo)) return { delivered: false, kept: this.folder.path };
    return this.#memory ? this.#memory.flush(timeout) : { delivered: true };
  }

  /** Whether all that was written, or up to the position, has arrived. */
  isDelivered(upTo = this.#end): boolean {
    return upTo === 0 || this.#state.acknowledged >= upTo;
  }

  get outcome(): Flushed {
    if (!this.isDelivered()) return { delivered: false, kept: this.folder.path };
    return this.#memory?.outcome ?? { delivered: true };
  }

  get mayArrive(): boolean {
    return this.#online !== undefined && !this.#state.failed && !this.isDelivered();
  }

  #define(key: string): void {
    this.#keys.set(key, this.#keys.size);
    this.#write(this.#writer.key(key));
  }

  /** Values with a step each, as long as numbers hold them. */
  #history(entry: Entry): boolean {
    if (entry.kind !== 'metrics' || !entry.metrics.every(isNumeric)) return false;
    for (const { key } of entry.metrics) if (!this.#keys.has(key)) this.#define(key);
    this.#writer.beginHistory(entry.metrics.length);
    for (const { key, value, timestamp, step } of entry.metrics) {
      const number = this.#keys.get(key) as number;
      this.#writer.historyValue(number, Number(value), timestamp as number, step as number);
    }
    this.#write(this.#writer.finish());
    return true;
  }

  /** Bytes of an artifact become a file of the folder first. */
  #writeJson(entry: Entry): void {
    try {
      if (entry.kind !== 'artifact') {
        this.#write(this.#writer.json(entry));
        return;
      }
      const { content } = entry;
      const file = basename(content instanceof Uint8Array ? this.#staging.write(content) : content.file);
      this.#write(this.#writer.json({ ...entry, content: { file } }));
    } catch (error) {
      this.#goOnInMemory(error as Error);
    }
  }

  #afterFailure(again: (memory: Journal) => void): void {
    if (this.#memory) again(this.#memory);
  }

  #write(length: number): void {
    if (this.#memory) return;
    try {
      const written = writeSync(this.#fd, this.#writer.bytes, 0, length);
      if (written < length) throw new Error('no space left on device');
      this.#end += length;
    } catch (error) {
      this.#goOnInMemory(error as Error);
    }
  }

  #turnOver(): void {
    if (this.#end - this.#segment < SEGMENT) return;
    try {
      const next = openSync(this.folder.segment(this.#end), 'w');
      closeSync(this.#fd);
      this.#fd = next;
      this.#segment = this.#end;
      this.#keys.clear();
    } catch (error) {
      this.#goOnInMemory(error as Error);
    }
  }

  #goOnInMemory(error: Error): void {
    const what = `The spool ${this.folder.path} cannot be written (${error.message})`;
    this.#problems.tell('spool', `${what}: what is logged from now on is kept in memory.`);
    const online = this.#online;
    const drained = online
      ? this.#established.then(async (info) => {
          while (!this.isDelivered() && !this.#state.failed)
            await online.link.flush(this.folder.localId, this.#end, 60_000);
          online.link.leave(this.folder.localId);
          return info;
        })
      : new Promise<RunInfo>(() => {});
    try {
      // What was half written must not stand before what may follow.
      ftruncateSync(this.#fd, this.#end - this.#segment);
    } catch {
      // Its checksum tells.
    }
    this.#staging.giveUp();
    this.#memory = this.#openMemory(drained);
  }

  #close(): void {
    try {
      closeSync(this.#fd);
    } catch {
      // Nothing more is written in any case.
    }
    // Nobody here will deliver it.
    if (!this.#online) release(this.folder.lock);
  }
}

const wire = (value: number) => (Number.isFinite(value) ? value : String(value));

function isNumeric({ value, timestamp, step }: WireMetric): boolean {
  if (typeof timestamp !== 'number' || typeof step !== 'number') return false;
  return typeof value === 'number' || value === 'NaN' || value === 'Infinity' || value === '-Infinity';
}
