/**
 * A table of any length in a scrolling box: only the rows near what is seen are in the page. It is one stop of the Tab key;
 * arrows or `j k h l` move the active cell, Enter follows the row's link.
 */
import {
  type KeyboardEvent,
  memo,
  type ReactNode,
  type RefObject,
  useEffect,
  useEffectEvent,
  useId,
  useLayoutEffect,
  useMemo,
  useRef,
} from 'react';
import { singleKeys } from '../../state/shortcuts.js';
import { type Column, headingsOf, widthsOf } from './column.js';
import { GridHead } from './GridHead.js';
import { type Cursor, type GridCursor, placeAfter } from './grid-cursor.js';
import { useRangeSeen, useRowWindow } from './row-window.js';

export interface GridProps<Row> {
  label: string;
  columns: readonly Column<Row>[];
  /** Those known so far; the rows up to `count` are drawn grey. */
  rows: readonly Row[];
  count: number;
  rowKey: (row: Row) => string;
  rowHeight: number;
  /** Undefined: nobody knows how many rows there are in all. */
  total: number | undefined;
  cursor: GridCursor;
  boxRef?: RefObject<HTMLElement | null>;
  /** The rows that are in the page. */
  onRange?: (start: number, end: number) => void;
  /** Keys beyond moving and opening; true when it was one. */
  onKey?: (event: KeyboardEvent, row: Row, index: number) => boolean;
  isSelected?: (row: Row) => boolean;
  rowClass?: (row: Row) => string | undefined;
  onMoveColumn?: (id: string, before: string) => void;
  onResizeColumn?: (id: string, width: number) => void;
}

const HEAD = 28;
const UPPER_HEAD = 22;

export function Grid<Row>(props: GridProps<Row>) {
  const { label, columns, rows, count, rowKey, rowHeight, total, cursor, onRange } = props;
  const ownBox = useRef<HTMLElement>(null);
  const box = props.boxRef ?? ownBox;
  const grid = useRef<HTMLTableElement>(null);
  const id = useId();
  const { start, end, width } = useRowWindow(box, count, rowHeight);
  useRangeSeen(start, end, onRange);
  const widths = useMemo(() => widthsOf(columns, width), [columns, width]);
  const lefts = useMemo(() => leftsOf(columns, widths), [columns, widths]);
  const headings = useMemo(() => headingsOf(columns), [columns]);
  const headRows = headings ? 2 : 1;
  const at = useFoundAgain(cursor, rows, rowKey);
  const cellId = (row: number, column: number) => `${id}-${row < 0 ? 'head' : row}-${column}`;

  const moveTo = (row: number, column: number) => {
    const found = rows[row];
    cursor.moveTo({ row, column, key: found && rowKey(found) });
    const element = box.current;
    if (element && row >= 0) reveal(element, row, rowHeight, headings ? HEAD + UPPER_HEAD : HEAD);
    if (element) revealColumn(element, lefts[column], widths, column, columns);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.defaultPrevented || isElsewhere(event.target)) return;
    if (!singleKeys() && /^[a-z]$/.test(event.key)) return;
    const page = Math.max(1, Math.floor((box.current?.clientHeight ?? 0) / rowHeight) - 2);
    const from = at ?? { row: -1, column: nameColumn(columns) };
    const to = event.altKey ? undefined : placeAfter(event, from, { rows: count, columns: columns.length, page });
    const row = at && rows[at.row];
    if (at && row !== undefined && props.onKey?.(event, row, at.row)) {
      // Shift and an arrow select and move at once.
      if (to) moveTo(to.row, to.column);
    } else if (to) moveTo(to.row, to.column);
    else if (at && event.key === 'Enter') openCell(grid.current, cellId(at.row, at.column), event.shiftKey);
    else if (at?.row === -1 && isMenuKey(event)) openMenu(cellId(-1, at.column));
    else return;
    event.preventDefault();
    if (to && document.activeElement !== grid.current) grid.current?.focus({ preventScroll: true });
  };
  const activeInPage = at && (at.row === -1 || (at.row >= start && at.row < end));
  return (
    <section className="table-box" ref={box}>
      <table
        ref={grid}
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: ARIA lets a table be a grid, and its rows and cells come for free
        role="grid"
        aria-label={label}
        aria-rowcount={total === undefined ? -1 : total + headRows}
        aria-colcount={columns.length}
        aria-activedescendant={at && activeInPage ? cellId(at.row, at.column) : undefined}
        tabIndex={0}
        onKeyDown={onKeyDown}
        onFocus={(event) => {
          // A click says itself which cell it is on.
          if (at || count === 0 || event.target !== grid.current || !event.target.matches(':focus-visible')) return;
          moveTo(Math.ceil((box.current?.scrollTop ?? 0) / rowHeight), nameColumn(columns));
        }}
        style={{ width: widths.reduce((sum, each) => sum + each, 0) }}
      >
        <colgroup>
          {columns.map((column, index) => (
            <col key={column.id} style={{ width: widths[index] }} />
          ))}
        </colgroup>
        <GridHead
          columns={columns}
          headings={headings}
          lefts={lefts}
          cellId={(column) => cellId(-1, column)}
          active={at?.row === -1 ? at.column : undefined}
          onMove={props.onMoveColumn}
          onResize={props.onResizeColumn}
        />
        {/* biome-ignore lint/a11y/useKeyWithClickEvents: the grid above has the keys */}
        <tbody
          onClick={(event) => {
            const cell = (event.target as Element).closest<HTMLElement>('[data-column]');
            const row = cell?.closest<HTMLElement>('[data-row]');
            if (cell && row) moveTo(Number(row.dataset.row), Number(cell.dataset.column));
          }}
        >
          <Gap height={start * rowHeight} span={columns.length} />
          {Array.from({ length: end - start }, (_, offset) => {
            const index = start + offset;
            const row = rows[index];
            if (row === undefined) {
              return (
                <ComingRow
                  key={`coming-${index}`}
                  height={rowHeight}
                  span={columns.length}
                  index={index + headRows + 1}
                />
              );
            }
            return (
              <GridRow
                key={rowKey(row)}
                row={row}
                index={index}
                columns={columns}
                lefts={lefts}
                height={rowHeight}
                id={id}
                headRows={headRows}
                active={at?.row === index ? at.column : undefined}
                isSelected={props.isSelected?.(row)}
                className={props.rowClass?.(row)}
              />
            );
          })}
          <Gap height={(count - end) * rowHeight} span={columns.length} />
        </tbody>
      </table>
    </section>
  );
}

const nameColumn = <Row,>(columns: readonly Column<Row>[]) =>
  Math.max(
    0,
    columns.findIndex(({ isRowHeader }) => isRowHeader),
  );

/** Fields, menus and dialogs in a cell have keys of their own. */
const isElsewhere = (target: EventTarget) =>
  target instanceof Element && target.closest('input:not([type=checkbox]),select,textarea,[role=menu],dialog') !== null;

const isMenuKey = ({ key, altKey, shiftKey }: KeyboardEvent) =>
  key === 'ContextMenu' || (key === 'F10' && shiftKey) || (key === 'ArrowDown' && altKey);

/** Follows what the active cell holds, else the row's link. */
function openCell(grid: HTMLElement | null, id: string, isShift: boolean): void {
  const cell = document.getElementById(id);
  const target =
    cell?.querySelector<HTMLElement>('a,button') ?? (grid && cell?.closest('tr')?.querySelector<HTMLElement>('a'));
  target?.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true, shiftKey: isShift }));
}

const openMenu = (id: string) =>
  document.getElementById(id)?.querySelector<HTMLElement>('[aria-haspopup=menu]')?.click();

/** The cursor, at the row it was at, wherever that is now. */
function useFoundAgain<Row>(
  cursor: GridCursor,
  rows: readonly Row[],
  rowKey: (row: Row) => string,
): Cursor | undefined {
  const { at, moveTo } = cursor;
  const here = at && rows[at.row];
  const isRight = !at || at.key === undefined || (here !== undefined && rowKey(here) === at.key);
  const found = isRight ? -1 : rows.findIndex((row) => rowKey(row) === at?.key);
  const now = at && found >= 0 ? { ...at, row: found } : at;
  const follow = useEffectEvent(() => {
    if (now && now !== at) moveTo(now);
  });
  useEffect(() => {
    if (found >= 0) follow();
  }, [found]);
  return now;
}

/** `left` of each pinned column; undefined for the others. */
function leftsOf<Row>(columns: readonly Column<Row>[], widths: readonly number[]): (number | undefined)[] {
  let left = 0;
  return columns.map(({ isPinned }, index) => {
    if (!isPinned) return undefined;
    const mine = left;
    left += widths[index] ?? 0;
    return mine;
  });
}

function reveal(box: HTMLElement, row: number, rowHeight: number, head: number): void {
  const top = row * rowHeight;
  const room = box.clientHeight - head;
  if (top < box.scrollTop) box.scrollTop = top;
  else if (top + rowHeight > box.scrollTop + room) box.scrollTop = top + rowHeight - room;
}

function revealColumn<Row>(
  box: HTMLElement,
  pinned: number | undefined,
  widths: readonly number[],
  column: number,
  columns: readonly Column<Row>[],
): void {
  if (pinned !== undefined) return;
  const left = widths.slice(0, column).reduce((sum, width) => sum + width, 0);
  const covered = widths.reduce((sum, width, index) => (columns[index]?.isPinned ? sum + width : sum), 0);
  const width = widths[column] ?? 0;
  if (left < box.scrollLeft + covered) box.scrollLeft = left - covered;
  else if (left + width > box.scrollLeft + box.clientWidth) box.scrollLeft = left + width - box.clientWidth;
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

function ComingRow({ height, span, index }: { height: number; span: number; index: number }) {
  return (
    <tr className="coming" aria-rowindex={index} style={{ height }}>
      <td colSpan={span}>
        <span className="visually-hidden">Loading…</span>
      </td>
    </tr>
  );
}

interface GridRowProps<Row> {
  row: Row;
  index: number;
  columns: readonly Column<Row>[];
  lefts: readonly (number | undefined)[];
  height: number;
  id: string;
  headRows: number;
  active: number | undefined;
  isSelected: boolean | undefined;
  className: string | undefined;
}

function DrawnRow<Row>(props: GridRowProps<Row>) {
  const { row, index, columns, lefts, height, id, headRows, active, isSelected, className } = props;
  const element = useRef<HTMLTableRowElement>(null);
  // The grid is one stop of the Tab key, whatever its cells hold.
  useLayoutEffect(() => {
    for (const each of element.current?.querySelectorAll<HTMLElement>('a,button,input') ?? []) each.tabIndex = -1;
  });
  return (
    <tr
      ref={element}
      data-row={index}
      aria-rowindex={index + headRows + 1}
      aria-selected={isSelected}
      className={['drawn', active !== undefined && 'active-row', className].filter(Boolean).join(' ')}
      style={{ height }}
    >
      {columns.map((column, place) => (
        <Cell
          key={column.id}
          id={`${id}-${index}-${place}`}
          place={place}
          column={column}
          left={lefts[place]}
          isActive={active === place}
        >
          {column.cell(row, index)}
        </Cell>
      ))}
    </tr>
  );
}

const GridRow = memo(DrawnRow) as typeof DrawnRow;

interface CellProps<Row> {
  id: string;
  place: number;
  column: Column<Row>;
  left: number | undefined;
  isActive: boolean;
  children: ReactNode;
}

function Cell<Row>({ id, place, column, left, isActive, children }: CellProps<Row>) {
  const classes = [column.align && 'align-end', left !== undefined && 'pinned', isActive && 'active-cell'];
  const attributes = {
    id,
    'data-column': place,
    className: classes.filter(Boolean).join(' ') || undefined,
    style: left === undefined ? undefined : { left },
  };
  if (!column.isRowHeader) return <td {...attributes}>{children}</td>;
  return (
    <th scope="row" {...attributes}>
      {children}
    </th>
  );
}
