/** The drawing of a scatter plot: a point for each run that has both values. */
import type { Axis } from '../../../../analysis/axis.js';
import { css } from '../../../../analysis/ramp.js';
import { type Draw, fitted, inks, plated, type Size } from './canvas.js';

export const FRAME = { top: 10, right: 12, bottom: 24, left: 56 };
/** Above this many, points are small squares, which are quicker to draw. */
const MANY_POINTS = 3_000;
const NEAR = 10;

const xOf = (place: number, width: number) => FRAME.left + place * (width - FRAME.left - FRAME.right);
const yOf = (place: number, height: number) => FRAME.top + (1 - place) * (height - FRAME.top - FRAME.bottom);

export const placesAt = (x: number, y: number, { width, height }: Size): { x: number; y: number } => ({
  x: (x - FRAME.left) / (width - FRAME.left - FRAME.right),
  y: 1 - (y - FRAME.top) / (height - FRAME.top - FRAME.bottom),
});

interface PointsWanted {
  x: Axis;
  y: Axis;
  inside: Uint8Array;
  /** A colour of the page for each run. */
  colourOf: (run: number) => string;
  isDark: boolean;
}

export function drawPoints({ x, y, inside, colourOf, isDark }: PointsWanted): Draw {
  return (context, size) => {
    drawFrame(context, x, y, size);
    const isMany = inside.length > MANY_POINTS;
    const groups = new Map<string, number[]>();
    const outside: number[] = [];
    for (let run = 0; run < inside.length; run++) {
      if (Number.isNaN(x.places[run]) || Number.isNaN(y.places[run])) continue;
      if (!inside[run]) {
        outside.push(run);
        continue;
      }
      const colour = colourOf(run);
      const group = groups.get(colour);
      if (group) group.push(run);
      else groups.set(colour, [run]);
    }
    const put = (run: number, radius: number) => {
      const left = xOf(x.places[run] as number, size.width);
      const top = yOf(y.places[run] as number, size.height);
      if (isMany) context.fillRect(left - 1.5, top - 1.5, 3, 3);
      else {
        context.beginPath();
        context.arc(left, top, radius, 0, 7);
        context.fill();
      }
    };
    context.fillStyle = css(isDark ? [74, 82, 91] : [196, 202, 209], 0.55);
    for (const run of outside) put(run, 2.5);
    context.globalAlpha = isMany ? 0.6 : inside.length > 300 ? 0.75 : 0.95;
    for (const [colour, runs] of groups) {
      context.fillStyle = colour;
      for (const run of runs) put(run, inside.length > 300 ? 2.8 : 3.8);
    }
    context.globalAlpha = 1;
  };
}

function drawFrame(context: CanvasRenderingContext2D, x: Axis, y: Axis, { width, height }: Size): void {
  const ink = inks();
  context.font = `11px ${ink.font}`;
  context.textBaseline = 'middle';
  context.lineWidth = 1;
  context.strokeStyle = ink.border;
  context.fillStyle = ink.muted;
  context.textAlign = 'right';
  let last = Number.POSITIVE_INFINITY;
  for (const { place, text } of [...y.ticks].sort((a, b) => a.place - b.place)) {
    const at = yOf(place, height);
    if (last - at < 14) continue;
    last = at;
    rule(context, FRAME.left, at, width - FRAME.right, at);
    context.fillText(fitted(context, text, FRAME.left - 10), FRAME.left - 6, at);
  }
  context.textAlign = 'center';
  const room = (width - FRAME.left - FRAME.right) / Math.max(1, x.ticks.length) - 6;
  let end = Number.NEGATIVE_INFINITY;
  for (const { place, text } of [...x.ticks].sort((a, b) => a.place - b.place)) {
    const at = xOf(place, width);
    rule(context, at, FRAME.top, at, height - FRAME.bottom);
    const shown = fitted(context, text, Math.max(24, room));
    const half = context.measureText(shown).width / 2;
    if (at - half < end + 6 || at + half > width) continue;
    end = at + half;
    context.fillText(shown, at, height - FRAME.bottom / 2);
  }
}

function rule(context: CanvasRenderingContext2D, x1: number, y1: number, x2: number, y2: number): void {
  context.beginPath();
  context.moveTo(Math.round(x1) + 0.5, Math.round(y1) + 0.5);
  context.lineTo(Math.round(x2) + 0.5, Math.round(y2) + 0.5);
  context.stroke();
}

interface OverWanted {
  x: Axis;
  y: Axis;
  marked: number | undefined;
  /** px, while a rectangle is dragged. */
  rectangle: { x1: number; y1: number; x2: number; y2: number } | undefined;
}

export function drawOver({ x, y, marked, rectangle }: OverWanted): Draw {
  return (context, { width, height }) => {
    const ink = inks();
    if (rectangle) {
      const { x1, y1, x2, y2 } = rectangle;
      context.fillStyle = ink.accent;
      context.globalAlpha = 0.16;
      context.fillRect(x1, y1, x2 - x1, y2 - y1);
      context.globalAlpha = 1;
      context.strokeStyle = ink.accent;
      context.strokeRect(x1, y1, x2 - x1, y2 - y1);
    }
    if (marked === undefined || Number.isNaN(x.places[marked]) || Number.isNaN(y.places[marked])) return;
    const left = xOf(x.places[marked] as number, width);
    const top = yOf(y.places[marked] as number, height);
    context.strokeStyle = ink.border;
    rule(context, FRAME.left, top, left, top);
    rule(context, left, top, left, height - FRAME.bottom);
    context.lineWidth = 2;
    context.strokeStyle = ink.text;
    context.beginPath();
    context.arc(left, top, 6, 0, 7);
    context.stroke();
  };
}

/** The run whose point is nearest, a few pixels away at most. */
export function pointAt(
  x: Axis,
  y: Axis,
  inside: Uint8Array,
  { width, height }: Size,
  left: number,
  top: number,
): number | undefined {
  let best: number | undefined;
  let nearest = NEAR;
  for (let run = 0; run < inside.length; run++) {
    if (!inside[run]) continue;
    const away = Math.hypot(xOf(x.places[run] as number, width) - left, yOf(y.places[run] as number, height) - top);
    if (away < nearest) {
      nearest = away;
      best = run;
    }
  }
  return best;
}

/** Of a picture that stands alone: what is drawn over what. */
export function drawNames(y: string, x: string): Draw {
  return (context, { width }) => {
    const ink = inks();
    context.font = `600 12px ${ink.font}`;
    context.textBaseline = 'middle';
    context.textAlign = 'right';
    plated(context, fitted(context, `${y} over ${x}`, width - FRAME.left), width - FRAME.right, FRAME.top + 8, ink);
  };
}
