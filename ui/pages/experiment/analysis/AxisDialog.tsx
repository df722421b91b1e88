/** Which params and metrics stand as axes. */
import { useMemo, useState } from 'react';
import { type AxisChoice, MOST_AXES } from '../../../analysis/axis-choice.js';
import { columnLabel } from '../../../analysis/column-name.js';
import type { Importance } from '../../../analysis/importance.js';
import { Dialog } from '../../../components/Dialog.js';
import { SearchField } from '../../../components/SearchField.js';
import { UserText } from '../../../components/UserText.js';
import { count } from '../../../display/numbers.js';

interface AxisDialogProps {
  axes: readonly AxisChoice[];
  params: readonly string[];
  metrics: readonly string[];
  ranked: readonly Importance[];
  onChange: (axes: AxisChoice[]) => void;
  onReset: () => void;
  onClose: () => void;
}

/** Of each kind: the rest is found by searching. */
const MOST_SHOWN = 100;

export function AxisDialog({ axes, params, metrics, ranked, onChange, onReset, onClose }: AxisDialogProps) {
  const [search, setSearch] = useState('');
  const shares = useMemo(() => new Map(ranked.map(({ column, share }) => [column, share])), [ranked]);
  const byShare = useMemo(
    () => [...params].sort((a, b) => (shares.get(b) ?? -1) - (shares.get(a) ?? -1)),
    [params, shares],
  );
  const isFull = axes.length >= MOST_AXES;
  const toggle = (column: string, isOn: boolean) =>
    onChange(isOn ? [...axes, { column }] : axes.filter((axis) => axis.column !== column));
  const group = (title: string, names: readonly string[]) => {
    const found = names.filter((name) => columnLabel(name).toLowerCase().includes(search.toLowerCase()));
    return (
      <fieldset className="axis-choices">
        <legend>{title}</legend>
        {found.slice(0, MOST_SHOWN).map((name) => {
          const isOn = axes.some(({ column }) => column === name);
          const share = shares.get(name);
          return (
            <label key={name} className="axis-choice">
              <input
                type="checkbox"
                checked={isOn}
                disabled={isOn ? axes.length <= 2 : isFull}
                onChange={({ target }) => toggle(name, target.checked)}
              />
              <UserText text={columnLabel(name)} cut="middle" />
              {share !== undefined && <span className="muted number">{Math.round(share * 100)} %</span>}
            </label>
          );
        })}
        {found.length > MOST_SHOWN && (
          <p className="muted">{count(found.length - MOST_SHOWN, 'more', 'more')}: search for them.</p>
        )}
        {found.length === 0 && <p className="muted">None</p>}
      </fieldset>
    );
  };
  return (
    <Dialog title="Axes" onClose={onClose}>
      <div className="toolbar">
        <SearchField label="Search axes" value={search} onChange={setSearch} />
        <button type="button" className="button" onClick={onReset}>
          Most important
        </button>
        <span className="muted" role="status">
          {axes.length} of {MOST_AXES} chosen
        </span>
      </div>
      <div className="axis-choice-lists">
        {group('Params that vary, with the share they explain', byShare)}
        {group('Metrics', metrics)}
      </div>
    </Dialog>
  );
}
