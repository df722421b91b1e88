/** The headings of a grid: a click sorts, dragging moves a column, dragging an edge makes it wider, and a menu has the rest. */
import { type DragEvent, type PointerEvent, useState } from 'react';
import { Menu } from '../Menu.js';
import type { Column, Heading } from './column.js';

interface GridHeadProps<Row> {
  columns: readonly Column<Row>[];
  headings: readonly Heading[] | undefined;
  lefts: readonly (number | undefined)[];
  cellId: (column: number) => string;
  active: number | undefined;
  onMove: ((id: string, before: string) => void) | undefined;
  onResize: ((id: string, width: number) => void) | undefined;
}

export function GridHead<Row>({ columns, headings, lefts, cellId, active, onMove, onResize }: GridHeadProps<Row>) {
  const [over, setOver] = useState<string>();
  return (
    <thead>
      {headings && (
        <tr className="headings" aria-rowindex={1}>
          {spans(headings).map(({ text, span, first }) => (
            <th
              key={first}
              scope="colgroup"
              colSpan={span}
              className={lefts[first] === undefined ? undefined : 'pinned'}
              style={{ left: lefts[first] }}
            >
              {text}
            </th>
          ))}
        </tr>
      )}
      <tr aria-rowindex={headings ? 2 : 1}>
        {columns.map((column, place) => (
          <HeadCell
            key={column.id}
            id={cellId(place)}
            column={column}
            left={lefts[place]}
            isActive={active === place}
            isTarget={over === column.id}
            onOver={setOver}
            onMove={onMove}
            onResize={onResize}
          />
        ))}
      </tr>
    </thead>
  );
}

/** Headings of pinned columns stand alone, so that they stay with them. */
function spans(headings: readonly Heading[]): (Heading & { first: number })[] {
  let first = 0;
  return headings.map((heading) => {
    const mine = { ...heading, first };
    first += heading.span;
    return mine;
  });
}

interface HeadCellProps<Row> {
  id: string;
  column: Column<Row>;
  left: number | undefined;
  isActive: boolean;
  isTarget: boolean;
  onOver: (id: string | undefined) => void;
  onMove: ((id: string, before: string) => void) | undefined;
  onResize: ((id: string, width: number) => void) | undefined;
}

const DRAGGED = 'application/x-mltrack-column';

function HeadCell<Row>(props: HeadCellProps<Row>) {
  const { id, column, left, isActive, isTarget, onOver, onMove, onResize } = props;
  const { label, align, sorted, sortPlace, onSort, menu, isFixed } = column;
  const isMovable = onMove !== undefined && !isFixed;
  const classes = [
    align && 'align-end',
    left !== undefined && 'pinned',
    isActive && 'active-cell',
    isTarget && 'drop-target',
    (menu || onSort) && 'has-menu',
  ];
  const accept = (event: DragEvent) => {
    if (!isMovable || !event.dataTransfer.types.includes(DRAGGED)) return;
    event.preventDefault();
    onOver(column.id);
  };
  return (
    <th
      id={id}
      scope="col"
      className={classes.filter(Boolean).join(' ') || undefined}
      style={{ left }}
      aria-sort={sorted}
      onDragOver={accept}
      onDragLeave={() => onOver(undefined)}
      onDragEnd={() => onOver(undefined)}
      onDrop={(event) => {
        event.preventDefault();
        onOver(undefined);
        const moved = event.dataTransfer.getData(DRAGGED);
        if (moved && moved !== column.id) onMove?.(moved, column.id);
      }}
    >
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dragging is for the mouse; the dialog of columns is for the keyboard */}
      <div
        className="head-cell"
        draggable={isMovable}
        onDragStart={(event) => event.dataTransfer.setData(DRAGGED, column.id)}
      >
        {onSort ? (
          <button
            type="button"
            className="sort"
            tabIndex={-1}
            data-sorted={sorted}
            data-place={sortPlace}
            onClick={(event) => onSort(event.shiftKey)}
          >
            {label}
          </button>
        ) : (
          <span className="head-label">{label}</span>
        )}
        {menu && (
          <Menu label={`Column ${column.name ?? column.id}`} items={menu} className="head-menu" isTabStop={false}>
            <svg viewBox="0 0 16 16" className="icon" aria-hidden="true">
              <path d="M4.500 6.500 8 10 11.500 6.500" />
            </svg>
          </Menu>
        )}
      </div>
      {onResize && !isFixed && <Edge column={column} onResize={onResize} />}
    </th>
  );
}

const LEAST = 44;
const MOST = 900;

/** The edge of a heading: dragged it sets the width, double clicked it fits what is in the page. */
function Edge<Row>({ column, onResize }: { column: Column<Row>; onResize: (id: string, width: number) => void }) {
  const start = (event: PointerEvent<HTMLElement>) => {
    event.preventDefault();
    const edge = event.currentTarget;
    const width = edge.closest('th')?.getBoundingClientRect().width ?? column.width;
    const from = event.clientX;
    edge.setPointerCapture(event.pointerId);
    const move = (moved: globalThis.PointerEvent) =>
      onResize(column.id, Math.round(Math.min(MOST, Math.max(LEAST, width + moved.clientX - from))));
    edge.addEventListener('pointermove', move);
    edge.addEventListener('lostpointercapture', () => edge.removeEventListener('pointermove', move), { once: true });
  };
  return (
    <span
      className="head-edge"
      aria-hidden="true"
      onPointerDown={start}
      onDoubleClick={(event) => {
        const width = fittingWidth(event.currentTarget);
        if (width !== undefined) onResize(column.id, Math.min(MOST, Math.max(LEAST, width)));
      }}
    />
  );
}

/** px that the widest cell of the column in the page would take. */
function fittingWidth(edge: HTMLElement): number | undefined {
  const head = edge.closest('th');
  const body = head?.closest('table')?.tBodies[0];
  if (!head || !body) return undefined;
  const cells = [...body.rows].flatMap((row) => (row.dataset.row ? (row.cells[head.cellIndex] ?? []) : []));
  const widths = [head, ...cells].map((cell) => {
    const range = document.createRange();
    range.selectNodeContents(cell);
    const texts = [...cell.querySelectorAll<HTMLElement>('.user-text,.user-text-start')];
    const hidden = texts.reduce((sum, text) => sum + Math.max(0, text.scrollWidth - text.clientWidth), 0);
    return range.getBoundingClientRect().width + hidden;
  });
  return Math.ceil(Math.max(...widths)) + 24;
}
