/** One experiment, or several side by side: their runs as a table, as curves, or analysed. */
import { lazy, Suspense } from 'react';
import { Link } from 'wouter';
import { MltrackError } from '../../../api/index.js';
import { Skeleton } from '../../components/Empty.js';
import { ErrorNotice } from '../../components/ErrorNotice.js';
import { Frame } from '../../components/Frame.js';
import { Menu } from '../../components/Menu.js';
import { ErrorBoundary } from '../../components/Panel.js';
import { UserText } from '../../components/UserText.js';
import { count } from '../../display/numbers.js';
import { experimentLink, experimentsLink, runsLink } from '../../links.js';
import { Note } from '../../notes/Note.js';
import { useExperiment } from '../../queries/experiments.js';
import { useVisit } from '../../state/recent.js';
import { type RunScope, useRunScope } from '../../state/run-scope.js';
import { TableView } from './table/TableView.js';

const ChartsView = lazy(async () => ({ default: (await import('./charts/ChartsView.js')).ChartsView }));
const AnalysisView = lazy(async () => ({ default: (await import('./analysis/AnalysisView.js')).AnalysisView }));

const asItIs = (text: string) => text;

export function ExperimentPage({ experimentIds }: { experimentIds: readonly string[] }) {
  const [id = ''] = experimentIds;
  const isOne = experimentIds.length === 1;
  const query = useExperiment(id);
  const experiment = query.data;
  const name = isOne ? (experiment?.name ?? id) : count(experimentIds.length, 'experiment');
  useVisit(id, isOne ? experiment?.name : undefined);
  // Deleting an experiment deletes its runs, so there is nothing else to see in one.
  const scope = useRunScope(experimentIds, asItIs, experiment?.lifecycle_stage === 'deleted' ? 'deleted' : 'active');
  const crumbs = [
    { text: 'Experiments', href: experimentsLink },
    { text: name, href: isOne ? experimentLink(id) : runsLink(experimentIds) },
  ];
  const isMissing = query.error instanceof MltrackError && query.error.status === 404;
  return (
    <Frame title={`${name} · Experiment`} crumbs={crumbs}>
      <div className="page page-full">
        <header className="page-header">
          <h1>
            <UserText text={name} cut="middle" />
          </h1>
          {experiment?.lifecycle_stage === 'deleted' && <span className="badge">Deleted</span>}
        </header>
        {query.error && !experiment ? (
          <ErrorNotice what={`experiment ${id}`} error={query.error} onRetry={query.refetch}>
            {isMissing && <Link href={experimentsLink}>All experiments</Link>}
          </ErrorNotice>
        ) : (
          <>
            {isOne && experiment && <Note tags={experiment.tags} />}
            <div className="toolbar">
              <ViewSwitch scope={scope} />
              <StateMenu scope={scope} />
            </div>
            <ErrorBoundary what="the runs">
              <Suspense fallback={<Skeleton rows={12} />}>
                <Body scope={scope} experiment={experiment} />
              </Suspense>
            </ErrorBoundary>
          </>
        )}
      </div>
    </Frame>
  );
}

const VIEWS = ['table', 'charts', 'analysis'] as const;
type View = (typeof VIEWS)[number];
const LABELS: Record<View, string> = { table: 'Table', charts: 'Charts', analysis: 'Analysis' };

const viewOf = (scope: RunScope): View => VIEWS.find((view) => view === scope.get('view')) ?? 'table';

function Body({ scope, experiment }: { scope: RunScope; experiment: Parameters<typeof TableView>[0]['experiment'] }) {
  const view = viewOf(scope);
  if (view === 'charts') return <ChartsView scope={scope} />;
  if (view === 'analysis') return <AnalysisView scope={scope} />;
  return <TableView scope={scope} experiment={experiment} />;
}

function ViewSwitch({ scope }: { scope: RunScope }) {
  const current = viewOf(scope);
  return (
    <fieldset className="segments" aria-label="View">
      {VIEWS.map((view) => (
        <button
          key={view}
          type="button"
          aria-pressed={view === current}
          onClick={() => scope.set({ view: view === 'table' ? undefined : view }, { isPush: true })}
        >
          {LABELS[view]}
        </button>
      ))}
    </fieldset>
  );
}

const STATES = [
  ['active', 'Active', 'ACTIVE_ONLY'],
  ['deleted', 'Deleted', 'DELETED_ONLY'],
  ['all', 'Active and deleted', 'ALL'],
] as const;

function StateMenu({ scope }: { scope: RunScope }) {
  const items = STATES.map(([state, label, viewType]) => ({
    label,
    isChecked: viewType === scope.viewType,
    run: () => scope.set({ state }, { isPush: true }),
  }));
  return <Menu label={`State: ${items.find(({ isChecked }) => isChecked)?.label}`} items={items} />;
}
