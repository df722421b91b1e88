/**
 * Runs as JSON, kept by the thread that made it. An entry is good as long as the run has its revision and no metrics that are not
 * folded: every write to what a run shows, folding included, raises the revision in its own transaction, so that threads,
 * processes and machines need not tell each other.
 */
import type { Run } from '../../../api/index.js';
import { listed, sql } from '../../db/sql.js';
import { encode } from '../../encode.js';
import type { StoreContext } from '../context.js';
import { loadRuns, type RunRow } from '../run-pages.js';

/** Bytes of JSON that a thread keeps: some 20,000 runs. */
const KEPT_BYTES = 64 * 1024 * 1024;

interface Entry {
  readonly revision: number;
  readonly json: Uint8Array;
}

/** Nothing in it has to be taken back when a transaction fails: a revision that never was is asked for by nobody. */
export class RunJson {
  readonly #entries = new Map<number, Entry>();
  #bytes = 0;

  get(id: number, revision: number): Uint8Array | undefined {
    const entry = this.#entries.get(id);
    return entry?.revision === revision ? entry.json : undefined;
  }

  set(id: number, revision: number, json: Uint8Array): void {
    this.#drop(id);
    this.#entries.set(id, { revision, json });
    this.#bytes += json.byteLength;
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= KEPT_BYTES) break;
      this.#drop(oldest);
    }
  }

  clear(): void {
    this.#entries.clear();
    this.#bytes = 0;
  }

  mark(): number {
    return 0;
  }

  rollback(): void {}

  commit(): void {}

  #drop(id: number): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    this.#entries.delete(id);
    this.#bytes -= entry.json.byteLength;
  }
}

/** To be called by every write that changes what a run shows, in its transaction. */
export async function touchRun(ctx: Pick<StoreContext, 'db'>, run: number): Promise<void> {
  await ctx.db.run(sql`update runs set revision = revision + 1 where id = ${run}`);
}

/** What must be known of a run to find its JSON. */
export interface RunVersion {
  readonly id: number;
  readonly revision: number;
}

/** The JSON of each run. `unfolded` are those of them that have log records. */
export async function runJson(
  ctx: StoreContext,
  found: readonly RunVersion[],
  unfolded: { has(id: number): boolean },
): Promise<Uint8Array[]> {
  const cache = ctx.memory.runJson;
  const known = new Map<number, Uint8Array>();
  const unknown: number[] = [];
  for (const { id, revision } of found) {
    const json = unfolded.has(id) ? undefined : cache.get(id, revision);
    if (json) known.set(id, json);
    else unknown.push(id);
  }
  for (let at = 0; at < unknown.length; at += SLICE) {
    ctx.checkDeadline();
    const loaded = await ctx.db.all<RunRow & RunVersion>(
      sql`select * from runs where id in (${listed(unknown.slice(at, at + SLICE))})`,
    );
    const runs: Run[] = await loadRuns(ctx, loaded);
    loaded.forEach(({ id, revision }, i) => {
      const json = encode(runs[i]);
      known.set(id, json);
      if (!unfolded.has(id)) cache.set(id, revision, json);
    });
  }
  return found.map(({ id }) => known.get(id) as Uint8Array);
}

/** Runs loaded at a time. */
const SLICE = 500;
