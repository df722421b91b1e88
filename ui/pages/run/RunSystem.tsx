/** What the run's machine was busy with: its `system/` metrics, all over the same stretch of time. */
import { useMemo } from 'react';
import type { Run } from '../../../api/index.js';
import { ChartBoard } from '../../charts/ChartBoard.js';
import { Empty } from '../../components/Empty.js';
import { usePageQuery } from '../../state/page-query.js';
import { isSystemMetric, metricKeys, useChartRun } from './RunMetrics.js';

export function RunSystem({ run }: { run: Run }) {
  const address = usePageQuery();
  const chart = useChartRun(run);
  const keys = metricKeys(run).filter(isSystemMetric);
  const { start_time: start, end_time: end } = run.info;
  const axis = address.get('x') || 'rel';
  const xShared = useMemo(() => {
    if (start === undefined || end === undefined || end <= start) return undefined;
    return axis === 'rel' ? ([0, end - start] as const) : axis === 'time' ? ([start, end] as const) : undefined;
  }, [start, end, axis]);
  if (keys.length === 0) {
    return (
      <Empty title="No system metrics">
        <p>This run has logged no metrics whose names begin with “system/”.</p>
      </Empty>
    );
  }
  return <ChartBoard keys={keys} address={address} usualAxis="rel" isAllOpen xShared={xShared} {...chart} />;
}
