/** The keys that work on this page. */
import { type Shortcut, singleKeys, useAllShortcuts } from '../../state/shortcuts.js';
import { Dialog } from '../Dialog.js';

/** Keys that a table takes itself. */
const GRID_KEYS: [string, string][] = [
  ['↑ ↓ ← →', 'Move the active cell; Home, End, Page Up and Page Down too'],
  ['Enter', 'Open the row; sort, in the headings'],
  ['Space', 'Select the row'],
  ['Shift ↑ ↓', 'Select row after row'],
  ['Alt ↓', 'Open the menu of a heading'],
];

export function Help({ onClose }: { onClose: () => void }) {
  const shortcuts = useAllShortcuts();
  const all = latest(shortcuts);
  const groups = [...new Set(all.map(({ group }) => group))];
  return (
    <Dialog title="Keys" onClose={onClose}>
      {!singleKeys() && <p className="muted">Single keys are switched off in the settings.</p>}
      <div className="help">
        {groups.map((group) => (
          <section key={group}>
            <h3>{group}</h3>
            <dl>
              {all
                .filter((each) => each.group === group)
                .map(({ chord, label }) => (
                  <Line key={chord} keys={spelled(chord)} label={label} />
                ))}
              {group === 'Table' && GRID_KEYS.map(([keys, label]) => <Line key={keys} keys={keys} label={label} />)}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}

function Line({ keys, label }: { keys: string; label: string }) {
  return (
    <div>
      <dt>
        <kbd>{keys}</kbd>
      </dt>
      <dd>{label}</dd>
    </div>
  );
}

/** Of the same chord the one that works. */
function latest(shortcuts: readonly Shortcut[]): Shortcut[] {
  const byChord = new Map<string, Shortcut>();
  for (const shortcut of shortcuts) byChord.set(shortcut.chord, shortcut);
  return [...byChord.values()];
}

const spelled = (chord: string) => chord.replace('mod+', 'Ctrl ').replace('delete', 'Del').replace('escape', 'Esc');
