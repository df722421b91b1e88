/** A brush by keyboard: from and to for numbers, a list for categories. */
import { type FormEvent, useId, useState } from 'react';
import type { Axis } from '../../../analysis/axis.js';
import { type Brush, isRange } from '../../../analysis/brush.js';
import { columnLabel } from '../../../analysis/column-name.js';
import type { CategoryColumn } from '../../../analysis/run-frame.js';
import { Dialog } from '../../../components/Dialog.js';
import { UserText } from '../../../components/UserText.js';

interface BrushDialogProps {
  axis: Axis;
  brush: Brush | undefined;
  onBrush: (brush: Brush | undefined) => void;
  onClose: () => void;
}

export function BrushDialog({ axis, brush, onBrush, onClose }: BrushDialogProps) {
  const { column } = axis;
  return (
    <Dialog title={`Brush ${columnLabel(column.name)}`} onClose={onClose}>
      {column.kind === 'category' ? (
        <Levels column={column} brush={brush} onBrush={onBrush} onClose={onClose} />
      ) : (
        <Range axis={axis} brush={brush} onBrush={onBrush} onClose={onClose} />
      )}
    </Dialog>
  );
}

function Range({ axis, brush, onBrush, onClose }: BrushDialogProps) {
  const id = useId();
  const ends = [axis.valueAt(0), axis.valueAt(1)].map((value) => Number(value.toPrecision(6)));
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const given = brush && isRange(brush) ? brush : undefined;
  const [from, setFrom] = useState(String(given?.from ?? low));
  const [to, setTo] = useState(String(given?.to ?? high));
  const isWrong = !(Number(from) <= Number(to)) || from.trim() === '' || to.trim() === '';
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isWrong) return;
    onBrush({ column: axis.column.name, from: Number(from), to: Number(to) });
    onClose();
  };
  return (
    <form onSubmit={submit} className="brush-form">
      <div className="toolbar">
        <label htmlFor={`${id}-from`}>From</label>
        <input
          id={`${id}-from`}
          className="field brush-number"
          inputMode="decimal"
          value={from}
          onChange={({ target }) => setFrom(target.value)}
        />
        <label htmlFor={`${id}-to`}>to</label>
        <input
          id={`${id}-to`}
          className="field brush-number"
          inputMode="decimal"
          value={to}
          onChange={({ target }) => setTo(target.value)}
        />
      </div>
      <p className={isWrong ? 'status-bad' : 'muted'} role={isWrong ? 'alert' : undefined}>
        {isWrong ? 'Two numbers are needed, the lower one first.' : `The runs have values from ${low} to ${high}.`}
      </p>
      <Buttons isClearable={brush !== undefined} onBrush={onBrush} onClose={onClose} />
    </form>
  );
}

function Levels({ column, brush, onBrush, onClose }: Omit<BrushDialogProps, 'axis'> & { column: CategoryColumn }) {
  const given = brush && !isRange(brush) ? brush.levels : column.levels;
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set(given));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const levels = column.levels.filter((level) => chosen.has(level));
    onBrush(levels.length === column.levels.length ? undefined : { column: column.name, levels });
    onClose();
  };
  const toggle = (level: string, isOn: boolean) => {
    const next = new Set(chosen);
    if (isOn) next.add(level);
    else next.delete(level);
    setChosen(next);
  };
  return (
    <form onSubmit={submit} className="brush-form">
      <fieldset className="axis-choices brush-levels">
        <legend className="visually-hidden">Values</legend>
        {[...column.levels].reverse().map((level) => (
          <label key={level} className="axis-choice">
            <input
              type="checkbox"
              checked={chosen.has(level)}
              onChange={({ target }) => toggle(level, target.checked)}
            />
            <UserText text={level || '(empty)'} cut="middle" />
          </label>
        ))}
      </fieldset>
      <Buttons isClearable={brush !== undefined} isEmpty={chosen.size === 0} onBrush={onBrush} onClose={onClose} />
    </form>
  );
}

interface ButtonsProps {
  isClearable: boolean;
  isEmpty?: boolean;
  onBrush: (brush: undefined) => void;
  onClose: () => void;
}

function Buttons({ isClearable, isEmpty, onBrush, onClose }: ButtonsProps) {
  return (
    <div className="buttons dialog-buttons">
      {isClearable && (
        <button
          type="button"
          className="button"
          onClick={() => {
            onBrush(undefined);
            onClose();
          }}
        >
          Clear brush
        </button>
      )}
      <button type="submit" className="button primary" disabled={isEmpty}>
        Brush
      </button>
    </div>
  );
}
