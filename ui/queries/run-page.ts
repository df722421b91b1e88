/** What a run's page reads and changes beside the run itself: the shapes of its curves, the runs below it, its tags and name. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { Curve, Run } from '../../api/index.js';
import { client } from './connection.js';

/** Buckets in all, and at least of each curve. A curve as large as a word needs few; more of them tell the steps of extremes better. */
const BUCKETS = 5_000;
const FEWEST = 48;
const MOST = 500;
/** Keys that are asked for at once. */
export const CURVES_AT_ONCE = 100;

/** By key: the curves of at most CURVES_AT_ONCE metrics. */
export function useSmallCurves(runId: string, keys: readonly string[], isNear: boolean) {
  return useQuery({
    queryKey: ['small-curves', runId, keys],
    queryFn: async (): Promise<ReadonlyMap<string, Curve>> => {
      const buckets = Math.max(FEWEST, Math.min(MOST, Math.floor(BUCKETS / keys.length)));
      const { curves } = await client.getMetricCurves({ run_ids: [runId], metric_keys: [...keys], buckets });
      return new Map(curves.map((curve) => [curve.key, curve]));
    },
    enabled: isNear && keys.length > 0,
    placeholderData: (previous) => previous,
    staleTime: 60_000,
    refetchOnWindowFocus: false,
  });
}

const quoted = (text: string) => `'${text.replaceAll("'", '')}'`;
const CHILDREN_SHOWN = 100;

export interface Children {
  runs: Run[];
  total: number;
}

/** Runs whose parent this one is. */
export function useChildRuns(experimentId: string, runId: string) {
  return useQuery({
    queryKey: ['child-runs', experimentId, runId],
    queryFn: async (): Promise<Children> => {
      const which = { experiment_ids: [experimentId], filter: `tags.\`mlflow.parentRunId\` = ${quoted(runId)}` };
      const { runs = [], next_page_token } = await client.searchRunRows({
        ...which,
        max_results: CHILDREN_SHOWN,
        order_by: ['start_time ASC'],
        columns: [],
      });
      const total = next_page_token ? (await client.countRuns(which)).total : runs.length;
      return { runs, total };
    },
  });
}

/** Calls something that changes the run, and has the run and the lists that it is in read anew. */
export function useRunChange(runId: string) {
  const cache = useQueryClient();
  return async (change: () => Promise<unknown>) => {
    await change();
    await cache.invalidateQueries({ queryKey: ['run', runId] });
    void cache.invalidateQueries({ predicate: ({ queryKey: [kind] }) => /^(runs|run-|child-runs)/.test(String(kind)) });
  };
}
