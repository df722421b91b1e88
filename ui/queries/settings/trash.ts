/** What was deleted, and how it comes back or goes for good; and what server this is. */
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { TrashItem } from '../../../api/index.js';
import { client } from '../connection.js';

export function useTrash() {
  return useInfiniteQuery({
    queryKey: ['trash'],
    queryFn: ({ pageParam }) => client.listTrash({ page_token: pageParam }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_page_token || undefined,
    select: ({ pages }) => ({ items: pages.flatMap((page) => page.items), total: pages.at(-1)?.total ?? 0 }),
  });
}

/** Logged models do not come back: MLflow's protocol has no call for it. */
export const isRestorable = ({ kind }: TrashItem) => kind !== 'LOGGED_MODEL';

export function useRestore() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: async ({ kind, id }: TrashItem): Promise<unknown> =>
      kind === 'EXPERIMENT' ? client.restoreExperiment({ experiment_id: id }) : client.restoreRun({ run_id: id }),
    onSettled: () => cache.invalidateQueries(),
  });
}

/** Of one thing, or of everything that is deleted. */
export function useRemoveForGood() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (item: TrashItem | 'all') =>
      item === 'all'
        ? client.emptyTrash({ older_than: 0 })
        : client.emptyTrash({
            experiment_ids: item.kind === 'EXPERIMENT' ? [item.id] : [],
            run_ids: item.kind === 'RUN' ? [item.id] : [],
            model_ids: item.kind === 'LOGGED_MODEL' ? [item.id] : [],
          }),
    onSettled: () => cache.invalidateQueries({ queryKey: ['trash'] }),
  });
}

export function useServerFacts() {
  return useQuery({ queryKey: ['server-facts'], queryFn: () => client.getServerFacts({}), staleTime: 5 * 60_000 });
}
