/** What the list of experiments tells of their runs: the best value of an experiment's chosen metric, and whose it is. */
import { keepPreviousData, useQueries, useQuery } from '@tanstack/react-query';
import type { Experiment } from '../../api/index.js';
import { betterDirection } from '../display/direction.js';
import { columnReference, keyColumnId } from '../display/run-columns.js';
import { readRows, type Which } from './run-rows.js';

const tagOf = ({ tags }: Experiment, key: string) => tags?.find((tag) => tag.key === key)?.value || undefined;

/** The metric that the experiment's runs are judged by. */
export const primaryMetricOf = (experiment: Experiment) => tagOf(experiment, 'mlflow.primaryMetric');

const activeOf = (experiment_ids: string[]): Which => ({ experiment_ids, filter: '', run_view_type: 'ACTIVE_ONLY' });

const STALE = 60_000;

/** By experiment; nothing where no metric is chosen, its better direction is unknown, or no run has it. One request for each. */
export function useBestValues(experiments: readonly Experiment[]): ReadonlyMap<string, number> {
  return useQueries({
    queries: experiments.flatMap((experiment) => {
      const metric = primaryMetricOf(experiment);
      const direction = metric && betterDirection(metric);
      return metric && direction ? [bestQuery(experiment.experiment_id, metric, direction)] : [];
    }),
    combine: (results) => new Map(results.flatMap(({ data }) => (data ? [data] : []))),
  });
}

const bestQuery = (id: string, metric: string, direction: 'up' | 'down') => ({
  queryKey: ['best-value', id, metric],
  queryFn: async (): Promise<[string, number] | null> => {
    const column = keyColumnId({ kind: 'metrics', key: metric });
    const order = `${columnReference(column)} ${direction === 'up' ? 'DESC' : 'ASC'}`;
    const [row] = await readRows(activeOf([id]), [order], [column], 1);
    const value = row?.values[column];
    return typeof value === 'number' && !Number.isNaN(value) ? [id, value] : null;
  },
  staleTime: STALE,
});

const USER = 'tags.mlflow.user';

/** Runs among which those without a tag look for their newest one. */
const LOOKED_AT = 200;

/** By experiment: who its tag `mlflow.user` names, else whose its newest run is, where that is among the newest runs of all of these. */
export function useOwners(
  experiments: readonly Experiment[],
  hasRuns: (experimentId: string) => boolean,
): ReadonlyMap<string, string> {
  const owners = new Map<string, string>();
  const unnamed: string[] = [];
  for (const experiment of experiments) {
    const owner = tagOf(experiment, 'mlflow.user');
    if (owner) owners.set(experiment.experiment_id, owner);
    else if (hasRuns(experiment.experiment_id)) unnamed.push(experiment.experiment_id);
  }
  const { data: newest = [] } = useQuery({
    queryKey: ['newest-users', unnamed],
    queryFn: async () => {
      const rows = await readRows(activeOf(unnamed), [], [USER], LOOKED_AT);
      const found = new Map<string, string | undefined>();
      for (const { info, values } of rows) {
        const user = values[USER] ?? info.user_id;
        if (!found.has(info.experiment_id)) found.set(info.experiment_id, user ? String(user) : undefined);
      }
      return [...found];
    },
    placeholderData: keepPreviousData,
    staleTime: STALE,
    enabled: unnamed.length > 0,
  });
  for (const [id, user] of newest) if (user && !owners.has(id)) owners.set(id, user);
  return owners;
}
