/** Runs as lines over axes: drag along an axis to brush it, drag its name to move it; its menu does the same by keyboard. */
import { type KeyboardEvent, type PointerEvent, useMemo, useRef } from 'react';
import type { Axis } from '../../../analysis/axis.js';
import { type Brush, brushBetween } from '../../../analysis/brush.js';
import { useDark } from '../../../state/browser/theme.js';
import { AxisHeads } from './AxisHeads.js';
import { type Size, useDrawing, useSize } from './drawing/canvas.js';
import { drawAxes, drawLines, drawShadow, placeAt, runAt, xOfAxis } from './drawing/parallel.js';
import type { Marked } from './marked.js';

/** px to either side of an axis where a drag brushes it. */
const GRIP = 18;
/** A shorter drag is a click. */
const LEAST_DRAG = 4;

interface ParallelCoordinatesProps {
  axes: readonly Axis[];
  names: readonly string[];
  inside: Uint8Array;
  shares: Float64Array;
  /** Names of colours, one per run, in place of the target's. */
  variables?: readonly string[] | undefined;
  brushes: readonly Brush[];
  onBrush: (column: string, brush: Brush | undefined) => void;
  /** While it is dragged; undefined when that ends. */
  onDraft: (brush: Brush | undefined) => void;
  onLook: (column: string, look: { isLog?: boolean; isFlipped?: boolean }) => void;
  onMove: (column: string, place: number) => void;
  onRemove: (column: string) => void;
  onRange: (column: string) => void;
  marked: Marked;
  /** Runs in the order in which the arrow keys walk them. */
  walk: readonly number[];
}

export function ParallelCoordinates(props: ParallelCoordinatesProps) {
  const { axes, names, inside, shares, variables, brushes, onBrush, onDraft, marked, walk } = props;
  const [box, size] = useSize<HTMLDivElement>();
  const isDark = useDark();
  const start = useRef<{ x: number; y: number; axis: Axis | undefined }>(undefined);
  const hasBrushes = brushes.length > 0;
  const shadow = useMemo(
    () => (hasBrushes ? drawShadow(axes, names.length, isDark) : nothing),
    [hasBrushes, axes, names.length, isDark],
  );
  const lines = useMemo(
    () => drawLines({ axes, inside, shares, variables, isDark }),
    [axes, inside, shares, variables, isDark],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: the page's colours are read anew when it turns dark
  const front = useMemo(() => drawAxes({ axes, brushes, marked: marked.run }), [axes, brushes, marked.run, isDark]);
  const back = useDrawing(size, shadow);
  const middle = useDrawing(size, lines);
  const top = useDrawing(size, front);
  const axisAt = (x: number) =>
    axes.find((_, at) => size && Math.abs(xOfAxis(at, axes.length, size.width) - x) <= GRIP);
  const draggedTo = (y: number): Brush | undefined => {
    const { axis, y: from } = start.current ?? {};
    if (!axis || from === undefined || Math.abs(y - from) < LEAST_DRAG) return undefined;
    return brushBetween(axis, placeIn(size, from), placeIn(size, y));
  };
  const onDown = (event: PointerEvent<HTMLDivElement>) => {
    if (event.button !== 0) return;
    const { x, y } = within(event);
    const axis = axisAt(x);
    start.current = { x, y, axis };
    if (axis) event.currentTarget.setPointerCapture(event.pointerId);
  };
  const onMove = (event: PointerEvent<HTMLDivElement>) => {
    const { x, y } = within(event);
    if (start.current?.axis) onDraft(draggedTo(y));
    else if (size) marked.point(runAt(axes, inside, size, x, y));
  };
  const onUp = (event: PointerEvent<HTMLDivElement>) => {
    const { x, y } = within(event);
    const brush = draggedTo(y);
    const from = start.current;
    start.current = undefined;
    if (brush) onBrush(brush.column, brush);
    else if (!from || Math.hypot(x - from.x, y - from.y) >= LEAST_DRAG) return;
    else if (from.axis && brushes.some(({ column }) => column === from.axis?.column.name)) {
      onBrush(from.axis.column.name, undefined);
    } else if (size) marked.pick(runAt(axes, inside, size, x, y));
  };
  const onCancel = () => {
    start.current = undefined;
    onDraft(undefined);
  };
  const onKey = (event: KeyboardEvent) => {
    const at = marked.run === undefined ? -1 : walk.indexOf(marked.run);
    const to = {
      ArrowRight: at + 1,
      ArrowDown: at + 1,
      ArrowLeft: at - 1,
      ArrowUp: at - 1,
      Home: 0,
      End: walk.length - 1,
    }[event.key];
    if (to !== undefined && walk.length > 0) {
      event.preventDefault();
      marked.pick(walk[Math.max(0, Math.min(walk.length - 1, to))]);
    } else if (event.key === 'Escape' && marked.run !== undefined) {
      event.preventDefault();
      marked.pick(undefined);
    }
  };
  return (
    <div className="parallel">
      <AxisHeads {...props} width={size?.width} />
      <div
        ref={box}
        className="parallel-plot"
        role="application"
        aria-roledescription="chart"
        aria-label={`Lines of ${names.length.toLocaleString('en')} runs over ${axes.length} axes: arrow keys walk from the best run to the worst`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it takes arrow keys
        tabIndex={0}
        onPointerDown={onDown}
        onPointerMove={onMove}
        onPointerUp={onUp}
        onPointerCancel={onCancel}
        onPointerLeave={() => marked.point(undefined)}
        onKeyDown={onKey}
      >
        <canvas ref={back} className="plot-layer" />
        <canvas ref={middle} className="plot-layer" />
        <canvas ref={top} className="plot-layer" />
      </div>
    </div>
  );
}

const nothing = () => {};

const placeIn = (size: Size | undefined, y: number) => Math.max(0, Math.min(1, placeAt(y, size?.height ?? 1)));

export function within(event: PointerEvent<HTMLElement>): { x: number; y: number } {
  const box = event.currentTarget.getBoundingClientRect();
  return { x: event.clientX - box.left, y: event.clientY - box.top };
}
