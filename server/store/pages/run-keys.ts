/** The keys and values that runs have, to choose from: of the newest runs that match. */

import type { runTable as table } from '../../../api/beyond/run-table.js';
import { invalid, KEY_KIND, type KeyKind, type Output, type RunKey } from '../../../api/index.js';
import { listed, raw, type Sql, sql } from '../../db/sql.js';
import { readColumn } from '../../search/run-table.js';
import { runColumns } from '../../search/runs.js';
import type { StoreContext } from '../context.js';
import { keyNames, readTails } from '../metric-reads.js';
import { findRunPage, type RunsWanted } from '../search/runs.js';
import { pageSize } from '../validation.js';
import { among, LOG_SLICE, slices } from './cells.js';

type Keys = (typeof table)['searchRunKeys'];
type Values = (typeof table)['searchRunValues'];

const NEWEST = 1000;
const MOST_DISTINCT = 100;
const EXAMPLES = 5;
/** Longer values are no examples, and are told apart by so many characters. */
const EXAMPLE_LENGTH = 250;
/** Ids of one statement. */
const IDS = 10_000;

export async function searchRunKeys(
  request: Output<Keys['request']>,
  ctx: StoreContext,
): Promise<Output<Keys['response']>> {
  const limit = pageSize(request.max_results, 1000, 5000);
  const { runs, unfolded } = await findRunPage(ctx, which(request), NEWEST);
  const ids = runs.map(({ id }) => id);
  const kinds = request.kinds.length > 0 ? new Set(request.kinds) : new Set(Object.keys(KEY_KIND) as KeyKind[]);
  const holds = containing(request.contains);
  const keys: RunKey[] = [];
  for (const kind of Object.keys(KEY_KIND) as KeyKind[]) {
    if (!kinds.has(kind) || ids.length === 0) continue;
    ctx.checkDeadline();
    const counts = kind === 'METRIC' ? await metricKeys(ctx, ids, unfolded) : await textKeys(ctx, tableOf(kind), ids);
    const kept = mostFrequent(
      counts.filter(([key]) => holds(key)),
      limit,
    );
    const values = kind === 'METRIC' ? undefined : await valuesOf(ctx, tableOf(kind), ids, kept, counts.length);
    for (const [key, count] of kept) keys.push({ kind, key, runs: count, ...values?.get(key) });
  }
  return { looked_at: ids.length, keys };
}

export async function searchRunValues(
  request: Output<Values['request']>,
  ctx: StoreContext,
): Promise<Output<Values['response']>> {
  const limit = pageSize(request.max_results, 50, 1000);
  const { entity, key } = readColumn(request.column);
  if (entity === 'metric' || (entity === 'attribute' && runColumns.attributes[key]?.type !== 'text')) {
    throw invalid(
      `Invalid column '${request.column.slice(0, 200)}': only params, tags and attributes of text have values to choose from.`,
    );
  }
  const { runs } = await findRunPage(ctx, which(request), NEWEST);
  if (runs.length === 0) return { values: [] };
  const ids = among(
    ctx,
    runs.map(({ id }) => id),
  );
  const from: Sql =
    entity === 'attribute'
      ? sql`select ${raw(runColumns.attributes[key]?.sql as string)} as value from runs where id in ${ids}`
      : sql`select value from ${raw(entity === 'tag' ? 'tags' : 'params')} where run in ${ids} and key = ${key}`;
  const found = await ctx.db.all<{ value: string; runs: number }>(
    sql`select value, count(*) as runs from (${from}) found group by value`,
  );
  const holds = containing(request.contains);
  const counts = found.filter(({ value }) => holds(value)).map((row): Count => [row.value, row.runs]);
  return { values: mostFrequent(counts, limit).map(([value, count]) => ({ value, runs: count })) };
}

/** Without what else a request may have: the order is always the newest first. */
const which = ({ experiment_ids, filter, run_view_type }: RunsWanted): RunsWanted => ({
  experiment_ids,
  filter,
  run_view_type,
});

function containing(text: string | undefined): (value: string) => boolean {
  if (!text) return () => true;
  const wanted = text.toLowerCase();
  return (value) => value.toLowerCase().includes(wanted);
}

/** A key or a value, and how many runs have it. */
type Count = readonly [text: string, runs: number];

const mostFrequent = (counts: readonly Count[], limit: number): Count[] =>
  [...counts].sort(byFrequency).slice(0, limit);

const byFrequency = ([a, runsOfA]: Count, [b, runsOfB]: Count) => runsOfB - runsOfA || (a < b ? -1 : a > b ? 1 : 0);

const tableOf = (kind: 'PARAM' | 'TAG') => raw(kind === 'PARAM' ? 'params' : 'tags');

async function textKeys(ctx: StoreContext, table: Sql, ids: readonly number[]): Promise<Count[]> {
  const found = await ctx.db.all<{ key: string; runs: number }>(
    sql`select key, count(*) as runs from ${table} where run in ${among(ctx, ids)} group by key`,
  );
  return found.map(({ key, runs }) => [key, runs]);
}

async function metricKeys(ctx: StoreContext, ids: readonly number[], unfolded: ReadonlySet<number>): Promise<Count[]> {
  const counts = new Map<number, number>();
  const count = (key: number, runs: number) => counts.set(key, (counts.get(key) ?? 0) + runs);
  const folded = ids.filter((id) => !unfolded.has(id));
  if (folded.length > 0) {
    const found = await ctx.db.all<{ key: number; runs: number }>(
      sql`select key, count(*) as runs from latest_metrics where run in ${among(ctx, folded)} group by key`,
    );
    for (const { key, runs } of found) count(key, runs);
  }
  for (const slice of slices(
    ids.filter((id) => unfolded.has(id)),
    LOG_SLICE,
  )) {
    ctx.checkDeadline();
    const keysOf = new Map<number, Set<number>>(slice.map((id) => [id, new Set()]));
    const stored = await ctx.db.all<{ run: number; key: number }>(
      sql`select run, key from latest_metrics where run in ${among(ctx, slice)}`,
    );
    for (const { run, key } of stored) keysOf.get(run)?.add(key);
    for (const [run, records] of await readTails(ctx, slice)) {
      for (const { keys } of records) for (const key of keys) keysOf.get(run)?.add(key);
    }
    for (const keys of keysOf.values()) for (const key of keys) count(key, 1);
  }
  const named: Count[] = [];
  for (const slice of slices([...counts], IDS)) {
    const names = await keyNames(
      ctx,
      slice.map(([key]) => key),
    );
    for (const [key, runs] of slice) named.push([names.get(key) as string, runs]);
  }
  return named;
}

type ValuesOfKey = Required<Pick<RunKey, 'distinct_values'>> & Pick<RunKey, 'examples'>;

/** How many values each key has, and the most frequent of them. `all`: how many keys there are. */
async function valuesOf(
  ctx: StoreContext,
  table: Sql,
  ids: readonly number[],
  keys: readonly Count[],
  all: number,
): Promise<Map<string, ValuesOfKey>> {
  if (keys.length === 0) return new Map();
  const some = keys.length < all ? sql` and key in (${listed(keys.map(([key]) => key))})` : sql``;
  const found = await ctx.db.all<{ key: string; shown: string; runs: number }>(
    sql`select key, substr(value, 1, ${raw(String(EXAMPLE_LENGTH + 1))}) as shown, count(*) as runs
        from ${table} where run in ${among(ctx, ids)}${some} group by key, shown`,
  );
  const byKey = new Map<string, Count[]>();
  for (const { key, shown, runs } of found) {
    const counts = byKey.get(key);
    if (counts) counts.push([shown, runs]);
    else byKey.set(key, [[shown, runs]]);
  }
  return new Map([...byKey].map(([key, counts]) => [key, described(counts)]));
}

function described(counts: readonly Count[]): ValuesOfKey {
  const short = counts.filter(([value]) => value.length <= EXAMPLE_LENGTH);
  const examples = mostFrequent(short, EXAMPLES).map(([value]) => value);
  return {
    distinct_values: Math.min(counts.length, MOST_DISTINCT),
    ...(examples.length > 0 && { examples }),
  };
}
