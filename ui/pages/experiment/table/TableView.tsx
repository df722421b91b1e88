/** The runs of an experiment as a table. */
import { useMemo } from 'react';
import type { Experiment, LifecycleStage } from '../../../../api/index.js';
import { Empty, Skeleton } from '../../../components/Empty.js';
import { Loaded } from '../../../components/Loaded.js';
import { MoreError } from '../../../components/MoreError.js';
import { Snippets } from '../../../components/Snippets.js';
import { count } from '../../../display/numbers.js';
import { useMore } from '../../../queries/more.js';
import { type StartedOrder, useRuns } from '../../../queries/runs.js';
import type { RunScope } from '../../../state/run-scope.js';
import { chooseKeys } from './default-columns.js';
import { RunsTable } from './RunsTable.js';

export function TableView({ scope, experiment }: { scope: RunScope; experiment: Experiment | undefined }) {
  const stage: LifecycleStage = scope.viewType === 'DELETED_ONLY' ? 'deleted' : 'active';
  const order: StartedOrder = scope.sort[0]?.column === 'started' ? 'oldest' : 'newest';
  const query = useRuns({ experimentId: scope.experimentIds[0] ?? '0', stage, order });
  const more = useMore(query);
  const setOrder = (wanted: StartedOrder) =>
    scope.setSort(wanted === 'oldest' ? [{ column: 'started', isDescending: false }] : []);
  const primary = experiment?.tags?.find(({ key }) => key === 'mlflow.primaryMetric')?.value;
  const first = query.data?.slice(0, 100);
  const signature = first?.map(({ info }) => info.run_id).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the ids stand for the runs, which are new objects at every poll
  const keys = useMemo(() => chooseKeys(first ?? [], primary), [signature, primary]);
  return (
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
  );
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
