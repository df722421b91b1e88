/** Experiments as the pages read them. */
import { useInfiniteQuery, useQueries, useQuery } from '@tanstack/react-query';
import type { LifecycleStage } from '../../api/index.js';
import { client } from './connection.js';

/** Experiments of one lifecycle stage, the newest first, 1,000 a page. */
export function useExperiments(stage: LifecycleStage) {
  return useInfiniteQuery({
    queryKey: ['experiments', stage],
    queryFn: ({ pageParam }) =>
      client.searchExperiments({
        max_results: 1000,
        view_type: stage === 'deleted' ? 'DELETED_ONLY' : 'ACTIVE_ONLY',
        page_token: pageParam,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_page_token || undefined,
    select: ({ pages }) => pages.flatMap((page) => page.experiments ?? []),
  });
}

export const experimentQuery = (id: string) => ({
  queryKey: ['experiment', id],
  queryFn: async () => (await client.getExperiment({ experiment_id: id })).experiment,
});

export const useExperiment = (id: string) => useQuery(experimentQuery(id));

/** A function from an id to the experiment's name; to the id itself while that is not known. */
export function useExperimentNames(ids: readonly string[]): (id: string) => string {
  const found = useQueries({ queries: ids.map(experimentQuery) });
  return (id) => found[ids.indexOf(id)]?.data?.name ?? id;
}
