/** Searches as async iterators over all pages: `for await (const run of searchRuns(client, { experiment_ids: ['0'] }))`. */
import type { ApiCalls, Experiment, LoggedModel, ModelVersion, RegisteredModel, Run } from '../api/index.js';
import type { Connection } from './connect.js';

type SearchName =
  | 'searchRuns'
  | 'searchExperiments'
  | 'searchModelVersions'
  | 'searchRegisteredModels'
  | 'searchLoggedModels';

/** As the endpoint's request, without the page: `max_results` is how many come with one request, not how many come. */
export type Search<N extends SearchName> = Omit<Parameters<ApiCalls[N]>[0], 'page_token'>;

interface Page<T> {
  readonly items: readonly T[] | undefined;
  readonly next: string | undefined;
}

/** The next page is asked for when the last item was taken; whoever stops earlier has asked for no more than needed. */
async function* pages<T>(page: (page_token: string | undefined) => Promise<Page<T>>): AsyncGenerator<T, void, void> {
  for (let token: string | undefined; ; ) {
    const { items = [], next } = await page(token);
    yield* items;
    if (!next) return;
    token = next;
  }
}

/** Runs of experiments, with params, tags and latest metrics. */
export const searchRuns = (client: Connection, search: Search<'searchRuns'>): AsyncGenerator<Run, void, void> =>
  pages(async (page_token) => {
    const { runs, next_page_token } = await client.searchRuns({ ...search, page_token });
    return { items: runs, next: next_page_token };
  });

export const searchExperiments = (
  client: Connection,
  search: Partial<Search<'searchExperiments'>> = {},
): AsyncGenerator<Experiment, void, void> =>
  pages(async (page_token) => {
    const { experiments, next_page_token } = await client.searchExperiments({
      max_results: 1000,
      ...search,
      page_token,
    });
    return { items: experiments, next: next_page_token };
  });

export const searchModelVersions = (
  client: Connection,
  search: Search<'searchModelVersions'> = {},
): AsyncGenerator<ModelVersion, void, void> =>
  pages(async (page_token) => {
    const { model_versions, next_page_token } = await client.searchModelVersions({ ...search, page_token });
    return { items: model_versions, next: next_page_token };
  });

export const searchRegisteredModels = (
  client: Connection,
  search: Search<'searchRegisteredModels'> = {},
): AsyncGenerator<RegisteredModel, void, void> =>
  pages(async (page_token) => {
    const { registered_models, next_page_token } = await client.searchRegisteredModels({ ...search, page_token });
    return { items: registered_models, next: next_page_token };
  });

/** Models that runs logged, with params, tags and metrics. */
export const searchLoggedModels = (
  client: Connection,
  search: Search<'searchLoggedModels'>,
): AsyncGenerator<LoggedModel, void, void> =>
  pages(async (page_token) => {
    const { models, next_page_token } = await client.searchLoggedModels({ ...search, page_token });
    return { items: models, next: next_page_token };
  });
