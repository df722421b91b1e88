/** Runs as columns: numbers, or categories for params that are not numbers. What the charts over runs and the importance of params read. */
import type { Run, RunColumn } from '../../api/index.js';
import { isDrawable } from '../display/numbers.js';
import { metricColumn, paramColumn } from './column-name.js';

export interface NumberColumn {
  kind: 'number';
  name: string;
  /** One per run; NaN where there is none that can be drawn. */
  values: Float64Array;
  /** Of params: the values as they were logged. */
  texts?: readonly (string | undefined)[];
}

export interface CategoryColumn {
  kind: 'category';
  name: string;
  levels: readonly string[];
  /** One per run: the place of its level, -1 where there is none. */
  codes: Int32Array;
}

export type FrameColumn = NumberColumn | CategoryColumn;

export interface RunFrame {
  ids: readonly string[];
  names: readonly string[];
  experimentIds: readonly string[];
  columns: ReadonlyMap<string, FrameColumn>;
}

/** What programs write for no number; beside numbers it counts as no value. */
const NO_NUMBER = /^\s*(none|null|nan|[-+]?inf(inity)?|)\s*$/i;
/** As JSON writes them: what the filter language's `number(…)` reads too. */
const NUMBER = /^\s*-?(0|[1-9]\d*)(\.\d+)?(e[-+]?\d+)?\s*$/i;

/** A param all of whose values are numbers is one of numbers; any other text makes it one of categories. */
export function columnOfTexts(name: string, texts: readonly (string | undefined)[]): FrameColumn {
  const numbers = Float64Array.from(texts, (text) => (text && NUMBER.test(text) ? Number(text) : Number.NaN));
  const isNumeric =
    numbers.some((value) => Number.isFinite(value)) &&
    texts.every((text, place) => text === undefined || Number.isFinite(numbers[place]) || NO_NUMBER.test(text));
  if (isNumeric) {
    return { kind: 'number', name, values: numbers.map((value) => (isDrawable(value) ? value : Number.NaN)), texts };
  }
  const places = new Map<string, number>();
  const codes = Int32Array.from(texts, (text) => {
    if (text === undefined) return -1;
    const known = places.get(text);
    if (known !== undefined) return known;
    places.set(text, places.size);
    return places.size - 1;
  });
  return { kind: 'category', name, levels: [...places.keys()], codes };
}

export function columnOfNumbers(name: string, values: ArrayLike<number>): NumberColumn {
  return {
    kind: 'number',
    name,
    values: Float64Array.from(values, (value) => (isDrawable(value) ? value : Number.NaN)),
  };
}

/** Of an answer's column; `name` is how the UI calls it. */
export function columnOfAnswer(name: string, { numbers, texts, missing }: RunColumn): FrameColumn {
  if (!texts) return columnOfNumbers(name, numbers ?? []);
  const absent = new Set(missing);
  return columnOfTexts(
    name,
    texts.map((text, place) => (absent.has(place) ? undefined : text)),
  );
}

/** Every param and metric of runs that are loaded in full. */
export function frameOfRuns(runs: readonly Run[]): RunFrame {
  const columns = new Map<string, FrameColumn>();
  const params = keyed(runs, (run) => run.data.params);
  const metrics = keyed(runs, (run) => run.data.metrics);
  for (const [key, values] of params) columns.set(paramColumn(key), columnOfTexts(paramColumn(key), values));
  for (const [key, values] of metrics) {
    const numbers = values.map((value) => value ?? Number.NaN);
    columns.set(metricColumn(key), columnOfNumbers(metricColumn(key), numbers));
  }
  return {
    ids: runs.map(({ info }) => info.run_id),
    names: runs.map(({ info }) => info.run_name || info.run_id),
    experimentIds: runs.map(({ info }) => info.experiment_id),
    columns,
  };
}

function keyed<V>(runs: readonly Run[], entriesOf: (run: Run) => readonly { key: string; value: V }[] | undefined) {
  const found = new Map<string, (V | undefined)[]>();
  for (const [place, run] of runs.entries()) {
    for (const { key, value } of entriesOf(run) ?? []) {
      const values = found.get(key) ?? new Array<V | undefined>(runs.length).fill(undefined);
      values[place] = value;
      found.set(key, values);
    }
  }
  return found;
}

/** Whether at least two runs differ in it. */
export function varies(column: FrameColumn): boolean {
  if (column.kind === 'category') return column.levels.length > 1;
  let first = Number.NaN;
  for (const value of column.values) {
    if (Number.isNaN(value)) continue;
    if (Number.isNaN(first)) first = value;
    else if (value !== first) return true;
  }
  return false;
}

/** Its levels in the order of the target's mean, so that lines to a neighbouring axis cross less and the best lies at one end. */
export function sortedByTarget(column: CategoryColumn, target: Float64Array): CategoryColumn {
  const sums = column.levels.map(() => ({ sum: 0, n: 0 }));
  for (let run = 0; run < target.length; run++) {
    const at = sums[column.codes[run] as number];
    const value = target[run] as number;
    if (!at || Number.isNaN(value)) continue;
    at.sum += value;
    at.n++;
  }
  const means = sums.map(({ sum, n }) => (n > 0 ? sum / n : Number.NEGATIVE_INFINITY));
  const order = means.map((_, place) => place).sort((a, b) => (means[a] as number) - (means[b] as number) || a - b);
  const placeOf = new Int32Array(order.length);
  for (const [place, level] of order.entries()) placeOf[level] = place;
  return {
    ...column,
    levels: order.map((level) => column.levels[level] as string),
    codes: column.codes.map((code) => (code < 0 ? -1 : (placeOf[code] as number))),
  };
}
