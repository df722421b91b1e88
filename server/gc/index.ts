/**
 * `mltrack gc`: what is deleted goes for good, beside a running server. The rows of a run go in one transaction, which notes its
 * artifacts; these are removed afterwards, by the next call where this one is interrupted.
 */
import { settingsOf } from '../config.js';
import { listed, sql } from '../db/sql.js';
import { artifactRemover, OutOfReach, type RemoveArtifacts } from './artifacts.js';
import { type GarbageDatabase, openGarbageDatabase } from './database.js';
import { type Plan, planned, type Wanted } from './plan.js';
import { removeExperiment, removeModels, removeRuns, removeSomeTraces } from './rows.js';

export interface GcOptions extends Wanted {
  /** As of `createServer`. */
  readonly backendStoreUri: string;
  readonly artifactsDestination?: string | undefined;
  /** Removes the artifacts of an `mlflow-artifacts:` URI through a tracking server. */
  readonly proxied?: ((uri: string) => Promise<void>) | undefined;
  /** Say what would go, and change nothing. */
  readonly dryRun?: boolean;
  readonly progress?: (done: number, total: number) => void;
}

export interface Collected extends Plan {
  /** Artifacts that stay where they are, and why. */
  readonly skipped: readonly { readonly uri: string; readonly reason: string }[];
}

/** Rows of one transaction: the server waits meanwhile. */
const RUNS = 20;
const MODELS = 100;
const TRACES = 500;
const NOTES = 500;

/** Throws ConfigError, DatabaseError or MltrackError before anything is removed, whose messages say the cause and the cure. */
export async function collectGarbage(options: GcOptions): Promise<Collected> {
  const { backendStoreUri, artifactsDestination, proxied, dryRun = false, progress = () => {} } = options;
  const { storeUri, artifacts } = settingsOf({
    backendStoreUri,
    ...(artifactsDestination && { artifactsDestination }),
  });
  const database = await openGarbageDatabase(storeUri);
  try {
    const plan = await database.transaction((db) => planned(db, options, Date.now()));
    if (dryRun) return { ...plan, skipped: [] };
    const removed = await removePlanned(database, plan, progress);
    return { ...removed, skipped: await removeNoted(database, artifactRemover(artifacts, proxied)) };
  } finally {
    await database.close();
  }
}

async function removePlanned(
  database: GarbageDatabase,
  plan: Plan,
  progress: (done: number, total: number) => void,
): Promise<Plan> {
  const runs: string[] = [];
  for (let at = 0; at < plan.runs.length; at += RUNS) {
    runs.push(...(await database.transaction((db) => removeRuns(db, plan.runs.slice(at, at + RUNS)))));
    progress(Math.min(at + RUNS, plan.runs.length), plan.runs.length);
  }
  const loggedModels: string[] = [];
  for (let at = 0; at < plan.loggedModels.length; at += MODELS) {
    const slice = plan.loggedModels.slice(at, at + MODELS);
    loggedModels.push(...(await database.transaction((db) => removeModels(db, slice))));
  }
  const experiments: string[] = [];
  for (const id of plan.experiments) {
    const experiment = Number(id);
    while (await database.transaction((db) => removeSomeTraces(db, experiment, TRACES)));
    const models = await database.transaction((db) => removeExperiment(db, experiment));
    if (!models) continue;
    experiments.push(id);
    for (const model of models) loggedModels.push(model);
  }
  return { runs, loggedModels, experiments };
}

/** Removes the artifacts that are noted, by this call or one that was interrupted. */
async function removeNoted(database: GarbageDatabase, remove: RemoveArtifacts): Promise<Collected['skipped']> {
  const skipped: { uri: string; reason: string }[] = [];
  for (let last = ''; ; ) {
    const noted = await database.transaction((db) =>
      db.all<{ uri: string; owner: string }>(
        sql`select uri, owner from artifacts_to_remove where uri > ${last} order by uri limit ${NOTES}`,
      ),
    );
    if (noted.length === 0) return skipped;
    last = noted.at(-1)?.uri ?? '';
    const done: string[] = [];
    for (const { uri, owner } of noted) {
      try {
        await remove(uri, owner);
        done.push(uri);
      } catch (error) {
        skipped.push({ uri, reason: (error as Error).message });
        if (error instanceof OutOfReach) done.push(uri);
      }
    }
    if (done.length > 0) {
      await database.transaction((db) => db.run(sql`delete from artifacts_to_remove where uri in (${listed(done)})`));
    }
  }
}
