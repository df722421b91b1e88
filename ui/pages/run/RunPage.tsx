/** One run: what it is, and its overview, curves and files. */
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { Link, useLocation } from 'wouter';
import { MltrackError, type Run } from '../../../api/index.js';
import { Choice } from '../../components/Choice.js';
import { Skeleton } from '../../components/Empty.js';
import { ErrorNotice } from '../../components/ErrorNotice.js';
import { Frame } from '../../components/Frame.js';
import { Loaded } from '../../components/Loaded.js';
import { ErrorBoundary } from '../../components/Panel.js';
import { experimentLink, experimentsLink, type RunTab, runLink } from '../../links.js';
import { useExperiment } from '../../queries/experiments.js';
import { useRun } from '../../queries/runs.js';
import { useLive } from '../../state/live.js';
import { useVisit } from '../../state/recent.js';
import { useSearchParam } from '../../state/search-param.js';
import { RunArtifacts } from './RunArtifacts.js';
import { RunHeader } from './RunHeader.js';
import { RunLogs } from './RunLogs.js';
import { RunMetrics } from './RunMetrics.js';
import { RunOverview } from './RunOverview.js';
import { RunSystem } from './RunSystem.js';

export function RunPage({ experimentId, runId }: { experimentId: string; runId: string }) {
  const query = useRun(runId);
  const experiment = useExperiment(experimentId);
  const info = query.data?.info;
  useVisit(experimentId, experiment.data?.name);
  useRightExperiment(experimentId, info?.experiment_id, runId);
  const name = info ? info.run_name || info.run_id : runId;
  const crumbs = [
    { text: 'Experiments', href: experimentsLink },
    { text: experiment.data?.name ?? experimentId, href: experimentLink(experimentId) },
    { text: name, href: runLink(experimentId, runId) },
  ];
  const isMissing = query.error instanceof MltrackError && query.error.status === 404;
  return (
    <Frame title={`${name} · Run`} crumbs={crumbs}>
      <div className="page">
        {isMissing && query.error ? (
          <>
            <h1>No run {runId}</h1>
            <ErrorNotice what="this run" error={query.error} onRetry={query.refetch}>
              <Link href={`${experimentLink(experimentId)}?state=deleted`}>Look among the deleted runs</Link>
            </ErrorNotice>
          </>
        ) : (
          <Loaded query={query} what="the run" skeleton={<Skeleton rows={10} />}>
            {(run) => <RunBody run={run} />}
          </Loaded>
        )}
      </div>
    </Frame>
  );
}

/** Run ids are unique, so a link with another experiment in it still finds the run; the URL is put right. */
function useRightExperiment(given: string, right: string | undefined, runId: string): void {
  const [, navigate] = useLocation();
  useEffect(() => {
    if (right !== undefined && right !== given) navigate(runLink(right, runId) + location.search, { replace: true });
  }, [given, right, runId, navigate]);
}

const TABS: { tab: RunTab; label: string }[] = [
  { tab: 'overview', label: 'Overview' },
  { tab: 'metrics', label: 'Metrics' },
  { tab: 'system', label: 'System' },
  { tab: 'artifacts', label: 'Artifacts' },
  { tab: 'logs', label: 'Logs' },
];

function RunBody({ run }: { run: Run }) {
  const [wanted] = useSearchParam('tab');
  const { info } = run;
  const current = TABS.find(({ tab }) => tab === wanted)?.tab ?? 'overview';
  useFollowed(run);
  return (
    <>
      <RunHeader run={run} tab={current} />
      <Choice
        label="Parts of the run"
        look="tabs"
        options={TABS.map(({ tab, label }) => ({
          label,
          href: runLink(info.experiment_id, info.run_id, { tab }),
          isCurrent: tab === current,
        }))}
      />
      <ErrorBoundary key={current} what={`the ${current}`}>
        {current === 'overview' && <RunOverview run={run} />}
        {current === 'metrics' && <RunMetrics run={run} />}
        {current === 'system' && <RunSystem run={run} />}
        {current === 'artifacts' && <RunArtifacts run={run} />}
        {current === 'logs' && <RunLogs run={run} />}
      </ErrorBoundary>
    </>
  );
}

/** What changes about the run is read when the server says so. */
function useFollowed({ info }: Run): void {
  const cache = useQueryClient();
  useLive(
    { runIds: [info.run_id] },
    (news) => {
      if (!news.anew && !news.runs.some(({ run_id }) => run_id === info.run_id)) return;
      for (const kind of ['run', 'small-curves']) cache.invalidateQueries({ queryKey: [kind, info.run_id] });
    },
    { isRunning: info.status === 'RUNNING' },
  );
}
