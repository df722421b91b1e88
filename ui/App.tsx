/** Which page a URL shows. */
import { useEffect, useRef } from 'react';
import { Redirect, Route, Switch, useLocation } from 'wouter';
import { experimentsLink } from './links.js';
import { ExperimentsPage } from './pages/ExperimentsPage.js';
import { ExperimentPage } from './pages/experiment/ExperimentPage.js';
import { NotFoundPage } from './pages/NotFoundPage.js';
import { RunPage } from './pages/run/RunPage.js';

export function App() {
  useFocusOnNewPage();
  return (
    <Switch>
      <Route path="/">
        <Redirect to={experimentsLink} replace />
      </Route>
      <Route path="/experiments">
        <ExperimentsPage />
      </Route>
      <Route path="/experiments/:id">{({ id }) => <ExperimentPage key={id} id={id} />}</Route>
      <Route path="/experiments/:id/runs/:run">
        {({ id, run }) => <RunPage key={run} experimentId={id} runId={run} />}
      </Route>
      <Route>
        <NotFoundPage />
      </Route>
    </Switch>
  );
}

/** A followed link puts the keyboard at the new page's content, as a loaded page would. */
function useFocusOnNewPage(): void {
  const [path] = useLocation();
  const last = useRef(path);
  useEffect(() => {
    if (last.current === path) return;
    last.current = path;
    document.getElementById('main')?.focus();
  }, [path]);
}
