/** What the analysis is about: the metric, which of its values, which way is better; and axes, table and downloads. */
import { type FormEvent, useEffect, useId, useState } from 'react';
import type { Axis } from '../../../analysis/axis.js';
import type { Brush } from '../../../analysis/brush.js';
import { metricColumn } from '../../../analysis/column-name.js';
import { csvOfFrame } from '../../../analysis/frame-csv.js';
import type { Goal } from '../../../analysis/goals.js';
import type { RunFrame } from '../../../analysis/run-frame.js';
import { saveFile } from '../../../charts/save.js';
import { Menu } from '../../../components/Menu.js';
import { type Aggregate, keyColumn } from '../../../display/run-columns.js';
import { useDark } from '../../../state/browser/theme.js';
import { toastError } from '../../../state/toasts.js';
import { pngOf } from './drawing/canvas.js';
import { drawAxes, drawLines, drawShadow, NAMES_HEIGHT } from './drawing/parallel.js';

interface AnalysisBarProps {
  target: string | undefined;
  goal: Goal;
  /** Keys. */
  metrics: readonly string[];
  hasLastOnly: boolean;
  onTarget: (column: string) => void;
  onGoal: (goal: Goal) => void;
  onAxes: () => void;
  onValues: () => void;
  frame: RunFrame;
  axes: readonly Axis[];
  draw: {
    brushes: readonly Brush[];
    inside: Uint8Array;
    shares: Float64Array;
    variables: readonly string[] | undefined;
  };
}

export function AnalysisBar(props: AnalysisBarProps) {
  const { target, goal, metrics, hasLastOnly, onTarget, onGoal, onAxes, onValues, frame, axes, draw } = props;
  const id = useId();
  const isDark = useDark();
  const column = target === undefined ? undefined : keyColumn(target);
  const savePng = async () => {
    try {
      saveFile('parallel-coordinates.png', await pngOfLines(axes, draw, isDark));
    } catch (error) {
      toastError('No picture', error);
    }
  };
  return (
    <div className="toolbar analysis-bar">
      {column && (
        <>
          <TargetField
            key={column.key}
            current={column.key}
            metrics={metrics}
            onKey={(key) => onTarget(metricColumn(key, column.aggregate))}
          />
          {!hasLastOnly && (
            <>
              <label className="visually-hidden" htmlFor={`${id}-value`}>
                Which of its values
              </label>
              <select
                id={`${id}-value`}
                className="field analysis-select"
                value={column.aggregate ?? 'last'}
                onChange={({ target: { value } }) =>
                  onTarget(metricColumn(column.key, value === 'last' ? undefined : (value as Aggregate)))
                }
              >
                <option value="last">Last value</option>
                <option value="min">Lowest value</option>
                <option value="max">Highest value</option>
              </select>
            </>
          )}
          <label className="visually-hidden" htmlFor={`${id}-goal`}>
            Which way is better
          </label>
          <select
            id={`${id}-goal`}
            className="field analysis-select"
            value={goal}
            onChange={({ target: { value } }) => onGoal(value as Goal)}
          >
            <option value="max">↑ Higher is better</option>
            <option value="min">↓ Lower is better</option>
          </select>
        </>
      )}
      <span className="toolbar-end buttons">
        <button type="button" className="button" onClick={onAxes}>
          Axes…
        </button>
        <button type="button" className="button" onClick={onValues}>
          View as table
        </button>
        <Menu
          label="Download"
          items={[
            { label: 'Parallel coordinates as PNG', run: savePng },
            {
              label: 'Values as CSV',
              run: () => saveFile('runs.csv', new Blob([csvOfFrame(frame, draw.inside)], { type: 'text/csv' })),
            },
          ]}
        />
      </span>
    </div>
  );
}

interface TargetFieldProps {
  current: string;
  metrics: readonly string[];
  onKey: (key: string) => void;
}

/** Metrics may be thousands: a field that completes, and takes what is one of them. */
function TargetField({ current, metrics, onKey }: TargetFieldProps) {
  const id = useId();
  const [text, setText] = useState(current);
  useEffect(() => setText(current), [current]);
  const isKnown = metrics.includes(text);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isKnown) onKey(text);
  };
  return (
    <form onSubmit={submit} className="analysis-target">
      <label htmlFor={id}>Target</label>
      <input
        id={id}
        className="field"
        list={`${id}-list`}
        value={text}
        aria-invalid={!isKnown}
        spellCheck={false}
        autoComplete="off"
        onFocus={({ target }) => target.select()}
        onChange={({ target: { value } }) => {
          setText(value);
          if (value !== current && metrics.includes(value)) onKey(value);
        }}
        onBlur={() => setText(current)}
      />
      <datalist id={`${id}-list`}>
        {metrics.slice(0, 500).map((key) => (
          <option key={key} value={key} />
        ))}
      </datalist>
    </form>
  );
}

function pngOfLines(
  axes: readonly Axis[],
  { brushes, inside, shares, variables }: AnalysisBarProps['draw'],
  isDark: boolean,
): Promise<Blob> {
  const size = { width: Math.max(640, axes.length * 170), height: 400 };
  const inner = { ...size, height: size.height - NAMES_HEIGHT };
  const layers = [
    ...(brushes.length > 0 ? [drawShadow(axes, inside.length, isDark)] : []),
    drawLines({ axes, inside, shares, variables, isDark }),
    drawAxes({ axes, brushes, marked: undefined, hasNames: true }),
  ];
  return pngOf(size, [
    (context) => {
      context.translate(0, NAMES_HEIGHT);
      for (const draw of layers) draw(context, inner);
    },
  ]);
}
