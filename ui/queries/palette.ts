/** Experiments, runs and models whose name has a text in it. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useDeferredValue } from 'react';
import { quotedText } from '../filter/lexer.js';
import { experimentLink, modelLink, runLink } from '../links.js';
import { client } from './connection.js';

interface Found {
  group: string;
  label: string;
  href: string;
}

const MOST = 8;
/** Runs are looked for in so many of the newest experiments. */
const EXPERIMENTS = 1_000;

export function useFound(sought: string): { items: readonly Found[]; isSearching: boolean } {
  const text = useDeferredValue(sought);
  const query = useQuery({
    queryKey: ['palette', text],
    queryFn: () => find(text),
    placeholderData: keepPreviousData,
    staleTime: 10_000,
    enabled: text !== '',
  });
  return { items: text === '' ? [] : (query.data ?? []), isSearching: query.isFetching };
}

async function find(text: string): Promise<Found[]> {
  const like = quotedText(`%${text}%`);
  const [experiments, models, runs] = await Promise.all([
    client.searchExperiments({ filter: `name ILIKE ${like}`, max_results: MOST }),
    client.searchRegisteredModels({ filter: `name ILIKE ${like}`, max_results: MOST }),
    findRuns(text, like),
  ]);
  return [
    ...(experiments.experiments ?? []).map(({ experiment_id, name }) => ({
      group: 'Experiment',
      label: name,
      href: experimentLink(experiment_id),
    })),
    ...runs,
    ...(models.registered_models ?? []).map(({ name }) => ({ group: 'Model', label: name, href: modelLink(name) })),
  ];
}

async function findRuns(text: string, like: string): Promise<Found[]> {
  const { experiments = [] } = await client.searchExperiments({ max_results: EXPERIMENTS });
  const isId = /^[0-9a-f]{6,32}$/i.test(text);
  const { runs = [] } = await client.searchRunRows({
    experiment_ids: experiments.map(({ experiment_id }) => experiment_id),
    filter: `run_name ILIKE ${like}${isId ? ` OR run_id LIKE '${text.toLowerCase()}%'` : ''}`,
    max_results: MOST,
  });
  return runs.map(({ info }) => ({
    group: 'Run',
    label: info.run_name || info.run_id,
    href: runLink(info.experiment_id, info.run_id),
  }));
}
