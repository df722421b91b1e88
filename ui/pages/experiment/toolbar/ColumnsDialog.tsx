/** Which columns the table has, of all that its runs have; and how high its rows are. */
import { useMemo, useState } from 'react';
import { Dialog } from '../../../components/Dialog.js';
import { count } from '../../../display/numbers.js';
import { FACT_COLUMNS, joinList, keyColumn, keyColumnId } from '../../../display/run-columns.js';
import { type Density, setDensity, useDensity } from '../../../state/browser/density.js';
import type { RunScope } from '../../../state/run-scope.js';
import type { ShownColumns } from '../table/shown-columns.js';

interface ColumnsDialogProps {
  scope: RunScope;
  shown: ShownColumns;
  onClose: () => void;
}

const KINDS = { PARAM: 'params', METRIC: 'metrics', TAG: 'tags' } as const;
const TITLES = { facts: 'Attributes', metrics: 'Metrics', params: 'Params', tags: 'Tags' } as const;
/** Of each kind; the search finds the others. */
const MOST = 100;

interface Choice {
  id: string;
  label: string;
  group: keyof typeof TITLES;
}

export function ColumnsDialog({ scope, shown, onClose }: ColumnsDialogProps) {
  const [sought, setSought] = useState('');
  const choices = useMemo(() => choicesOf(shown), [shown]);
  const ids = shown.ids ?? [];
  const found = choices.filter(({ label }) => label.toLowerCase().includes(sought.trim().toLowerCase()));
  const toggle = (id: string) =>
    scope.set({ cols: joinList(ids.includes(id) ? ids.filter((each) => each !== id) : [...ids, id]) });
  return (
    <Dialog title="Columns" onClose={onClose}>
      <input
        type="search"
        className="field wide"
        aria-label="Search columns"
        placeholder="Search columns"
        value={sought}
        onChange={(event) => setSought(event.target.value)}
      />
      <div className="columns-list">
        {(Object.keys(TITLES) as (keyof typeof TITLES)[]).map((group) => (
          <ChoiceList
            key={group}
            title={TITLES[group]}
            choices={found.filter((choice) => choice.group === group)}
            ids={ids}
            onToggle={toggle}
          />
        ))}
        {found.length === 0 && <p className="muted">No column has this in its name.</p>}
      </div>
      <div className="buttons">
        <DensityChoice />
        <button
          type="button"
          className="button toolbar-end"
          onClick={() => scope.set({ cols: undefined, pin: undefined })}
        >
          Default columns
        </button>
      </div>
    </Dialog>
  );
}

function choicesOf({ keys, ids = [] }: ShownColumns): Choice[] {
  const facts = Object.entries(FACT_COLUMNS).flatMap(([id, { label }]): Choice[] =>
    id === 'name' ? [] : [{ id, label, group: 'facts' }],
  );
  const known = keys.map(({ kind, key }): Choice => {
    const group = KINDS[kind];
    return { id: keyColumnId({ kind: group, key }), label: key, group };
  });
  // Columns that are shown though nothing has them, and aggregates.
  const ownIds = new Set([...facts, ...known].map(({ id }) => id));
  const others = ids.flatMap((id): Choice[] => {
    const column = ownIds.has(id) ? undefined : keyColumn(id);
    return column
      ? [{ id, label: column.aggregate ? `${column.aggregate} ${column.key}` : column.key, group: column.kind }]
      : [];
  });
  return [...facts, ...others, ...known];
}

interface ChoiceListProps {
  title: string;
  choices: readonly Choice[];
  ids: readonly string[];
  onToggle: (id: string) => void;
}

function ChoiceList({ title, choices, ids, onToggle }: ChoiceListProps) {
  if (choices.length === 0) return null;
  return (
    <fieldset>
      <legend>{title}</legend>
      {choices.slice(0, MOST).map(({ id, label }) => (
        <label key={id} className="check">
          <input type="checkbox" checked={ids.includes(id)} onChange={() => onToggle(id)} />
          <bdi>{label}</bdi>
        </label>
      ))}
      {choices.length > MOST && <p className="muted">and {count(choices.length - MOST, 'more column')}</p>}
    </fieldset>
  );
}

const DENSITIES: [Density, string][] = [
  ['compact', 'Compact rows'],
  ['cosy', 'Cosy rows'],
];

function DensityChoice() {
  const { density } = useDensity();
  return (
    <fieldset className="segments" aria-label="Height of rows">
      {DENSITIES.map(([value, label]) => (
        <button key={value} type="button" aria-pressed={value === density} onClick={() => setDensity(value)}>
          {label}
        </button>
      ))}
    </fieldset>
  );
}
