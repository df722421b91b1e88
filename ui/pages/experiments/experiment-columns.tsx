/** The columns of the list of experiments. */
import { Link } from 'wouter';
import type { Experiment } from '../../../api/index.js';
import type { Column } from '../../components/grid/column.js';
import { Menu, type MenuItem } from '../../components/Menu.js';
import { Nothing, Time } from '../../components/Time.js';
import { UserText } from '../../components/UserText.js';
import { count, fullNumber, shortNumber } from '../../display/numbers.js';
import type { SortKey } from '../../display/run-columns.js';
import { experimentLink } from '../../links.js';
import { noteOf } from '../../notes/Note.js';
import { primaryMetricOf } from '../../queries/experiment-outcomes.js';
import { toggleStar } from '../../state/browser/stars.js';
import type { ExperimentItem, FolderItem, Item } from './experiment-items.js';

export interface ColumnContext {
  sort: SortKey | undefined;
  onSort: (key: SortKey) => void;
  selected: ReadonlySet<string>;
  onSelect: (experimentId: string) => void;
  onToggle: (folder: string) => void;
  /** By experiment; undefined where none has a chosen metric, and the column is left out. */
  best: ReadonlyMap<string, number> | undefined;
  owners: ReadonlyMap<string, string>;
  menuOf: (experiment: Experiment) => readonly MenuItem[];
}

export function experimentColumns(context: ColumnContext): Column<Item>[] {
  const ofExperiment = (cell: (item: ExperimentItem) => React.ReactNode) => (item: Item) =>
    item.kind === 'experiment' && cell(item);
  return [
    {
      id: 'select',
      label: <span className="visually-hidden">Selected and starred</span>,
      width: 64,
      cell: ofExperiment((item) => <Marks item={item} context={context} />),
    },
    {
      ...sortable('name', 'Name', context),
      width: 230,
      isRowHeader: true,
      grows: true,
      cell: (item) =>
        item.kind === 'experiment' ? <Name item={item} /> : <Folder item={item} onToggle={context.onToggle} />,
    },
    {
      ...sortable('runs', 'Runs', context),
      width: 78,
      align: 'end',
      cell: (item) => (
        <span className="number">
          {(item.kind === 'folder' ? item.runs : (item.count?.total ?? 0)).toLocaleString('en')}
        </span>
      ),
    },
    {
      id: 'running',
      label: 'Running now',
      width: 110,
      wideOnly: true,
      cell: ofExperiment(({ count: of }) => <Running count={of?.running ?? 0} />),
    },
    {
      ...sortable('last', 'Last run', context),
      width: 100,
      cell: ofExperiment(({ count: of }) => <Time at={of?.latest_start_time} />),
    },
    {
      ...sortable('created', 'Created', context),
      width: 96,
      wideOnly: true,
      cell: ofExperiment(({ experiment }) => <Time at={experiment.creation_time} />),
    },
    ...(context.best ? [bestColumn(context.best, ofExperiment)] : []),
    {
      id: 'owner',
      label: 'Owner',
      width: 84,
      wideOnly: true,
      cell: ofExperiment(({ experiment }) => {
        const owner = context.owners.get(experiment.experiment_id);
        return owner ? <UserText text={owner} /> : <Nothing />;
      }),
    },
    {
      id: 'tags',
      label: 'Tags',
      width: 120,
      wideOnly: true,
      cell: ofExperiment(({ experiment }) => <Tags tags={experiment.tags ?? []} />),
    },
    {
      id: 'note',
      label: 'Note',
      width: 120,
      wideOnly: true,
      cell: ofExperiment(({ experiment }) => <FirstLine text={noteOf(experiment.tags)} />),
    },
    {
      id: 'menu',
      label: <span className="visually-hidden">More</span>,
      width: 44,
      cell: ofExperiment(({ experiment }) => (
        <Menu
          label={`More for ${experiment.name}`}
          items={context.menuOf(experiment)}
          className="caret"
          isTabStop={false}
        >
          <svg viewBox="0 0 16 16" className="icon" aria-hidden="true">
            <path d="M3.500 8h.01M8 8h.01M12.500 8h.01" strokeWidth="2.500" />
          </svg>
        </Menu>
      )),
    },
  ];
}

function bestColumn(
  best: ReadonlyMap<string, number>,
  ofExperiment: (cell: (item: ExperimentItem) => React.ReactNode) => Column<Item>['cell'],
): Column<Item> {
  return {
    id: 'best',
    label: 'Best value',
    width: 130,
    wideOnly: true,
    cell: ofExperiment(({ experiment }) => {
      const value = best.get(experiment.experiment_id);
      const metric = primaryMetricOf(experiment);
      if (value === undefined || metric === undefined) return <Nothing />;
      return (
        <span className="best-value">
          <span className="number" title={fullNumber(value)}>
            {shortNumber(value)}
          </span>{' '}
          <span className="muted">
            <UserText text={metric} />
          </span>
        </span>
      );
    }),
  };
}

function sortable(id: string, label: string, { sort, onSort }: ColumnContext) {
  const isCurrent = sort?.column === id;
  // Counts and times begin with the greatest.
  const isDescending = isCurrent ? !sort.isDescending : id !== 'name';
  return {
    id,
    label,
    sorted: isCurrent ? (sort.isDescending ? ('descending' as const) : ('ascending' as const)) : undefined,
    onSort: () => onSort({ column: id, isDescending }),
  };
}

function Marks({ item, context }: { item: ExperimentItem; context: ColumnContext }) {
  const { experiment_id, name } = item.experiment;
  return (
    <span className="select-cell">
      <label className="select-target">
        <input
          type="checkbox"
          aria-label={`Select ${name}`}
          checked={context.selected.has(experiment_id)}
          onChange={() => context.onSelect(experiment_id)}
        />
      </label>
      <button
        type="button"
        className="caret star"
        aria-pressed={item.isStarred}
        aria-label={`Star ${name}`}
        onClick={() => toggleStar(experiment_id)}
      >
        <svg viewBox="0 0 16 16" className="icon" aria-hidden="true">
          <path d="M8 2.500 9.700 6.200 13.500 6.600 10.700 9.200 11.500 13 8 11 4.500 13 5.300 9.200 2.500 6.600 6.300 6.200Z" />
        </svg>
      </button>
    </span>
  );
}

function Name({ item: { experiment, said } }: { item: ExperimentItem }) {
  return (
    <span className="name-cell" style={said ? { paddingInlineStart: 28 } : undefined}>
      <Link href={experimentLink(experiment.experiment_id)}>
        {said && <span className="visually-hidden">{said}</span>}
        <UserText text={experiment.name.slice(said.length)} cut="middle" />
      </Link>
    </span>
  );
}

function Folder({ item, onToggle }: { item: FolderItem; onToggle: (folder: string) => void }) {
  return (
    <span className="name-cell">
      <button
        type="button"
        className="caret"
        aria-expanded={item.isOpen}
        aria-label={`${item.name} ${count(item.experiments, 'experiment')}`}
        onClick={() => onToggle(item.name)}
      >
        <svg viewBox="0 0 16 16" className="icon" aria-hidden="true">
          <path d={item.isOpen ? 'M4.500 6.500 8 10 11.500 6.500' : 'M6.500 4.500 10 8 6.500 11.500'} />
        </svg>
      </button>
      <UserText text={item.name} />
      <span className="muted">{count(item.experiments, 'experiment')}</span>
    </span>
  );
}

function Running({ count: running }: { count: number }) {
  if (running === 0) return <Nothing />;
  return (
    <span className="running">
      <span className="running-dot" aria-hidden="true" />
      {running.toLocaleString('en')} running
    </span>
  );
}

function Tags({ tags }: { tags: readonly { key: string; value: string }[] }) {
  const own = tags.filter(({ key }) => !key.startsWith('mlflow.'));
  if (own.length === 0) return <Nothing />;
  return (
    <span className="chips">
      {own.map(({ key, value }) => (
        <span key={key} className="chip">
          <UserText text={`${key}: ${value}`} />
        </span>
      ))}
    </span>
  );
}

function FirstLine({ text }: { text: string | undefined }) {
  return text ? <UserText text={text.split('\n')[0] ?? ''} /> : <Nothing />;
}
