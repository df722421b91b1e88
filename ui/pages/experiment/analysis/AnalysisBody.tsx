/** The charts of the analysis once the runs' values are there, and what they share: axes, brushes, colours, the marked run. */
import { useMemo, useState } from 'react';
import { type Axis, axisOf } from '../../../analysis/axis.js';
import { axesText, parseAxes, unaskedAxes } from '../../../analysis/axis-choice.js';
import { type Brush, brushed, brushesText, parseBrushes, withBrush } from '../../../analysis/brush.js';
import { metricColumn, paramColumn } from '../../../analysis/column-name.js';
import type { Goal } from '../../../analysis/goals.js';
import { importances } from '../../../analysis/importance.js';
import { columnOfNumbers, type NumberColumn, type RunFrame, sortedByTarget } from '../../../analysis/run-frame.js';
import { shares } from '../../../display/ramp.js';
import { runColour } from '../../../display/run-colours.js';
import { AnalysisBar } from './AnalysisBar.js';
import { AnalysisPanels } from './AnalysisPanels.js';
import { AxisDialog } from './AxisDialog.js';
import type { AnalysisScope } from './analysis-scope.js';
import { BrushDialog } from './BrushDialog.js';
import { BrushLine } from './BrushLine.js';
import { MarkedRun } from './MarkedRun.js';
import { useMarked } from './marked.js';
import { RunValuesDialog } from './RunValuesDialog.js';

interface AnalysisBodyProps {
  scope: AnalysisScope;
  frame: RunFrame;
  /** The metric's column; undefined where no run has a metric. */
  target: string | undefined;
  goal: Goal;
  /** Keys. */
  metrics: readonly string[];
  params: readonly string[];
  /** Params that vary but are not among the columns. */
  leftOut: number;
  /** Only the lines over axes, in the colours of runs, without what is below them. */
  isBrief?: boolean;
  /** Of metrics only the latest values are known. */
  hasLastOnly?: boolean;
}

export function AnalysisBody({
  scope,
  frame: given,
  target: targetName,
  goal,
  metrics,
  params,
  leftOut,
  isBrief = false,
  hasLastOnly = false,
}: AnalysisBodyProps) {
  const { get, set } = scope;
  const [open, setOpen] = useState<'axes' | 'values' | { brush: string }>();
  const marked = useMarked();
  const target = useMemo(() => targetOf(given, targetName), [given, targetName]);
  const frame = useMemo(() => withSortedLevels(given, target), [given, target]);
  const report = useMemo(() => importances(frame, target), [frame, target]);
  const axesField = get('axes');
  const choices = useMemo(() => {
    // A metric that was just chosen is not among the frame's columns before it has come.
    const known = new Set([...frame.columns.keys(), ...metrics.map((key) => metricColumn(key))]);
    const asked = parseAxes(axesField).filter(({ column }) => known.has(column));
    return asked.length >= 2 ? asked : unaskedAxes(frame, report.params, targetName);
  }, [axesField, frame, report, targetName, metrics]);
  const spread = useMemo(() => ascending(target), [target]);
  const axes = useMemo(
    () =>
      choices.flatMap((choice): Axis[] => {
        const column = frame.columns.get(choice.column);
        return column ? [axisOf(column, choice, column.name === targetName ? undefined : spread)] : [];
      }),
    [choices, frame, spread, targetName],
  );
  const brushField = get('brush');
  const [draft, setDraft] = useState<readonly Brush[]>();
  const brushes = useMemo(
    () => merged(parseBrushes(brushField), draft ?? []).filter(({ column }) => frame.columns.has(column)),
    [brushField, frame, draft],
  );
  const inside = useMemo(() => brushed(frame, brushes), [frame, brushes]);
  const colours = useMemo(() => shares(target.values), [target]);
  const variables = useMemo(
    () => (isBrief ? frame.ids.map((_, place) => runColour(place).variable) : undefined),
    [isBrief, frame],
  );
  const walk = useMemo(() => bestFirst(target, inside, goal), [target, inside, goal]);
  const setAxes = (next: typeof choices) => set({ axes: axesText(next) });
  const setBrushes = (next: readonly Brush[]) => {
    setDraft(undefined);
    set({ brush: brushesText(next) });
  };
  const onBrush = (column: string, brush: Brush | undefined) => setBrushes(withBrush(brushes, column, brush));
  const openBrush = typeof open === 'object' ? axes.find(({ column }) => column.name === open.brush) : undefined;
  const close = () => setOpen(undefined);
  return (
    <>
      <AnalysisBar
        target={targetName}
        goal={goal}
        metrics={metrics}
        hasLastOnly={hasLastOnly}
        onTarget={(column) => set({ target: column, goal: undefined })}
        onGoal={(wanted) => set({ goal: wanted })}
        onAxes={() => setOpen('axes')}
        onValues={() => setOpen('values')}
        frame={frame}
        axes={axes}
        draw={{ brushes, inside, shares: colours, variables }}
      />
      <BrushLine scope={scope} frame={frame} brushes={brushes} inside={inside} onBrush={onBrush} />
      <AnalysisPanels
        scope={scope}
        frame={frame}
        axes={axes}
        target={target}
        targetName={targetName}
        goal={goal}
        report={report}
        leftOut={leftOut}
        isBrief={isBrief}
        variables={variables}
        inside={inside}
        colours={colours}
        spread={spread}
        walk={walk}
        brushes={brushes}
        marked={marked}
        parallel={{
          onBrush,
          onLook: (column, look) =>
            setAxes(choices.map((choice) => (choice.column === column ? { ...choice, ...look } : choice))),
          onMove: (column, place) => setAxes(moved(choices, column, place)),
          onRemove: (column) => setAxes(choices.filter((choice) => choice.column !== column)),
          onRange: (column) => setOpen({ brush: column }),
        }}
        onBrushes={(added) => setBrushes(merged(brushes, added))}
        onDraft={setDraft}
      />
      <MarkedRun frame={frame} axes={axes} marked={marked} scope={scope} />
      {open === 'axes' && (
        <AxisDialog
          axes={choices}
          params={params.map(paramColumn)}
          metrics={metrics.map((key) => metricColumn(key))}
          ranked={report.params}
          onChange={setAxes}
          onReset={() => set({ axes: undefined })}
          onClose={close}
        />
      )}
      {open === 'values' && (
        <RunValuesDialog
          frame={frame}
          columns={axes.map(({ column }) => column)}
          runs={[...walk, ...withoutTarget(target, inside)]}
          onClose={close}
        />
      )}
      {openBrush && (
        <BrushDialog
          axis={openBrush}
          brush={brushes.find(({ column }) => column === openBrush.column.name)}
          onBrush={(brush) => onBrush(openBrush.column.name, brush)}
          onClose={close}
        />
      )}
    </>
  );
}

const merged = (brushes: readonly Brush[], added: readonly Brush[]): readonly Brush[] =>
  added.reduce<readonly Brush[]>((all, brush) => withBrush(all, brush.column, brush), brushes);

function targetOf(frame: RunFrame, name: string | undefined): NumberColumn {
  const column = name === undefined ? undefined : frame.columns.get(name);
  if (column?.kind === 'number') return column;
  return columnOfNumbers(name ?? '', new Array<number>(frame.ids.length).fill(Number.NaN));
}

function withSortedLevels(frame: RunFrame, target: NumberColumn): RunFrame {
  const columns = [...frame.columns].map(
    ([name, column]) => [name, column.kind === 'category' ? sortedByTarget(column, target.values) : column] as const,
  );
  return { ...frame, columns: new Map(columns) };
}

function ascending({ values }: NumberColumn): number[] {
  const key = (run: number) => (Number.isNaN(values[run]) ? Number.NEGATIVE_INFINITY : (values[run] as number));
  return Array.from(values, (_, run) => run).sort((a, b) => key(a) - key(b) || a - b);
}

function bestFirst(target: NumberColumn, inside: Uint8Array, goal: Goal): number[] {
  const sign = goal === 'max' ? -1 : 1;
  return Array.from(inside, (_, run) => run)
    .filter((run) => inside[run] === 1 && !Number.isNaN(target.values[run]))
    .sort((a, b) => sign * ((target.values[a] as number) - (target.values[b] as number)) || a - b);
}

const withoutTarget = (target: NumberColumn, inside: Uint8Array): number[] =>
  Array.from(inside, (_, run) => run).filter((run) => inside[run] === 1 && Number.isNaN(target.values[run]));

function moved<Choice extends { column: string }>(choices: readonly Choice[], column: string, place: number): Choice[] {
  const moving = choices.find((choice) => choice.column === column);
  const others = choices.filter((choice) => choice.column !== column);
  return moving ? others.toSpliced(place, 0, moving) : others;
}
