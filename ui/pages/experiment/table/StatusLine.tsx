/** Below the table: how many runs there are, how they ended, how long the server took, and what is not shown. */

import { count } from '../../../display/numbers.js';
import { joinList } from '../../../display/run-columns.js';
import type { RunRows, useRunCount } from '../../../queries/run-rows.js';
import type { RunScope } from '../../../state/run-scope.js';
import type { ShownColumns } from './shown-columns.js';

interface StatusLineProps {
  scope: RunScope;
  shown: ShownColumns;
  counted: ReturnType<typeof useRunCount>['data'];
  rows: RunRows;
  /** Runs that have come since. */
  fresh: number;
  onShowFresh: () => void;
  error: Error | null;
  onRetry: () => void;
}

/** Of the statuses, those worth a word. */
const WORDS = [
  ['RUNNING', 'running'],
  ['FAILED', 'failed'],
  ['KILLED', 'killed'],
  ['SCHEDULED', 'scheduled'],
] as const;

export function StatusLine({ scope, shown, counted, rows, fresh, onShowFresh, error, onRetry }: StatusLineProps) {
  const total = counted?.total ?? rows.rows.length;
  const statuses = new Map(counted?.statuses?.map(({ status, runs }) => [status, runs]));
  const parts = [
    count(total, 'run'),
    ...WORDS.flatMap(([status, word]) => {
      const n = statuses.get(status);
      return n ? [`${n.toLocaleString('en')} ${word}`] : [];
    }),
    ...(scope.selected.length > 0 ? [`${scope.selected.length.toLocaleString('en')} selected`] : []),
  ];
  return (
    <div className="status-line">
      <span role="status">{parts.join(' · ')}</span>
      {rows.took !== undefined && scope.group === undefined && <span className="took">{Math.round(rows.took)} ms</span>}
      {fresh > 0 && (
        <button type="button" className="chip chip-button" onClick={onShowFresh}>
          {count(fresh, 'new run')} · show
        </button>
      )}
      {shown.constants.length > 0 && (
        <button
          type="button"
          className="chip chip-button"
          onClick={() => scope.set({ cols: joinList([...(shown.ids ?? []), ...shown.constants]) })}
        >
          {shown.constants.length} same in all: show
        </button>
      )}
      {scope.columns && (
        <button
          type="button"
          className="chip chip-button"
          onClick={() => scope.set({ cols: undefined, pin: undefined })}
        >
          Default columns
        </button>
      )}
      {error && (
        <span className="more-error" role="alert">
          These rows are of before: <bdi>{error.message}</bdi>{' '}
          <button type="button" className="button" onClick={onRetry}>
            Retry
          </button>
        </span>
      )}
    </div>
  );
}
