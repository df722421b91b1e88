/** Rows of texts as a table that sorts by its headings; numbers are told from the values and stand to the right. */
import { useCallback, useMemo, useState } from 'react';
import { type Column, VirtualTable } from '../../components/VirtualTable.js';
import { count } from '../../display/numbers.js';

interface DataTableProps {
  label: string;
  heads: readonly string[];
  rows: readonly (readonly string[])[];
}

interface Row {
  place: number;
  cells: readonly string[];
}

/** Rows that are looked at to tell what a column holds. */
const SAMPLE = 200;
const MAX_COLUMNS = 200;
const collator = new Intl.Collator('en', { numeric: true });

export function DataTable({ label, heads, rows }: DataTableProps) {
  const [sort, setSort] = useState<{ column: number; isDown: boolean }>();
  const shownHeads = heads.slice(0, MAX_COLUMNS);
  const isNumeric = useMemo(() => shownHeads.map((_, column) => rowsAreNumbers(rows, column)), [shownHeads, rows]);
  const sorted = useMemo(() => {
    const all = rows.map((cells, place): Row => ({ place, cells }));
    if (!sort) return all;
    const { column, isDown } = sort;
    const numeric = isNumeric[column];
    const compare = (a: string, b: string) => (numeric ? compareNumbers(a, b) : collator.compare(a, b));
    return all.sort((a, b) => {
      const [x = '', y = ''] = [a.cells[column], b.cells[column]];
      // What is missing comes last either way.
      if (x === '' || y === '') return Number(x === '') - Number(y === '') || a.place - b.place;
      return (isDown ? -1 : 1) * compare(x, y) || a.place - b.place;
    });
  }, [rows, sort, isNumeric]);
  const columns = shownHeads.map((head, column): Column<Row> => {
    const direction = sort?.column === column ? (sort.isDown ? 'descending' : 'ascending') : undefined;
    return {
      id: `${column}`,
      width: widthOf(head, rows, column),
      sorted: direction,
      ...(isNumeric[column] && { align: 'end' as const }),
      label: (
        <button type="button" className="sort" onClick={() => setSort({ column, isDown: direction === 'ascending' })}>
          <bdi>{head || `Column ${column + 1}`}</bdi>
          <span aria-hidden="true">{direction ? (direction === 'ascending' ? ' ↑' : ' ↓') : ''}</span>
        </button>
      ),
      cell: ({ cells }) => (
        <bdi dir="auto" title={cells[column]}>
          {cells[column]}
        </bdi>
      ),
    };
  });
  const nothing = useCallback(() => {}, []);
  return (
    <div className="data-table">
      <VirtualTable
        label={label}
        columns={columns}
        rows={sorted}
        rowKey={({ place }) => String(place)}
        hasMore={false}
        onEnd={nothing}
      />
      <p className="status-line" role="status">
        {count(rows.length, 'row')} · {count(heads.length, 'column')}
        {heads.length > MAX_COLUMNS && `, the first ${MAX_COLUMNS} shown`}
      </p>
    </div>
  );
}

const numberOf = (text: string) => (text.trim() === '' ? Number.NaN : Number(text));
const isNumber = (text: string) => /^\s*[-+]?(nan|inf(inity)?)\s*$/i.test(text) || !Number.isNaN(numberOf(text));

function rowsAreNumbers(rows: readonly (readonly string[])[], column: number): boolean {
  const values = rows
    .slice(0, SAMPLE)
    .map((row) => row[column] ?? '')
    .filter((text) => text !== '');
  return values.length > 0 && values.every(isNumber);
}

/** NaN last, and texts after all numbers. */
function compareNumbers(a: string, b: string): number {
  const [x, y] = [numberOf(a), numberOf(b)];
  return Number(Number.isNaN(x)) - Number(Number.isNaN(y)) || (x === y ? 0 : x - y) || 0;
}

function widthOf(head: string, rows: readonly (readonly string[])[], column: number): number {
  const longest = rows.slice(0, 50).reduce((most, row) => Math.max(most, (row[column] ?? '').length), head.length + 2);
  return Math.min(320, Math.max(64, longest * 7.5 + 20));
}
