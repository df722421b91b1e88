/** How many runs the brushes hold, and what can be done with them: make them the filter, select them, or let them go. */
import { type Brush, isRange } from '../../../analysis/brush.js';
import { bothFilters, filterOfBrushes } from '../../../analysis/brush-filter.js';
import { columnLabel } from '../../../analysis/column-name.js';
import type { RunFrame } from '../../../analysis/run-frame.js';
import { count, shortNumber } from '../../../display/numbers.js';
import { MOST_RUNS } from '../../../queries/run-frames.js';
import { toast } from '../../../state/toasts.js';
import type { AnalysisScope } from './analysis-scope.js';

interface BrushLineProps {
  scope: AnalysisScope;
  frame: RunFrame;
  brushes: readonly Brush[];
  inside: Uint8Array;
  onBrush: (column: string, brush: undefined) => void;
}

/** A selection stands in the address too. */
const MOST_SELECTED = 1_000;

export function BrushLine({ scope, frame, brushes, inside, onBrush }: BrushLineProps) {
  const total = frame.ids.length;
  const held = inside.reduce((sum, each) => sum + each, 0);
  const limit = total === MOST_RUNS ? ', the most that are looked at' : '';
  if (brushes.length === 0) {
    return (
      <p className="muted brush-line" role="status">
        {count(total, 'run')}
        {limit}. Drag along an axis or over the points to brush.
      </p>
    );
  }
  const clear = () => scope.set({ brush: undefined });
  return (
    <div className="brush-line">
      <span role="status">
        <strong>{held.toLocaleString('en')}</strong> of {count(total, 'run')}
        {limit}
      </span>
      <ul className="chips" aria-label="Brushes">
        {brushes.map((brush) => (
          <li key={brush.column} className="chip">
            <bdi>{brushText(brush)}</bdi>
            <button
              type="button"
              className="chip-close"
              aria-label={`Clear brush ${columnLabel(brush.column)}`}
              onClick={() => onBrush(brush.column, undefined)}
            >
              ×
            </button>
          </li>
        ))}
      </ul>
      {scope.keepOnly ? (
        <KeepButton {...{ scope, frame, brushes, inside, held }} />
      ) : (
        <FilterButton {...{ scope, frame, brushes, inside, held }} />
      )}
      <button type="button" className="button quiet" onClick={clear}>
        Clear
      </button>
    </div>
  );
}

type ButtonProps = Omit<BrushLineProps, 'onBrush'> & { held: number };

const idsWithin = (frame: RunFrame, inside: Uint8Array) => frame.ids.filter((_, run) => inside[run] === 1);

function FilterButton({ scope, frame, brushes, inside, held }: ButtonProps) {
  const written = filterOfBrushes(brushes);
  const { setSelected } = scope;
  const filter = () => {
    if (written === undefined) return;
    const before = { filter: scope.filterText, brush: scope.get('brush') };
    scope.set({ brush: undefined, filter: bothFilters(scope.which.filter, written) });
    toast(`The filter now holds ${count(held, 'run')}.`, {
      action: { label: 'Undo', run: () => scope.set(before) },
    });
  };
  return (
    <>
      <button
        type="button"
        className="button primary"
        disabled={written === undefined}
        title={written}
        onClick={filter}
      >
        Filter to these
      </button>
      {setSelected && (
        <button
          type="button"
          className="button"
          disabled={held === 0 || held > MOST_SELECTED}
          onClick={() => setSelected(idsWithin(frame, inside))}
        >
          Select
        </button>
      )}
      {written === undefined && <span className="muted">More values than a filter can name: brush fewer.</span>}
    </>
  );
}

function KeepButton({ scope, frame, inside, held }: ButtonProps) {
  const keep = () => {
    const before = { runs: scope.get('runs'), brush: scope.get('brush') };
    scope.keepOnly?.(idsWithin(frame, inside));
    toast(`${count(held, 'run')} left.`, { action: { label: 'Undo', run: () => scope.set(before) } });
  };
  return (
    <button type="button" className="button primary" disabled={held === 0} onClick={keep}>
      Keep only these
    </button>
  );
}

function brushText(brush: Brush): string {
  const name = columnLabel(brush.column);
  if (isRange(brush)) return `${name} ${shortNumber(brush.from)} … ${shortNumber(brush.to)}`;
  const [first = '', ...rest] = brush.levels;
  return `${name} = ${first}${rest.length > 2 ? ` or ${rest.length} more` : rest.map((level) => ` or ${level}`).join('')}`;
}
