/** The curves of a run, grouped by what stands before the first slash of their names. Those of its machine are in RunSystem.tsx. */
import { useMemo } from 'react';
import type { Run } from '../../../api/index.js';
import { ChartBoard } from '../../charts/ChartBoard.js';
import { type Look, lookAt } from '../../charts/model/palette.js';
import { useGrowing } from '../../charts/use-growing.js';
import type { ChartRun } from '../../charts/use-lines.js';
import { Empty } from '../../components/Empty.js';
import { chosenColour } from '../../display/run-colours.js';
import { usePageQuery } from '../../state/page-query.js';

export const isSystemMetric = (key: string) => key.startsWith('system/');

/** The run as its charts take it: the same objects while it means the same. */
export function useChartRun({ info, data }: Run): { runs: readonly ChartRun[]; looks: ReadonlyMap<string, Look> } {
  const { run_id: id, run_name: name, status, start_time: start } = info;
  const runs = useMemo(() => [{ id, name: name || id, status, start }], [id, name, status, start]);
  const chosen = chosenColour(data.tags?.find(({ key }) => key === 'mlflow.runColor')?.value);
  const looks = useMemo(() => new Map([[id, chosen ? { colour: chosen, dash: [] } : lookAt(0)]]), [id, chosen]);
  useGrowing({ runIds: [id] }, runs);
  return { runs, looks };
}

export const metricKeys = ({ data }: Run) => [...new Set((data.metrics ?? []).map(({ key }) => key))];

export function RunMetrics({ run }: { run: Run }) {
  const address = usePageQuery();
  const chart = useChartRun(run);
  const keys = metricKeys(run).filter((key) => !isSystemMetric(key));
  if (keys.length === 0) {
    return (
      <Empty title="No metrics">
        <p>This run has logged none{run.info.status === 'RUNNING' && ' yet; they appear here by themselves'}.</p>
      </Empty>
    );
  }
  return <ChartBoard keys={keys} address={address} {...chart} />;
}
