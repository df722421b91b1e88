/** Runs as lines over axes: drag along an axis to brush it, drag its name to move it; its menu does the same by keyboard. */
import { type KeyboardEvent, type PointerEvent, useCallback, useMemo, useRef, useState } from 'react';
import type { Axis } from '../../../analysis/axis.js';
import { type Brush, brushBetween } from '../../../analysis/brush.js';
import { useDark } from '../../../state/theme.js';
import { AxisHeads } from './AxisHeads.js';
import { type Size, useDrawing, useSize } from './canvas.js';
import { drawAxes, drawLines, placeAt, runAt, xOfAxis } from './draw-parallel.js';
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
  brushes: readonly Brush[];
  onBrush: (column: string, brush: Brush | undefined) => void;
  onLook: (column: string, look: { isLog?: boolean; isFlipped?: boolean }) => void;
  onMove: (column: string, place: number) => void;
  onRemove: (column: string) => void;
  onRange: (column: string) => void;
  marked: Marked;
  /** Runs in the order in which the arrow keys walk them. */
  walk: readonly number[];
}

interface BrushDrag {
  axis: Axis;
  from: number;
  to: number;
}

export function ParallelCoordinates(props: ParallelCoordinatesProps) {
  const { axes, names, inside, shares, onBrush, marked, walk } = props;
  const [box, size] = useSize<HTMLDivElement>();
  const isDark = useDark();
  const [drag, setDrag] = useState<BrushDrag>();
  const start = useRef<{ x: number; y: number }>(undefined);
  const dragged = drag && brushBetween(drag.axis, placeIn(size, drag.from), placeIn(size, drag.to));
  const brushes = useMemo(
    () => (dragged ? [...props.brushes.filter(({ column }) => column !== dragged.column), dragged] : props.brushes),
    [dragged, props.brushes],
  );
  const hasBrushes = props.brushes.length > 0;
  const lines = useMemo(
    () => drawLines({ axes, inside, hasBrushes, shares, isDark }),
    [axes, inside, hasBrushes, shares, isDark],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: the page's colours are read anew when it turns dark
  const front = useMemo(() => drawAxes({ axes, brushes, marked: marked.run }), [axes, brushes, marked.run, isDark]);
  const back = useDrawing(size, lines);
  const top = useDrawing(size, front);
  const axisAt = useCallback(
    (x: number) => axes.find((_, at) => size && Math.abs(xOfAxis(at, axes.length, size.width) - x) <= GRIP),
    [axes, size],
  );
  const onDown = (event: PointerEvent<HTMLDivElement>) => {
    if (event.button !== 0) return;
    const { x, y } = within(event);
    start.current = { x, y };
    const axis = axisAt(x);
    if (!axis) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    setDrag({ axis, from: y, to: y });
  };
  const onMove = (event: PointerEvent<HTMLDivElement>) => {
    const { x, y } = within(event);
    if (drag) setDrag({ ...drag, to: y });
    else if (size) marked.point(runAt(axes, inside, size, x, y));
  };
  const onUp = (event: PointerEvent<HTMLDivElement>) => {
    const { x, y } = within(event);
    const isClick = !start.current || Math.hypot(x - start.current.x, y - start.current.y) < LEAST_DRAG;
    start.current = undefined;
    setDrag(undefined);
    if (drag && !isClick) {
      const brush = brushBetween(drag.axis, placeIn(size, drag.from), placeIn(size, y));
      onBrush(drag.axis.column.name, brush);
    } else if (drag && isClick && brushes.some(({ column }) => column === drag.axis.column.name)) {
      onBrush(drag.axis.column.name, undefined);
    } else if (size) marked.pick(runAt(axes, inside, size, x, y));
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
        data-grip={drag ? '' : undefined}
        onPointerDown={onDown}
        onPointerMove={onMove}
        onPointerUp={onUp}
        onPointerLeave={() => marked.point(undefined)}
        onKeyDown={onKey}
      >
        <canvas ref={back} className="plot-layer" />
        <canvas ref={top} className="plot-layer" />
      </div>
    </div>
  );
}

const placeIn = (size: Size | undefined, y: number) => Math.max(0, Math.min(1, placeAt(y, size?.height ?? 1)));

export function within(event: PointerEvent<HTMLElement>): { x: number; y: number } {
  const box = event.currentTarget.getBoundingClientRect();
  return { x: event.clientX - box.left, y: event.clientY - box.top };
}
