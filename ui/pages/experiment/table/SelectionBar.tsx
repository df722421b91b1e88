/** What can be done with the selected runs; it rises above the status line while there are any. */
import { Link } from 'wouter';
import { Menu } from '../../../components/Menu.js';
import { count } from '../../../display/numbers.js';
import { compareLink } from '../../../links.js';
import type { RunScope } from '../../../state/run-scope.js';
import { exportItems } from './export-runs.js';

interface SelectionBarProps {
  scope: RunScope;
  ids: readonly string[];
  onTag: () => void;
  onDelete: () => void;
  onRestore: () => void;
}

export function SelectionBar({ scope, ids, onTag, onDelete, onRestore }: SelectionBarProps) {
  const { selected, viewType, setSelected } = scope;
  if (selected.length === 0) return null;
  return (
    <section className="selection-bar" aria-label="Selected runs">
      <strong>{count(selected.length, 'run')} selected</strong>
      {selected.length > 1 && (
        <Link className="button primary" href={compareLink(selected)}>
          Compare
        </Link>
      )}
      <button type="button" className="button" onClick={onTag}>
        Tag
      </button>
      <Menu label="Export selected" items={exportItems(scope, ids, selected)} />
      {viewType !== 'ACTIVE_ONLY' && (
        <button type="button" className="button" onClick={onRestore}>
          Restore
        </button>
      )}
      {viewType !== 'DELETED_ONLY' && (
        <button type="button" className="button danger" onClick={onDelete}>
          Delete
        </button>
      )}
      <button type="button" className="button quiet" onClick={() => setSelected([])}>
        Clear
      </button>
    </section>
  );
}
