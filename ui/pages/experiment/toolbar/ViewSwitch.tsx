/** Table, charts or analysis. */
import type { RunScope } from '../../../state/run-scope.js';

export const VIEWS = ['table', 'charts', 'analysis'] as const;
export type View = (typeof VIEWS)[number];

const LABELS: Record<View, string> = { table: 'Table', charts: 'Charts', analysis: 'Analysis' };

export const viewOf = (scope: RunScope): View => VIEWS.find((view) => view === scope.get('view')) ?? 'table';

export const showView = (scope: RunScope, view: View) =>
  scope.set({ view: view === 'table' ? undefined : view }, { isPush: true });

export function ViewSwitch({ scope }: { scope: RunScope }) {
  const current = viewOf(scope);
  return (
    <fieldset className="segments" aria-label="View">
      {VIEWS.map((view) => (
        <button key={view} type="button" aria-pressed={view === current} onClick={() => showView(scope, view)}>
          {LABELS[view]}
        </button>
      ))}
    </fieldset>
  );
}
