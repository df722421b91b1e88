/**
 * `mltrack gc`: what was marked deleted is removed for good, artifacts first. A server may run meanwhile: each thing goes in a short
 * transaction of its own. Source: `gc` in `mlflow/cli/__init__.py`.
 */
import { invalid, missing } from '../../api/index.js';
import { openPlaces, type Places } from '../artifacts/places.js';
import { type Destination, openBeside } from '../command-database.js';
import { ConfigError, settingsOf } from '../config.js';
import { joined, listed, type Sql, sql } from '../db/sql.js';
import { eraseExperiment, eraseLoggedModel, eraseRun } from './rows.js';

export interface GcOptions {
  /** As of `createServer`. */
  readonly backendStoreUri: string;
  readonly artifactsDestination?: string | undefined;
  readonly defaultArtifactRoot?: string | undefined;
  /** Only what was deleted at least so long ago, in ms. */
  readonly olderThan?: number;
  /** Only these; each must be there and deleted. */
  readonly runIds?: readonly string[];
  readonly experimentIds?: readonly string[];
  /** Says what would go, and leaves it. */
  readonly dryRun?: boolean;
  /** Told of everything that went. */
  readonly progress?: (noun: Noun, id: string) => void;
}

export type Noun = 'run' | 'logged model' | 'experiment';

export interface GcResult {
  readonly runs: string[];
  readonly models: string[];
  readonly experiments: string[];
  /** Whose artifacts could not be reached, and why: the rest of it is gone all the same. */
  readonly unreached: { readonly uri: string; readonly why: string }[];
}

/** Throws ConfigError, DatabaseError, or MltrackError for an id that is not there or not deleted. */
export async function collectGarbage(options: GcOptions): Promise<GcResult> {
  const { backendStoreUri, artifactsDestination, defaultArtifactRoot } = options;
  const { storeUri, artifacts, ...settings } = settingsOf({
    backendStoreUri,
    ...(artifactsDestination !== undefined && { artifactsDestination }),
    ...(defaultArtifactRoot !== undefined && { defaultArtifactRoot }),
  });
  const database = await openBeside(storeUri, settings);
  try {
    return await collect(database, openPlaces(artifacts), options);
  } finally {
    await database.close();
  }
}

interface Doomed {
  readonly id: number | string;
  readonly name: string;
  readonly uri: string | undefined;
}

async function collect(database: Destination, places: Places, options: GcOptions): Promise<GcResult> {
  const experiments = await doomedExperiments(database, options);
  const runs = await doomedRuns(database, options, experiments);
  const models = await doomedModels(database, options, experiments);
  const result: GcResult = { runs: [], models: [], experiments: [], unreached: [] };
  const go = async (
    noun: Noun,
    doomed: readonly Doomed[],
    gone: string[],
    erase: (each: Doomed) => Promise<boolean>,
  ) => {
    for (const each of doomed) {
      if (!options.dryRun) {
        if (each.uri) await removeArtifacts(places, each.uri, result.unreached);
        if (!(await erase(each))) continue;
      }
      gone.push(each.name);
      options.progress?.(noun, each.name);
    }
  };
  await go('run', runs, result.runs, ({ id }) => database.transaction((ctx) => eraseRun(ctx, id as number)));
  await go('logged model', models, result.models, ({ id }) =>
    database.transaction((ctx) => eraseLoggedModel(ctx, id as string)),
  );
  await go('experiment', experiments, result.experiments, ({ id }) =>
    database.transaction((ctx) => eraseExperiment(ctx, id as number)),
  );
  return result;
}

const LONG_AGO = (options: GcOptions) => Date.now() - (options.olderThan ?? 0);

async function doomedExperiments(database: Destination, options: GcOptions): Promise<Doomed[]> {
  const ids = options.experimentIds ?? [];
  if (options.runIds && ids.length === 0) return [];
  const found = await database.transaction((ctx) =>
    ctx.db.all<{ id: number; lifecycle_stage: string; last_update_time: number }>(
      sql`select id, lifecycle_stage, last_update_time from experiments where ${ids.length > 0 ? sql`id in (${listed(ids.map(Number))})` : sql`lifecycle_stage = 'deleted'`}`,
    ),
  );
  for (const id of ids) {
    const row = found.find((each) => String(each.id) === id);
    if (!row) throw missing(`No Experiment with id=${id} exists`);
    if (row.lifecycle_stage !== 'deleted') {
      throw invalid(
        `Experiment ${id} is not in deleted lifecycle stage. Only experiments in deleted lifecycle stage can be hard deleted.`,
      );
    }
    if (row.last_update_time > LONG_AGO(options)) {
      throw invalid(
        `Experiment ${id} is not older than the required age. Only experiments older than --older-than can be hard deleted.`,
      );
    }
  }
  return found
    .filter((each) => each.last_update_time <= LONG_AGO(options))
    .map(({ id }) => ({ id, name: String(id), uri: undefined }));
}

interface RunRow {
  id: number;
  run_id: string;
  artifact_uri: string;
  lifecycle_stage: string;
  deleted_time: number | null;
}

async function doomedRuns(
  database: Destination,
  options: GcOptions,
  experiments: readonly Doomed[],
): Promise<Doomed[]> {
  const ids = options.runIds ?? [];
  const conditions: Sql[] = [];
  if (ids.length > 0) conditions.push(sql`run_id in (${listed(ids)})`);
  if (experiments.length > 0) {
    conditions.push(sql`experiment in (${listed(experiments.map(({ id }) => id))}) and lifecycle_stage = 'deleted'`);
  }
  if (ids.length === 0 && !options.experimentIds) conditions.push(sql`lifecycle_stage = 'deleted'`);
  if (conditions.length === 0) return [];
  const found = await database.transaction((ctx) =>
    ctx.db.all<RunRow>(
      sql`select id, run_id, artifact_uri, lifecycle_stage, deleted_time from runs where ${joined(conditions, ' or ')} order by id`,
    ),
  );
  const isOld = ({ deleted_time }: RunRow) => (deleted_time ?? 0) <= LONG_AGO(options);
  for (const id of ids) {
    const row = found.find((each) => each.run_id === id);
    if (!row) throw missing(`Run with id=${id} not found`);
    if (row.lifecycle_stage !== 'deleted') {
      throw invalid(
        `Run ${id} is not in \`deleted\` lifecycle stage. Only runs in \`deleted\` lifecycle stage can be deleted.`,
      );
    }
    if (!isOld(row))
      throw invalid(`Run ${id} is not older than the required age. Only runs older than --older-than can be deleted.`);
  }
  const within = new Set(experiments.map(({ id }) => id));
  return found
    .filter((row) => isOld(row) || within.size > 0)
    .map((row) => ({ id: row.id, name: row.run_id, uri: row.artifact_uri }));
}

async function doomedModels(
  database: Destination,
  options: GcOptions,
  experiments: readonly Doomed[],
): Promise<Doomed[]> {
  const ids = experiments.map(({ id }) => id);
  const everything = !options.runIds && !options.experimentIds;
  if (ids.length === 0 && !everything) return [];
  return database.transaction(async (ctx) => {
    // The models of an experiment go with it, whatever they are marked as.
    if (ids.length > 0 && !options.dryRun) {
      await ctx.db.run(sql`update logged_models set lifecycle_stage = 'deleted' where experiment in (${listed(ids)})`);
    }
    const of = ids.length > 0 ? sql`experiment in (${listed(ids)})` : sql`1 = 0`;
    const deleted = sql`lifecycle_stage = 'deleted' and last_update_time <= ${LONG_AGO(options)}`;
    const found = await ctx.db.all<{ model_id: string; artifact_uri: string }>(
      sql`select model_id, artifact_uri from logged_models where ${of} or (${everything ? deleted : sql`1 = 0`}) order by model_id`,
    );
    return found.map((row) => ({ id: row.model_id, name: row.model_id, uri: row.artifact_uri }));
  });
}

/** An artifact URI that this program cannot reach is no reason to keep the rest. */
async function removeArtifacts(places: Places, uri: string, unreached: GcResult['unreached']): Promise<void> {
  try {
    const { repository, path } = places.locate(uri);
    // A run's URI is never the root of a storage.
    if (path === '') throw new ConfigError('it is the root of the artifacts');
    await repository.remove(path);
  } catch (error) {
    unreached.push({ uri, why: (error as Error).message });
  }
}

const UNITS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000 } as const;

/** `1d2h3m4s`, each part optional, in ms. Throws ConfigError. */
export function durationOf(text: string): number {
  const parts = /^(?:([\d.]+)d)?(?:([\d.]+)h)?(?:([\d.]+)m)?(?:([\d.]+)s)?$/.exec(text);
  const numbers = (parts ?? []).slice(1).map((part) => Number(part ?? 0));
  if (text === '' || !parts || numbers.some(Number.isNaN)) {
    throw new ConfigError(`--older-than must be like 1d2h3m4s, not '${text}'.`);
  }
  return Object.values(UNITS).reduce((sum, unit, i) => sum + unit * (numbers[i] ?? 0), 0);
}
