/** What a store function gets besides its request: the open transaction, and what the thread remembers between transactions. */

import type { Permission } from '../../api/index.js';
import type { HostPolicy } from '../artifacts/host-addressed.js';
import type { Caller } from '../auth/access.js';
import type { Db } from '../db/db.js';
import type { StoreChange } from '../events/changes.js';
import type { LengthRules } from '../length-rules.js';
import type { WebhookSettings } from '../webhooks/settings.js';
import { RunJson } from './search/run-json.js';
import type { Subscription } from './webhooks/announce.js';

export interface StoreContext {
  readonly db: Db;
  readonly memory: Memory;
  readonly settings: StoreSettings;
  /** Who asks; undefined for the server itself, and where nobody has to sign in. */
  readonly caller?: Caller;
  /** ms since the epoch. */
  now(): number;
  /** Told of every log record: how much of a run waits to be folded, in bytes. */
  appended(run: number, bytes: number): void;
  /** Told of every webhook delivery that was written. */
  enqueued(): void;
  /** Told of what a request changed; absent while nobody listens. */
  readonly changed?: ((change: StoreChange) => void) | undefined;
  /** Throws DEADLINE_EXCEEDED when the request has had its time: long searches ask between slices. */
  checkDeadline(): void;
}

export interface StoreSettings {
  /** URI below which new experiments keep their artifacts, without a slash at its end. */
  readonly defaultArtifactRoot: string;
  readonly lengths: LengthRules;
  readonly webhooks: WebhookSettings;
  /** Where users sign in: what they may do unless they were given something else. */
  readonly auth?: { readonly defaultPermission: Permission } | undefined;
  /** Which hosts the URI of an artifact may name. */
  readonly artifactHosts: HostPolicy;
  /** How long a run that was heard of may be silent, in ms; 0, or absent: for ever. */
  readonly heartbeatTimeout?: number | undefined;
  /** What the source of a model version must match. */
  readonly modelVersionSourcePattern?: string | undefined;
}

/** Facts that are true until a transaction says otherwise: learnt inside one, forgotten when it fails. */
export interface Memory {
  /** Metric key → id in metric_keys. Ids never change. */
  readonly keys: Remembered<string, number>;
  /** The other way round. */
  readonly names: Remembered<number, string>;
  /** Context as JSON → id in metric_contexts. */
  readonly contexts: Remembered<string, number>;
  /** Runs as JSON, by their revision. */
  readonly runJson: RunJson;
  /** run_id → what log calls must know of the run. Empty where other servers may write. */
  readonly runs: Remembered<string, RunState>;
  /** What the active webhooks ask for. */
  readonly subscriptions: Remembered<'active', readonly Subscription[]>;
}

export interface RunState {
  readonly id: number;
  readonly lifecycle_stage: string;
}

/** A bounded map whose new entries can be taken back. */
export class Remembered<K, V> {
  readonly #entries = new Map<K, V>();
  readonly #limit: number;
  #learnt: K[] = [];

  /** At most `limit` entries; 0 remembers nothing. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get(key: K): V | undefined {
    return this.#entries.get(key);
  }

  set(key: K, value: V): void {
    if (this.#limit === 0) return;
    if (this.#entries.size >= this.#limit) this.clear();
    this.#entries.set(key, value);
    this.#learnt.push(key);
  }

  delete(key: K): void {
    this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
    this.#learnt = [];
  }

  /** A place to go back to. */
  mark(): number {
    return this.#learnt.length;
  }

  /** Forgets what was learnt since `mark`. */
  rollback(mark: number): void {
    for (const key of this.#learnt.splice(mark)) this.#entries.delete(key);
  }

  commit(): void {
    this.#learnt = [];
  }
}

export function createMemory(rememberRuns: boolean): Memory {
  return {
    keys: new Remembered(100_000),
    names: new Remembered(100_000),
    contexts: new Remembered(10_000),
    runJson: new RunJson(),
    runs: new Remembered(rememberRuns ? 50_000 : 0),
    subscriptions: new Remembered(1),
  };
}
