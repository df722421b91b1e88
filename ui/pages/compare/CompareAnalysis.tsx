/** Compared runs as lines over their params and a metric; of more than eight runs the whole analysis. */
import { useMemo } from 'react';
import type { Run } from '../../../api/index.js';
import { frameOfRuns, varies } from '../../analysis/run-frame.js';
import { type CountedMetric, goalOf, likeliestTarget } from '../../analysis/target.js';
import { keyColumn } from '../../display/run-columns.js';
import type { PageQuery } from '../../state/page-query.js';
import { AnalysisBody } from '../experiment/analysis/AnalysisBody.js';
import type { AnalysisScope } from '../experiment/analysis/analysis-scope.js';

/** More than these do not fit side by side at a glance. */
const MOST_SIDE_BY_SIDE = 8;

export function CompareAnalysis({ runs, query }: { runs: readonly Run[]; query: PageQuery }) {
  const frame = useMemo(() => frameOfRuns(runs), [runs]);
  const metrics = useMemo(() => countedMetrics(runs), [runs]);
  const metricKeys = useMemo(() => metrics.map(({ key }) => key), [metrics]);
  const params = useMemo(
    () =>
      [...frame.columns.values()].flatMap((column) => {
        const name = keyColumn(column.name);
        return name?.kind === 'params' && varies(column) ? [name.key] : [];
      }),
    [frame],
  );
  const { get, set } = query;
  const scope = useMemo(
    (): AnalysisScope => ({
      which: {
        experiment_ids: [...new Set(frame.experimentIds)],
        filter: '',
        run_view_type: 'ALL',
      },
      filterText: '',
      keepOnly: (ids) => set({ runs: ids.join(), brush: undefined }),
      get,
      set,
    }),
    [frame, get, set],
  );
  const asked = get('target');
  const target = frame.columns.has(asked) ? asked : likeliestTarget(metrics, runs.length, undefined);
  if (params.length + metrics.length < 2) return null;
  return (
    <section className="analysis compare-analysis" aria-label="Params and metrics as lines">
      <AnalysisBody
        scope={scope}
        frame={frame}
        target={target}
        goal={goalOf(get('goal'), target)}
        metrics={metricKeys}
        params={params}
        leftOut={0}
        isBrief={runs.length <= MOST_SIDE_BY_SIDE}
        hasLastOnly
      />
    </section>
  );
}

function countedMetrics(runs: readonly Run[]): CountedMetric[] {
  const counts = new Map<string, number>();
  for (const { data } of runs) {
    for (const { key } of data.metrics ?? []) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].map(([key, n]) => ({ key, runs: n })).sort((a, b) => b.runs - a.runs || (a.key < b.key ? -1 : 1));
}
