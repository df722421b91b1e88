/** The table latest_metrics: written by folding, read by search and by lists of runs. */
import type { Db } from '../../db/db.js';
import { listed, rows, sql } from '../../db/sql.js';
import { finite, merged, type Summary } from '../../metrics/summary.js';
import { exactInt, type StoredPoint, storedPoint } from '../metric-reads.js';

interface SummaryRow extends StoredPoint {
  run: number;
  key: number;
  least: number | null;
  greatest: number | null;
  first_value: number | null;
  first_timestamp: number | string;
  first_step: number | string;
  /** Null where the row is older than the aggregates. */
  points: number | null;
}

/** A row's summary; undefined where its aggregates are not known. */
function summary(row: SummaryRow): Summary | undefined {
  if (row.points === null) return undefined;
  return {
    latest: storedPoint(row),
    least: row.least ?? undefined,
    greatest: row.greatest ?? undefined,
    first: {
      value: row.first_value ?? Number.NaN,
      timestamp: exactInt(row.first_timestamp),
      step: exactInt(row.first_step),
    },
    points: row.points,
  };
}

/** Summaries by run, then by key id, of some keys or of all; undefined where aggregates are not known yet. */
export async function storedSummaries(
  db: Db,
  runs: readonly number[],
  keys?: readonly number[],
): Promise<Map<number, Map<number, Summary | undefined>>> {
  const { exact } = db.dialect;
  const found = await db.all<SummaryRow>(
    sql`select run, key, value, is_nan, ${exact('timestamp')} as timestamp, ${exact('step')} as step, least, greatest,
               first_value, ${exact('first_timestamp')} as first_timestamp, ${exact('first_step')} as first_step, points
        from latest_metrics where run in (${listed(runs)}) ${keys ? sql`and key in (${listed(keys)})` : sql``}`,
  );
  const byRun = new Map<number, Map<number, Summary | undefined>>();
  for (const row of found) {
    const byKey = byRun.get(row.run) ?? new Map<number, Summary | undefined>();
    byRun.set(row.run, byKey.set(row.key, summary(row)));
  }
  return byRun;
}

/** Rows of one statement: 13 parameters each. */
const SLICE = 500;

/** Adds what was folded to what is stored. `known` are the run's stored summaries. */
export async function writeSummaries(
  db: Db,
  run: { id: number; experiment: number },
  known: ReadonlyMap<number, Summary | undefined>,
  folded: ReadonlyMap<number, Summary>,
): Promise<void> {
  const records = [...folded].map(([key, added]) => {
    const before = known.get(key);
    const { latest, least, greatest, first, points } = before ? merged(before, added) : added;
    const isNan = Number(Number.isNaN(latest.value));
    return [
      ...[run.id, key, run.experiment, isNan ? 0 : finite(latest.value), isNan, latest.timestamp, latest.step],
      ...[bounded(least), bounded(greatest), bounded(first.value), first.timestamp, first.step, points],
    ];
  });
  for (let at = 0; at < records.length; at += SLICE) {
    await db.run(
      sql`insert into latest_metrics (run, key, experiment, value, is_nan, timestamp, step, least, greatest, first_value,
                                      first_timestamp, first_step, points)
          values ${rows(records.slice(at, at + SLICE))}
          on conflict (run, key) do update set value = excluded.value, is_nan = excluded.is_nan,
            timestamp = excluded.timestamp, step = excluded.step, least = excluded.least, greatest = excluded.greatest,
            first_value = excluded.first_value, first_timestamp = excluded.first_timestamp,
            first_step = excluded.first_step, points = excluded.points`,
    );
  }
}

const bounded = (value: number | undefined) => (value === undefined || Number.isNaN(value) ? null : finite(value));
