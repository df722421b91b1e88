/** What runs have in some columns, read by column: nothing of a run but what is asked for is looked at. */
import type { Int64 } from '../../../api/index.js';
import { listed, raw, sql } from '../../db/sql.js';
import { finite, type Summary } from '../../metrics/summary.js';
import { AGGREGATES, type Aggregate } from '../../search/aggregates.js';
import type { Column } from '../../search/run-table.js';
import type { StoreContext } from '../context.js';
import { storedSummaries } from '../latest-metrics.js';
import { exactInt, tailsByKey } from '../metric-reads.js';
import { overlaid } from '../search/metric-overlay.js';

/** Runs of one statement. */
const SLICE = 500;
/** Runs whose logs are read at a time. */
const LOG_SLICE = 200;

export function* slices<T>(items: readonly T[], size: number): Generator<T[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
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
  const found: TextCell[] = [];
  if (keys.length === 0) return found;
  for (const slice of slices(runs, SLICE)) {
    ctx.checkDeadline();
    const cells = await ctx.db.all<TextCell>(
      sql`select run, key, value from ${raw(table)} where run in (${listed(slice)}) and key in (${listed(keys)})`,
    );
    for (const cell of cells) found.push(cell);
  }
  return found;
}

/** A metric's value in a run with the place of its latest point. */
export interface MetricCell {
  readonly value: number;
  readonly timestamp: Int64;
  readonly step: Int64;
}

type MetricColumn = Pick<Column, 'key' | 'aggregate'>;

/** For each column of a metric its cells by run; `unfolded` are the runs that have log records. */
export async function metricCells(
  ctx: StoreContext,
  runs: readonly number[],
  unfolded: ReadonlySet<number>,
  columns: readonly MetricColumn[],
): Promise<Map<number, MetricCell>[]> {
  const cells = columns.map(() => new Map<number, MetricCell>());
  const ids = await keyIds(ctx, [...new Set(columns.map(({ key }) => key))]);
  if (ids.size === 0) return cells;
  const folded = runs.filter((run) => !unfolded.has(run));
  for (const [i, { key, aggregate }] of columns.entries()) {
    const id = ids.get(key);
    if (id !== undefined) await readFolded(ctx, folded, id, aggregate, cells[i] as Map<number, MetricCell>);
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
        if (summary && value !== undefined) cells[i]?.set(run, { ...summary.latest, value });
      }
    }
  }
  return cells;
}

async function keyIds(ctx: StoreContext, names: readonly string[]): Promise<Map<string, number>> {
  if (names.length === 0) return new Map();
  const found = await ctx.db.all<{ id: number; name: string }>(
    sql`select id, name from metric_keys where name in (${listed(names)})`,
  );
  return new Map(found.map(({ id, name }) => [name, id]));
}

interface Row {
  run: number;
  value: number | null;
  is_nan: number;
  timestamp: number | string;
  step: number | string;
}

async function readFolded(
  ctx: StoreContext,
  runs: readonly number[],
  key: number,
  aggregate: Aggregate | undefined,
  cells: Map<number, MetricCell>,
): Promise<void> {
  const { exact } = ctx.db.dialect;
  const value =
    aggregate === undefined ? sql`value, is_nan` : raw(`${AGGREGATES[aggregate].column} as value, 0 as is_nan`);
  for (const slice of slices(runs, SLICE)) {
    ctx.checkDeadline();
    const found = await ctx.db.all<Row>(
      sql`select run, ${value}, ${exact('timestamp')} as timestamp, ${exact('step')} as step
          from latest_metrics where key = ${key} and run in (${listed(slice)})`,
    );
    for (const row of found) {
      if (row.value === null) continue;
      const place = { timestamp: exactInt(row.timestamp), step: exactInt(row.step) };
      cells.set(row.run, { value: row.is_nan ? Number.NaN : row.value, ...place });
    }
  }
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
