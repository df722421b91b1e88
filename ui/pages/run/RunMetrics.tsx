/** The curves of a run, grouped by what stands before the first slash of their names. Those of its machine are in RunSystem.tsx. */
import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'wouter';
import type { Run } from '../../../api/index.js';
import { ChartBoard } from '../../charts/ChartBoard.js';
import { type Look, lookAt } from '../../charts/model/palette.js';
import type { Address } from '../../charts/settings.js';
import { useGrowing } from '../../charts/use-growing.js';
import type { ChartRun } from '../../charts/use-lines.js';
import { Empty } from '../../components/Empty.js';

export const isSystemMetric = (key: string) => key.startsWith('system/');

/** The run as its charts take it: the same objects while it means the same. */
export function useChartRun({ info }: Run): { runs: readonly ChartRun[]; looks: ReadonlyMap<string, Look> } {
  const { run_id: id, run_name: name, status, start_time: start } = info;
  const runs = useMemo(() => [{ id, name: name || id, status, start }], [id, name, status, start]);
  const looks = useMemo(() => new Map([[id, lookAt(0)]]), [id]);
  useGrowing(runs);
  return { runs, looks };
}

export const metricKeys = ({ data }: Run) => [...new Set((data.metrics ?? []).map(({ key }) => key))];

/** The page's query string, for charts. */
export function useAddress(): Address {
  const [params, setParams] = useSearchParams();
  const get = useCallback((name: string) => params.get(name) ?? '', [params]);
  const set = useCallback(
    (fields: Record<string, string | undefined>) =>
      setParams(
        (before) => {
          const after = new URLSearchParams(before);
          for (const [name, value] of Object.entries(fields)) {
            if (value) after.set(name, value);
            else after.delete(name);
          }
          return after;
        },
        { replace: true },
      ),
    [setParams],
  );
  return useMemo(() => ({ get, set }), [get, set]);
}

export function RunMetrics({ run }: { run: Run }) {
  const address = useAddress();
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
