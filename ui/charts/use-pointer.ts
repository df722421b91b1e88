/** Where one points in a chart, with the mouse or the arrow keys, and which of its lines is meant. */
import { useEffect, useMemo, useState } from 'react';
import { highlightRun, movePointer, useHighlightedRun } from '../state/highlight.js';
import type { ChartFrame } from './model/frame.js';
import type { Line } from './model/lines.js';
import { entryAt, type Reading, readingsAt } from './model/reading.js';
import type { Pointed } from './Plot.js';

export type Pointer = ReturnType<typeof usePointer>;

export function usePointer(lines: readonly Line[], frame: ChartFrame | undefined) {
  const [pointed, setPointed] = useState<Pointed>();
  const [pinned, setPinned] = useState<Pointed>();
  const [isSpoken, setSpoken] = useState(false);
  const [chosen, setChosen] = useState<string>();
  const shared = useHighlightedRun();
  const at = pinned ?? pointed;
  const readings = useMemo(() => (at ? readingsAt(lines, at.x) : []), [lines, at]);
  const nearest = at && frame && !isSpoken ? nearestLine(readings, at.x, distanceTo(at.y, frame)) : undefined;
  const own = chosen ?? nearest;
  const bold = own ?? lines.find(({ id, members }) => id === shared || members?.includes(shared ?? ''))?.id;

  useEffect(() => {
    if (own !== undefined) highlightRun(own);
  }, [own]);

  const leave = () => {
    setPointed(undefined);
    setPinned(undefined);
    setSpoken(false);
    setChosen(undefined);
    movePointer(undefined);
    highlightRun(undefined);
  };
  const line = lines.find(({ id }) => id === bold) ?? lines[0];
  return {
    pointed: at,
    readings,
    bold,
    isPinned: pinned !== undefined,
    isSpoken,
    point: (to: Pointed | undefined) => {
      if (pinned) return;
      setSpoken(false);
      setChosen(undefined);
      setPointed(to);
      if (!to) highlightRun(undefined);
    },
    pin: () => setPinned(pinned ? undefined : pointed),
    leave,
    /** To another entry of the line. */
    move: (by: number) => {
      if (!line || !frame) return;
      const place = stepped(line, frame, at?.x, by);
      if (place === undefined) return;
      const x = line.x[place] as number;
      setPinned(undefined);
      setSpoken(true);
      setChosen(line.id);
      setPointed({ x, y: line.y[place] as number, ...corner() });
    },
    /** To the line above (-1) or below. */
    change: (by: number) => {
      const place = readings.findIndex(({ line: { id } }) => id === bold);
      const next = readings[Math.min(readings.length - 1, Math.max(0, place + by))];
      if (!next || !at) return;
      setSpoken(true);
      setChosen(next.line.id);
    },
  };
}

/** Beside the chart that has the focus, for readings that no mouse stands for. */
function corner(): { left: number; top: number } {
  const box = document.activeElement?.getBoundingClientRect();
  return { left: (box?.left ?? 0) + (box?.width ?? 0) / 2, top: box?.bottom ?? 0 };
}

/** Place of the entry that is `by` away from the one at `x`, inside the frame. */
function stepped(line: Line, { x: [from, to] }: ChartFrame, x: number | undefined, by: number): number | undefined {
  const inside = line.x.flatMap((each, at) => (each >= from && each <= to ? [at] : []));
  if (inside.length === 0) return undefined;
  if (x === undefined) return by === Number.POSITIVE_INFINITY ? inside.at(-1) : inside[0];
  const here = inside.findIndex((at) => (line.x[at] as number) >= x);
  const place = Math.min(inside.length - 1, Math.max(0, (here < 0 ? inside.length - 1 : here) + by));
  return inside[place];
}

/** How far a value is from `y` on the drawing, as a share of its height. */
function distanceTo(y: number, { y: [min, max], logY }: ChartFrame): (value: number) => number {
  if (!logY) return (value) => Math.abs(value - y) / (max - min);
  return (value) => (value > 0 ? Math.abs(Math.log(value / y)) / Math.log(max / min) : Number.NaN);
}

/** Of the lines at `x`, the one whose value, or an edge of whose band, is nearest to `y` on the drawing. */
function nearestLine(readings: readonly Reading[], x: number, y: (value: number) => number): string | undefined {
  let best: { id: string; distance: number } | undefined;
  for (const { line } of readings) {
    const at = entryAt(line, x);
    if (at === undefined) continue;
    const middle = (line.smooth ?? line.y)[at];
    const edges = [line.low?.[at], line.high?.[at]].map((edge) => (edge === undefined ? Number.NaN : y(edge) + 2));
    const distances = [middle === undefined ? Number.NaN : y(middle), ...edges].filter((each) => !Number.isNaN(each));
    const distance = Math.min(...distances);
    if (distances.length > 0 && (!best || distance < best.distance)) best = { id: line.id, distance };
  }
  return best?.id;
}
