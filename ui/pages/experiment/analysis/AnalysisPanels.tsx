/** The panels of the analysis: lines over axes on top; below, importance, points and the best runs. */
import { useMemo } from 'react';
import { type Axis, axisOf, type Spread } from '../../../analysis/axis.js';
import type { Brush } from '../../../analysis/brush.js';
import { columnLabel } from '../../../analysis/column-name.js';
import type { Goal } from '../../../analysis/goals.js';
import type { ImportanceReport } from '../../../analysis/importance.js';
import type { NumberColumn, RunFrame } from '../../../analysis/run-frame.js';
import { Panel } from '../../../components/Panel.js';
import { UserText } from '../../../components/UserText.js';
import { count, shortNumber } from '../../../display/numbers.js';
import { css, rampColour } from '../../../display/ramp.js';
import { useDark } from '../../../state/browser/theme.js';
import type { AnalysisScope } from './analysis-scope.js';
import { BestRuns } from './BestRuns.js';
import { ImportanceList } from './ImportanceList.js';
import type { Marked } from './marked.js';
import { ParallelCoordinates } from './ParallelCoordinates.js';
import { ScatterPanel } from './ScatterPanel.js';

interface AnalysisPanelsProps {
  scope: AnalysisScope;
  frame: RunFrame;
  axes: readonly Axis[];
  target: NumberColumn;
  targetName: string | undefined;
  goal: Goal;
  report: ImportanceReport;
  leftOut: number;
  isBrief: boolean;
  variables: readonly string[] | undefined;
  inside: Uint8Array;
  colours: Float64Array;
  spread: Spread;
  walk: readonly number[];
  brushes: readonly Brush[];
  marked: Marked;
  parallel: {
    onBrush: (column: string, brush: Brush | undefined) => void;
    onLook: (column: string, look: { isLog?: boolean; isFlipped?: boolean }) => void;
    onMove: (column: string, place: number) => void;
    onRemove: (column: string) => void;
    onRange: (column: string) => void;
  };
  onBrushes: (brushes: readonly Brush[]) => void;
  onDraft: (brushes: readonly Brush[] | undefined) => void;
}

export function AnalysisPanels(props: AnalysisPanelsProps) {
  const { scope, frame, axes, target, targetName, goal, report, leftOut, inside, colours, walk, marked } = props;
  const y = useMemo(() => axisOf(target, {}), [target]);
  const label = targetName === undefined ? '' : columnLabel(targetName);
  const asked = scope.get('over');
  const x = frame.columns.has(asked) ? asked : (report.params[0]?.column ?? axes[0]?.column.name ?? '');
  const empty = frame.ids.length - walk.length;
  return (
    <div className="analysis-panels">
      <figure className="analysis-parallel" aria-label={`Parallel coordinates, ${count(frame.ids.length, 'run')}`}>
        {axes.length >= 2 ? (
          <ParallelCoordinates
            axes={axes}
            names={frame.names}
            inside={inside}
            shares={colours}
            variables={props.variables}
            brushes={props.brushes}
            marked={marked}
            walk={walk}
            onDraft={(brush) => props.onDraft(brush && [brush])}
            {...props.parallel}
          />
        ) : (
          <p className="muted">One column alone makes no lines: choose more under “Axes…”.</p>
        )}
        <figcaption className="analysis-legend">
          {targetName !== undefined && !props.variables && <Legend label={label} axis={y} />}
          {leftOut > 0 && <span>{count(leftOut, 'param')} that few runs have not looked at.</span>}
          {empty > 0 && props.brushes.length === 0 && targetName !== undefined && (
            <span>
              {count(empty, 'run')} without {label}, in grey.
            </span>
          )}
        </figcaption>
      </figure>
      {targetName !== undefined && !props.isBrief && (
        <div className="analysis-lower">
          <Panel title={`What matters for ${label}`}>
            <ImportanceList
              report={report}
              target={targetName}
              chosen={x}
              onChoose={(column) => scope.set({ over: column })}
            />
          </Panel>
          <ScatterPanel {...props} y={y} x={x} />
          <Panel title={goal === 'max' ? 'Highest runs' : 'Lowest runs'}>
            <BestRuns frame={frame} target={target} goal={goal} walk={walk} marked={marked} />
          </Panel>
        </div>
      )}
    </div>
  );
}

/** From the second to the ninety-eighth of a hundred runs, as the colours are given. */
function Legend({ label, axis }: { label: string; axis: Axis }) {
  const isDark = useDark();
  const stops = [0, 0.25, 0.5, 0.75, 1].map((share) => css(rampColour(share, isDark))).join(', ');
  return (
    <span className="ramp-legend">
      <UserText text={label} cut="middle" />
      <span className="number">{shortNumber(Number(axis.valueAt(0).toPrecision(3)))}</span>
      <span className="ramp" aria-hidden="true" style={{ background: `linear-gradient(to right, ${stops})` }} />
      <span className="number">{shortNumber(Number(axis.valueAt(1).toPrecision(3)))}</span>
    </span>
  );
}
