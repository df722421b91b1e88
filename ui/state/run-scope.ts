/** Which runs a page is about and how it shows them, all of it in the address: experiments, filter, order, group, columns, selection. */
import { useMemo } from 'react';
import type { ViewType } from '../../api/index.js';
import {
  columnReference,
  joinList,
  keyColumn,
  orderByOf,
  type SortKey,
  sortKeys,
  sortText,
  splitList,
} from '../display/run-columns.js';
import { type PageQuery, usePageQuery } from './page-query.js';

export interface RunScope {
  experimentIds: readonly string[];
  /** What searchRunRows, countRuns and their like take: put it into the request as it is. The same object while it means the same. */
  which: { experiment_ids: string[]; filter: string; run_view_type: ViewType };
  /** The filter as the server takes it. */
  filter: string;
  /** The filter as it was typed. */
  filterText: string;
  /** A new entry in the history; `isDrag` replaces the entry instead, while something is dragged. */
  setFilter: (text: string, options?: { isDrag?: boolean }) => void;
  sort: readonly SortKey[];
  setSort: (keys: readonly SortKey[]) => void;
  /** `sort` as the server takes it. */
  orderBy: readonly string[];
  viewType: ViewType;
  /** What runs are grouped by: a column's id, `params.lr` or `tags.team`. */
  group: string | undefined;
  /** `group` as filters and the columns of requests spell it. */
  groupReference: string | undefined;
  /** Ids of runs, in the order they were selected. It outlives a change of the filter. */
  selected: readonly string[];
  setSelected: (runIds: readonly string[]) => void;
  /** Ids of columns as run-columns.ts spells them; undefined: the default ones. */
  columns: readonly string[] | undefined;
  /** Any other field of the address, such as a chart's settings. */
  get: PageQuery['get'];
  set: PageQuery['set'];
  /** The whole query string, to be kept as a view. */
  text: string;
}

const VIEW_TYPES: Record<string, ViewType> = { active: 'ACTIVE_ONLY', deleted: 'DELETED_ONLY', all: 'ALL' };

/** What `state` in an address means; `usual` where there is none. */
export const viewTypeOf = (state: string, usual: 'active' | 'deleted'): ViewType =>
  VIEW_TYPES[state] ?? VIEW_TYPES[usual] ?? 'ACTIVE_ONLY';

/**
 * `compile` makes the server's filter of the typed one. It should be the same function while the same keys are known.
 * `usual` is the state shown when the address names none.
 */
export function useRunScope(
  experimentIds: readonly string[],
  compile: (text: string) => string,
  usual: 'active' | 'deleted' = 'active',
): RunScope {
  const { get, set, text } = usePageQuery();
  const ids = joinList(experimentIds);
  const filterText = get('filter');
  const filter = compile(filterText);
  const viewType = viewTypeOf(get('state'), usual);
  const which = useMemo(
    () => ({ experiment_ids: splitList(ids), filter, run_view_type: viewType }),
    [ids, filter, viewType],
  );
  return useMemo(() => {
    const sort = sortKeys(get('sort'));
    const group = keyColumn(get('group')) && get('group');
    return {
      experimentIds: which.experiment_ids,
      which,
      filter: which.filter,
      filterText,
      setFilter: (wanted, { isDrag = false } = {}) => set({ filter: wanted }, { isPush: !isDrag }),
      sort,
      setSort: (keys) => set({ sort: sortText(keys) }),
      orderBy: orderByOf(sort),
      viewType: which.run_view_type,
      group,
      groupReference: group && columnReference(group),
      selected: splitList(get('sel')),
      setSelected: (runIds) => set({ sel: joinList(runIds) }),
      columns: get('cols') ? splitList(get('cols')) : undefined,
      get,
      set,
      text,
    };
  }, [which, filterText, get, set, text]);
}
