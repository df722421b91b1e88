/** Brings one folder of event files over as a run, or leaves it when an earlier import has. */
import { basename } from 'node:path';
import { type KeyValue, LIMITS, type Metric } from '../../../api/index.js';
import type { Connection } from '../../../client/node/index.js';
import { type EventSink, Events } from './events.js';
import type { EventFolder } from './folders.js';
import { readRecords } from './records.js';

/** Batches that are sent while others have not been answered yet. */
const AT_ONCE = 4;

/** The tag that an import is known by. Event files are named by time, machine and process. */
const SOURCE_TAG = 'mltrack.tensorboard.source';

export interface Imported {
  readonly name: string;
  readonly run_id: string;
  /** False for a run that was there. */
  readonly isNew: boolean;
  readonly metrics: number;
  readonly params: number;
  /** How many values were left out, by what they are. */
  readonly leftOut: Readonly<Record<string, number>>;
  /** What could not be read, in lines. */
  readonly problems: readonly string[];
}

/** `read` hears of bytes. What an import that was interrupted has left is removed, and imported from the start. */
export async function importFolder(
  client: Connection,
  experiment_id: string,
  folder: EventFolder,
  read: (bytes: number) => void,
): Promise<Imported> {
  // Without what would end a text in a filter.
  const source = `${folder.name}: ${basename(folder.files[0]?.path ?? '')}`.replace(/['"\\]/g, '_');
  const before = await earlier(client, experiment_id, source);
  const none = { metrics: 0, params: 0, leftOut: {}, problems: [] };
  if (before?.status === 'RUNNING') await client.deleteRun({ run_id: before.run_id });
  else if (before) {
    for (const { size } of folder.files) read(size);
    return { name: folder.name, run_id: before.run_id, isNew: false, ...none };
  }
  const writer = new RunWriter(client, experiment_id, folder.name, source);
  const problems = await readFiles(folder, writer, read);
  return { name: folder.name, isNew: true, ...(await writer.end()), problems };
}

async function earlier(client: Connection, experiment_id: string, source: string) {
  const filter = `tags.\`${SOURCE_TAG}\` = '${source}'`;
  const { runs = [] } = await client.searchRuns({ experiment_ids: [experiment_id], filter, max_results: 1 });
  return runs[0]?.info;
}

/** A file that is damaged is read as far as it is sound. */
async function readFiles(folder: EventFolder, writer: RunWriter, read: (bytes: number) => void): Promise<string[]> {
  const problems: string[] = [];
  const events = new Events(writer);
  for (const { path } of folder.files) {
    let done = 0;
    const portions = readRecords(path);
    for (;;) {
      let portion: Awaited<ReturnType<typeof portions.next>>;
      try {
        portion = await portions.next();
        if (portion.done) break;
        for (const record of portion.value.records) events.read(record);
      } catch (error) {
        problems.push(`${path}: ${(error as Error).message}`);
        break;
      }
      await writer.flush();
      read(portion.value.read - done);
      done = portion.value.read;
    }
  }
  return problems;
}

class RunWriter implements EventSink {
  #run: Promise<string> | undefined;
  #metrics: Metric[] = [];
  readonly #params = new Map<string, string>();
  readonly #keys = new Map<string, string>();
  readonly #leftOut: Record<string, number> = {};
  readonly #underWay = new Set<Promise<unknown>>();
  #failure: { readonly error: unknown } | undefined;
  #count = 0;
  #first = Number.POSITIVE_INFINITY;
  #last = Number.NEGATIVE_INFINITY;
  #hasFailed = false;

  constructor(
    private readonly client: Connection,
    private readonly experiment_id: string,
    private readonly name: string,
    private readonly source: string,
  ) {}

  scalar({ tag, value, step, timestamp }: Parameters<EventSink['scalar']>[0]): void {
    this.#metrics.push({ key: this.#keyOf(tag), value, step, timestamp });
    this.#first = Math.min(this.#first, timestamp);
    this.#last = Math.max(this.#last, timestamp);
  }

  param(key: string, value: string): void {
    this.#params.set(nameOf(key), value.slice(0, LIMITS.paramValueLength));
  }

  ended(isFailure: boolean): void {
    this.#hasFailed ||= isFailure;
  }

  other(kind: string): void {
    this.#leftOut[kind] = (this.#leftOut[kind] ?? 0) + 1;
  }

  /** Sends what there is, once it is `least` values. It waits where much is under way; what failed is thrown by a later call. */
  async flush(least: number = LIMITS.batchMetrics): Promise<void> {
    if (this.#metrics.length < least) return;
    const metrics = this.#metrics;
    this.#metrics = [];
    const run_id = await this.#created();
    for (let at = 0; at < metrics.length; at += LIMITS.batchMetrics) {
      if (this.#underWay.size >= AT_ONCE) await Promise.race(this.#underWay);
      const part = metrics.slice(at, at + LIMITS.batchMetrics);
      const sending: Promise<unknown> = this.client
        .logBatch({ run_id, metrics: part })
        .catch((error) => {
          this.#failure ??= { error };
        })
        .finally(() => this.#underWay.delete(sending));
      this.#underWay.add(sending);
      this.#count += part.length;
      if (this.#failure) throw this.#failure.error;
    }
  }

  async #arrived(): Promise<void> {
    await Promise.all(this.#underWay);
    if (this.#failure) throw this.#failure.error;
  }

  async end() {
    await this.flush(1);
    await this.#arrived();
    const run_id = await this.#created();
    const params: KeyValue[] = [...this.#params].map(([key, value]) => ({ key, value }));
    for (let at = 0; at < params.length; at += LIMITS.batchParams) {
      await this.client.logBatch({ run_id, params: params.slice(at, at + LIMITS.batchParams) });
    }
    const end_time = Number.isFinite(this.#last) ? this.#last : Date.now();
    await this.client.updateRun({ run_id, status: this.#hasFailed ? 'FAILED' : 'FINISHED', end_time });
    return { run_id, metrics: this.#count, params: params.length, leftOut: this.#leftOut };
  }

  #created(): Promise<string> {
    this.#run ??= this.client
      .createRun({
        experiment_id: this.experiment_id,
        run_name: this.name,
        start_time: Number.isFinite(this.#first) ? this.#first : Date.now(),
        tags: [
          { key: SOURCE_TAG, value: this.source },
          { key: 'mlflow.source.type', value: 'LOCAL' },
          { key: 'mlflow.source.name', value: 'tensorboard' },
        ],
      })
      .then(({ run }) => run.info.run_id);
    return this.#run;
  }

  /** Two tags that MLflow's rules make one name of stay two. */
  #keyOf(tag: string): string {
    const known = this.#keys.get(tag);
    if (known !== undefined) return known;
    const taken = new Set(this.#keys.values());
    const plain = nameOf(tag);
    let key = plain;
    for (let at = 2; taken.has(key); at++) key = `${plain.slice(0, LIMITS.keyLength - 4)}_${at}`;
    this.#keys.set(tag, key);
    return key;
  }
}

/** A name as MLflow allows it: letters, digits, `_-. :/`, and a path that stays where it is. */
function nameOf(tag: string): string {
  const plain = tag.replace(/[^\w\-. :/]/g, '_').replace(/^\/+|\/+$/g, '');
  const parts = plain.split(/\/+/).filter((part) => part !== '.' && part !== '..');
  return parts.join('/').slice(0, LIMITS.keyLength) || '_';
}
