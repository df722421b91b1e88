/** Keeps the curves of runs that still write at their ends: only what is new is read. */
import { growCurves } from '../queries/curves.js';
import { useLive, type Wanted } from '../state/live.js';
import type { ChartRun } from './use-lines.js';

/** `wanted` has all of the runs. `onNewMetric` hears of metrics that are not among `keys`. */
export function useGrowing(
  wanted: Wanted,
  runs: readonly ChartRun[],
  keys?: readonly string[],
  onNewMetric?: () => void,
): void {
  const running = runs.filter(({ status }) => status === 'RUNNING').map(({ id }) => id);
  const shown = new Set(runs.map(({ id }) => id));
  const isRunning = running.length > 0;
  useLive(
    wanted,
    ({ runs: changed, anew }) => {
      if (anew && isRunning) growCurves(running);
      const logged = changed.filter(({ run_id, metrics }) => metrics && shown.has(run_id));
      for (const { run_id, metrics = [], more_metrics } of logged) {
        growCurves([run_id], more_metrics ? undefined : metrics);
      }
      const isNew = logged.some(({ metrics = [] }) => metrics.some((key) => keys && !keys.includes(key)));
      if (isNew || (anew && isRunning)) onNewMetric?.();
    },
    { isRunning },
  );
}
