/** The drawing of a chart: uPlot makes canvas, scales and axes, paint.ts the lines. It knows nothing of runs or requests. */
import { useEffect, useEffectEvent, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { tickNumber } from '../display/numbers.js';
import { useDark } from '../state/browser/theme.js';
import { currentPointer, movePointer, subscribePointer } from '../state/highlight.js';
import { listenFor, type Place } from './gestures.js';
import { type ChartFrame, zoomed } from './model/frame.js';
import type { Axis } from './model/lines.js';
import { axisTick } from './model/reading.js';
import { durationTicks, logTicks, type Range, roundTicks, timeTicks } from './model/ticks.js';
import { type Painted, paint } from './paint.js';

export interface Pointed {
  /** In the units of the axes. */
  x: number;
  y: number;
  /** px of the window. */
  left: number;
  top: number;
}

export interface PlotProps extends Painted {
  axis: Axis;
  height: number;
  onPoint: (pointed: Pointed | undefined) => void;
  onPin: () => void;
  /** Undefined: all there is. */
  onZoomX: (range: Range | undefined) => void;
  onZoomY: (range: Range | undefined) => void;
  /** For export: the canvas, once it is there. */
  onCanvas?: ((canvas: HTMLCanvasElement) => void) | undefined;
}

export default function Plot(props: PlotProps) {
  const { axis, height, frame, lines, bold, hasBand } = props;
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const isDark = useDark();
  const repaint = useEffectEvent((drawn: uPlot) => paint(drawn, props));
  const ticks = useEffectEvent((drawn: uPlot, which: 'x' | 'y') => ticksOf(drawn, which, axis, props.frame));
  const labels = useEffectEvent((which: 'x' | 'y', values: number[]) =>
    values.map((value) => (which === 'y' ? tickNumber(value) : axisTick(axis, value, props.frame.x))),
  );
  const gesture = useEffectEvent((drawn: uPlot, act: (acts: ReturnType<typeof actsOf>) => void) =>
    act(actsOf(drawn, props)),
  );
  const showPointer = useEffectEvent((drawn: uPlot, cross: HTMLElement) => standAt(drawn, cross, axis, props.frame));
  const isLog = `${frame.logX}${frame.logY}`;

  // biome-ignore lint/correctness/useExhaustiveDependencies: another theme or kind of scale needs another plot
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const drawn = new uPlot(
      optionsFor(element, height, frame, { repaint, ticks, labels }),
      [
        [0, 1],
        [null, null],
      ],
      element,
    );
    plot.current = drawn;
    showFrame(drawn, frame);
    const cross = document.createElement('div');
    cross.className = 'plot-cross';
    cross.hidden = true;
    drawn.over.append(cross);
    const stops = [
      listenFor(drawn.over, {
        onPoint: (at) => gesture(drawn, (acts) => acts.point(at)),
        onLeave: () => gesture(drawn, (acts) => acts.leave()),
        onPin: (at) => gesture(drawn, (acts) => acts.pin(at)),
        onSelect: (direction, from, to) => gesture(drawn, (acts) => acts.select(direction, from, to)),
        onReset: () => gesture(drawn, (acts) => acts.reset()),
        onWheel: (at, factor) => gesture(drawn, (acts) => acts.wheel(at, factor)),
      }),
      subscribePointer(() => showPointer(drawn, cross)),
    ];
    const observer = new ResizeObserver(() =>
      drawn.setSize({ width: element.clientWidth, height: element.clientHeight }),
    );
    observer.observe(element);
    props.onCanvas?.(drawn.ctx.canvas);
    return () => {
      observer.disconnect();
      for (const stop of stops) stop();
      drawn.destroy();
    };
  }, [isLog, isDark]);

  useEffect(() => {
    if (plot.current) showFrame(plot.current, frame);
  }, [frame]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: what is painted has changed
  useEffect(() => {
    plot.current?.redraw(false);
  }, [lines, bold, hasBand]);

  return <div ref={place} className="plot" style={{ height }} />;
}

function showFrame(plot: uPlot, { x, y }: ChartFrame): void {
  plot.batch(() => {
    plot.setScale('x', { min: x[0], max: x[1] });
    plot.setScale('y', { min: y[0], max: y[1] });
  });
}

interface Painters {
  repaint: (plot: uPlot) => void;
  ticks: (plot: uPlot, which: 'x' | 'y') => number[];
  labels: (which: 'x' | 'y', values: number[]) => string[];
}

const AXIS_HEIGHT = 24;
const CHARACTER = 6.4;
/** px that a tick of the horizontal axis needs. */
const TICK_WIDTHS = { step: 50, time: 84, rel: 58 };

function optionsFor(element: HTMLElement, height: number, frame: ChartFrame, painters: Painters): uPlot.Options {
  const style = getComputedStyle(element);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const grid = { stroke: colour('--border'), width: 1 };
  const base = { stroke: colour('--muted'), font: `11px ${style.fontFamily}`, grid, ticks: { ...grid, size: 4 } };
  const kind = (isLog: boolean): uPlot.Scale => ({ time: false, auto: false, distr: isLog ? 3 : 1 });
  return {
    width: element.clientWidth,
    height,
    padding: [8, 10, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: { x: kind(frame.logX), y: kind(frame.logY) },
    axes: [
      {
        ...base,
        size: AXIS_HEIGHT,
        gap: 3,
        splits: (plot) => painters.ticks(plot, 'x'),
        filter: (_, splits) => splits,
        values: (_, splits) => painters.labels('x', splits),
      },
      {
        ...base,
        gap: 4,
        size: (_, values) => 12 + CHARACTER * Math.max(2, ...(values ?? []).map((text) => text.length)),
        splits: (plot) => painters.ticks(plot, 'y'),
        filter: (_, splits) => splits,
        values: (_, splits) => painters.labels('y', splits),
      },
    ],
    series: [{}, {}],
    hooks: { draw: [painters.repaint] },
  };
}

function ticksOf(plot: uPlot, which: 'x' | 'y', axis: Axis, { x, y, logX, logY }: ChartFrame): number[] {
  const length = (which === 'x' ? plot.over.clientWidth : plot.over.clientHeight) || 200;
  if (which === 'y') return (logY ? logTicks : roundTicks)(y, Math.max(2, Math.min(6, Math.floor(length / 26))));
  const most = Math.max(
    2,
    Math.min(6, Math.floor(length / TICK_WIDTHS[axis === 'time' || axis === 'rel' ? axis : 'step'])),
  );
  if (logX) return logTicks(x, most);
  if (axis === 'time') return timeTicks(x, most);
  if (axis === 'rel') return durationTicks(x, most);
  return roundTicks(x, most).filter((tick) => axis !== 'step' || Number.isInteger(tick));
}

/** What gestures mean in the units of the axes. */
function actsOf(plot: uPlot, { axis, frame, onPoint, onPin, onZoomX, onZoomY }: PlotProps) {
  const pointed = ({ left, top }: Place): Pointed => {
    const box = plot.over.getBoundingClientRect();
    return {
      x: plot.posToVal(left, 'x'),
      y: plot.posToVal(top, 'y'),
      left: box.left + left,
      top: box.top + top,
    };
  };
  const point = (at: Place) => {
    const to = pointed(at);
    movePointer({ axis, x: to.x });
    onPoint(to);
  };
  return {
    point,
    leave: () => {
      movePointer(undefined);
      onPoint(undefined);
    },
    pin: (at: Place) => {
      point(at);
      onPin();
    },
    select: (direction: 'x' | 'y', from: number, to: number) => {
      const range = [plot.posToVal(from, direction), plot.posToVal(to, direction)] as const;
      if (direction === 'x') onZoomX(range);
      else onZoomY([range[1], range[0]]);
    },
    reset: () => {
      onZoomX(undefined);
      onZoomY(undefined);
    },
    wheel: (at: Place, factor: number) => onZoomX(zoomed(frame.x, pointed(at).x, factor, frame.logX)),
  };
}

/** Puts the crosshair where the page's pointer is. */
function standAt(plot: uPlot, cross: HTMLElement, axis: Axis, { x }: ChartFrame): void {
  const pointer = currentPointer();
  const isHere = pointer?.axis === axis && pointer.x >= x[0] && pointer.x <= x[1];
  cross.hidden = !isHere;
  if (isHere) cross.style.transform = `translateX(${Math.round(plot.valToPos(pointer.x, 'x'))}px)`;
}
