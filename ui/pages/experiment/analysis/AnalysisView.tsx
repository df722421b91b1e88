/** The analysis of the runs on a page: which params matter for a metric, and how the runs spread, in charts that are brushed together. */
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useRef } from 'react';
import type { RunKey } from '../../../../api/index.js';
import { parseAxes } from '../../../analysis/axis-choice.js';
import { metricColumn, paramColumn } from '../../../analysis/column-name.js';
import { goalOf, likeliestTarget } from '../../../analysis/target.js';
import { Empty, Skeleton } from '../../../components/Empty.js';
import { Loaded } from '../../../components/Loaded.js';
import { keyColumn } from '../../../display/run-columns.js';
import { useExperiment } from '../../../queries/experiments.js';
import { ANALYSIS_FRAME, ANALYSIS_KEYS, useRunFrame, useRunKeys } from '../../../queries/run-frames.js';
import { useLive } from '../../../state/live.js';
import { AnalysisBody } from './AnalysisBody.js';
import type { AnalysisScope } from './analysis-scope.js';

/** Params that are looked at: those that most runs have. The server gives 100 columns at once. */
const MOST_PARAMS = 80;

interface AnalysisViewProps {
  scope: AnalysisScope;
}

export function AnalysisView({ scope }: AnalysisViewProps) {
  const query = useRunKeys(scope.which);
  useFollowing(scope.which.experiment_ids);
  const experiment = useExperiment(scope.which.experiment_ids[0] ?? '').data;
  const primary = experiment?.tags?.find(({ key }) => key === 'mlflow.primaryMetric')?.value;
  return (
    <div className="analysis">
      <Loaded query={query} what="the params and metrics of the runs" skeleton={<Skeleton rows={14} />}>
        {({ keys = [], looked_at }) => <WithKeys scope={scope} keys={keys} lookedAt={looked_at} primary={primary} />}
      </Loaded>
    </div>
  );
}

/** ms: charts over all runs are read anew no more often than that, however much is logged. */
const REST = 10_000;

function useFollowing(experimentIds: readonly string[]): void {
  const queryClient = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  useLive({ experimentIds }, () => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      for (const queryKey of [ANALYSIS_KEYS, ANALYSIS_FRAME]) queryClient.invalidateQueries({ queryKey });
    }, REST);
  });
}

interface WithKeysProps extends AnalysisViewProps {
  keys: readonly RunKey[];
  lookedAt: number;
  /** The metric that the experiment says it is about. */
  primary: string | undefined;
}

function WithKeys({ scope, keys, lookedAt, primary }: WithKeysProps) {
  const metrics = useMemo(
    () => keys.filter(({ kind }) => kind === 'METRIC').map(({ key, runs }) => ({ key, runs })),
    [keys],
  );
  const params = useMemo(() => varying(keys, lookedAt), [keys, lookedAt]);
  const wanted = keyColumn(scope.get('target'));
  const target = wanted?.kind === 'metrics' ? scope.get('target') : likeliestTarget(metrics, lookedAt, primary);
  const goal = goalOf(scope.get('goal'), target);
  const axes = scope.get('axes');
  const metricKeys = useMemo(() => metrics.map(({ key }) => key), [metrics]);
  const columns = useMemo(() => {
    const chosen = parseAxes(axes).map(({ column }) => column);
    const known = new Set(keys.map(({ kind, key }) => (kind === 'METRIC' ? metricColumn(key) : paramColumn(key))));
    const asked = chosen.filter((name) => {
      const column = keyColumn(name);
      return column && known.has(column.kind === 'metrics' ? metricColumn(column.key) : paramColumn(column.key));
    });
    return [
      ...new Set([...params.slice(0, MOST_PARAMS).map(paramColumn), ...(target ? [target] : []), ...asked]),
    ].sort();
  }, [keys, params, target, axes]);
  const query = useRunFrame(scope.which, columns);
  if (lookedAt === 0) return <NoRuns isFiltered={scope.which.filter !== ''} />;
  if (columns.length === 0) {
    return (
      <Empty title="Nothing to compare yet">
        <p>None of these runs has a metric, or a param that differs from the others.</p>
      </Empty>
    );
  }
  return (
    <Loaded query={query} what="the values of the runs" skeleton={<Skeleton rows={14} />}>
      {(frame) => (
        <AnalysisBody
          scope={scope}
          frame={frame}
          target={target}
          goal={goal}
          metrics={metricKeys}
          params={params}
          leftOut={Math.max(0, params.length - MOST_PARAMS)}
        />
      )}
    </Loaded>
  );
}

function NoRuns({ isFiltered }: { isFiltered: boolean }) {
  return (
    <Empty title={isFiltered ? 'No run matches the filter' : 'No runs yet'}>
      <p>
        {isFiltered
          ? 'Change or clear the filter above to see runs here.'
          : 'Runs appear here once they log params and metrics.'}
      </p>
    </Empty>
  );
}

/** Keys of params that differ between the runs that were looked at; that a run lacks it counts as a difference. */
function varying(keys: readonly RunKey[], lookedAt: number): string[] {
  return keys
    .filter(({ kind, runs, distinct_values = 0 }) => kind === 'PARAM' && (distinct_values > 1 || runs < lookedAt))
    .map(({ key }) => key);
}
