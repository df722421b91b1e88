/** Runs as points: the target over a param or another metric. A dragged rectangle brushes both. */
import { type KeyboardEvent, type PointerEvent, useMemo, useRef, useState } from 'react';
import type { Axis } from '../../../analysis/axis.js';
import { type Brush, brushBetween } from '../../../analysis/brush.js';
import { columnLabel } from '../../../analysis/column-name.js';
import { useDark } from '../../../state/browser/theme.js';
import { useDrawing, useSize } from './drawing/canvas.js';
import { drawOver, drawPoints, placesAt, pointAt } from './drawing/scatter.js';
import type { Marked } from './marked.js';
import { within } from './ParallelCoordinates.js';

interface ScatterProps {
  x: Axis;
  y: Axis;
  inside: Uint8Array;
  colourOf: (run: number) => string;
  /** Of both columns at once. */
  onBrush: (brushes: readonly Brush[]) => void;
  /** While they are dragged; undefined when that ends. */
  onDraft: (brushes: readonly Brush[] | undefined) => void;
  marked: Marked;
  walk: readonly number[];
}

interface Rectangle {
  x1: number;
  y1: number;
  x2: number;
  y2: number;
}

const LEAST_DRAG = 5;

export function Scatter({ x, y, inside, colourOf, onBrush, onDraft, marked, walk }: ScatterProps) {
  const [box, size] = useSize<HTMLDivElement>();
  const isDark = useDark();
  const start = useRef<{ x: number; y: number }>(undefined);
  const [rectangle, setRectangle] = useState<Rectangle>();
  const points = useMemo(() => drawPoints({ x, y, inside, colourOf, isDark }), [x, y, inside, colourOf, isDark]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the page's colours are read anew when it turns dark
  const over = useMemo(() => drawOver({ x, y, marked: marked.run, rectangle }), [x, y, marked.run, rectangle, isDark]);
  const back = useDrawing(size, points);
  const top = useDrawing(size, over);
  const rectangleTo = (event: PointerEvent<HTMLDivElement>): Rectangle | undefined => {
    const from = start.current;
    if (!from) return undefined;
    const to = within(event);
    if (Math.hypot(to.x - from.x, to.y - from.y) < LEAST_DRAG) return undefined;
    return {
      x1: Math.min(from.x, to.x),
      y1: Math.min(from.y, to.y),
      x2: Math.max(from.x, to.x),
      y2: Math.max(from.y, to.y),
    };
  };
  const brushesIn = (drawn: Rectangle): Brush[] => {
    if (!size) return [];
    const low = placesAt(drawn.x1, drawn.y2, size);
    const high = placesAt(drawn.x2, drawn.y1, size);
    return [brushBetween(x, low.x, high.x), brushBetween(y, low.y, high.y)].filter((brush) => brush !== undefined);
  };
  const onMove = (event: PointerEvent<HTMLDivElement>) => {
    if (start.current) {
      const next = rectangleTo(event);
      if (next) event.currentTarget.setPointerCapture(event.pointerId);
      setRectangle(next);
      onDraft(next && brushesIn(next));
    } else if (size) {
      const at = within(event);
      marked.point(pointAt(x, y, inside, size, at.x, at.y));
    }
  };
  const onUp = (event: PointerEvent<HTMLDivElement>) => {
    const drawn = rectangleTo(event);
    const at = within(event);
    start.current = undefined;
    setRectangle(undefined);
    if (!size) return;
    if (!drawn) {
      marked.pick(pointAt(x, y, inside, size, at.x, at.y));
      return;
    }
    onBrush(brushesIn(drawn));
  };
  const onKey = (event: KeyboardEvent) => {
    const at = marked.run === undefined ? -1 : walk.indexOf(marked.run);
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (by !== undefined && walk.length > 0) {
      event.preventDefault();
      marked.pick(walk[Math.max(0, Math.min(walk.length - 1, at + by))]);
    } else if (event.key === 'Escape' && marked.run !== undefined) {
      event.preventDefault();
      marked.pick(undefined);
    }
  };
  const names = `${columnLabel(y.column.name)} over ${columnLabel(x.column.name)}`;
  return (
    <div
      ref={box}
      className="scatter-plot"
      role="application"
      aria-roledescription="chart"
      aria-label={`Points of runs, ${names}: arrow keys walk from the best run to the worst`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it takes arrow keys
      tabIndex={0}
      onPointerDown={(event) => {
        if (event.button === 0) start.current = within(event);
      }}
      onPointerMove={onMove}
      onPointerUp={onUp}
      onPointerCancel={() => {
        start.current = undefined;
        setRectangle(undefined);
        onDraft(undefined);
      }}
      onPointerLeave={() => marked.point(undefined)}
      onKeyDown={onKey}
    >
      <canvas ref={back} className="plot-layer" />
      <canvas ref={top} className="plot-layer" />
    </div>
  );
}
