/** One experiment, or several side by side: their runs as a table, as curves, or analysed. */
import { useQueries } from '@tanstack/react-query';
import { lazy, Suspense, useCallback, useMemo, useRef } from 'react';
import { Link, useLocation } from 'wouter';
import { type Experiment, MltrackError, type RunKey } from '../../../api/index.js';
import { Skeleton } from '../../components/Empty.js';
import { ErrorNotice } from '../../components/ErrorNotice.js';
import { Frame } from '../../components/Frame.js';
import { ErrorBoundary } from '../../components/Panel.js';
import { UserText } from '../../components/UserText.js';
import { count } from '../../display/numbers.js';
import { joinList, keyColumnId } from '../../display/run-columns.js';
import { checkFilter, type KnownKey } from '../../filter/check.js';
import { experimentLink, experimentsLink, runsLink } from '../../links.js';
import { Note } from '../../notes/Note.js';
import { experimentQuery } from '../../queries/experiments.js';
import { useRunCount, useRunKeys } from '../../queries/run-rows.js';
import { usePageQuery } from '../../state/page-query.js';
import { type PaletteItem, usePaletteItems } from '../../state/palette.js';
import { useVisit } from '../../state/recent.js';
import { type RunScope, useRunScope, viewTypeOf } from '../../state/run-scope.js';
import { useShortcuts } from '../../state/shortcuts.js';
import { ExperimentMenu } from './ExperimentMenu.js';
import { type ShownColumns, useShownColumns } from './table/shown-columns.js';
import { TableView } from './table/TableView.js';
import { ExperimentToolbar } from './toolbar/ExperimentToolbar.js';
import type { FilterBoxHandle } from './toolbar/FilterBox.js';
import { showView, VIEWS, viewOf } from './toolbar/ViewSwitch.js';

const ChartsView = lazy(async () => ({ default: (await import('./charts/ChartsView.js')).ChartsView }));
const AnalysisView = lazy(async () => ({ default: (await import('./analysis/AnalysisView.js')).AnalysisView }));

export function ExperimentPage({ experimentIds }: { experimentIds: readonly string[] }) {
  const [id = ''] = experimentIds;
  const isOne = experimentIds.length === 1;
  const { experiments, error, refetch } = useExperimentsById(experimentIds);
  const experiment = isOne ? experiments[0] : undefined;
  const name = isOne ? (experiment?.name ?? id) : count(experimentIds.length, 'experiment');
  useVisit(id, experiment?.name);
  const crumbs = [
    { text: 'Experiments', href: experimentsLink },
    { text: name, href: isOne ? experimentLink(id) : runsLink(experimentIds) },
  ];
  const isMissing = error instanceof MltrackError && error.status === 404;
  return (
    <Frame title={`${name} · Experiment`} crumbs={crumbs}>
      <div className="page page-full experiment-page">
        <header className="page-header">
          <h1>
            <UserText text={name} cut="middle" />
          </h1>
          {experiment?.lifecycle_stage === 'deleted' && <span className="badge">Deleted</span>}
          {experiment && <ExperimentMenu experiment={experiment} />}
          {experiment && <Note tags={experiment.tags} />}
        </header>
        {error && experiments.length === 0 ? (
          <ErrorNotice what={`experiment ${id}`} error={error} onRetry={refetch}>
            {isMissing && <Link href={experimentsLink}>All experiments</Link>}
          </ErrorNotice>
        ) : (
          <ExperimentRuns experimentIds={experimentIds} experiments={experiments} />
        )}
      </div>
    </Frame>
  );
}

function useExperimentsById(ids: readonly string[]) {
  return useQueries({
    queries: ids.map(experimentQuery),
    combine: (results) => ({
      experiments: results.flatMap(({ data }) => data ?? []),
      error: results.find((result) => result.error)?.error ?? null,
      refetch: () => {
        for (const result of results) result.refetch();
      },
    }),
  });
}

interface ExperimentRunsProps {
  experimentIds: readonly string[];
  experiments: readonly Experiment[];
}

function ExperimentRuns({ experimentIds, experiments }: ExperimentRunsProps) {
  const { get } = usePageQuery();
  // Deleting an experiment deletes its runs, so there is nothing else to see in one.
  const isAllDeleted = experiments.length > 0 && experiments.every((each) => each.lifecycle_stage === 'deleted');
  const usual = isAllDeleted ? 'deleted' : 'active';
  const keys = useRunKeys(experimentIds, viewTypeOf(get('state'), usual));
  const known = useMemo(() => (keys.data?.keys ?? []).map(asKnown), [keys.data]);
  const compile = useCallback((text: string) => checkFilter(text, known).filter, [known]);
  const scope = useRunScope(experimentIds, compile, usual);
  const shown = useShownColumns(scope, keys, experiments.length === 1 ? experiments[0] : undefined);
  // A filter that cannot be read is told at the filter, and not sent.
  const isReadable = checkFilter(scope.filterText, known).problem === undefined;
  const isReady = isReadable && (scope.filterText === '' || keys.data !== undefined || keys.error !== null);
  const counted = useRunCount(scope.which, isReady);
  const filterBox = useRef<FilterBoxHandle>(null);
  const beginFilter = useCallback((reference: string) => filterBox.current?.begin(reference), []);
  useExperimentKeys(scope, filterBox);
  useColumnItems(scope, shown);
  return (
    <>
      <ExperimentToolbar
        scope={scope}
        shown={shown}
        known={known}
        refusal={scope.filterText ? refusalOf(counted.error) : undefined}
        filterBox={filterBox}
      />
      <ErrorBoundary what="the runs">
        <Suspense fallback={<Skeleton rows={12} />}>
          {viewOf(scope) === 'charts' && <ChartsView scope={scope} />}
          {viewOf(scope) === 'analysis' && <AnalysisView scope={scope} />}
          {viewOf(scope) === 'table' && (
            <TableView
              scope={scope}
              shown={shown}
              experiments={experiments}
              onFilterBy={beginFilter}
              isReady={isReady}
              isReadable={isReadable}
            />
          )}
        </Suspense>
      </ErrorBoundary>
    </>
  );
}

const KINDS = { PARAM: 'params', METRIC: 'metrics', TAG: 'tags' } as const;

const asKnown = ({ kind, key, examples }: RunKey): KnownKey => ({ kind: KINDS[kind], key, examples });

/** A filter that the server does not take is told at the filter. */
const refusalOf = (error: Error | null) =>
  error instanceof MltrackError && error.status === 400 ? error.message : undefined;

/** Columns in the palette: to be shown, hidden, or ordered by. */
function useColumnItems(scope: RunScope, { ids = [], keys }: ShownColumns): void {
  usePaletteItems(() =>
    keys.flatMap(({ kind, key }): PaletteItem[] => {
      const id = keyColumnId({ kind: KINDS[kind], key });
      const isShown = ids.includes(id);
      const cols = joinList(isShown ? ids.filter((each) => each !== id) : [...ids, id]);
      return [
        { group: 'Column', label: `${isShown ? 'Hide' : 'Show'} ${id}`, run: () => scope.set({ cols }) },
        { group: 'Order', label: `Order by ${id}`, run: () => scope.setSort([{ column: id, isDescending: true }]) },
      ];
    }),
  );
}

function useExperimentKeys(scope: RunScope, filterBox: { current: FilterBoxHandle | null }): void {
  const [, navigate] = useLocation();
  const next = VIEWS[(VIEWS.indexOf(viewOf(scope)) + 1) % VIEWS.length] ?? 'table';
  useShortcuts([
    { chord: '/', label: 'Filter the runs', group: 'Experiment', run: () => filterBox.current?.focus() },
    { chord: 'v', label: 'Next of table, charts and analysis', group: 'Experiment', run: () => showView(scope, next) },
    { chord: 'u', label: 'Up to the experiments', group: 'Experiment', run: () => navigate(experimentsLink) },
  ]);
}
