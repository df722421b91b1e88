/** One run, as its page reads it. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { client } from './connection.js';

export function useRun(id: string) {
  return useQuery({
    queryKey: ['run', id],
    queryFn: async () => (await client.getRun({ run_id: id })).run,
    placeholderData: keepPreviousData,
  });
}
