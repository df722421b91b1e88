/** Runs as tables read them: pages with the asked columns only, how many there are, and which keys they have. */
import { type InfiniteData, keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useCallback, useMemo, useState } from 'react';
import type { Run, RunInfo, ViewType } from '../../api/index.js';
import { columnReference, keyColumn } from '../display/run-columns.js';
import { client, queryClient } from './connection.js';

/** Which runs: the part of the request that all calls over runs share. */
export interface Which {
  experiment_ids: string[];
  filter: string;
  run_view_type: ViewType;
}

export interface RunRow {
  info: RunInfo;
  /** By the column's id: numbers of metrics, texts of params and tags. */
  values: Record<string, number | string>;
}

/** Rows of the first pages; further ones are larger, because someone is on the way to the end. */
const SIZES = [100, 100, 200];
const LARGE = 500;

/** Columns that every table asks for: what makes trees of runs, and the colour that a user gave. */
export const PARENT = 'tags.mlflow.parentRunId';
export const COLOUR = 'tags.mlflow.runColor';

interface Page {
  rows: RunRow[];
  next: string | undefined;
  /** ms that the request took. */
  took: number;
  /** When it was read, in ms since the epoch. */
  at: number;
}

export interface RunRows {
  rows: readonly RunRow[];
  /** Undefined while the first page has never come. */
  isKnown: boolean;
  /** Rows of an older question are shown while the new one is on its way, or was refused. */
  isOld: boolean;
  error: Error | null;
  hasMore: boolean;
  took: number | undefined;
  /** When the first page was read. */
  readAt: number | undefined;
  /** Reads on until the row of this index is here. */
  readTo: (index: number) => void;
  refetch: () => void;
}

const rowsKey = (which: Which, orderBy: readonly string[], columns: readonly string[]) => [
  'run-rows',
  which,
  orderBy,
  columns,
];

/** `columns` are ids; those that are facts come with every run. Undefined columns wait. */
export function useRunRows(
  which: Which,
  orderBy: readonly string[],
  columns: readonly string[] | undefined,
  isReady = true,
): RunRows {
  const query = useInfiniteQuery({
    queryKey: rowsKey(which, orderBy, columns ?? []),
    queryFn: async ({ pageParam }) => {
      const asked = askedColumns(columns ?? []);
      const start = performance.now();
      const answer = await client.searchRunRows({
        ...which,
        order_by: [...orderBy],
        columns: [...asked.keys()],
        max_results: pageParam.size,
        ...(pageParam.token && { page_token: pageParam.token }),
      });
      const took = performance.now() - start;
      return {
        rows: (answer.runs ?? []).map((run) => rowOf(run, asked)),
        next: answer.next_page_token,
        took,
        at: Date.now(),
      };
    },
    initialPageParam: { token: undefined as string | undefined, size: SIZES[0] ?? LARGE },
    getNextPageParam: ({ next }, pages) => (next ? { token: next, size: SIZES[pages.length] ?? LARGE } : undefined),
    placeholderData: keepPreviousData,
    // Comparing ten thousand rows with the last ones would take longer than drawing them.
    structuralSharing: false,
    staleTime: 30_000,
    enabled: isReady && columns !== undefined,
  });
  const fresh = query.data;
  // What was refused leaves what was there.
  const [last, setLast] = useState(fresh);
  if (fresh && fresh !== last) setLast(fresh);
  const data = fresh ?? last;
  const rows = useMemo(() => data?.pages.flatMap((page) => page.rows) ?? [], [data]);
  const { hasNextPage, isFetching, fetchNextPage, isPlaceholderData } = query;
  const isResting = !hasNextPage || isFetching || isPlaceholderData || query.isFetchNextPageError;
  const readTo = useCallback(
    (index: number) => {
      if (!isResting && index >= rows.length) fetchNextPage();
    },
    [isResting, rows, fetchNextPage],
  );
  return {
    rows,
    isKnown: data !== undefined,
    isOld: isPlaceholderData || fresh === undefined,
    error: query.error,
    hasMore: hasNextPage && !isPlaceholderData,
    took: data?.pages.at(-1)?.took,
    readAt: data?.pages[0]?.at,
    readTo,
    refetch: query.refetch,
  };
}

/** From the column as the wire spells it to its id. */
function askedColumns(ids: readonly string[]): Map<string, string> {
  const asked = new Map<string, string>();
  for (const id of [...ids, PARENT, COLOUR]) {
    const reference = keyColumn(id) && columnReference(id);
    if (reference) asked.set(reference, id);
  }
  return asked;
}

function rowOf({ info, data }: Run, asked: ReadonlyMap<string, string>): RunRow {
  const found = new Map<string, number | string>();
  for (const { key, value } of data.params ?? []) found.set(`params.${key}`, value);
  for (const { key, value } of data.tags ?? []) found.set(`tags.${key}`, value);
  for (const { key, value } of data.metrics ?? []) found.set(asked.get(key) ?? `metrics.${key}`, value);
  const values: Record<string, number | string> = {};
  // In the order of the columns, so that all rows are of one shape.
  for (const id of asked.values()) {
    const value = found.get(id);
    if (value !== undefined) values[id] = value;
  }
  return { info, values };
}

/** The first rows of some runs, at most `most`. */
export async function readRows(
  which: Which,
  orderBy: readonly string[],
  columns: readonly string[],
  most: number,
): Promise<RunRow[]> {
  const asked = askedColumns(columns);
  const request = { ...which, order_by: [...orderBy], columns: [...asked.keys()], max_results: most };
  const { runs = [] } = await client.searchRunRows(request);
  return runs.map((run) => rowOf(run, asked));
}

/** All rows, page by page. */
export async function* eachRow(
  which: Which,
  orderBy: readonly string[],
  columns: readonly string[],
): AsyncGenerator<RunRow> {
  const asked = askedColumns(columns);
  const request = { ...which, order_by: [...orderBy], columns: [...asked.keys()], max_results: 1_000 };
  let token: string | undefined;
  do {
    const answer = await client.searchRunRows({ ...request, ...(token && { page_token: token }) });
    for (const run of answer.runs ?? []) yield rowOf(run, asked);
    token = answer.next_page_token;
  } while (token);
}

/** Reads some runs anew and puts them in their places, in every table that has them. */
export async function refreshRows(runIds: readonly string[]): Promise<void> {
  const wanted = new Set(runIds);
  const queries = queryClient.getQueryCache().findAll({ queryKey: ['run-rows'], type: 'active' });
  await Promise.all(
    queries.map(async ({ queryKey }) => {
      const [, which, , columns] = queryKey as ReturnType<typeof rowsKey> as [string, Which, string[], string[]];
      const before = queryClient.getQueryData<InfiniteData<Page>>(queryKey);
      const shown = before?.pages.flatMap(({ rows }) => rows).filter(({ info }) => wanted.has(info.run_id)) ?? [];
      if (shown.length === 0) return;
      const asked = askedColumns(columns);
      const filter = `run_id IN (${shown.map(({ info }) => `'${info.run_id}'`).join(', ')})`;
      const answer = await client.searchRunRows({
        experiment_ids: which.experiment_ids,
        run_view_type: 'ALL',
        filter,
        columns: [...asked.keys()],
        max_results: Math.min(1000, shown.length),
      });
      const fresh = new Map((answer.runs ?? []).map((run) => [run.info.run_id, rowOf(run, asked)]));
      queryClient.setQueryData<InfiniteData<Page>>(queryKey, (data) => data && withRows(data, fresh));
    }),
  );
}

function withRows(data: InfiniteData<Page>, fresh: ReadonlyMap<string, RunRow>): InfiniteData<Page> {
  const pages = data.pages.map((page) =>
    page.rows.some(({ info }) => fresh.has(info.run_id))
      ? { ...page, rows: page.rows.map((row) => fresh.get(row.info.run_id) ?? row) }
      : page,
  );
  return { ...data, pages };
}

export function useRunCount(which: Which, isReady = true) {
  return useQuery({
    queryKey: ['run-count', which],
    queryFn: () => client.countRuns({ ...which }),
    placeholderData: keepPreviousData,
    enabled: isReady,
  });
}

/** The keys of the experiments' runs, whatever the filter: columns should not change with it. */
export function useRunKeys(experimentIds: readonly string[], viewType: ViewType) {
  return useQuery({
    queryKey: ['run-keys', experimentIds, viewType],
    queryFn: () => client.searchRunKeys({ experiment_ids: [...experimentIds], run_view_type: viewType, filter: '' }),
    staleTime: 60_000,
    placeholderData: keepPreviousData,
  });
}
