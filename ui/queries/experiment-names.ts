/** The names of a few experiments. */
import { useQueries } from '@tanstack/react-query';
import { client } from './connection.js';

/** A function from an id to the name; to the id itself while that is not known. */
export function useExperimentNames(ids: readonly string[]): (id: string) => string {
  const found = useQueries({
    queries: ids.map((id) => ({
      queryKey: ['experiment', id],
      queryFn: async () => (await client.getExperiment({ experiment_id: id })).experiment,
    })),
  });
  return (id) => found[ids.indexOf(id)]?.data?.name ?? id;
}
