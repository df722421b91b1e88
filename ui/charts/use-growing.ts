/** Keeps the curves of running runs at their ends, by what is new only. */
import { useEffect } from 'react';
import { LIVE_INTERVAL } from '../queries/connection.js';
import { growCurves } from '../queries/curves.js';
import type { ChartRun } from './use-lines.js';

export function useGrowing(runs: readonly ChartRun[]): void {
  const running = runs.filter(({ status }) => status === 'RUNNING').map(({ id }) => id);
  const sign = running.join();
  useEffect(() => {
    if (sign === '') return;
    const timer = setInterval(() => {
      if (!document.hidden) growCurves(sign.split(','));
    }, LIVE_INTERVAL);
    return () => clearInterval(timer);
  }, [sign]);
}
