/** A grid of rows that come page by page: the first column names the row and takes the width that is left. */
import { useCallback, useEffect, useMemo, useState } from 'react';
import { useDensity } from '../state/browser/density.js';
import { useNarrow } from '../state/media.js';
import { usePlacedCursor } from '../state/place.js';
import type { Column } from './grid/column.js';
import { Grid, type GridProps } from './grid/Grid.js';

export type { Column } from './grid/column.js';

interface VirtualTableProps<Row> {
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  /** There are rows beyond these; `onEnd` is called when the last of them come near. */
  hasMore: boolean;
  onEnd: () => void;
  onKey?: GridProps<Row>['onKey'];
}

export function VirtualTable<Row>({ label, columns, rows, rowKey, hasMore, onEnd, onKey }: VirtualTableProps<Row>) {
  const isNarrow = useNarrow();
  const { rowHeight } = useDensity();
  const shown = useMemo(() => {
    const wanted = isNarrow ? columns.filter(({ wideOnly }) => !wideOnly) : columns;
    const named = wanted.some(({ isRowHeader }) => isRowHeader);
    return named
      ? wanted
      : wanted.map((column, place) =>
          place === 0 ? { ...column, isRowHeader: true, isPinned: !isNarrow, grows: true } : column,
        );
  }, [columns, isNarrow]);
  const [end, setEnd] = useState(0);
  const seen = useCallback((_: number, last: number) => setEnd(last), []);
  const isAtEnd = end >= rows.length - 8;
  useEffect(() => {
    if (hasMore && isAtEnd) onEnd();
  }, [hasMore, isAtEnd, onEnd]);
  const { box, cursor } = usePlacedCursor(label);
  return (
    <Grid
      label={label}
      columns={shown}
      rows={rows}
      count={rows.length}
      total={hasMore ? undefined : rows.length}
      rowKey={rowKey}
      rowHeight={rowHeight}
      cursor={cursor}
      boxRef={box}
      onRange={seen}
      {...(onKey && { onKey })}
    />
  );
}
