/** Which params and metrics are worth a column: params that differ between the runs, metrics that are likely the goal. */
import type { Run } from '../../../../api/index.js';

const MOST_PARAMS = 4;
const MOST_METRICS = 5;
/** A metric that fewer of the runs have says little about them. */
const LEAST_SHARE = 0.1;

export interface ChosenKeys {
  params: string[];
  metrics: string[];
  /** How many params have one value in all of these runs. */
  constantParams: number;
}

/** `primary` is the key that the experiment's tag mlflow.primaryMetric names. */
export function chooseKeys(runs: readonly Run[], primary: string | undefined): ChosenKeys {
  const values = new Map<string, Map<string, number>>();
  const metricCounts = new Map<string, number>();
  for (const { data } of runs) {
    for (const { key, value } of data.params ?? []) {
      const seen = values.get(key) ?? new Map<string, number>();
      values.set(key, seen.set(value, (seen.get(value) ?? 0) + 1));
    }
    for (const { key } of data.metrics ?? []) metricCounts.set(key, (metricCounts.get(key) ?? 0) + 1);
  }
  const distinct = [...values].map(([key, seen]) => ({ key, kinds: kindsOf(seen, runs.length) }));
  const varying = distinct.filter(({ kinds }) => kinds > 1).sort((a, b) => b.kinds - a.kinds || compare(a.key, b.key));
  return {
    params: varying.slice(0, MOST_PARAMS).map(({ key }) => key),
    metrics: chooseMetrics(metricCounts, runs.length, primary),
    constantParams: runs.length > 1 ? distinct.length - varying.length : 0,
  };
}

/** Values of one param; that a run lacks it counts as a value too. One run alone makes every param worth showing. */
function kindsOf(seen: Map<string, number>, runCount: number): number {
  if (runCount === 1) return 2;
  const having = [...seen.values()].reduce((sum, n) => sum + n, 0);
  return seen.size + (having < runCount ? 1 : 0);
}

function chooseMetrics(counts: Map<string, number>, runCount: number, primary: string | undefined): string[] {
  const rank = (key: string) => {
    if (key === primary) return 0;
    const isHeldOut = /(^|[^a-z])(val|valid|validation|test|eval)([^a-z]|$)/i.test(key);
    const isGoal = /(^|[^a-z])(acc|accuracy|loss|f1|auc|error|score|rmse|mae|r2)([^a-z]|$)/i.test(key);
    if (/^system\//.test(key)) return 5;
    return isHeldOut && isGoal ? 1 : isHeldOut ? 2 : isGoal ? 3 : 4;
  };
  return [...counts]
    .filter(([key, n]) => n >= runCount * LEAST_SHARE || key === primary)
    .sort(([a, n], [b, m]) => rank(a) - rank(b) || m - n || compare(a, b))
    .slice(0, MOST_METRICS)
    .map(([key]) => key);
}

const collator = new Intl.Collator('en', { numeric: true });
const compare = (a: string, b: string) => collator.compare(a, b);
