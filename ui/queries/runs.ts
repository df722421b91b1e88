/** Runs as the pages read them: pages of one experiment, and one run. Both follow runs that still write. */
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import type { LifecycleStage } from '../../api/index.js';
import { client, LIVE_INTERVAL } from './connection.js';

export type StartedOrder = 'newest' | 'oldest';

export interface RunsWanted {
  experimentId: string;
  stage: LifecycleStage;
  order: StartedOrder;
}

const PAGE_SIZE = 100;

export function useRuns({ experimentId, stage, order }: RunsWanted) {
  return useInfiniteQuery({
    queryKey: ['runs', experimentId, stage, order],
    queryFn: ({ pageParam }) =>
      client.searchRuns({
        experiment_ids: [experimentId],
        run_view_type: stage === 'deleted' ? 'DELETED_ONLY' : 'ACTIVE_ONLY',
        max_results: PAGE_SIZE,
        order_by: [order === 'newest' ? 'start_time DESC' : 'start_time ASC'],
        page_token: pageParam,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_page_token || undefined,
    select: ({ pages }) => pages.flatMap((page) => page.runs ?? []),
    placeholderData: (previous, query) => (query?.queryKey[1] === experimentId ? previous : undefined),
    refetchInterval: ({ state }) => {
      const pages = state.data?.pages ?? [];
      // Every loaded page would be read again: past the first, that is more than following is worth.
      if (pages.length !== 1) return false;
      return pages[0]?.runs?.some((run) => run.info.status === 'RUNNING') ? LIVE_INTERVAL : false;
    },
  });
}

export function useRun(id: string) {
  return useQuery({
    queryKey: ['run', id],
    queryFn: async () => (await client.getRun({ run_id: id })).run,
    placeholderData: keepPreviousData,
  });
}
