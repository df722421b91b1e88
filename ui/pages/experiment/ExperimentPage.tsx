/** One experiment: its note and its runs. */
import { useMemo } from 'react';
import { Link } from 'wouter';
import { type Experiment, type LifecycleStage, MltrackError } from '../../../api/index.js';
import { Choice } from '../../components/Choice.js';
import { Empty, Skeleton } from '../../components/Empty.js';
import { ErrorNotice } from '../../components/ErrorNotice.js';
import { Frame } from '../../components/Frame.js';
import { Loaded } from '../../components/Loaded.js';
import { MoreError } from '../../components/MoreError.js';
import { Note } from '../../components/Note.js';
import { Snippets } from '../../components/Snippets.js';
import { UserText } from '../../components/UserText.js';
import { count } from '../../display/numbers.js';
import { experimentLink, experimentsLink } from '../../links.js';
import { useExperiment } from '../../queries/experiments.js';
import { useMore } from '../../queries/more.js';
import { type StartedOrder, useRuns } from '../../queries/runs.js';
import { useVisit } from '../../state/recent.js';
import { useSearchParam } from '../../state/search-param.js';
import { RunsTable } from './RunsTable.js';
import { chooseKeys } from './run-columns.js';

export function ExperimentPage({ id }: { id: string }) {
  const query = useExperiment(id);
  const experiment = query.data;
  const name = experiment?.name;
  useVisit(id, name);
  const crumbs = [
    { text: 'Experiments', href: experimentsLink },
    { text: name ?? id, href: experimentLink(id) },
  ];
  const isMissing = query.error instanceof MltrackError && query.error.status === 404;
  return (
    <Frame title={`${name ?? id} · Experiment`} crumbs={crumbs}>
      <div className="page page-full">
        <header className="page-header">
          <h1>
            <UserText text={name ?? `Experiment ${id}`} cut="middle" />
          </h1>
          {experiment?.lifecycle_stage === 'deleted' && <span className="badge">Deleted</span>}
        </header>
        {query.error && !experiment ? (
          <ErrorNotice what={`experiment ${id}`} error={query.error} onRetry={query.refetch}>
            {isMissing && <Link href={experimentsLink}>All experiments</Link>}
          </ErrorNotice>
        ) : (
          <>
            {experiment && <Note tags={experiment.tags} />}
            <Runs id={id} experiment={experiment} />
          </>
        )}
      </div>
    </Frame>
  );
}

function Runs({ id, experiment }: { id: string; experiment: Experiment | undefined }) {
  const [state] = useSearchParam('state');
  const [sort, setSort] = useSearchParam('sort');
  // Deleting an experiment deletes its runs, so there is nothing else to see in one.
  const isDeleted = state === 'deleted' || (state === '' && experiment?.lifecycle_stage === 'deleted');
  const stage: LifecycleStage = isDeleted ? 'deleted' : 'active';
  const order: StartedOrder = sort === 'started' ? 'oldest' : 'newest';
  const query = useRuns({ experimentId: id, stage, order });
  const more = useMore(query);
  const setOrder = (wanted: StartedOrder) => setSort(wanted === 'oldest' ? 'started' : '');
  const primary = experiment?.tags?.find(({ key }) => key === 'mlflow.primaryMetric')?.value;
  // Chosen from the first page alone: columns that change while one scrolls would be worse than imperfect ones.
  const first = query.data?.slice(0, 100);
  const signature = first?.map(({ info }) => info.run_id).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the ids stand for the runs, which are new objects at every poll
  const keys = useMemo(() => chooseKeys(first ?? [], primary), [signature, primary]);
  return (
    <>
      <div className="toolbar">
        <Choice label="Which runs" look="segments" options={stageOptions(id, stage, sort)} />
        <button type="button" className="button" onClick={() => query.refetch()}>
          Refresh
        </button>
      </div>
      <Loaded query={query} what="the runs" skeleton={<Skeleton rows={16} />}>
        {(runs) =>
          runs.length === 0 ? (
            <NoRuns stage={stage} experiment={experiment} />
          ) : (
            <>
              <RunsTable
                runs={runs}
                keys={keys}
                order={order}
                onOrder={setOrder}
                hasMore={more.hasMore}
                onEnd={more.onEnd}
              />
              <MoreError retry={more.retry} />
              <StatusLine shown={runs.length} hasMore={more.hasMore} constantParams={keys.constantParams} />
            </>
          )
        }
      </Loaded>
    </>
  );
}

function stageOptions(id: string, stage: LifecycleStage, sort: string) {
  const link = (state: string) => `${experimentLink(id)}?state=${state}${sort ? `&sort=${sort}` : ''}`;
  return [
    { label: 'Active', href: link('active'), isCurrent: stage === 'active' },
    { label: 'Deleted', href: link('deleted'), isCurrent: stage === 'deleted' },
  ];
}

function StatusLine({ shown, hasMore, constantParams }: { shown: number; hasMore: boolean; constantParams: number }) {
  return (
    <p className="status-line">
      <span role="status">
        {count(shown, 'run')}
        {hasMore && ' so far, more as you scroll'}
      </span>
      {constantParams > 0 && <span> · {count(constantParams, 'param')} the same in all and not shown</span>}
    </p>
  );
}

function NoRuns({ stage, experiment }: { stage: LifecycleStage; experiment: Experiment | undefined }) {
  if (stage === 'deleted') return <Empty title="No deleted runs" />;
  return (
    <Empty title="No runs yet">
      <p>Nothing has been logged to this experiment. A first run:</p>
      <Snippets experiment={experiment?.name} />
    </Empty>
  );
}
