/** Metric histories as charts draw them: whole where they are short, else cut into buckets. */
import type { curves as table } from '../../../api/beyond/curves.js';
import type { Handlers } from '../../../api/endpoint.js';
import { type Curve, invalid } from '../../../api/index.js';
import { listed, sql } from '../../db/sql.js';
import { wireDouble } from '../../encode.js';
import { Buckets } from '../../metrics/buckets.js';
import type { Points } from '../../metrics/points.js';
import type { StoreContext } from '../context.js';
import { openHistories } from './curve-parts.js';

const MOST_RUNS = 200;
const MOST_CURVES = 1000;
const MOST_BUCKETS = 1000;

export const curves: Handlers<typeof table, StoreContext> = {
  async getMetricCurves({ run_ids, metric_keys, start_step, end_step, buckets, columns, digits }, ctx) {
    const runIds = [...new Set(run_ids)];
    const keys = [...new Set(metric_keys)];
    check(runIds, keys, buckets);
    const columnOf = columnsWanted(columns, digits);
    const range = { from: start_step ?? -Infinity, to: end_step ?? Infinity };
    if (range.from > range.to) {
      throw invalid(
        `end_step must not be less than start_step. Found start_step=${start_step} and end_step=${end_step}.`,
      );
    }
    const found = await ctx.db.all<{ id: number; run_id: string }>(
      sql`select id, run_id from runs where run_id in (${listed(runIds)})`,
    );
    const ids = new Map(found.map(({ id, run_id }) => [run_id, id]));
    const find = await openHistories(
      ctx,
      found.map(({ id }) => id),
      keys,
    );
    const curves: Curve[] = [];
    for (const run_id of runIds) {
      const run = ids.get(run_id);
      for (const key of keys) {
        const history = run === undefined ? undefined : await find(run, key);
        if (!history) continue;
        ctx.checkDeadline();
        const { from, to } = history.steps;
        const drawn = await history.draw(range, buckets);
        const shape = drawn instanceof Buckets ? bucketedCurve(drawn, columnOf) : wholeCurve(drawn);
        curves.push({ run_id, key, min_step: from, max_step: to, ...shape });
      }
    }
    return { curves };
  },
};

function check(runIds: readonly string[], keys: readonly string[], buckets: number): void {
  if (runIds.length === 0 || keys.length === 0)
    throw invalid('Curves need at least one of run_ids and of metric_keys.');
  if (runIds.length > MOST_RUNS) {
    throw invalid(`Curves may be of at most ${MOST_RUNS} runs at a time, not of ${runIds.length}.`);
  }
  if (runIds.length * keys.length > MOST_CURVES) {
    throw invalid(`There may be at most ${MOST_CURVES} curves at a time, not ${runIds.length * keys.length}.`);
  }
  if (buckets < 1 || buckets > MOST_BUCKETS) {
    throw invalid(`Invalid value ${buckets} for parameter 'buckets' supplied. It must be from 1 to ${MOST_BUCKETS}.`);
  }
}

const COLUMNS = ['first', 'last', 'min', 'max', 'mean'];
const ALL_DIGITS = 17;

/** A column of a bucketed curve as it is sent: empty where it is not wanted, its values to the digits that are. */
type ColumnOf = (name: string, values: readonly number[]) => ReturnType<typeof wireDouble>[];

function columnsWanted(columns: readonly string[], digits: number): ColumnOf {
  const unknown = columns.find((column) => !COLUMNS.includes(column));
  if (unknown !== undefined) throw invalid(`There is no column '${unknown}': there are ${COLUMNS.join(', ')}.`);
  if (digits < 3 || digits > ALL_DIGITS) {
    throw invalid(`Invalid value ${digits} for parameter 'digits' supplied. It must be from 3 to ${ALL_DIGITS}.`);
  }
  const round = digits < ALL_DIGITS ? (value: number) => wireDouble(rounded(value, digits)) : wireDouble;
  return (name, values) => (columns.length > 0 && !columns.includes(name) ? [] : values.map(round));
}

/** Beyond these powers of ten the factor itself would be inexact. */
const MOST_POWER = 22;

function rounded(value: number, digits: number): number {
  if (value === 0 || !Number.isFinite(value)) return value;
  const places = digits - 1 - Math.floor(Math.log10(Math.abs(value)));
  if (Math.abs(places) > MOST_POWER) return Number(value.toPrecision(digits));
  const factor = 10 ** Math.abs(places);
  return places >= 0 ? Math.round(value * factor) / factor : Math.round(value / factor) * factor;
}

type Shape = Omit<Curve, 'run_id' | 'key' | 'min_step' | 'max_step'>;

function wholeCurve({ steps, timestamps, values }: Points): Shape {
  const wire = values.map(wireDouble);
  return {
    points: values.length,
    bucket_steps: 0,
    steps: steps.map(Number),
    timestamps: timestamps.map(Number),
    ...{ first: wire, last: wire, min: [], max: [], mean: [], n: [] },
    ...counts({
      nan: values.map((value) => Number(Number.isNaN(value))),
      pos_inf: values.map((value) => Number(value >= Number.MAX_VALUE)),
      neg_inf: values.map((value) => Number(value <= -Number.MAX_VALUE)),
    }),
    ...lastValue(wire),
  };
}

function bucketedCurve(buckets: Buckets, columnOf: ColumnOf): Shape {
  return {
    points: buckets.points,
    bucket_steps: buckets.width,
    steps: buckets.steps,
    timestamps: buckets.timestamps,
    first: columnOf('first', buckets.first),
    last: columnOf('last', buckets.last),
    min: columnOf('min', buckets.min),
    max: columnOf('max', buckets.max),
    mean: columnOf('mean', buckets.mean),
    n: buckets.n,
    ...counts({ nan: buckets.nan, pos_inf: buckets.posInf, neg_inf: buckets.negInf }),
    ...lastValue(buckets.last.slice(-1).map(wireDouble)),
  };
}

function lastValue(values: readonly number[]): Pick<Curve, 'last_value'> {
  const last_value = values.at(-1);
  return last_value === undefined ? {} : { last_value };
}

/** Each empty where the curve has none of it. */
function counts<T extends Record<string, number[]>>(of: T): T {
  return Object.fromEntries(
    Object.entries(of).map(([name, each]) => [name, each.some((count) => count > 0) ? each : []]),
  ) as T;
}
