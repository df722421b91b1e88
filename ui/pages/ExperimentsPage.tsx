/** All experiments, to find one by name, id or tag. */
import { Link } from 'wouter';
import type { Experiment, LifecycleStage } from '../../api/index.js';
import { Choice } from '../components/Choice.js';
import { Empty, Skeleton } from '../components/Empty.js';
import { Frame } from '../components/Frame.js';
import { Loaded } from '../components/Loaded.js';
import { MoreError } from '../components/MoreError.js';
import { SearchField } from '../components/SearchField.js';
import { Snippets } from '../components/Snippets.js';
import { Nothing, Time } from '../components/Time.js';
import { UserText } from '../components/UserText.js';
import { type Column, VirtualTable } from '../components/VirtualTable.js';
import { count } from '../display/numbers.js';
import { experimentLink, experimentsLink } from '../links.js';
import { useExperiments } from '../queries/experiments.js';
import { type More, useMore } from '../queries/more.js';
import { useSearchParam } from '../state/search-param.js';

export function ExperimentsPage() {
  const [view] = useSearchParam('view');
  const [sought, setSought] = useSearchParam('q');
  const stage: LifecycleStage = view === 'deleted' ? 'deleted' : 'active';
  const query = useExperiments(stage);
  const more = useMore(query);
  const found = query.data?.filter((experiment) => matches(experiment, sought));
  return (
    <Frame title="Experiments" crumbs={[{ text: 'Experiments', href: experimentsLink }]}>
      <div className="page page-full">
        <header className="page-header">
          <h1>Experiments</h1>
        </header>
        <div className="toolbar">
          <SearchField label="Search experiments" value={sought} onChange={setSought} />
          <Choice
            label="Which experiments"
            look="segments"
            options={[
              { label: 'Active', href: experimentsLink, isCurrent: stage === 'active' },
              { label: 'Deleted', href: `${experimentsLink}?view=deleted`, isCurrent: stage === 'deleted' },
            ]}
          />
          {found && (
            <p className="toolbar-end muted" role="status">
              {count(found.length, 'experiment')}
              {query.hasNextPage && ' so far'}
            </p>
          )}
        </div>
        <Loaded query={query} what="the experiments" skeleton={<Skeleton rows={12} />}>
          {(all) => (
            <Experiments all={all} found={found ?? []} stage={stage} more={more} onClear={() => setSought('')} />
          )}
        </Loaded>
      </div>
    </Frame>
  );
}

function matches({ name, experiment_id, tags }: Experiment, sought: string): boolean {
  const words = sought.toLowerCase().split(/\s+/);
  const text = [name, experiment_id, ...(tags ?? []).map(({ key, value }) => `${key}=${value}`)]
    .join('\n')
    .toLowerCase();
  return words.every((word) => text.includes(word));
}

interface ExperimentsProps {
  all: Experiment[];
  found: Experiment[];
  stage: LifecycleStage;
  more: More;
  onClear: () => void;
}

function Experiments({ all, found, stage, more: { hasMore, onEnd, retry }, onClear }: ExperimentsProps) {
  if (all.length === 0) return <NoExperiments stage={stage} />;
  if (found.length === 0 && !hasMore) {
    return (
      <Empty title="No experiment matches the search">
        <button type="button" className="button" onClick={onClear}>
          Clear the search
        </button>
      </Empty>
    );
  }
  const isFresh = all.length === 1 && all[0]?.experiment_id === '0' && stage === 'active';
  return (
    <>
      <VirtualTable
        label="Experiments"
        columns={COLUMNS}
        rows={found}
        rowKey={({ experiment_id }) => experiment_id}
        hasMore={hasMore}
        onEnd={onEnd}
      />
      <MoreError retry={retry} />
      {isFresh && (
        <Empty title="Log a first run">
          <p>Only the default experiment is here yet. Either of these makes another one:</p>
          <Snippets />
        </Empty>
      )}
    </>
  );
}

function NoExperiments({ stage }: { stage: LifecycleStage }) {
  if (stage === 'deleted') {
    return (
      <Empty title="No deleted experiments">
        <p>
          <Link href={experimentsLink}>Show the active ones</Link>
        </p>
      </Empty>
    );
  }
  return (
    <Empty title="No experiments yet">
      <p>The first run makes one:</p>
      <Snippets />
    </Empty>
  );
}

const COLUMNS: Column<Experiment>[] = [
  {
    id: 'name',
    label: 'Name',
    width: 220,
    cell: ({ experiment_id, name }) => (
      <Link href={experimentLink(experiment_id)}>
        <UserText text={name} cut="middle" />
      </Link>
    ),
  },
  { id: 'id', label: 'Id', width: 170, wideOnly: true, cell: ({ experiment_id }) => <UserText text={experiment_id} /> },
  { id: 'created', label: 'Created', width: 110, wideOnly: true, cell: (each) => <Time at={each.creation_time} /> },
  { id: 'updated', label: 'Updated', width: 110, cell: (each) => <Time at={each.last_update_time} /> },
  { id: 'tags', label: 'Tags', width: 240, wideOnly: true, cell: ({ tags }) => <Tags tags={tags ?? []} /> },
  { id: 'note', label: 'Note', width: 280, wideOnly: true, cell: ({ tags }) => <FirstLine tags={tags ?? []} /> },
];

type Tag = { key: string; value: string };

function Tags({ tags }: { tags: Tag[] }) {
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

function FirstLine({ tags }: { tags: Tag[] }) {
  const note = tags.find(({ key }) => key === 'mlflow.note.content')?.value.trim();
  return note ? <UserText text={note.split('\n')[0] ?? ''} /> : <Nothing />;
}
