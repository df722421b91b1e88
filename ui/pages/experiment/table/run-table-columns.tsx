/** The columns of the table of runs, made of their ids in the address. */
import type { Column } from '../../../components/grid/column.js';
import type { MenuItem } from '../../../components/Menu.js';
import { UserText } from '../../../components/UserText.js';
import { betterDirection } from '../../../display/direction.js';
import {
  AGGREGATES,
  columnReference,
  FACT_COLUMNS,
  type FactColumn,
  isFactColumn,
  type KeyColumn,
  keyColumn,
  keyColumnId,
  keyLabel,
} from '../../../display/run-columns.js';
import { kept } from '../../../state/kept.js';
import type { RunScope } from '../../../state/run-scope.js';
import {
  CURVE_WIDTH,
  FactCell,
  GroupNameCell,
  MeanCell,
  NameCell,
  NumberCell,
  RowCurve,
  SelectCell,
  TextCell,
} from './run-cells.js';
import type { Item } from './run-items.js';

export interface ColumnContext {
  scope: RunScope;
  ids: readonly string[];
  pinned: readonly string[];
  isNarrow: boolean;
  widths: Readonly<Record<string, number>>;
  selected: ReadonlySet<string>;
  colourPlace: (runId: string, index: number) => number | undefined;
  experimentNames: ReadonlyMap<string, string>;
  /** Metric columns whose cells show the curve too. */
  curves: ReadonlySet<string>;
  /** By metric column. */
  best: ReadonlyMap<string, number>;
  onSelect: (runId: string, index: number, isRange: boolean) => void;
  onSelectAll: () => void;
  isAllSelected: boolean;
  onToggle: (key: string) => void;
  onColumns: (ids: string[]) => void;
  onPin: (ids: string[]) => void;
  onFilterBy: (reference: string) => void;
  /** Shows the curve of a metric column, or no longer. */
  onCurve: (id: string) => void;
}

const FACT_WIDTHS: Record<FactColumn, number> = {
  name: 190,
  status: 96,
  started: 96,
  ended: 96,
  duration: 78,
  user: 90,
  id: 250,
  experiment: 150,
};

const NARROW_NAME = 150;

export function tableColumns(context: ColumnContext): Column<Item>[] {
  const { ids, pinned, isNarrow } = context;
  const isPinned = (id: string) => !isNarrow && (id === 'name' || pinned.includes(id));
  const ordered = [...ids.filter(isPinned), ...ids.filter((id) => !isPinned(id))];
  return [selectColumn(context), ...ordered.map((id) => ({ ...columnOf(id, context), isPinned: isPinned(id) }))];
}

function columnOf(id: string, context: ColumnContext): Column<Item> {
  const sort = sortOf(id, context.scope);
  const shared = { id, ...sort, menu: menuOf(id, context) };
  if (isFactColumn(id)) return factColumn(id, shared, context);
  return valueColumn(id, keyColumn(id) ?? { kind: 'tags', key: id }, shared, context);
}

type Shared = Pick<Column<Item>, 'id' | 'sorted' | 'sortPlace' | 'onSort' | 'menu'>;

function selectColumn({
  selected,
  colourPlace,
  onSelect,
  onSelectAll,
  isAllSelected,
  isNarrow,
}: ColumnContext): Column<Item> {
  return {
    id: 'select',
    label: (
      <label className="select-target">
        <input
          type="checkbox"
          aria-label="Select all rows"
          tabIndex={-1}
          checked={isAllSelected}
          onChange={onSelectAll}
        />
      </label>
    ),
    width: 52,
    group: '',
    isFixed: true,
    isPinned: !isNarrow,
    cell: (item, index) =>
      item.kind === 'run' && (
        <SelectCell
          row={item.row}
          isSelected={selected.has(item.row.info.run_id)}
          place={colourPlace(item.row.info.run_id, index)}
          onToggle={(isRange) => onSelect(item.row.info.run_id, index, isRange)}
        />
      ),
  };
}

function factColumn(id: FactColumn, shared: Shared, context: ColumnContext): Column<Item> {
  const { label } = FACT_COLUMNS[id];
  const usual = id === 'name' && context.isNarrow ? NARROW_NAME : FACT_WIDTHS[id];
  const width = context.widths[id] ?? usual;
  const column = { ...shared, label, name: label, width, group: 'Attributes' };
  if (id !== 'name') {
    return {
      ...column,
      ...(id === 'duration' && { align: 'end' as const }),
      cell: (item) =>
        item.kind === 'run' && <FactCell column={id} row={item.row} experimentNames={context.experimentNames} />,
    };
  }
  const group = context.scope.group && keyColumn(context.scope.group);
  return {
    ...column,
    isRowHeader: true,
    grows: context.pinned.length === 0,
    cell: (item) =>
      item.kind === 'run' ? (
        <NameCell item={item} onToggle={() => context.onToggle(item.row.info.run_id)} />
      ) : (
        <GroupNameCell item={item} label={group ? group.key : 'Group'} onToggle={() => context.onToggle(item.key)} />
      ),
  };
}

const GROUPS = { params: 'Params', metrics: 'Metrics', tags: 'Tags' };

function valueColumn(id: string, column: KeyColumn, shared: Shared, context: ColumnContext): Column<Item> {
  const isMetric = column.kind === 'metrics';
  const name = keyLabel(column);
  const best = context.best.get(id);
  const hasCurve = isMetric && context.curves.has(id);
  return {
    ...shared,
    name,
    label: <HeadLabel column={column} />,
    width: context.widths[id] ?? defaultWidth(name, isMetric) + (hasCurve ? CURVE_WIDTH + CURVE_GAP : 0),
    group: GROUPS[column.kind],
    ...(column.kind !== 'tags' && { align: 'end' as const }),
    cell: (item) => {
      if (item.kind === 'group') return isMetric && <MeanCell value={item.means[id]} />;
      const value = item.row.values[id];
      if (!isMetric) return <TextCell value={value} />;
      const number = <NumberCell value={value} isBest={best !== undefined && value === best} />;
      if (!hasCurve || typeof value !== 'number') return number;
      return (
        <span className="curve-cell">
          <RowCurve runId={item.row.info.run_id} metric={column.key} value={value} />
          {number}
        </span>
      );
    },
  };
}

/** px between a curve and its number. */
const CURVE_GAP = 8;

/** Wide enough for most of the label, within bounds. */
const defaultWidth = (name: string, isMetric: boolean) =>
  Math.round(Math.min(124, Math.max(isMetric ? 84 : 72, name.length * 7 + 36)));

function HeadLabel({ column }: { column: KeyColumn }) {
  const direction = column.kind === 'metrics' ? betterDirection(column.key) : undefined;
  return (
    <>
      {column.aggregate && <span className="aggregate">{column.aggregate} </span>}
      <UserText text={column.key} cut="middle" />
      {direction && (
        <span
          className="direction"
          title={direction === 'up' ? 'more is better' : 'less is better'}
          data-direction={direction}
        >
          <span className="visually-hidden">{direction === 'up' ? 'more is better' : 'less is better'}</span>
        </span>
      )}
    </>
  );
}

function sortOf(id: string, { sort, setSort }: RunScope): Omit<Shared, 'id' | 'menu'> {
  if (columnReference(id) === undefined) return {};
  const place = sort.findIndex(({ column }) => column === id);
  const current = sort[place];
  const isDefault = sort.length === 0 && id === 'started';
  const isDescending = current?.isDescending ?? isDefault;
  return {
    sorted: current || isDefault ? (isDescending ? 'descending' : 'ascending') : undefined,
    sortPlace: sort.length > 1 && current ? place + 1 : undefined,
    onSort: (isAdded) => {
      const next = { column: id, isDescending: current || isDefault ? !isDescending : firstDirection(id) };
      if (!isAdded) setSort([next]);
      else setSort(current ? sort.map((each) => (each === current ? next : each)) : [...sort, next]);
    },
  };
}

/** The better or newer end first. */
function firstDirection(id: string): boolean {
  const column = keyColumn(id);
  if (column?.kind === 'metrics') return betterDirection(column.key) !== 'down';
  return id === 'started' || id === 'ended';
}

function menuOf(id: string, context: ColumnContext): MenuItem[] {
  const { scope, ids, pinned, onColumns, onPin, onFilterBy } = context;
  const reference = columnReference(id);
  const column = keyColumn(id);
  const isPinned = pinned.includes(id);
  const items: MenuItem[] = [];
  if (reference) {
    items.push({ label: 'Sort ascending', run: () => scope.setSort([{ column: id, isDescending: false }]) });
    items.push({ label: 'Sort descending', run: () => scope.setSort([{ column: id, isDescending: true }]) });
    items.push({ label: 'Filter by this', run: () => onFilterBy(reference) });
  }
  if (column && column.kind !== 'metrics') {
    items.push({ label: 'Group by this', run: () => scope.set({ group: id }, { isPush: true }) });
    const coloured = { colour: id, view: 'charts' };
    items.push({ label: 'Colour charts by this', run: () => scope.set(coloured, { isPush: true }) });
  }
  if (column?.kind === 'metrics') {
    items.push(...aggregateItems(id, column, ids, onColumns));
    items.push({ label: context.curves.has(id) ? 'Hide curve' : 'Show curve', run: () => context.onCurve(id) });
  }
  if (id !== 'name') {
    items.push({
      label: isPinned ? 'Unpin' : 'Pin to the left',
      run: () => onPin(isPinned ? pinned.filter((each) => each !== id) : [...pinned, id]),
    });
    items.push({ label: 'Hide', run: () => onColumns(ids.filter((each) => each !== id)) });
  }
  return items;
}

function aggregateItems(
  id: string,
  column: KeyColumn,
  ids: readonly string[],
  onColumns: (ids: string[]) => void,
): MenuItem[] {
  return [undefined, ...AGGREGATES].map((aggregate) => ({
    label: `Show ${aggregate ?? 'last'}`,
    isChecked: column.aggregate === aggregate,
    run: () => {
      const wanted = keyColumnId({ ...column, aggregate });
      onColumns([...new Set(ids.map((each) => (each === id ? wanted : each)))]);
    },
  }));
}

const WIDTHS = 'mltrack.column-widths';

/** px by column id, as this browser's user set them. */
export function keptWidths(): Record<string, number> {
  try {
    const found: unknown = JSON.parse(kept(WIDTHS) ?? '{}');
    const entries = Object.entries(found ?? {}).filter(([, width]) => typeof width === 'number');
    return Object.fromEntries(entries);
  } catch {
    return {};
  }
}

export const WIDTHS_KEY = WIDTHS;
