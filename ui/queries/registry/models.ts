/** Registered models and their versions as the pages read them. */
import { useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ModelVersion, RegisteredModel } from '../../../api/index.js';
import { useLive } from '../../state/live.js';
import { client } from '../connection.js';

const MOST = 1_000;

/** Models that match, by name: up to 1,000. */
export function useModels(filter: string) {
  return useQuery({
    queryKey: ['models', 'all', filter],
    queryFn: async (): Promise<RegisteredModel[]> =>
      (await client.searchRegisteredModels({ filter: filter || undefined, max_results: MOST })).registered_models ?? [],
    placeholderData: (previous) => previous,
  });
}

export function useModel(name: string) {
  return useQuery({
    queryKey: ['models', 'one', name],
    queryFn: async () => (await client.getRegisteredModel({ name })).registered_model,
  });
}

const quoted = (text: string) => (text.includes("'") ? `"${text}"` : `'${text}'`);

/** The newest first. */
export function useVersions(name: string) {
  return useQuery({
    queryKey: ['models', 'versions', name],
    queryFn: async (): Promise<ModelVersion[]> => {
      const { model_versions = [] } = await client.searchModelVersions({ filter: `name=${quoted(name)}` });
      return model_versions.sort((a, b) => Number(b.version) - Number(a.version));
    },
  });
}

export const versionQuery = (name: string, version: string) => ({
  queryKey: ['models', 'version', name, version],
  queryFn: async () => (await client.getModelVersion({ name, version })).model_version,
});

export const useVersion = (name: string, version: string) => useQuery(versionQuery(name, version));

/** Versions that were made from a run. */
export function useVersionsOfRun(runId: string) {
  return useQuery({
    queryKey: ['models', 'of-run', runId],
    queryFn: async () => (await client.searchModelVersions({ filter: `run_id='${runId}'` })).model_versions ?? [],
  });
}

/** Runs by their ids, those that are still there; in the order of the ids. */
export function useRunsById(ids: readonly string[]) {
  return useQueries({
    queries: ids.map((id) => ({
      queryKey: ['run', id],
      queryFn: async () => (await client.getRun({ run_id: id })).run,
      staleTime: 60_000,
    })),
  });
}

/** Calls something that changes the registry, and has everything of it read anew. */
export function useRegistryChange() {
  const cache = useQueryClient();
  return async (change: () => Promise<unknown>) => {
    await change();
    await cache.invalidateQueries({ queryKey: ['models'] });
  };
}

/** Reads the registry anew when something in it changes. */
export function useRegistryLive(): void {
  const cache = useQueryClient();
  useLive({}, (news) => {
    if (news.registry || news.anew) void cache.invalidateQueries({ queryKey: ['models'] });
  });
}
