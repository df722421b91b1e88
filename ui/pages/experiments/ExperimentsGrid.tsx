/** The grid of experiments with what is done to one: renamed, noted, deleted with a way back. */
import { type KeyboardEvent, useCallback, useMemo, useState } from 'react';
import type { Experiment, LifecycleStage } from '../../../api/index.js';
import { Grid } from '../../components/grid/Grid.js';
import type { MenuItem } from '../../components/Menu.js';
import { MoreError } from '../../components/MoreError.js';
import { sortKeys, sortText } from '../../display/run-columns.js';
import { deleteExperiment, restoreExperiment, useExperimentCounts } from '../../queries/experiment-changes.js';
import { primaryMetricOf, useBestValues, useOwners } from '../../queries/experiment-outcomes.js';
import type { More } from '../../queries/more.js';
import { useDensity } from '../../state/browser/density.js';
import { useStars } from '../../state/browser/stars.js';
import { copyText } from '../../state/clipboard.js';
import { useNarrow } from '../../state/media.js';
import { usePlacedCursor } from '../../state/place.js';
import { useSearchParam } from '../../state/search-param.js';
import { useShortcuts } from '../../state/shortcuts.js';
import { toast, toastError } from '../../state/toasts.js';
import { EditNote, RenameExperiment } from './ExperimentDialogs.js';
import { experimentColumns } from './experiment-columns.js';
import { type Item, itemKey, itemsOf } from './experiment-items.js';

interface ExperimentsGridProps {
  experiments: readonly Experiment[];
  stage: LifecycleStage;
  more: More;
  /** Searched for: then folders are open. */
  isNarrowed: boolean;
  selected: readonly string[];
  onSelect: (experimentIds: readonly string[]) => void;
}

type OpenDialog = { kind: 'rename' | 'note'; experiment: Experiment };

async function deleteWithUndo({ experiment_id, name }: Experiment): Promise<void> {
  try {
    await deleteExperiment(experiment_id);
    const undo = () => restoreExperiment(experiment_id).catch((error) => toastError('Not restored', error));
    toast(`Experiment “${name}” deleted`, { action: { label: 'Undo', run: undo } });
  } catch (error) {
    toastError('Not deleted', error);
  }
}

async function restoreAndSay({ experiment_id, name }: Experiment): Promise<void> {
  try {
    await restoreExperiment(experiment_id);
    toast(`Experiment “${name}” restored`);
  } catch (error) {
    toastError('Not restored', error);
  }
}

/** Rows whose outcomes are asked for together, so that not every scrolled row asks anew. */
const BLOCK = 50;

/** What is told of the experiments whose rows are in sight, and of their neighbours. */
function useOutcomes(items: readonly Item[], { start, end }: { start: number; end: number }) {
  const near = items.slice(start, end).filter((item) => item.kind === 'experiment');
  const withRuns = near.filter(({ count }) => count !== undefined).map(({ experiment }) => experiment);
  const ids = new Set(withRuns.map(({ experiment_id }) => experiment_id));
  const all = near.map(({ experiment }) => experiment);
  return { best: useBestValues(withRuns), owners: useOwners(all, (id) => ids.has(id)) };
}

export function ExperimentsGrid(props: ExperimentsGridProps) {
  const { experiments, stage, more, isNarrowed, selected, onSelect } = props;
  const { hasMore, onEnd, retry } = more;
  const isNarrow = useNarrow();
  const { rowHeight } = useDensity();
  const { box, cursor } = usePlacedCursor('Experiments');
  const [sort, setSort] = useSearchParam('sort');
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const [dialog, setDialog] = useState<OpenDialog>();
  const stars = useStars();
  const ids = useMemo(() => experiments.map(({ experiment_id }) => experiment_id), [experiments]);
  const counts = useExperimentCounts(ids);
  const [order] = sortKeys(sort);
  const items = itemsOf({ experiments, counts, stars, sort: order, open: isNarrowed ? undefined : open });
  const [near, setNear] = useState({ start: 0, end: BLOCK });
  const { best, owners } = useOutcomes(items, near);
  const toggle = (folder: string) =>
    setOpen((before) => {
      const after = new Set(before);
      if (!after.delete(folder)) after.add(folder);
      return after;
    });
  const select = (id: string) =>
    onSelect(selected.includes(id) ? selected.filter((each) => each !== id) : [...selected, id]);
  const menuOf = (experiment: Experiment): MenuItem[] => [
    { label: 'Rename', run: () => setDialog({ kind: 'rename', experiment }) },
    { label: 'Edit the note', run: () => setDialog({ kind: 'note', experiment }) },
    { label: 'Copy the id', run: () => copyText(experiment.experiment_id, 'Id copied') },
    stage === 'deleted'
      ? { label: 'Restore', run: () => restoreAndSay(experiment) }
      : { label: 'Delete', isDangerous: true, run: () => deleteWithUndo(experiment) },
  ];
  const columns = experimentColumns({
    sort: order,
    onSort: (key) => setSort(sortText([key])),
    selected: new Set(selected),
    onSelect: select,
    onToggle: toggle,
    best: experiments.some(primaryMetricOf) ? best : undefined,
    owners,
    menuOf,
  }).filter(({ wideOnly }) => !isNarrow || !wideOnly);
  const active = cursor.at && items[cursor.at.row];
  const experiment = active?.kind === 'experiment' ? active.experiment : undefined;
  useExperimentKeys(cursor, items, box, {
    rename: () => experiment && setDialog({ kind: 'rename', experiment }),
    remove: () => experiment && stage === 'active' && deleteWithUndo(experiment),
    select: () => experiment && select(experiment.experiment_id),
  });
  const onKey = (event: KeyboardEvent, item: Item) => {
    if (event.key !== ' ' || item.kind !== 'experiment') return false;
    select(item.experiment.experiment_id);
    return true;
  };
  const onRange = useCallback(
    (first: number, end: number) => {
      const [start, last] = [Math.floor(first / BLOCK) * BLOCK, Math.max(1, Math.ceil(end / BLOCK)) * BLOCK];
      setNear((before) => (before.start === start && before.end === last ? before : { start, end: last }));
      if (hasMore && end >= items.length - 8) onEnd();
    },
    [hasMore, onEnd, items.length],
  );
  return (
    <>
      <Grid
        label="Experiments"
        columns={columns}
        rows={items}
        count={items.length}
        total={hasMore ? undefined : items.length}
        rowKey={itemKey}
        rowHeight={rowHeight}
        cursor={cursor}
        boxRef={box}
        onRange={onRange}
        onKey={onKey}
        isSelected={(item) => item.kind === 'experiment' && selected.includes(item.experiment.experiment_id)}
        rowClass={(item) => (item.kind === 'folder' ? 'group-row' : undefined)}
      />
      <MoreError retry={retry} />
      {dialog?.kind === 'rename' && (
        <RenameExperiment experiment={dialog.experiment} onClose={() => setDialog(undefined)} />
      )}
      {dialog?.kind === 'note' && <EditNote experiment={dialog.experiment} onClose={() => setDialog(undefined)} />}
    </>
  );
}

interface Acts {
  rename: () => void;
  remove: () => void;
  select: () => void;
}

function useExperimentKeys(
  cursor: ReturnType<typeof usePlacedCursor>['cursor'],
  items: readonly Item[],
  box: ReturnType<typeof usePlacedCursor>['box'],
  acts: Acts,
): void {
  const enter = (by: number) => {
    box.current?.querySelector<HTMLElement>('[role=grid]')?.focus({ preventScroll: true });
    const row = cursor.at ? Math.max(0, Math.min(items.length - 1, cursor.at.row + by)) : 0;
    const item = items[row];
    cursor.moveTo({ row, column: cursor.at?.column ?? 1, key: item && itemKey(item) });
  };
  const key = (chord: string, label: string, run: () => void) => ({ chord, label, group: 'Table', run });
  useShortcuts([
    { chord: '/', label: 'Search the experiments', group: 'Experiments', run: focusSearch },
    key('j', 'Next row', () => enter(1)),
    key('k', 'Previous row', () => enter(-1)),
    key('x', 'Select or unselect the row', acts.select),
    key('e', 'Rename the experiment', acts.rename),
    key('delete', 'Delete the experiment', acts.remove),
  ]);
}

const focusSearch = () => document.querySelector<HTMLElement>('main input[type=search]')?.focus();
