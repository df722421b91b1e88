/** The columns of the table with what can be done to them: moved, resized, pinned, hidden. */
import { useCallback, useMemo, useState } from 'react';
import type { Experiment } from '../../../../api/index.js';
import type { Column } from '../../../components/grid/column.js';
import { betterDirection } from '../../../display/direction.js';
import { joinList, keyColumn, type SortKey, splitList } from '../../../display/run-columns.js';
import type { RunRow, RunRows } from '../../../queries/run-rows.js';
import { keep } from '../../../state/kept.js';
import type { RunScope } from '../../../state/run-scope.js';
import type { Item } from './run-items.js';
import { keptWidths, tableColumns, WIDTHS_KEY } from './run-table-columns.js';
import type { Selection } from './selection.js';
import type { ShownColumns } from './shown-columns.js';

interface Wanted {
  scope: RunScope;
  shown: ShownColumns;
  experiments: readonly Experiment[];
  items: readonly Item[];
  rows: RunRows;
  selection: Selection;
  isNarrow: boolean;
  onToggle: (key: string) => void;
  onFilterBy: (reference: string) => void;
}

export interface TableColumns {
  columns: readonly Column<Item>[];
  move: (id: string, before: string) => void;
  resize: (id: string, width: number) => void;
}

/** As many runs as charts draw where none are selected. */
const DRAWN = 20;
/** Runs that may share a best value. */
const MOST_BEST = 3;
const NONE: readonly string[] = [];

export function useTableColumns(wanted: Wanted): TableColumns {
  const { scope, shown, experiments, selection, isNarrow, onToggle, onFilterBy } = wanted;
  const { rows, hasMore } = wanted.rows;
  const { set, selected, sort } = scope;
  const ids = shown.ids ?? NONE;
  const [widths, setWidths] = useState(keptWidths);
  const pinText = scope.get('pin');
  const pinned = useMemo(() => splitList(pinText).filter((id) => ids.includes(id)), [pinText, ids]);
  const onColumns = useCallback((wantedIds: readonly string[]) => set({ cols: joinList(wantedIds) }), [set]);
  const onPin = useCallback((wantedIds: readonly string[]) => set({ pin: joinList(wantedIds) }), [set]);
  const curveText = scope.get('curves');
  const curves = useMemo(() => new Set(splitList(curveText)), [curveText]);
  const onCurve = useCallback(
    (id: string) => {
      const after = new Set(curves);
      if (!after.delete(id)) after.add(id);
      set({ curves: joinList([...after]) });
    },
    [curves, set],
  );
  const resize = useCallback((id: string, width: number) => {
    setWidths((before) => {
      const after = { ...before, [id]: width };
      keep(WIDTHS_KEY, JSON.stringify(after));
      return after;
    });
  }, []);
  const move = useCallback(
    (id: string, before: string) => {
      const others = ids.filter((each) => each !== id);
      const at = others.indexOf(before);
      const isForwards = ids.indexOf(id) < ids.indexOf(before);
      if (before !== 'name' && at >= 0) onColumns(others.toSpliced(isForwards ? at + 1 : at, 0, id));
    },
    [ids, onColumns],
  );
  const experimentNames = useMemo(
    () => new Map(experiments.map(({ experiment_id, name }) => [experiment_id, name])),
    [experiments],
  );
  const best = useMemo(() => bestValues(ids, rows, hasMore, sort), [ids, rows, hasMore, sort]);
  const columns = useMemo(() => {
    const places = new Map(selected.map((id, place) => [id, place]));
    const colourPlace = (runId: string, index: number) =>
      places.size > 0 ? places.get(runId) : index < DRAWN ? index : undefined;
    return tableColumns({
      scope,
      ids,
      pinned,
      isNarrow,
      widths,
      selected: selection.ids,
      colourPlace,
      experimentNames,
      curves,
      best,
      onSelect: selection.onSelect,
      onSelectAll: selection.onSelectAll,
      isAllSelected: selection.isAll,
      onToggle,
      onColumns,
      onPin,
      onFilterBy,
      onCurve,
    });
  }, [
    scope,
    ids,
    pinned,
    isNarrow,
    widths,
    selected,
    selection,
    experimentNames,
    curves,
    best,
    onToggle,
    onColumns,
    onPin,
    onFilterBy,
    onCurve,
  ]);
  return { columns, move, resize };
}

/**
 * The best value of each metric column whose better direction is known. It is named only where it is certain: when all runs are
 * here, or when the table is ordered by the metric, the best first; and not where many share it.
 */
function bestValues(
  ids: readonly string[],
  rows: readonly RunRow[],
  hasMore: boolean,
  sort: readonly SortKey[],
): ReadonlyMap<string, number> {
  const best = new Map<string, number>();
  const [first] = sort;
  for (const id of ids) {
    const column = keyColumn(id);
    const direction = column?.kind === 'metrics' ? betterDirection(column.key) : undefined;
    if (!direction || rows.length < 2) continue;
    const isFirst = first?.column === id && first.isDescending === (direction === 'up');
    if (hasMore && !isFirst) continue;
    const values = rows.map((row) => row.values[id]).filter((value) => typeof value === 'number');
    const known = values.filter((value) => !Number.isNaN(value));
    const top = known.reduce((a, b) => (direction === 'up' ? Math.max(a, b) : Math.min(a, b)), known[0] ?? Number.NaN);
    const sharers = known.filter((value) => value === top).length;
    if (sharers > 0 && sharers <= MOST_BEST) best.set(id, top);
  }
  return best;
}
