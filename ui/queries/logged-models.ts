/** The logged models that a run made. */
import { useQueries } from '@tanstack/react-query';
import { client } from './connection.js';

/** One result per id, in order. */
export function useLoggedModels(ids: readonly string[]) {
  return useQueries({
    queries: ids.map((id) => ({
      queryKey: ['logged-model', id],
      queryFn: async () => (await client.getLoggedModel({ model_id: id })).model,
    })),
  });
}
