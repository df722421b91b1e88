/** Which page a URL shows. */
import { lazy, Suspense, useEffect, useRef } from 'react';
import { Redirect, Route, Switch, useLocation, useSearchParams } from 'wouter';
import { Skeleton } from './components/Empty.js';
import { Frame } from './components/Frame.js';
import { experimentsLink, loginPath } from './links.js';
import { ExperimentPage } from './pages/experiment/ExperimentPage.js';
import { NotFoundPage } from './pages/NotFoundPage.js';

// The first script holds the page of runs, which most visits are for; every other page comes when it is first asked for.
const ExperimentsPage = lazy(async () => ({
  default: (await import('./pages/experiments/ExperimentsPage.js')).ExperimentsPage,
}));
const RunPage = lazy(async () => ({ default: (await import('./pages/run/RunPage.js')).RunPage }));
const ModelsPage = lazy(() => import('./pages/models/ModelsPage.js'));
const ModelPage = lazy(() => import('./pages/models/ModelPage.js'));
const VersionPage = lazy(() => import('./pages/models/VersionPage.js'));
const SettingsPage = lazy(async () => ({ default: (await import('./pages/settings/SettingsPage.js')).SettingsPage }));
const LoginPage = lazy(async () => ({ default: (await import('./pages/login/LoginPage.js')).LoginPage }));
const ComparePage = lazy(async () => ({ default: (await import('./pages/compare/ComparePage.js')).ComparePage }));

export function App() {
  useFocusOnNewPage();
  return (
    <Suspense fallback={<ComingPage />}>
      <Switch>
        <Route path="/">
          <Redirect to={experimentsLink} replace />
        </Route>
        <Route path="/experiments">
          <ExperimentsPage />
        </Route>
        <Route path="/experiments/:id">{({ id }) => <ExperimentPage key={id} experimentIds={[id]} />}</Route>
        <Route path="/runs">
          <RunsPage />
        </Route>
        <Route path="/compare">
          <ComparePage />
        </Route>
        <Route path="/experiments/:id/runs/:run">
          {({ id, run }) => <RunPage key={run} experimentId={id} runId={run} />}
        </Route>
        <Route path="/models">
          <ModelsPage />
        </Route>
        <Route path="/models/:name">{({ name }) => <ModelPage key={name} />}</Route>
        <Route path="/models/:name/versions/:version">
          {({ name, version }) => <VersionPage key={`${version} ${name}`} />}
        </Route>
        <Route path="/settings">
          <SettingsPage />
        </Route>
        <Route path={loginPath}>
          <LoginPage />
        </Route>
        <Route>
          <NotFoundPage />
        </Route>
      </Switch>
    </Suspense>
  );
}

function ComingPage() {
  return (
    <Frame title="Loading" crumbs={[]}>
      <div className="page">
        <Skeleton rows={12} />
      </div>
    </Frame>
  );
}

/** The runs of several experiments: `/runs?exp=1,2`. */
function RunsPage() {
  const [params] = useSearchParams();
  const ids = [...new Set((params.get('exp') ?? '').split(',').filter((id) => id !== ''))];
  if (ids.length === 0) return <NotFoundPage />;
  return <ExperimentPage key={ids.join()} experimentIds={ids} />;
}

/** A followed link puts the keyboard at the new page's content, as a loaded page would. */
function useFocusOnNewPage(): void {
  const [path] = useLocation();
  const last = useRef(path);
  useEffect(() => {
    if (last.current === path) return;
    last.current = path;
    // A table that Back returned to has the focus already.
    if (document.activeElement?.closest('main')) return;
    document.getElementById('main')?.focus();
  }, [path]);
}
