/** What the rows of the table stand for: runs, those of a parent below it, and groups of runs. */
import { PARENT, type RunRow } from '../../../queries/run-rows.js';

export interface RunItem {
  kind: 'run';
  row: RunRow;
  /** How many runs it lies below. */
  depth: number;
  children: number;
  isOpen: boolean;
}

export interface GroupItem {
  kind: 'group';
  key: string;
  /** Undefined: the runs without one. */
  value: string | undefined;
  runs: number;
  /** By column id: the mean of the runs that have a number. */
  means: Readonly<Record<string, number>>;
  isOpen: boolean;
}

export type Item = RunItem | GroupItem;

export const itemKey = (item: Item) => (item.kind === 'run' ? item.row.info.run_id : `group ${item.key}`);

export const asItem = (row: RunRow): RunItem => ({ kind: 'run', row, depth: 0, children: 0, isOpen: false });

/**
 * Children below their parents, where both are known; all others keep their places. `closed` holds the ids of parents whose
 * children are not shown; without it there are no trees.
 */
export function treeOf(rows: readonly RunRow[], closed: ReadonlySet<string> | undefined): RunItem[] {
  if (!closed) return rows.map(asItem);
  const ids = new Set(rows.map(({ info }) => info.run_id));
  const children = new Map<string, RunRow[]>();
  for (const row of rows) {
    const parent = parentOf(row);
    if (parent === undefined || !ids.has(parent) || parent === row.info.run_id) continue;
    const siblings = children.get(parent);
    if (siblings) siblings.push(row);
    else children.set(parent, [row]);
  }
  if (children.size === 0) return rows.map(asItem);
  const items: RunItem[] = [];
  const placed = new Set<string>();
  const place = (row: RunRow, depth: number) => {
    const id = row.info.run_id;
    if (placed.has(id)) return;
    placed.add(id);
    const own = children.get(id) ?? [];
    const isOpen = own.length > 0 && !closed.has(id);
    items.push({ kind: 'run', row, depth, children: own.length, isOpen });
    if (isOpen) for (const child of own) place(child, depth + 1);
    else for (const child of own) hide(child);
  };
  const hide = (row: RunRow) => {
    const id = row.info.run_id;
    if (placed.has(id)) return;
    placed.add(id);
    for (const child of children.get(id) ?? []) hide(child);
  };
  for (const row of rows) {
    const parent = parentOf(row);
    if (parent === undefined || !ids.has(parent) || parent === row.info.run_id) place(row, 0);
  }
  // Runs that name each other as parents have no beginning.
  for (const row of rows) place(row, 0);
  return items;
}

function parentOf({ values }: RunRow): string | undefined {
  const parent = values[PARENT];
  return typeof parent === 'string' ? parent : undefined;
}
