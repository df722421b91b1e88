/** The runs of an experiment as a table. */
import { lazy, type ReactNode, Suspense, useCallback, useEffect, useMemo, useState } from 'react';
import { useLocation } from 'wouter';
import { type Experiment, MltrackError } from '../../../../api/index.js';
import { Skeleton } from '../../../components/Empty.js';
import { ErrorNotice } from '../../../components/ErrorNotice.js';
import { Grid } from '../../../components/grid/Grid.js';
import { ErrorBoundary } from '../../../components/Panel.js';
import { compareLink } from '../../../links.js';
import { type RunRows, useRunCount, useRunRows } from '../../../queries/run-rows.js';
import { useDensity } from '../../../state/browser/density.js';
import { useNarrow } from '../../../state/media.js';
import { usePlacedCursor } from '../../../state/place.js';
import { keepRunOrder } from '../../../state/run-order.js';
import type { RunScope } from '../../../state/run-scope.js';
import { useShortcuts } from '../../../state/shortcuts.js';
import { NoRuns, UnreadableFilter } from './NoRuns.js';
import { deleteWithUndo, type NamedRun, RenameDialog, restoreAndSay, TagDialog } from './run-actions.js';
import { useRunGroups } from './run-groups.js';
import { type Item, itemKey, treeOf } from './run-items.js';
import { SelectionBar } from './SelectionBar.js';
import { StatusLine } from './StatusLine.js';
import { useSelection } from './selection.js';
import type { ShownColumns } from './shown-columns.js';
import { useFollowedRows } from './use-followed-rows.js';
import { useTableColumns } from './use-table-columns.js';

const Peek = lazy(async () => ({ default: (await import('./Peek.js')).Peek }));

interface TableViewProps {
  scope: RunScope;
  shown: ShownColumns;
  experiments: readonly Experiment[];
  onFilterBy: (reference: string) => void;
  /** The keys that the filter may need are known. */
  isReady: boolean;
  /** False: the filter of the address has a mistake. */
  isReadable: boolean;
}

export function TableView(props: TableViewProps) {
  const { scope, shown, isReady } = props;
  const isGrouped = scope.group !== undefined;
  const rows = useRunRows(scope.which, scope.orderBy, shown.ids, isReady && !isGrouped);
  const counted = useRunCount(scope.which, isReady);
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set());
  const groups = useRunGroups(scope, shown.ids, toggled);
  const error = isGrouped ? groups.error : rows.error;
  const isKnown = isGrouped ? groups.items !== undefined : rows.isKnown;
  // A rank would not survive being parted into families.
  const isTree = scope.sort.every(({ column }) => column === 'started' || column === 'name');
  const items = useMemo<readonly Item[]>(() => {
    if (isGrouped) return groups.items ?? [];
    return treeOf(rows.rows, isTree ? toggled : undefined);
  }, [isGrouped, groups.items, rows.rows, isTree, toggled]);
  const followed = useFollowedRows(scope, rows);
  const onToggle = useCallback((key: string) => setToggled((before) => flipped(before, key)), []);
  if (!isKnown) {
    if (!props.isReadable) return <UnreadableFilter scope={scope} />;
    if (!error) return <Skeleton rows={16} />;
    return <ErrorNotice what="the runs" error={error} onRetry={isGrouped ? groups.refetch : rows.refetch} />;
  }
  const total = counted.data?.total;
  if (items.length === 0) return <NoRuns scope={scope} experiment={props.experiments[0]} />;
  return (
    <Runs {...props} items={items} rows={rows} total={total} onToggle={onToggle}>
      <StatusLine
        scope={scope}
        shown={shown}
        counted={counted.data}
        rows={rows}
        fresh={followed.fresh}
        onShowFresh={followed.show}
        error={isRefusal(error) && scope.filterText ? null : error}
        onRetry={isGrouped ? groups.refetch : rows.refetch}
      />
    </Runs>
  );
}

/** What the server says of a filter stands at the filter. */
const isRefusal = (error: Error | null) => error instanceof MltrackError && error.status === 400;

function flipped(before: ReadonlySet<string>, key: string): ReadonlySet<string> {
  const after = new Set(before);
  if (!after.delete(key)) after.add(key);
  return after;
}

interface RunsProps extends TableViewProps {
  items: readonly Item[];
  rows: RunRows;
  total: number | undefined;
  onToggle: (key: string) => void;
  children: ReactNode;
}

type OpenDialog = { kind: 'rename'; run: NamedRun } | { kind: 'tag'; runIds: readonly string[] };

function Runs({ scope, shown, experiments, items, rows, total, onToggle, onFilterBy, children }: RunsProps) {
  const isNarrow = useNarrow();
  const { rowHeight } = useDensity();
  const { box, cursor } = usePlacedCursor('Runs');
  const [dialog, setDialog] = useState<OpenDialog>();
  const [isPeeking, setPeeking] = useState(false);
  const [, navigate] = useLocation();
  const selection = useSelection(scope, items);
  // A run's page leads to its neighbours here.
  useEffect(() => {
    const shownRuns = items.flatMap((item) => (item.kind === 'run' ? [item.row.info] : []));
    keepRunOrder(shownRuns.map(({ experiment_id, run_id }) => ({ experimentId: experiment_id, runId: run_id })));
  }, [items]);
  const table = useTableColumns({ scope, shown, experiments, items, rows, selection, isNarrow, onToggle, onFilterBy });
  const active = cursor.at && items[cursor.at.row];
  const run = active?.kind === 'run' ? active.row.info : undefined;
  const chosen = scope.selected.length > 0 ? scope.selected : run ? [run.run_id] : [];
  const enter = (by: number) => {
    const grid = box.current?.querySelector<HTMLElement>('[role=grid]');
    grid?.focus({ preventScroll: true });
    const row = cursor.at ? Math.max(0, Math.min(items.length - 1, cursor.at.row + by)) : 0;
    const item = items[row];
    cursor.moveTo({ row, column: cursor.at?.column ?? 1, key: item && itemKey(item) });
  };
  const key = (chord: string, label: string, act: () => void) => ({ chord, label, group: 'Table', run: act });
  useShortcuts([
    key('j', 'Next row', () => enter(1)),
    key('k', 'Previous row', () => enter(-1)),
    key('x', 'Select or unselect the row', () => run && selection.toggle(run.run_id)),
    key('c', 'Compare the selected runs', () => scope.selected.length > 1 && navigate(compareLink(scope.selected))),
    key('p', 'Peek at the run', () => setPeeking((before) => !before)),
    key('e', 'Rename the run', () => run && setDialog({ kind: 'rename', run: { id: run.run_id, name: run.run_name } })),
    key(
      't',
      'Tag the selected runs, or the run',
      () => chosen.length > 0 && setDialog({ kind: 'tag', runIds: chosen }),
    ),
    key('delete', 'Delete the selected runs, or the run', () => remove(chosen)),
  ]);
  const remove = (runIds: readonly string[]) => {
    if (scope.viewType === 'DELETED_ONLY') return;
    scope.setSelected(scope.selected.filter((id) => !runIds.includes(id)));
    deleteWithUndo(runIds);
  };
  const restore = () => {
    scope.setSelected([]);
    restoreAndSay(scope.selected);
  };
  const coming = rows.hasMore && scope.group === undefined ? Math.max(1, (total ?? 0) - rows.rows.length) : 0;
  return (
    <>
      <div className="table-and-peek">
        <Grid
          label="Runs"
          columns={table.columns}
          rows={items}
          count={items.length + coming}
          total={coming > 0 && total === undefined ? undefined : items.length + coming}
          rowKey={itemKey}
          rowHeight={rowHeight}
          cursor={cursor}
          boxRef={box}
          onRange={(_, end) => rows.readTo(end + 30)}
          onKey={selection.onKey}
          isSelected={selection.isSelected}
          rowClass={rowClass}
          onMoveColumn={table.move}
          onResizeColumn={table.resize}
        />
        {isPeeking && run && (
          <ErrorBoundary what="the run">
            <Suspense fallback={null}>
              <Peek runId={run.run_id} experimentId={run.experiment_id} onClose={() => setPeeking(false)} />
            </Suspense>
          </ErrorBoundary>
        )}
      </div>
      <SelectionBar
        scope={scope}
        ids={shown.ids ?? []}
        onTag={() => setDialog({ kind: 'tag', runIds: scope.selected })}
        onDelete={() => remove(scope.selected)}
        onRestore={restore}
      />
      {children}
      {dialog?.kind === 'rename' && <RenameDialog run={dialog.run} onClose={() => setDialog(undefined)} />}
      {dialog?.kind === 'tag' && <TagDialog runIds={dialog.runIds} onClose={() => setDialog(undefined)} />}
    </>
  );
}

const rowClass = (item: Item) => (item.kind === 'group' ? 'group-row' : undefined);
