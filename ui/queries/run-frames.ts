/** Whole columns over runs, and which keys there are, for the charts over runs. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { RunColumn, ViewType } from '../../api/index.js';
import { columnOfAnswer, type RunFrame } from '../analysis/run-frame.js';
import { columnReference } from '../display/run-columns.js';
import { client } from './connection.js';

export interface WhichRuns {
  experiment_ids: string[];
  filter: string;
  run_view_type: ViewType;
}

/** The server gives no more at once. */
export const MOST_RUNS = 10_000;
/** The beginnings of the keys of these queries. */
export const ANALYSIS_KEYS = ['run-keys', 'analysis'];
export const ANALYSIS_FRAME = ['run-frame'];
const MOST_KEYS = 5_000;

/** Params and metrics of these runs, those that most have first. */
export function useRunKeys(which: WhichRuns) {
  return useQuery({
    queryKey: [...ANALYSIS_KEYS, which],
    queryFn: () => client.searchRunKeys({ ...which, kinds: ['PARAM', 'METRIC'], max_results: MOST_KEYS }),
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });
}

/** `columns` are ids of run-columns.ts; at most 99. Nothing is asked while there are none. */
export function useRunFrame(which: WhichRuns, columns: readonly string[]) {
  return useQuery({
    queryKey: [...ANALYSIS_FRAME, which, columns],
    queryFn: async (): Promise<RunFrame> => {
      const answer = await client.getRunColumns({
        ...which,
        max_results: MOST_RUNS,
        columns: ['run_name', ...columns.map((name) => columnReference(name) ?? name)],
      });
      const frame = frameOf(columns, answer.run_ids ?? [], answer.columns ?? []);
      // Of several experiments the first: the page of a run puts its own address right.
      return { ...frame, experimentIds: frame.ids.map(() => which.experiment_ids[0] ?? '') };
    },
    enabled: columns.length > 0,
    placeholderData: keepPreviousData,
    staleTime: 15_000,
  });
}

function frameOf(names: readonly string[], ids: readonly string[], [name, ...rest]: RunColumn[]) {
  return {
    ids,
    names: ids.map((id, run) => name?.texts?.[run] || id),
    columns: new Map(rest.map((answer, at) => [names[at] as string, columnOfAnswer(names[at] as string, answer)])),
  };
}
