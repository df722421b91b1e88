/** What a grid knows of a column. */
import type { ReactNode } from 'react';
import type { MenuItem } from '../Menu.js';

export interface Column<Row> {
  id: string;
  label: ReactNode;
  /** The label as a text, where buttons of the heading have to name it. */
  name?: string | undefined;
  /** px */
  width: number;
  align?: 'end';
  /** Columns of the same group that lie side by side share a heading. */
  group?: string;
  /** Left out on narrow screens. */
  wideOnly?: boolean;
  sorted?: 'ascending' | 'descending' | undefined;
  /** Its place, from 1, among several keys of the order. */
  sortPlace?: number | undefined;
  /** A click on the heading; with Shift the column joins the order that there is. */
  onSort?: ((isAdded: boolean) => void) | undefined;
  menu?: readonly MenuItem[];
  /** Names the row to those who hear the page. */
  isRowHeader?: boolean;
  /** Stays at the left edge; such columns come first. */
  isPinned?: boolean;
  /** Takes what is left of the width; one column at most. */
  grows?: boolean;
  /** Neither moved nor resized. */
  isFixed?: boolean;
  cell: (row: Row, index: number) => ReactNode;
}

/** px that a growing column takes before the others get wider too. */
const ENOUGH = 380;

/** px of each column in a box of `room` px: what is left is first the growing column's, then everyone's. */
export function widthsOf<Row>(columns: readonly Column<Row>[], room: number): number[] {
  const left = room - columns.reduce((total, { width }) => total + width, 0);
  if (left <= 0) return columns.map(({ width }) => width);
  const growing = columns.find(({ grows }) => grows);
  if (!growing) return columns.map(({ width }) => width);
  const own = Math.min(left, Math.max(0, ENOUGH - growing.width));
  const share = (left - own) / columns.filter(({ isFixed }) => !isFixed).length;
  return columns.map((column) => {
    if (column.isFixed) return column.width;
    return column.width + share + (column === growing ? own : 0);
  });
}

export interface Heading {
  text: string;
  span: number;
}

/** The upper row of headings; undefined where no column has a group. */
export function headingsOf<Row>(columns: readonly Column<Row>[]): Heading[] | undefined {
  if (!columns.some(({ group }) => group)) return undefined;
  const headings: Heading[] = [];
  for (const { group = '' } of columns) {
    const last = headings.at(-1);
    if (last?.text === group) last.span++;
    else headings.push({ text: group, span: 1 });
  }
  return headings;
}
