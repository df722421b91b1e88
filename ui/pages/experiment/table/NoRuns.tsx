/** A table without rows: why there are none, and the one next step. */
import type { Experiment } from '../../../../api/index.js';
import { Empty } from '../../../components/Empty.js';
import { Snippets } from '../../../components/Snippets.js';
import type { RunScope } from '../../../state/run-scope.js';

export function NoRuns({ scope, experiment }: { scope: RunScope; experiment: Experiment | undefined }) {
  if (scope.filterText.trim()) {
    return (
      <Empty title="No run matches the filter">
        <button type="button" className="button" onClick={() => scope.setFilter('')}>
          Clear the filter
        </button>
      </Empty>
    );
  }
  if (scope.viewType === 'DELETED_ONLY') {
    return (
      <Empty title="No deleted runs">
        <button type="button" className="button" onClick={() => scope.set({ state: 'active' }, { isPush: true })}>
          Show the active ones
        </button>
      </Empty>
    );
  }
  return (
    <Empty title="No runs yet">
      <p>Nothing has been logged to this experiment. A first run:</p>
      <Snippets experiment={experiment?.name} />
    </Empty>
  );
}

export function UnreadableFilter({ scope }: { scope: RunScope }) {
  return (
    <Empty title="The filter cannot be read">
      <p>What is wrong with it is said below it.</p>
      <button type="button" className="button" onClick={() => scope.setFilter('')}>
        Clear the filter
      </button>
    </Empty>
  );
}
