/** Runs by their ids, from any experiments: as few requests as that takes. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { MltrackError, type Run } from '../../api/index.js';
import { client } from '../queries/connection.js';

export const MOST_COMPARED = 100;

export interface ComparedRuns {
  /** In the order of the ids. */
  runs: readonly Run[];
  /** Ids of which there is no run. */
  missing: readonly string[];
}

export function useComparedRuns(ids: readonly string[]) {
  return useQuery({
    queryKey: ['compared', ids],
    queryFn: () => readRuns(ids.slice(0, MOST_COMPARED)),
    enabled: ids.length > 0,
    placeholderData: keepPreviousData,
  });
}

/** The first run says where most of the others are; those that are elsewhere are read one by one. */
async function readRuns(ids: readonly string[]): Promise<ComparedRuns> {
  const found = new Map<string, Run>();
  const keep = (run: Run | undefined) => {
    if (run) found.set(run.info.run_id, run);
  };
  const [first = '', ...rest] = ids;
  keep(await readRun(first));
  const experiment = found.get(first)?.info.experiment_id;
  if (experiment !== undefined && rest.length > 1) {
    const quoted = rest.map((id) => `'${id.replaceAll("'", "''")}'`);
    const { runs } = await client.searchRuns({
      experiment_ids: [experiment],
      filter: `run_id IN (${quoted.join(', ')})`,
      run_view_type: 'ALL',
      max_results: MOST_COMPARED,
    });
    runs?.forEach(keep);
  }
  const elsewhere = rest.filter((id) => !found.has(id));
  for (const run of await Promise.all(elsewhere.map(readRun))) keep(run);
  return {
    runs: ids.flatMap((id) => found.get(id) ?? []),
    missing: ids.filter((id) => !found.has(id)),
  };
}

/** Undefined where there is no such run, and for what can be no run's id. */
async function readRun(id: string): Promise<Run | undefined> {
  try {
    return (await client.getRun({ run_id: id })).run;
  } catch (error) {
    if (error instanceof MltrackError && (error.status === 404 || error.status === 400)) return undefined;
    throw error;
  }
}
