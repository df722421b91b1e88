/** The active cell of a grid: which it is, and how keys move it. The grid itself keeps the focus, so that no reading anew can lose it. */
import { type KeyboardEvent, useCallback, useState } from 'react';

/** A row of -1 is the headings. */
export interface Place {
  row: number;
  column: number;
}

export interface Cursor extends Place {
  /** The key of the row, by which it is found again when rows move. */
  key: string | undefined;
}

export interface GridCursor {
  /** Undefined until someone entered the grid. */
  at: Cursor | undefined;
  moveTo: (cursor: Cursor) => void;
}

export function useGridCursor(initial?: Cursor): GridCursor {
  const [at, setAt] = useState<Cursor | undefined>(initial);
  const moveTo = useCallback(
    (next: Cursor) =>
      setAt((before) =>
        before?.row === next.row && before.column === next.column && before.key === next.key ? before : next,
      ),
    [],
  );
  return { at, moveTo };
}

interface Extent {
  rows: number;
  columns: number;
  /** Rows that fit the box. */
  page: number;
}

/** Where a key leads from a place; undefined for keys that do not move. */
export function placeAfter(event: KeyboardEvent, from: Place, extent: Extent): Place | undefined {
  const { row, column } = from;
  const isFar = event.ctrlKey || event.metaKey;
  const last = { row: extent.rows - 1, column: extent.columns - 1 };
  const wanted = {
    ArrowDown: { row: isFar ? last.row : row + 1, column },
    ArrowUp: { row: isFar ? 0 : row - 1, column },
    ArrowRight: { row, column: isFar ? last.column : column + 1 },
    ArrowLeft: { row, column: isFar ? 0 : column - 1 },
    Home: { row: isFar ? 0 : row, column: 0 },
    End: { row: isFar ? last.row : row, column: last.column },
    PageDown: { row: row + extent.page, column },
    PageUp: { row: Math.max(0, row - extent.page), column },
    ...(!isFar && letters(row, column)),
  }[event.key];
  return (
    wanted && {
      row: Math.max(-1, Math.min(wanted.row, last.row)),
      column: Math.max(0, Math.min(wanted.column, last.column)),
    }
  );
}

const letters = (row: number, column: number): Record<string, Place> => ({
  j: { row: row + 1, column },
  k: { row: Math.max(0, row - 1), column },
  l: { row, column: column + 1 },
  h: { row, column: column - 1 },
});
