/** Which rows are selected: one by one, by ranges, or all that are loaded. */
import { type KeyboardEvent, useMemo, useRef } from 'react';
import type { RunScope } from '../../../state/run-scope.js';
import type { Item } from './run-items.js';

/** More than this would be no choice any more, and no page can compare or draw them. */
const MOST = 1_000;

export interface Selection {
  ids: ReadonlySet<string>;
  isAll: boolean;
  toggle: (runId: string) => void;
  /** A click on a row's box; with Shift all rows from the last one clicked. */
  onSelect: (runId: string, index: number, isRange: boolean) => void;
  onSelectAll: () => void;
  isSelected: (item: Item) => boolean;
  onKey: (event: KeyboardEvent, item: Item, index: number) => boolean;
}

export function useSelection({ selected, setSelected }: RunScope, items: readonly Item[]): Selection {
  const anchor = useRef<number>(undefined);
  const ids = useMemo(() => new Set(selected), [selected]);
  return useMemo(() => {
    const idsBetween = (from: number, to: number) => {
      const [first, last] = from < to ? [from, to] : [to, from];
      return items.slice(first, last + 1).flatMap((item) => (item.kind === 'run' ? [item.row.info.run_id] : []));
    };
    const add = (more: readonly string[]) => setSelected([...new Set([...selected, ...more])].slice(0, MOST));
    const toggle = (runId: string) =>
      ids.has(runId) ? setSelected(selected.filter((id) => id !== runId)) : add([runId]);
    const loaded = items.flatMap((item) => (item.kind === 'run' ? [item.row.info.run_id] : [])).slice(0, MOST);
    const isAll = loaded.length > 0 && loaded.every((id) => ids.has(id));
    return {
      ids,
      isAll,
      toggle,
      onSelect: (runId, index, isRange) => {
        if (isRange && anchor.current !== undefined) add(idsBetween(anchor.current, index));
        else toggle(runId);
        anchor.current = index;
      },
      onSelectAll: () => (isAll ? setSelected([]) : add(loaded)),
      isSelected: (item) => item.kind === 'run' && ids.has(item.row.info.run_id),
      onKey: (event, item, index) => {
        if (event.key === ' ' && item.kind === 'run') {
          anchor.current = index;
          toggle(item.row.info.run_id);
          return true;
        }
        if (!event.shiftKey || (event.key !== 'ArrowDown' && event.key !== 'ArrowUp')) return false;
        add(idsBetween(index, Math.max(0, index + (event.key === 'ArrowDown' ? 1 : -1))));
        return true;
      },
    };
  }, [ids, selected, setSelected, items]);
}
