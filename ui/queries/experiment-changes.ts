/** What can be done to experiments, and how many runs they have. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { client, queryClient } from './connection.js';

export interface ExperimentCount {
  total: number;
  running: number;
  latest_start_time: number;
}

/** Active runs, by experiment; nothing of those that have none. */
export function useExperimentCounts(
  experimentIds: readonly string[],
): ReadonlyMap<string, ExperimentCount> | undefined {
  const query = useQuery({
    queryKey: ['run-count', 'by-experiment', experimentIds],
    queryFn: () => client.countRuns({ experiment_ids: [...experimentIds], by_experiment: true }),
    placeholderData: keepPreviousData,
    enabled: experimentIds.length > 0,
  });
  const counts = query.data?.experiments;
  const isKnown = query.data !== undefined;
  return useMemo(
    () => (isKnown ? new Map((counts ?? []).map((count) => [count.experiment_id, count])) : undefined),
    [counts, isKnown],
  );
}

async function changed<T>(change: Promise<T>): Promise<T> {
  try {
    return await change;
  } finally {
    await Promise.all(
      ['experiments', 'experiment', 'run-count', 'trash'].map((first) =>
        queryClient.invalidateQueries({ queryKey: [first] }),
      ),
    );
  }
}

export const createExperiment = (name: string) => changed(client.createExperiment({ name }));
export const renameExperiment = (experiment_id: string, new_name: string) =>
  changed(client.updateExperiment({ experiment_id, new_name }));
export const setExperimentNote = (experiment_id: string, value: string) =>
  changed(client.setExperimentTag({ experiment_id, key: 'mlflow.note.content', value }));
export const deleteExperiment = (experiment_id: string) => changed(client.deleteExperiment({ experiment_id }));
export const restoreExperiment = (experiment_id: string) => changed(client.restoreExperiment({ experiment_id }));
