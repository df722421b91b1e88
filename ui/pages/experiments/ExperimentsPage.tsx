/** All experiments, to find one by name, id or tag. */
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import type { Experiment, LifecycleStage } from '../../../api/index.js';
import { Choice } from '../../components/Choice.js';
import { Empty, Skeleton } from '../../components/Empty.js';
import { Frame } from '../../components/Frame.js';
import { Loaded } from '../../components/Loaded.js';
import { Menu } from '../../components/Menu.js';
import { SearchField } from '../../components/SearchField.js';
import { Snippets } from '../../components/Snippets.js';
import { count } from '../../display/numbers.js';
import { joinList, splitList } from '../../display/run-columns.js';
import { experimentLink, experimentsLink, runsLink } from '../../links.js';
import { useExperiments } from '../../queries/experiments.js';
import { type More, useMore } from '../../queries/more.js';
import { useSearchParam } from '../../state/search-param.js';
import { NewExperiment } from './ExperimentDialogs.js';
import { ExperimentsGrid } from './ExperimentsGrid.js';
import { matches, tagsOf } from './experiment-items.js';

export function ExperimentsPage() {
  const [view] = useSearchParam('view');
  const [sought, setSought] = useSearchParam('q');
  const [tag, setTag] = useSearchParam('tag');
  const [isMaking, setMaking] = useState(false);
  const [, navigate] = useLocation();
  const stage: LifecycleStage = view === 'deleted' ? 'deleted' : 'active';
  const query = useExperiments(stage);
  const more = useMore(query);
  const found = query.data?.filter((experiment) => matches(experiment, sought, tag));
  return (
    <Frame title="Experiments" crumbs={[{ text: 'Experiments', href: experimentsLink }]}>
      <div className="page page-full experiment-page">
        <header className="page-header">
          <h1>Experiments</h1>
        </header>
        <div className="toolbar">
          <SearchField label="Search experiments" value={sought} onChange={setSought} />
          <TagMenu tags={tagsOf(query.data ?? [])} tag={tag} onTag={setTag} />
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
          <button type="button" className="button" onClick={() => setMaking(true)}>
            New experiment
          </button>
        </div>
        <Loaded query={query} what="the experiments" skeleton={<Skeleton rows={12} />}>
          {(all) => (
            <Experiments
              all={all}
              found={found ?? []}
              stage={stage}
              more={more}
              isNarrowed={sought !== '' || tag !== ''}
              onClear={() => {
                setSought('');
                setTag('');
              }}
            />
          )}
        </Loaded>
      </div>
      {isMaking && <NewExperiment onMade={(id) => navigate(experimentLink(id))} onClose={() => setMaking(false)} />}
    </Frame>
  );
}

/** Tags that are offered. */
const MOST_TAGS = 40;

function TagMenu({ tags, tag, onTag }: { tags: string[]; tag: string; onTag: (tag: string) => void }) {
  if (tags.length === 0 && !tag) return null;
  const items = [
    { label: 'Any tag', isChecked: tag === '', run: () => onTag('') },
    ...tags.slice(0, MOST_TAGS).map((each) => ({ label: each, isChecked: each === tag, run: () => onTag(each) })),
  ];
  return (
    <Menu label={tag ? `Tag: ${tag}` : 'Tag'} items={items}>
      {tag ? 'Tag:' : 'Tag'}
      {tag && <bdi className="menu-current">{tag}</bdi>}
      <span aria-hidden="true">▾</span>
    </Menu>
  );
}

interface ExperimentsProps {
  all: Experiment[];
  found: Experiment[];
  stage: LifecycleStage;
  more: More;
  isNarrowed: boolean;
  onClear: () => void;
}

function Experiments({ all, found, stage, more, isNarrowed, onClear }: ExperimentsProps) {
  const [selection, setSelection] = useSearchParam('sel');
  const selected = splitList(selection);
  if (all.length === 0) return <NoExperiments stage={stage} />;
  if (found.length === 0 && !more.hasMore) {
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
      <ExperimentsGrid
        experiments={found}
        stage={stage}
        more={more}
        isNarrowed={isNarrowed}
        selected={selected}
        onSelect={(ids) => setSelection(joinList(ids))}
      />
      {selected.length > 0 && (
        <section className="selection-bar" aria-label="Selected experiments">
          <strong>{count(selected.length, 'experiment')} selected</strong>
          <Link className="button primary" href={runsLink(selected)}>
            Runs of these experiments
          </Link>
          <button type="button" className="button quiet" onClick={() => setSelection('')}>
            Clear
          </button>
        </section>
      )}
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
