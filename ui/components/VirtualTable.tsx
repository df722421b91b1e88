/** A real table of any length in a scrolling box: only the rows near what is seen are in the page. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useEffect, useRef } from 'react';
import { useNarrow } from '../state/media.js';

export interface Column<Row> {
  id: string;
  label: ReactNode;
  /** px; the first column also takes what is left. */
  width: number;
  align?: 'end';
  /** Columns of the same group that lie side by side share a heading. */
  group?: string;
  /** Left out on narrow screens. */
  wideOnly?: boolean;
  sorted?: 'ascending' | 'descending' | undefined;
  cell: (row: Row) => ReactNode;
}

interface VirtualTableProps<Row> {
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  /** There are rows beyond these; `onEnd` is called when the last of them come near. */
  hasMore: boolean;
  onEnd: () => void;
}

export function VirtualTable<Row>(props: VirtualTableProps<Row>) {
  const { label, rows, rowKey, hasMore, onEnd } = props;
  const isNarrow = useNarrow();
  const columns = isNarrow ? props.columns.filter((column) => !column.wideOnly) : props.columns;
  const box = useRef<HTMLElement>(null);
  const rowHeight = isNarrow ? 44 : 28;
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    overscan: 12,
  });
  const shown = virtualizer.getVirtualItems();
  const before = shown[0]?.start ?? 0;
  const after = virtualizer.getTotalSize() - (shown.at(-1)?.end ?? 0);
  const isAtEnd = (shown.at(-1)?.index ?? -1) >= rows.length - 20;
  useEffect(() => {
    if (hasMore && isAtEnd) onEnd();
  }, [hasMore, isAtEnd, onEnd]);
  const headings = headingsOf(columns);
  const headRows = headings ? 2 : 1;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
    <section className="table-box" ref={box} aria-label={label} tabIndex={0}>
      <table
        aria-label={label}
        aria-rowcount={hasMore ? -1 : rows.length + headRows}
        style={{ minWidth: columns.reduce((sum, { width }) => sum + width, 0) }}
      >
        <colgroup>
          {columns.map(({ id, width }, index) => (
            <col key={id} style={index === 0 ? { minWidth: width } : { width }} />
          ))}
        </colgroup>
        <Head columns={columns} headings={headings} />
        <tbody>
          <Gap height={before} span={columns.length} />
          {shown.map(({ index }) => {
            const row = rows[index] as Row;
            return (
              <tr key={rowKey(row)} aria-rowindex={index + headRows + 1} style={{ height: rowHeight }}>
                {columns.map(({ id, align, cell }, place) => (
                  <Cell key={id} isHeader={place === 0} align={align}>
                    {cell(row)}
                  </Cell>
                ))}
              </tr>
            );
          })}
          <Gap height={after} span={columns.length} />
        </tbody>
      </table>
    </section>
  );
}

function Cell({ isHeader, align, children }: { isHeader: boolean; align: 'end' | undefined; children: ReactNode }) {
  const className = align && 'align-end';
  if (!isHeader) return <td className={className}>{children}</td>;
  return (
    <th scope="row" className={className}>
      {children}
    </th>
  );
}

/** Stands for rows that are not in the page. */
function Gap({ height, span }: { height: number; span: number }) {
  if (height <= 0) return null;
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: an empty row takes no focus
    <tr aria-hidden="true" className="gap">
      <td colSpan={span} style={{ height }} />
    </tr>
  );
}

interface Heading {
  text: string;
  span: number;
}

function headingsOf<Row>(columns: readonly Column<Row>[]): Heading[] | undefined {
  if (!columns.some(({ group }) => group)) return undefined;
  const headings: Heading[] = [];
  for (const { group = '' } of columns) {
    const last = headings.at(-1);
    if (last?.text === group) last.span++;
    else headings.push({ text: group, span: 1 });
  }
  return headings;
}

function Head<Row>({ columns, headings }: { columns: readonly Column<Row>[]; headings: Heading[] | undefined }) {
  return (
    <thead>
      {headings && (
        <tr className="headings" aria-rowindex={1}>
          {headings.map(({ text, span }) => (
            <th key={text} scope="colgroup" colSpan={span}>
              {text}
            </th>
          ))}
        </tr>
      )}
      <tr aria-rowindex={headings ? 2 : 1}>
        {columns.map(({ id, label, align, sorted }) => (
          <th key={id} scope="col" className={align && 'align-end'} aria-sort={sorted}>
            {label}
          </th>
        ))}
      </tr>
    </thead>
  );
}
