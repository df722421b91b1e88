/** What runs have in some columns, read by column: nothing of a run but what is asked for is looked at. */
import type { Int64 } from '../../../api/index.js';
import { listed, raw, type Sql, sql } from '../../db/sql.js';
import { finite, type Summary } from '../../metrics/summary.js';
import { AGGREGATES, type Aggregate } from '../../search/aggregates.js';
import type { Column } from '../../search/run-table.js';
import type { StoreContext } from '../context.js';
import { storedSummaries } from '../folding/latest-metrics.js';
import { exactInt, tailsByKey } from '../metric-reads.js';
import { overlaid } from '../search/metric-overlay.js';

/** Runs whose logs are read at a time. */
export const LOG_SLICE = 200;

export function* slices<T>(items: readonly T[], size: number): Generator<T[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
}

/** `(select …)` of these runs, for `in`: one parameter and so one statement, however many there are. */
export function among({ db }: Pick<StoreContext, 'db'>, runs: readonly number[]): Sql {
  const table = db.dialect.rowsOf(`[${runs.map((run) => `[${run}]`).join()}]`, { run: 'int' });
  return sql`(select wanted.run from ${table} wanted)`;
}

export interface TextCell {
  readonly run: number;
  readonly key: string;
  readonly value: string;
}

/** The params or tags with these keys. */
export async function textCells(
  ctx: StoreContext,
  table: 'params' | 'tags',
  runs: readonly number[],
  keys: readonly string[],
): Promise<TextCell[]> {
  if (keys.length === 0 || runs.length === 0) return [];
  return ctx.db.all<TextCell>(
    sql`select run, key, value from ${raw(table)} where run in ${among(ctx, runs)} and key in (${listed(keys)})`,
  );
}

type MetricColumn = Pick<Column, 'key' | 'aggregate'>;

/** A metric's value in a run with the place of its latest point. */
export interface MetricCell {
  readonly value: number;
  readonly timestamp: Int64;
  readonly step: Int64;
}

/** For each column of a metric its cells by run; `unfolded` are the runs that have log records. */
export async function metricCells(
  ctx: StoreContext,
  runs: readonly number[],
  unfolded: ReadonlySet<number>,
  columns: readonly MetricColumn[],
): Promise<Map<number, MetricCell>[]> {
  const cells = columns.map(() => new Map<number, MetricCell>());
  const { exact } = ctx.db.dialect;
  const place = sql`, ${exact('timestamp')} as timestamp, ${exact('step')} as step`;
  await readCells<PlacedRow>(ctx, runs, unfolded, columns, place, (i, run, value, at) =>
    cells[i]?.set(run, { value, timestamp: exactInt(at.timestamp), step: exactInt(at.step) }),
  );
  return cells;
}

/** The same without the places: whole columns are read ten times as fast. */
export async function metricValues(
  ctx: StoreContext,
  runs: readonly number[],
  unfolded: ReadonlySet<number>,
  columns: readonly MetricColumn[],
): Promise<Map<number, number>[]> {
  const cells = columns.map(() => new Map<number, number>());
  await readCells(ctx, runs, unfolded, columns, sql``, (i, run, value) => cells[i]?.set(run, value));
  return cells;
}

interface ValueRow {
  run: number;
  value: number | null;
  is_nan: number;
}

interface PlacedRow extends ValueRow {
  timestamp: Int64 | string;
  step: Int64 | string;
}

type Place = Pick<PlacedRow, 'timestamp' | 'step'>;

/** Takes each cell there is: the column's index, the run, the value, and the place where `place` selects it. */
async function readCells<Row extends ValueRow>(
  ctx: StoreContext,
  runs: readonly number[],
  unfolded: ReadonlySet<number>,
  columns: readonly MetricColumn[],
  place: Sql,
  take: (column: number, run: number, value: number, at: Row | Place) => void,
): Promise<void> {
  const ids = await keyIds(ctx, [...new Set(columns.map(({ key }) => key))]);
  if (ids.size === 0) return;
  const folded = among(
    ctx,
    runs.filter((run) => !unfolded.has(run)),
  );
  for (const [i, { key, aggregate }] of columns.entries()) {
    const id = ids.get(key);
    if (id === undefined) continue;
    ctx.checkDeadline();
    const value = aggregate === undefined ? 'value, is_nan' : `${AGGREGATES[aggregate].column} as value, 0 as is_nan`;
    const found = await ctx.db.all<Row>(
      sql`select run, ${raw(value)}${place} from latest_metrics where key = ${id} and run in ${folded}`,
    );
    for (const row of found) if (row.value !== null) take(i, row.run, row.is_nan ? Number.NaN : row.value, row);
  }
  const late = runs.filter((run) => unfolded.has(run));
  for (const slice of slices(late, LOG_SLICE)) {
    ctx.checkDeadline();
    const tails = await tailsByKey(ctx, slice, new Set(ids.values()));
    const stored = await storedSummaries(ctx.db, slice, [...ids.values()]);
    for (const run of slice) {
      const summaries = overlaid(stored.get(run), tails.get(run) ?? new Map());
      for (const [i, { key, aggregate }] of columns.entries()) {
        const summary = summaries.get(ids.get(key) as number);
        const value = summary && summaryValue(summary, aggregate);
        if (summary && value !== undefined) take(i, run, value, summary.latest);
      }
    }
  }
}

async function keyIds(ctx: StoreContext, names: readonly string[]): Promise<Map<string, number>> {
  if (names.length === 0) return new Map();
  const found = await ctx.db.all<{ id: number; name: string }>(
    sql`select id, name from metric_keys where name in (${listed(names)})`,
  );
  return new Map(found.map(({ id, name }) => [name, id]));
}

/** As the table has it: infinities are the largest doubles. */
function summaryValue({ latest, least, greatest, first, points }: Summary, aggregate: Aggregate | undefined) {
  switch (aggregate) {
    case 'min':
      return least && finite(least);
    case 'max':
      return greatest && finite(greatest);
    case 'first':
      return Number.isNaN(first.value) ? undefined : finite(first.value);
    case 'last_step':
      return Number(latest.step);
    case 'count':
      return points;
    default:
      return finite(latest.value);
  }
}
