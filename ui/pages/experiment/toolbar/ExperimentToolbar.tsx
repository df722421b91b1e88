/** One line above the runs: which view, which runs, in which order, with which columns. */
import { lazy, type Ref, Suspense, useState } from 'react';
import { Menu, type MenuItem } from '../../../components/Menu.js';
import { Toolbar } from '../../../components/Toolbar.js';
import {
  columnReference,
  FACT_COLUMNS,
  isFactColumn,
  keyColumn,
  keyColumnId,
  keyLabel,
} from '../../../display/run-columns.js';
import type { KnownKey } from '../../../filter/check.js';
import { runsChanged } from '../../../queries/run-changes.js';
import type { RunScope } from '../../../state/run-scope.js';
import { exportItems } from '../table/export-runs.js';
import type { ShownColumns } from '../table/shown-columns.js';
import { FilterBox, type FilterBoxHandle } from './FilterBox.js';
import { ViewSwitch, viewOf } from './ViewSwitch.js';
import { ViewsMenu } from './ViewsMenu.js';

const ColumnsDialog = lazy(async () => ({ default: (await import('./ColumnsDialog.js')).ColumnsDialog }));

interface ExperimentToolbarProps {
  scope: RunScope;
  shown: ShownColumns;
  known: readonly KnownKey[];
  refusal: string | undefined;
  filterBox: Ref<FilterBoxHandle>;
}

export function ExperimentToolbar({ scope, shown, known, refusal, filterBox }: ExperimentToolbarProps) {
  const [isChoosing, setChoosing] = useState(false);
  const view = viewOf(scope);
  return (
    <div className="toolbar experiment-toolbar">
      <ViewSwitch scope={scope} />
      <FilterBox ref={filterBox} scope={scope} known={known} refusal={refusal} />
      <Toolbar label="Runs" className="toolbar-strip">
        <StateMenu scope={scope} />
        {view !== 'analysis' && <SortMenu scope={scope} shown={shown} />}
        {view === 'table' && (
          <>
            <GroupMenu scope={scope} shown={shown} />
            <button type="button" className="button" onClick={() => setChoosing(true)}>
              Columns
            </button>
          </>
        )}
        <ViewsMenu scope={scope} />
        <Menu label="Export" items={exportItems(scope, shown.ids ?? [], undefined)} />
        <button type="button" className="button" onClick={runsChanged}>
          Refresh
        </button>
      </Toolbar>
      {isChoosing && (
        <Suspense fallback={null}>
          <ColumnsDialog scope={scope} shown={shown} onClose={() => setChoosing(false)} />
        </Suspense>
      )}
    </div>
  );
}

const STATES = [
  ['active', 'Active', 'ACTIVE_ONLY'],
  ['deleted', 'Deleted', 'DELETED_ONLY'],
  ['all', 'Active and deleted', 'ALL'],
] as const;

function StateMenu({ scope }: { scope: RunScope }) {
  const items = STATES.map(([state, label, viewType]) => ({
    label,
    isChecked: viewType === scope.viewType,
    run: () => scope.set({ state }, { isPush: true }),
  }));
  return <Menu label={`State: ${items.find(({ isChecked }) => isChecked)?.label}`} items={items} />;
}

function labelOf(id: string): string {
  if (isFactColumn(id)) return FACT_COLUMNS[id].label;
  const column = keyColumn(id);
  return column ? keyLabel(column) : id;
}

function SortMenu({ scope, shown }: { scope: RunScope; shown: ShownColumns }) {
  const [first] = scope.sort;
  const current = first ?? { column: 'started', isDescending: true };
  const items: MenuItem[] = (shown.ids ?? [])
    .filter((id) => columnReference(id) !== undefined)
    .map((id) => ({
      label: labelOf(id),
      isChecked: id === current.column,
      run: () =>
        scope.setSort([
          { column: id, isDescending: id === current.column ? !current.isDescending : current.isDescending },
        ]),
    }));
  return (
    <Menu label={`Sort: ${labelOf(current.column)}`} items={items}>
      Sort:
      <bdi className="menu-current">{labelOf(current.column)}</bdi>
      <span aria-hidden="true">{current.isDescending ? '↓' : '↑'}</span>
    </Menu>
  );
}

/** Values a key may have to be worth grouping by. */
const MOST_GROUPS = 60;

function GroupMenu({ scope, shown }: { scope: RunScope; shown: ShownColumns }) {
  const candidates = shown.keys.flatMap(({ kind, key, distinct_values = 0 }) => {
    const isFew = distinct_values > 1 && distinct_values <= MOST_GROUPS;
    if (kind === 'METRIC' || !isFew || key.startsWith('mlflow.')) return [];
    return [keyColumnId({ kind: kind === 'PARAM' ? 'params' : 'tags', key })];
  });
  const ids = [...new Set([...(scope.group ? [scope.group] : []), ...candidates])];
  const items: MenuItem[] = [
    {
      label: 'No groups',
      isChecked: scope.group === undefined,
      run: () => scope.set({ group: undefined }, { isPush: true }),
    },
    ...ids.map((id) => ({
      label: id,
      isChecked: id === scope.group,
      run: () => scope.set({ group: id }, { isPush: true }),
    })),
  ];
  return (
    <Menu label={scope.group ? `Group: ${labelOf(scope.group)}` : 'Group'} items={items}>
      {scope.group ? (
        <>
          Group:
          <bdi className="menu-current">{labelOf(scope.group)}</bdi>
        </>
      ) : (
        'Group'
      )}
      <span aria-hidden="true">▾</span>
    </Menu>
  );
}
