/** Changes gathered: one entry a run, whatever happened to it how often. What a thread sends, and what a message is made of. */
import type { RunChangeKind, ChangedRun as ToldRun } from '../../api/index.js';
import type { StoreChange } from './changes.js';

/** Of a run that logs more keys at once, these are named and the others only mentioned. */
const MOST_KEYS = 100;

/** A run's entry in a message, but that its experiment may not be known yet. */
export type ChangedRun = Omit<ToldRun, 'experiment_id'> & { readonly experiment_id?: string | undefined };

/** A set as it travels from a thread to the front. */
export interface Changes {
  readonly runs: readonly ChangedRun[];
  readonly registry: boolean;
}

interface Gathered {
  experiment_id: string | undefined;
  change: RunChangeKind;
  readonly keys: Set<string>;
  more: boolean;
}

export class ChangeSet {
  readonly #runs = new Map<string, Gathered>();
  registry = false;

  /** How many runs it tells of. */
  get size(): number {
    return this.#runs.size;
  }

  get isEmpty(): boolean {
    return this.#runs.size === 0 && !this.registry;
  }

  add(change: StoreChange): void {
    if (change === 'registry') {
      this.registry = true;
      return;
    }
    const run = this.#note(change.run_id, change.change, change.experiment_id);
    for (const { key } of change.metrics ?? []) addKey(run, key);
  }

  merge({ runs, registry }: Changes): void {
    this.registry ||= registry;
    for (const { run_id, change, experiment_id, metrics, more_metrics } of runs) {
      const run = this.#note(run_id, change, experiment_id);
      run.more ||= more_metrics ?? false;
      for (const key of metrics ?? []) addKey(run, key);
    }
  }

  changes(): Changes {
    return { runs: [...this.#runs].map(shown), registry: this.registry };
  }

  #note(run_id: string, change: RunChangeKind, experiment_id: string | undefined): Gathered {
    const known = this.#runs.get(run_id);
    if (known) {
      known.experiment_id ??= experiment_id;
      known.change = together(known.change, change);
      return known;
    }
    const run = { experiment_id, change, keys: new Set<string>(), more: false };
    this.#runs.set(run_id, run);
    return run;
  }
}

function addKey(run: Gathered, key: string): void {
  if (run.keys.has(key)) return;
  if (run.keys.size < MOST_KEYS) run.keys.add(key);
  else run.more = true;
}

/** A run that is new stays so until it is gone: whoever hears of it reads how it stands now. */
function together(before: RunChangeKind, after: RunChangeKind): RunChangeKind {
  if (after === 'changed' || (before === 'created' && after !== 'deleted')) return before;
  return after;
}

const shown = ([run_id, { experiment_id, change, keys, more }]: [string, Gathered]): ChangedRun => ({
  run_id,
  experiment_id,
  change,
  ...(keys.size > 0 && { metrics: [...keys] }),
  ...(more && { more_metrics: true }),
});
