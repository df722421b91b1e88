/** The scatter plot with the choice of what lies under it and what colours it. */
import { useId, useMemo } from 'react';
import { type Axis, axisOf } from '../../../analysis/axis.js';
import type { Brush } from '../../../analysis/brush.js';
import { columnLabel } from '../../../analysis/column-name.js';
import { css, rampColour, shares } from '../../../analysis/ramp.js';
import type { RunFrame } from '../../../analysis/run-frame.js';
import { saveFile } from '../../../charts/save.js';
import { Panel } from '../../../components/Panel.js';
import { UserText } from '../../../components/UserText.js';
import { colourOf as pageColour, runColour } from '../../../display/run-colours.js';
import { useDark } from '../../../state/browser/theme.js';
import { toastError } from '../../../state/toasts.js';
import type { AnalysisScope } from './analysis-scope.js';
import { pngOf } from './drawing/canvas.js';
import { drawNames, drawPoints } from './drawing/scatter.js';
import type { Marked } from './marked.js';
import { Scatter } from './Scatter.js';

interface ScatterPanelProps {
  scope: AnalysisScope;
  frame: RunFrame;
  /** The column's name. */
  x: string;
  y: Axis;
  inside: Uint8Array;
  colours: Float64Array;
  walk: readonly number[];
  marked: Marked;
  onBrushes: (brushes: readonly Brush[]) => void;
  onDraft: (brushes: readonly Brush[] | undefined) => void;
}

/** px. */
const PICTURE = { width: 720, height: 420 };
/** As many hues as there are for runs; what comes after is grey. */
const MOST_HUES = 8;

export function ScatterPanel({
  scope,
  frame,
  x,
  y,
  inside,
  colours,
  walk,
  marked,
  onBrushes,
  onDraft,
}: ScatterPanelProps) {
  const id = useId();
  const isDark = useDark();
  const column = frame.columns.get(x);
  const axis = useMemo(() => column && axisOf(column, {}, strewn(frame.ids.length)), [column, frame]);
  const colourName = frame.columns.has(scope.get('colour')) ? scope.get('colour') : '';
  const colouring = frame.columns.get(colourName);
  const colourOf = useMemo(() => colourer(colouring, colours, isDark), [colouring, colours, isDark]);
  const label = columnLabel(y.column.name);
  const names = [...frame.columns.keys()];
  const savePng = async () => {
    if (!axis) return;
    const points = drawPoints({ x: axis, y, inside, colourOf, isDark });
    try {
      saveFile('points.png', await pngOf(PICTURE, [points, drawNames(label, columnLabel(x))]));
    } catch (error) {
      toastError('No picture', error);
    }
  };
  return (
    <Panel
      title={`${label} over ${columnLabel(x)}`}
      aside={
        <span className="buttons scatter-choices">
          <Choose id={`${id}-x`} label="x" value={x} names={names} onChoose={(name) => scope.set({ over: name })} />
          <Choose
            id={`${id}-colour`}
            label="Colour"
            value={colourName}
            names={names}
            none={label}
            onChoose={(name) => scope.set({ colour: name })}
          />
          <button type="button" className="button" onClick={savePng} aria-label="Save the points as PNG">
            PNG
          </button>
        </span>
      }
    >
      <figure className="analysis-scatter" aria-label={`${label} over ${columnLabel(x)}`}>
        {axis && (
          <Scatter
            x={axis}
            y={y}
            inside={inside}
            colourOf={colourOf}
            onBrush={onBrushes}
            onDraft={onDraft}
            marked={marked}
            walk={walk}
          />
        )}
        <figcaption className="analysis-legend">
          {colouring?.kind === 'category' && <Levels levels={colouring.levels} label={columnLabel(colourName)} />}
          {colouring?.kind === 'number' && <span>Colour: {columnLabel(colourName)}, from dark to bright</span>}
        </figcaption>
      </figure>
    </Panel>
  );
}

/** The same order every time, in which neighbours are far apart: points of one value are strewn, not drawn up by their target. */
const strewn = (count: number): number[] =>
  Array.from({ length: count }, (_, run) => run).sort((a, b) => ((a * 0.618034) % 1) - ((b * 0.618034) % 1));

interface ChooseProps {
  id: string;
  label: string;
  value: string;
  names: readonly string[];
  /** The text of the choice of none. */
  none?: string;
  onChoose: (name: string) => void;
}

function Choose({ id, label, value, names, none, onChoose }: ChooseProps) {
  return (
    <span className="scatter-choice">
      <label htmlFor={id}>{label}</label>
      <select id={id} className="field analysis-select" value={value} onChange={({ target }) => onChoose(target.value)}>
        {none !== undefined && <option value="">{none}</option>}
        {names.map((name) => (
          <option key={name} value={name}>
            {columnLabel(name)}
          </option>
        ))}
      </select>
    </span>
  );
}

function colourer(
  column: ReturnType<RunFrame['columns']['get']>,
  ofTarget: Float64Array,
  isDark: boolean,
): (run: number) => string {
  if (column?.kind === 'category') {
    const hues = Array.from({ length: MOST_HUES }, (_, place) => pageColour(runColour(place).variable));
    const grey = pageColour('--muted');
    return (run) => hues[column.codes[run] as number] ?? grey;
  }
  const ramp = Array.from({ length: 64 }, (_, at) => css(rampColour(at / 63, isDark)));
  const grey = pageColour('--muted');
  const places = column ? shares(column.values) : ofTarget;
  return (run) => ramp[Math.round((places[run] as number) * 63)] ?? grey;
}

function Levels({ levels, label }: { levels: readonly string[]; label: string }) {
  const shown = levels.slice(0, MOST_HUES);
  return (
    <span className="level-legend">
      <span className="muted">{label}:</span>
      {shown.map((level, place) => (
        <span key={level} className="level">
          <span className="level-dot" style={{ background: `var(${runColour(place).variable})` }} />
          <UserText text={level || '(empty)'} />
        </span>
      ))}
      {levels.length > shown.length && <span className="muted">others grey</span>}
    </span>
  );
}
