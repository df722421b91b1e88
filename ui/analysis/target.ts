/** The metric that an analysis is about, and which way is better, where the address says neither. */
import { keyColumn } from '../display/run-columns.js';
import { metricColumn } from './column-name.js';
import { customaryGoal, type Goal, goalLikelihood } from './goals.js';

/** A metric with how many runs have it. */
export interface CountedMetric {
  key: string;
  runs: number;
}

/** The column of the primary metric, else of the likeliest among those that half of the runs have; undefined where there is none. */
export function likeliestTarget(
  metrics: readonly CountedMetric[],
  runs: number,
  primary: string | undefined,
): string | undefined {
  if (primary && metrics.some(({ key }) => key === primary)) return metricColumn(primary);
  const common = metrics.filter((metric) => metric.runs >= runs / 2);
  const [best] = [...(common.length > 0 ? common : metrics)].sort(
    (a, b) => goalLikelihood(b.key) - goalLikelihood(a.key) || b.runs - a.runs || (a.key < b.key ? -1 : 1),
  );
  return best && metricColumn(best.key);
}

/** `wanted` is what the address says. */
export function goalOf(wanted: string, target: string | undefined): Goal {
  if (wanted === 'min' || wanted === 'max') return wanted;
  const column = target === undefined ? undefined : keyColumn(target);
  return (column && customaryGoal(column.key)) ?? 'max';
}
