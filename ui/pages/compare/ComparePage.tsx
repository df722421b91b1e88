/** Runs side by side: curves of the metrics they have in common, lines over their params, and a table of what differs. */
import { useMemo } from 'react';
import { Link } from 'wouter';
import { type ComparedRuns, MOST_COMPARED, useComparedRuns } from '../../compare/use-compared-runs.js';
import { Empty, Skeleton } from '../../components/Empty.js';
import { Frame } from '../../components/Frame.js';
import { Loaded } from '../../components/Loaded.js';
import { ErrorBoundary } from '../../components/Panel.js';
import { count } from '../../display/numbers.js';
import { experimentLink, experimentsLink } from '../../links.js';
import { useExperimentNames } from '../../queries/experiments.js';
import { useLive } from '../../state/live.js';
import { type PageQuery, usePageQuery } from '../../state/page-query.js';
import { CompareAnalysis } from './CompareAnalysis.js';
import { CompareCharts } from './CompareCharts.js';
import { CompareTable } from './CompareTable.js';

const FEWEST_LINES = 3;

export function ComparePage() {
  const query = usePageQuery();
  const field = query.get('runs');
  const ids = useMemo(() => [...new Set(field.split(',').map((id) => id.trim()))].filter((id) => id !== ''), [field]);
  const compared = useComparedRuns(ids);
  const runs = compared.data?.runs ?? [];
  const isRunning = runs.some(({ info }) => info.status === 'RUNNING');
  useLive(
    { runIds: ids },
    (news) => {
      if (news.anew || news.runs.some(({ run_id }) => ids.includes(run_id))) compared.refetch();
    },
    { isRunning },
  );
  const experimentIds = [...new Set(runs.map(({ info }) => info.experiment_id))];
  const names = useExperimentNames(experimentIds);
  const [only] = experimentIds;
  const title = `Compare ${count(ids.length, 'run')}`;
  const crumbs = [
    { text: 'Experiments', href: experimentsLink },
    ...(only !== undefined && experimentIds.length === 1 ? [{ text: names(only), href: experimentLink(only) }] : []),
    { text: title, href: '' },
  ];
  return (
    <Frame title={title} crumbs={crumbs}>
      <div className="page compare-page">
        <h1>{title}</h1>
        {ids.length === 0 ? (
          <Empty title="No runs to compare">
            <p>Select two or more runs in an experiment’s table, then choose Compare.</p>
            <Link href={experimentsLink}>All experiments</Link>
          </Empty>
        ) : (
          <Loaded query={compared} what="the runs" skeleton={<Skeleton rows={16} />}>
            {(data) => <Body {...data} asked={ids.length} names={names} query={query} />}
          </Loaded>
        )}
      </div>
    </Frame>
  );
}

interface BodyProps extends ComparedRuns {
  asked: number;
  names: (experimentId: string) => string;
  query: PageQuery;
}

function Body({ runs, missing, asked, names, query }: BodyProps) {
  return (
    <>
      <Missing ids={missing} />
      {asked > MOST_COMPARED && (
        <p className="caution" role="status">
          The first {MOST_COMPARED} of {asked.toLocaleString('en')} runs are compared.
        </p>
      )}
      {runs.length === 0 ? (
        <Empty title="None of these runs is there">
          <p>They may have been deleted for good, or they are another server’s.</p>
          <Link href={experimentsLink}>All experiments</Link>
        </Empty>
      ) : (
        <>
          <ErrorBoundary what="the charts">
            <CompareCharts runs={runs} query={query} />
          </ErrorBoundary>
          {runs.length >= FEWEST_LINES && (
            <ErrorBoundary what="the analysis">
              <CompareAnalysis runs={runs} query={query} />
            </ErrorBoundary>
          )}
          <ErrorBoundary what="the comparison">
            <CompareTable runs={runs} names={names} query={query} />
          </ErrorBoundary>
        </>
      )}
    </>
  );
}

function Missing({ ids }: { ids: readonly string[] }) {
  if (ids.length === 0) return null;
  return (
    <div className="notice" role="status">
      <p>
        {ids.length === 1 ? 'There is no run ' : 'There are no runs '}
        {ids.map((id, place) => (
          <span key={id}>
            {place > 0 && ', '}
            <bdi>
              <code>{id}</code>
            </bdi>
          </span>
        ))}
        . {ids.length === 1 ? 'It' : 'They'} may have been deleted for good.
      </p>
    </div>
  );
}
