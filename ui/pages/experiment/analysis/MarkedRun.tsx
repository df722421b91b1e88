/** The run that is picked in the charts: its name and values, to open, to select, or to let go. */
import { Link } from 'wouter';
import { type Axis, textAt } from '../../../analysis/axis.js';
import { columnLabel } from '../../../analysis/column-name.js';
import type { RunFrame } from '../../../analysis/run-frame.js';
import { UserText } from '../../../components/UserText.js';
import { runLink } from '../../../links.js';
import type { AnalysisScope } from './analysis-scope.js';
import type { Marked } from './marked.js';

interface MarkedRunProps {
  frame: RunFrame;
  axes: readonly Axis[];
  marked: Marked;
  scope: AnalysisScope;
}

export function MarkedRun({ frame, axes, marked, scope }: MarkedRunProps) {
  const { run, picked } = marked;
  const { selected = [], setSelected } = scope;
  const id = run === undefined ? undefined : frame.ids[run];
  const isSelected = id !== undefined && selected.includes(id);
  return (
    <div className="marked-run">
      {run === undefined || id === undefined ? (
        <span className="muted">Point at a line, a point or a bar to see its run; click to keep it here.</span>
      ) : (
        <>
          <Link href={runLink(frame.experimentIds[run] ?? '', id)} className="marked-name">
            <UserText text={frame.names[run] ?? id} cut="middle" />
          </Link>
          <dl className="marked-values">
            {axes.map((axis) => (
              <div key={axis.column.name}>
                <dt>{columnLabel(axis.column.name)}</dt>
                <dd className="number">{textAt(axis, run)}</dd>
              </div>
            ))}
          </dl>
          <span className="buttons marked-buttons">
            {setSelected && (
              <button
                type="button"
                className="button"
                aria-pressed={isSelected}
                onClick={() => setSelected(isSelected ? selected.filter((each) => each !== id) : [...selected, id])}
              >
                {isSelected ? 'Selected' : 'Select'}
              </button>
            )}
            <button type="button" className="button quiet" onClick={() => marked.pick(undefined)}>
              Close
            </button>
          </span>
        </>
      )}
      <span className="visually-hidden" role="status">
        {picked !== undefined &&
          `${frame.names[picked]}: ${axes.map((axis) => `${columnLabel(axis.column.name)} ${textAt(axis, picked)}`).join(', ')}`}
      </span>
    </div>
  );
}
