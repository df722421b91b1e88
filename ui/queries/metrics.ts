/** The curve of one metric of one run. */
import { useQuery } from '@tanstack/react-query';
import type { Metric, RunStatus } from '../../api/index.js';
import { client } from './connection.js';

const MAX_POINTS = 1_000;

/**
 * At most about 1,000 points. `latest` is the value that the run itself carries: only when that moves, or the run
 * ends, is the curve read again, so following a run with many charts costs one request.
 */
export function useMetricHistory(runId: string, status: RunStatus, latest: Metric) {
  const { key } = latest;
  return useQuery({
    queryKey: ['metric', runId, key, status, String(latest.step), String(latest.timestamp)],
    queryFn: async () => {
      const request = { run_ids: [runId], metric_key: key, max_results: MAX_POINTS };
      return (await client.getMetricHistoryBulkInterval(request)).metrics ?? [];
    },
    placeholderData: (previous, query) =>
      query?.queryKey[1] === runId && query.queryKey[2] === key ? previous : undefined,
    staleTime: status === 'RUNNING' ? 0 : 60_000,
    gcTime: 30_000,
    refetchOnWindowFocus: false,
  });
}
