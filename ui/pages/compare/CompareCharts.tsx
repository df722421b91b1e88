/** Curves of the metrics that compared runs have in common: the likeliest few at first, all on demand. */
import { useMemo } from 'react';
import type { Run } from '../../../api/index.js';
import { goalLikelihood } from '../../analysis/goals.js';
import { ChartBoard } from '../../charts/ChartBoard.js';
import { LineChart } from '../../charts/LineChart.js';
import { lookAt } from '../../charts/model/palette.js';
import { useChartSettings } from '../../charts/settings.js';
import { useGrowing } from '../../charts/use-growing.js';
import { Panel } from '../../components/Panel.js';
import { count } from '../../display/numbers.js';
import type { PageQuery } from '../../state/page-query.js';

/** Charts that are shown before all are asked for. */
const FEW = 4;

export function CompareCharts({ runs, query }: { runs: readonly Run[]; query: PageQuery }) {
  const signature = runs.map(({ info }) => `${info.run_id} ${info.status} ${info.run_name}`).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the signature stands for the runs, which are new objects when they are read anew
  const chartRuns = useMemo(
    () =>
      runs.map(({ info }) => ({
        id: info.run_id,
        name: info.run_name || info.run_id,
        status: info.status,
        start: info.start_time,
      })),
    [signature],
  );
  const looks = useMemo(() => new Map(chartRuns.map(({ id }, place) => [id, lookAt(place)])), [chartRuns]);
  useGrowing({ runIds: chartRuns.map(({ id }) => id) }, chartRuns);
  const keys = useMemo(() => commonKeys(runs), [runs]);
  const isAll = query.get('metrics') === 'all';
  const settings = useChartSettings(query);
  if (keys.length === 0) return null;
  return (
    <Panel
      title={isAll || keys.length <= FEW ? 'Metrics in common' : `${FEW} of ${count(keys.length, 'metric')} in common`}
      aside={
        keys.length > FEW && (
          <button
            type="button"
            className="button"
            onClick={() => query.set({ metrics: isAll ? undefined : 'all', charts: undefined })}
          >
            {isAll ? 'Show few' : 'Show all'}
          </button>
        )
      }
    >
      {isAll ? (
        <div className="compare-board">
          <ChartBoard keys={[...keys].sort()} runs={chartRuns} looks={looks} address={query} />
        </div>
      ) : (
        <div className="compare-charts">
          {keys.slice(0, FEW).map((key) => (
            <LineChart key={key} title={key} keys={[key]} runs={chartRuns} looks={looks} settings={settings} />
          ))}
        </div>
      )}
    </Panel>
  );
}

/** Of metrics that at least two runs have, and over more than one step: the likeliest goals first. */
function commonKeys(runs: readonly Run[]): string[] {
  const counts = new Map<string, { runs: number; isCurve: boolean }>();
  for (const { data } of runs) {
    for (const { key, step } of data.metrics ?? []) {
      const found = counts.get(key) ?? { runs: 0, isCurve: false };
      counts.set(key, { runs: found.runs + 1, isCurve: found.isCurve || Number(step) > 0 });
    }
  }
  const least = Math.min(2, runs.length);
  return [...counts]
    .filter(([, found]) => found.runs >= least && found.isCurve)
    .sort(([a, x], [b, y]) => goalLikelihood(b) - goalLikelihood(a) || y.runs - x.runs || (a < b ? -1 : 1))
    .map(([key]) => key);
}
