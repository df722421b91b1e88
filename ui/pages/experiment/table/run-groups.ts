/** Runs grouped by a param or tag: how many there are of each value, the means of their metrics, and the runs of those groups that are open. */
import { keepPreviousData, useQueries, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { RunColumn } from '../../../../api/index.js';
import { columnReference, keyColumn } from '../../../display/run-columns.js';
import { client } from '../../../queries/connection.js';
import { type RunRow, readRows, type Which } from '../../../queries/run-rows.js';
import type { RunScope } from '../../../state/run-scope.js';
import { asItem, type GroupItem, type Item } from './run-items.js';

/** Runs that are looked at, and rows that an open group shows. */
const MOST_RUNS = 10_000;
const MOST_ROWS = 1_000;

interface Group {
  value: string | undefined;
  runs: number;
  means: Record<string, number>;
}

export interface RunGroups {
  items: readonly Item[] | undefined;
  error: Error | null;
  refetch: () => void;
}

export function useRunGroups(
  scope: RunScope,
  ids: readonly string[] | undefined,
  open: ReadonlySet<string>,
): RunGroups {
  const { which, groupReference, orderBy } = scope;
  const metrics = useMemo(() => ids?.filter((id) => keyColumn(id)?.kind === 'metrics') ?? [], [ids]);
  const query = useQuery({
    queryKey: ['run-groups', which, groupReference, metrics],
    queryFn: () => readGroups(which, groupReference ?? '', metrics),
    placeholderData: keepPreviousData,
    enabled: groupReference !== undefined && ids !== undefined,
  });
  const groups = groupReference === undefined ? undefined : query.data;
  const opened = groups?.filter(({ value }) => open.has(keyOf(value))) ?? [];
  const rows = useQueries({
    queries: opened.map(({ value }) => ({
      queryKey: ['run-rows-of-group', which, groupReference, value ?? null, orderBy, ids],
      queryFn: () => readRows(narrowed(which, groupReference ?? '', value), orderBy, ids ?? [], MOST_ROWS),
      placeholderData: keepPreviousData,
    })),
    combine: (results) => results.map(({ data }) => data),
  });
  const items = groups?.flatMap((group): Item[] => {
    const key = keyOf(group.value);
    const at = opened.indexOf(group);
    const header: GroupItem = { kind: 'group', key, ...group, isOpen: at >= 0 };
    return at < 0 ? [header] : [header, ...(rows[at] ?? []).map(asGroupItem)];
  });
  return { items, error: query.error, refetch: query.refetch };
}

const asGroupItem = (row: RunRow) => ({ ...asItem(row), depth: 1 });

/** Of a group, among the open ones. */
const keyOf = (value: string | undefined) => (value === undefined ? 'none' : `= ${value}`);

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;

function narrowed(which: Which, reference: string, value: string | undefined): Which {
  const own = value === undefined ? `${reference} IS NULL` : `${reference} = ${quoted(value)}`;
  return { ...which, filter: which.filter ? `(${which.filter}) AND ${own}` : own };
}

async function readGroups(which: Which, reference: string, metrics: readonly string[]): Promise<Group[]> {
  const asked = [reference, ...metrics.flatMap((id) => columnReference(id) ?? [])];
  const { columns = [] } = await client.getRunColumns({ ...which, columns: asked, max_results: MOST_RUNS });
  const [by, ...numbers] = columns;
  if (!by) return [];
  const missing = new Set(by.missing ?? []);
  const places = new Map<string | undefined, number[]>();
  (by.texts ?? []).forEach((text, place) => {
    const value = missing.has(place) ? undefined : text;
    const found = places.get(value);
    if (found) found.push(place);
    else places.set(value, [place]);
  });
  return [...places]
    .map(([value, of]) => ({ value, runs: of.length, means: meansOf(metrics, numbers, of) }))
    .sort((a, b) => Number(a.value === undefined) - Number(b.value === undefined) || compare(a.value, b.value));
}

const collator = new Intl.Collator('en', { numeric: true });
const compare = (a = '', b = '') => {
  const [x, y] = [Number(a), Number(b)];
  return Number.isNaN(x - y) ? collator.compare(a, b) : x - y;
};

function meansOf(
  ids: readonly string[],
  columns: readonly RunColumn[],
  places: readonly number[],
): Record<string, number> {
  const means: Record<string, number> = {};
  ids.forEach((id, index) => {
    const found = places.map((place) => columns[index]?.numbers?.[place] ?? Number.NaN).filter(Number.isFinite);
    if (found.length > 0) means[id] = found.reduce((sum, value) => sum + value, 0) / found.length;
  });
  return means;
}
