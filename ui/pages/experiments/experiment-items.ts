/** The rows of the list: experiments, narrowed and ordered, and where there are many the folders that their names make. */
import type { Experiment } from '../../../api/index.js';
import type { SortKey } from '../../display/run-columns.js';
import type { ExperimentCount } from '../../queries/experiment-changes.js';

export interface ExperimentItem {
  kind: 'experiment';
  experiment: Experiment;
  count: ExperimentCount | undefined;
  isStarred: boolean;
  /** What of the name a folder above it has said already. */
  said: string;
}

export interface FolderItem {
  kind: 'folder';
  /** With its slash: `team-a/`. */
  name: string;
  experiments: number;
  runs: number;
  isOpen: boolean;
}

export type Item = ExperimentItem | FolderItem;

export const itemKey = (item: Item) =>
  item.kind === 'experiment' ? item.experiment.experiment_id : `folder ${item.name}`;

/** From so many experiments on, those of one prefix are put together. */
const MANY = 30;

interface Wanted {
  experiments: readonly Experiment[];
  counts: ReadonlyMap<string, ExperimentCount> | undefined;
  stars: ReadonlySet<string>;
  sort: SortKey | undefined;
  /** Folders that are open; all are where undefined. */
  open: ReadonlySet<string> | undefined;
}

export function itemsOf({ experiments, counts, stars, sort, open }: Wanted): Item[] {
  const all = experiments
    .map(
      (experiment): ExperimentItem => ({
        kind: 'experiment',
        experiment,
        count: counts?.get(experiment.experiment_id),
        isStarred: stars.has(experiment.experiment_id),
        said: '',
      }),
    )
    .sort(byOrder(sort));
  if (all.length <= MANY) return all;
  const folders = new Map<string, ExperimentItem[]>();
  for (const item of all) folders.set(folderOf(item), [...(folders.get(folderOf(item)) ?? []), item]);
  const items: Item[] = [];
  const placed = new Set<string>();
  for (const item of all) {
    const folder = folderOf(item);
    const members = folders.get(folder) ?? [];
    if (folder === '' || members.length < 2) items.push(item);
    else if (!placed.has(folder)) {
      placed.add(folder);
      const isOpen = open === undefined || open.has(folder);
      const runs = members.reduce((sum, { count }) => sum + (count?.total ?? 0), 0);
      items.push({ kind: 'folder', name: folder, experiments: members.length, runs, isOpen });
      if (isOpen) items.push(...members.map((member) => ({ ...member, said: folder })));
    }
  }
  return items;
}

/** What has a star stands by itself. */
function folderOf({ experiment, isStarred }: ExperimentItem): string {
  const at = experiment.name.indexOf('/');
  return isStarred || at <= 0 ? '' : experiment.name.slice(0, at + 1);
}

const collator = new Intl.Collator('en', { numeric: true });

/** Stars first, then as asked; without a wish the newest first, as they came. */
function byOrder(sort: SortKey | undefined): (a: ExperimentItem, b: ExperimentItem) => number {
  const sign = sort?.isDescending ? -1 : 1;
  const compare = (a: ExperimentItem, b: ExperimentItem): number => {
    switch (sort?.column) {
      case 'name':
        return collator.compare(a.experiment.name, b.experiment.name);
      case 'runs':
        return (a.count?.total ?? 0) - (b.count?.total ?? 0);
      case 'last':
        return (a.count?.latest_start_time ?? 0) - (b.count?.latest_start_time ?? 0);
      case 'created':
        return (a.experiment.creation_time ?? 0) - (b.experiment.creation_time ?? 0);
      default:
        return 0;
    }
  };
  return (a, b) => Number(b.isStarred) - Number(a.isStarred) || sign * compare(a, b);
}

/** Whether an experiment has every word in its name, id or tags, and the tag that is asked for. */
export function matches({ name, experiment_id, tags }: Experiment, sought: string, tag: string): boolean {
  if (tag && !tags?.some(({ key, value }) => `${key}=${value}` === tag)) return false;
  const words = sought.toLowerCase().split(/\s+/);
  const text = [name, experiment_id, ...(tags ?? []).map(({ key, value }) => `${key}=${value}`)]
    .join('\n')
    .toLowerCase();
  return words.every((word) => text.includes(word));
}

/** The tags that the experiments have, `key=value`, the most frequent first. */
export function tagsOf(experiments: readonly Experiment[]): string[] {
  const counts = new Map<string, number>();
  for (const { tags } of experiments) {
    for (const { key, value } of tags ?? []) {
      if (key.startsWith('mlflow.')) continue;
      const tag = `${key}=${value}`;
      counts.set(tag, (counts.get(tag) ?? 0) + 1);
    }
  }
  return [...counts].sort(([a, n], [b, m]) => m - n || collator.compare(a, b)).map(([tag]) => tag);
}
