/** What is to be removed for good: everything that is deleted, or what is named, checked as a whole before anything is touched. Source: `_gc_tracking_resources` in `mlflow/cli/__init__.py`. */
import { invalid, missing } from '../../api/index.js';
import type { Db } from '../db/db.js';
import { listed, sql } from '../db/sql.js';

/** What to remove. Where any ids are given, nothing but what they name. */
export interface Wanted {
  readonly runIds?: readonly string[] | undefined;
  readonly experimentIds?: readonly string[] | undefined;
  readonly modelIds?: readonly string[] | undefined;
  /** As `30d` or `2d8h5m20s`: only what has been deleted for that long. */
  readonly olderThan?: string | undefined;
}

export interface Plan {
  readonly runs: readonly string[];
  readonly experiments: readonly string[];
  readonly loggedModels: readonly string[];
}

interface Row {
  readonly id: string;
  readonly lifecycle_stage: string;
  /** ms since the epoch. */
  readonly deleted: number | null;
}

/** Ids of one statement. */
const SLICE = 500;

/** Throws INVALID_PARAMETER_VALUE for what is active or too young, RESOURCE_DOES_NOT_EXIST for what is not there. */
export async function planned(db: Db, wanted: Wanted, now: number): Promise<Plan> {
  const { runIds, experimentIds, modelIds, olderThan } = wanted;
  const all = !runIds && !experimentIds && !modelIds;
  const before = olderThan === undefined ? Number.MAX_SAFE_INTEGER : now - ageOf(olderThan);
  const old = ({ deleted }: Row) => deleted !== null && deleted <= before;
  const experiments = all
    ? (await deletedRows(db, NOUNS.experiments)).filter(old)
    : await named(db, NOUNS.experiments, experimentIds ?? [], old, olderThan);
  const inside = await runsOf(
    db,
    experiments.map(({ id }) => id),
  );
  const runs = all
    ? (await deletedRows(db, NOUNS.runs)).filter(old)
    : await named(db, NOUNS.runs, runIds ?? [], old, olderThan);
  const active = inside.filter(({ lifecycle_stage }) => lifecycle_stage !== 'deleted');
  if (active[0]) throw invalid(NOUNS.runs.active([active[0].id]));
  const young = inside.filter((row) => !old(row));
  if (young[0]) throw invalid(NOUNS.runs.young([young[0].id], olderThan ?? ''));
  const loggedModels = all
    ? (await deletedRows(db, NOUNS.models)).filter(old)
    : await named(db, NOUNS.models, modelIds ?? [], old, olderThan);
  // The models of an experiment go with it, whatever they are marked as.
  const models = await modelsOf(
    db,
    experiments.map(({ id }) => id),
  );
  return {
    runs: [...new Set([...runs, ...inside].map(({ id }) => id))],
    experiments: experiments.map(({ id }) => id),
    loggedModels: [...new Set([...loggedModels, ...models].map(({ id }) => id))],
  };
}

const python = (ids: readonly string[]) => `[${ids.map((id) => `'${id}'`).join(', ')}]`;

const NOUNS = {
  runs: {
    rows: sql`select run_id as id, lifecycle_stage, deleted_time as deleted from runs`,
    key: sql`run_id`,
    missing: (id: string) => `Run with id=${id} not found`,
    active: ([id]: readonly string[]) =>
      `Run ${id} is not in \`deleted\` lifecycle stage. Only runs in \`deleted\` lifecycle stage can be deleted.`,
    young: ([id]: readonly string[], age: string) =>
      `Run ${id} is not older than the required age. Only runs older than ${age} can be deleted.`,
  },
  experiments: {
    rows: sql`select cast(id as text) as id, lifecycle_stage, last_update_time as deleted from experiments`,
    key: sql`cast(id as text)`,
    missing: (id: string) => `No Experiment with id=${id} exists`,
    active: (ids: readonly string[]) =>
      `Experiments ${python(ids)} are not in the deleted lifecycle stage. Only experiments in the deleted lifecycle stage can be hard-deleted.`,
    young: (ids: readonly string[], age: string) =>
      `Experiments ${python(ids)} are not older than the required age. Only experiments older than ${age} can be deleted.`,
  },
  models: {
    rows: sql`select model_id as id, lifecycle_stage, last_update_time as deleted from logged_models`,
    key: sql`model_id`,
    missing: (id: string) => `Logged model with ID '${id}' not found.`,
    active: ([id]: readonly string[]) =>
      `Logged model ${id} is not in \`deleted\` lifecycle stage. Only logged models in \`deleted\` lifecycle stage can be deleted.`,
    young: ([id]: readonly string[], age: string) =>
      `Logged model ${id} is not older than the required age. Only logged models older than ${age} can be deleted.`,
  },
};
type Noun = (typeof NOUNS)[keyof typeof NOUNS];

const deletedRows = (db: Db, noun: Noun) => db.all<Row>(sql`${noun.rows} where lifecycle_stage = 'deleted'`);

async function named(
  db: Db,
  noun: Noun,
  ids: readonly string[],
  old: (row: Row) => boolean,
  age: string | undefined,
): Promise<Row[]> {
  const found = new Map<string, Row>();
  for (let at = 0; at < ids.length; at += SLICE) {
    const rows = await db.all<Row>(sql`${noun.rows} where ${noun.key} in (${listed(ids.slice(at, at + SLICE))})`);
    for (const row of rows) found.set(row.id, row);
  }
  const rows = [...new Set(ids)].map((id) => {
    const row = found.get(id);
    if (!row) throw missing(noun.missing(id));
    return row;
  });
  const active = rows.filter(({ lifecycle_stage }) => lifecycle_stage !== 'deleted');
  if (active.length > 0) throw invalid(noun.active(active.map(({ id }) => id)));
  const young = rows.filter((row) => !old(row));
  if (young.length > 0)
    throw invalid(
      noun.young(
        young.map(({ id }) => id),
        age ?? '',
      ),
    );
  return rows;
}

const runsOf = (db: Db, experiments: readonly string[]) => rowsIn(db, NOUNS.runs, experiments);
const modelsOf = (db: Db, experiments: readonly string[]) => rowsIn(db, NOUNS.models, experiments);

async function rowsIn(db: Db, noun: Noun, experiments: readonly string[]): Promise<Row[]> {
  const found: Row[] = [];
  for (let at = 0; at < experiments.length; at += SLICE) {
    const ids = experiments.slice(at, at + SLICE).map(Number);
    for (const row of await db.all<Row>(sql`${noun.rows} where experiment in (${listed(ids)})`)) found.push(row);
  }
  return found;
}

const AGE = /^(?:([.\d]+?)d)?(?:([.\d]+?)h)?(?:([.\d]+?)m)?(?:([.\d]+?)s)?$/;
const UNITS = [86_400_000, 3_600_000, 60_000, 1000];

/** In ms. */
function ageOf(text: string): number {
  const parts = AGE.exec(text)?.slice(1);
  const ms = parts?.reduce((sum, part, i) => sum + Number(part ?? 0) * (UNITS[i] as number), 0);
  if (ms !== undefined && Number.isFinite(ms)) return Math.trunc(ms);
  throw invalid(
    `Could not parse any time information from '${text}'. Examples of valid strings: '8h', '2d8h5m20s', '2m4s'`,
  );
}
