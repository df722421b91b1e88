/** The drawing of parallel coordinates: the lines of all runs, and over them axes, brushes and the runs that are pointed at. */
import { type Axis, textAt } from '../../../../analysis/axis.js';
import { type Brush, placesOf } from '../../../../analysis/brush.js';
import { columnLabel } from '../../../../analysis/column-name.js';
import { drawDensity, type LineStop } from '../../../../analysis/density.js';
import { type Colour, css, rampColour } from '../../../../display/ramp.js';
import { colourOf } from '../../../../display/run-colours.js';
import { type Draw, fitted, inks, plated, type Size } from './canvas.js';

export const MARGIN = { top: 10, bottom: 14, side: 64 };
/** Above this many, lines are drawn as a density. */
export const MANY_LINES = 500;
const NEAR = 8;

export const xOfAxis = (place: number, count: number, width: number): number =>
  count === 1 ? width / 2 : MARGIN.side + (place * (width - 2 * MARGIN.side)) / (count - 1);

const heightOf = (place: number, height: number) => MARGIN.top + (1 - place) * (height - MARGIN.top - MARGIN.bottom);

export const placeAt = (y: number, height: number): number =>
  1 - (y - MARGIN.top) / (height - MARGIN.top - MARGIN.bottom);

interface LinesWanted {
  axes: readonly Axis[];
  /** One per run: 1 within the brushes. */
  inside: Uint8Array;
  /** One per run: where its target stands, 0 to 1. */
  shares: Float64Array;
  /** Names of the style sheet's colours, one per run, in place of the target's. */
  variables?: readonly string[] | undefined;
  isDark: boolean;
}

const shadowOf = (isDark: boolean): Colour => (isDark ? [74, 82, 91] : [196, 202, 209]);
const plainOf = (isDark: boolean): Colour => (isDark ? [150, 158, 168] : [110, 118, 128]);

/** The lines of the runs within the brushes, in the colour of their target. */
export function drawLines({ axes, inside, shares, variables, isDark }: LinesWanted): Draw {
  return (context, size) => {
    const stops = stopsOf(axes, size);
    if (inside.length > MANY_LINES) {
      addDensity(context, size, stops, inside, { shares, palette: paletteOf(isDark), plain: plainOf(isDark) });
      return;
    }
    const order = Array.from(inside, (_, run) => run).sort((a, b) => (shares[a] as number) - (shares[b] as number));
    const count = inside.reduce((sum, each) => sum + each, 0);
    const alpha = count > 200 ? 0.5 : count > 50 ? 0.7 : 0.9;
    context.lineJoin = 'round';
    for (const run of order) {
      if (!inside[run]) continue;
      const share = shares[run] as number;
      const colour = css(Number.isNaN(share) ? plainOf(isDark) : rampColour(share, isDark), alpha);
      const own = variables?.[run];
      strokeRun(context, stops, run, own ? colourOf(own) : colour, own ? 2 : count > 50 ? 1.2 : 1.6);
    }
  };
}

/** The lines of all runs in grey, which stay behind those within the brushes. */
export function drawShadow(axes: readonly Axis[], count: number, isDark: boolean): Draw {
  return (context, size) => {
    const stops = stopsOf(axes, size);
    if (count > MANY_LINES) {
      const all = new Uint8Array(count).fill(1);
      const none = new Float64Array(count).fill(Number.NaN);
      addDensity(context, size, stops, all, { shares: none, palette: paletteOf(isDark), plain: shadowOf(isDark) });
      return;
    }
    for (let run = 0; run < count; run++) strokeRun(context, stops, run, css(shadowOf(isDark), 0.5), 1);
  };
}

const stopsOf = (axes: readonly Axis[], { width, height }: Size): LineStop[] =>
  axes.map((axis, at) => ({
    x: xOfAxis(at, axes.length, width),
    heights: axis.places.map((place) => heightOf(place, height)),
  }));

function strokeRun(
  context: CanvasRenderingContext2D,
  stops: readonly LineStop[],
  run: number,
  style: string,
  width: number,
): void {
  context.strokeStyle = style;
  context.lineWidth = width;
  context.beginPath();
  let isDown = false;
  for (const { x, heights } of stops) {
    const y = heights[run] as number;
    if (Number.isNaN(y)) isDown = false;
    else if (isDown) context.lineTo(x, y);
    else {
      context.moveTo(x, y);
      isDown = true;
    }
  }
  context.stroke();
}

/** Above this many runs a density has half as many pixels each way: finer ones would take longer than they are worth. */
const COARSE_FROM = 3_000;

function addDensity(
  context: CanvasRenderingContext2D,
  { width, height }: Size,
  stops: readonly LineStop[],
  inside: Uint8Array,
  ink: Parameters<typeof drawDensity>[3],
): void {
  const count = inside.reduce((sum, each) => sum + each, 0);
  const scale = count > COARSE_FROM ? 0.5 : 1;
  const image = new ImageData(Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale)));
  const scaled = stops.map(({ x, heights }) => ({ x: x * scale, heights: heights.map((each) => each * scale) }));
  // Few lines are strong ones; of ten thousand, twenty must pass to be seen as much.
  drawDensity(image, scaled, inside, ink, Math.max(0.04, Math.min(0.9, 180 / Math.max(count, 1))));
  const sheet = new OffscreenCanvas(image.width, image.height);
  sheet.getContext('2d')?.putImageData(image, 0, 0);
  context.drawImage(sheet, 0, 0, width, height);
}

function paletteOf(isDark: boolean): Uint8Array {
  const palette = new Uint8Array(256 * 3);
  for (let at = 0; at < 256; at++) palette.set(rampColour(at / 255, isDark), at * 3);
  return palette;
}

interface AxesWanted {
  axes: readonly Axis[];
  brushes: readonly Brush[];
  /** A run that is pointed at, or walked to. */
  marked: number | undefined;
  /** Of a picture: the names, which in the page are buttons above. */
  hasNames?: boolean;
}

export function drawAxes({ axes, brushes, marked, hasNames }: AxesWanted): Draw {
  return (context, { width, height }) => {
    const ink = inks();
    context.font = `11px ${ink.font}`;
    context.textBaseline = 'middle';
    for (const [at, axis] of axes.entries()) {
      const x = xOfAxis(at, axes.length, width);
      context.strokeStyle = ink.line;
      context.lineWidth = 1;
      context.beginPath();
      context.moveTo(Math.round(x) + 0.5, heightOf(1, height));
      context.lineTo(Math.round(x) + 0.5, heightOf(0, height));
      context.stroke();
      const brush = brushes.find(({ column }) => column === axis.column.name);
      const ends = brush && placesOf(axis, brush);
      if (ends) {
        const top = heightOf(ends[1], height);
        context.fillStyle = ink.accent;
        context.globalAlpha = 0.22;
        context.fillRect(x - 8, top, 16, Math.max(2, heightOf(ends[0], height) - top));
        context.globalAlpha = 1;
        context.strokeStyle = ink.accent;
        context.strokeRect(x - 8, top, 16, Math.max(2, heightOf(ends[0], height) - top));
      }
    }
    if (marked !== undefined) {
      const stops = stopsOf(axes, { width, height });
      strokeRun(context, stops, marked, ink.page, 5);
      strokeRun(context, stops, marked, ink.text, 2.2);
    }
    for (const [at, axis] of axes.entries()) drawTicks(context, axis, at, axes.length, { width, height }, marked);
    if (hasNames) drawNames(context, axes, width);
  };
}

function drawTicks(
  context: CanvasRenderingContext2D,
  axis: Axis,
  at: number,
  count: number,
  { width, height }: Size,
  marked: number | undefined,
): void {
  const ink = inks();
  const x = xOfAxis(at, count, width);
  const isLast = at === count - 1 && count > 1;
  const room = count > 1 ? (width - 2 * MARGIN.side) / (count - 1) - 16 : 120;
  context.textAlign = 'left';
  let lastY = Number.POSITIVE_INFINITY;
  for (const { place, text } of [...axis.ticks].sort((a, b) => a.place - b.place)) {
    const y = heightOf(place, height);
    if (lastY - y < 13) continue;
    lastY = y;
    context.strokeStyle = ink.line;
    context.beginPath();
    context.moveTo(x - 3, Math.round(y) + 0.5);
    context.lineTo(x + 3, Math.round(y) + 0.5);
    context.stroke();
    plated(
      context,
      fitted(context, text, isLast ? MARGIN.side - 10 : Math.max(30, Math.min(110, room))),
      x + 7,
      y,
      ink,
    );
  }
  if (marked === undefined || Number.isNaN(axis.places[marked])) return;
  context.textAlign = 'right';
  context.font = `600 11px ${ink.font}`;
  const y = heightOf(axis.places[marked] as number, height);
  plated(context, fitted(context, textAt(axis, marked), at === 0 ? MARGIN.side - 10 : 110), x - 7, y, ink);
  context.font = `11px ${ink.font}`;
}

export const NAMES_HEIGHT = 20;

function drawNames(context: CanvasRenderingContext2D, axes: readonly Axis[], width: number): void {
  const ink = inks();
  context.textAlign = 'center';
  context.font = `600 12px ${ink.font}`;
  context.fillStyle = ink.text;
  const room = axes.length > 1 ? (width - 2 * MARGIN.side) / (axes.length - 1) - 8 : width;
  for (const [at, axis] of axes.entries()) {
    const name = columnLabel(axis.column.name) + (axis.isLog ? ' (log)' : '');
    context.fillText(fitted(context, name, Math.min(room, 150)), xOfAxis(at, axes.length, width), -10);
  }
}

/** The run whose line passes nearest, at most a few pixels away; those within the brushes only. */
export function runAt(
  axes: readonly Axis[],
  inside: Uint8Array,
  { width, height }: Size,
  x: number,
  y: number,
): number | undefined {
  const step = axes.length > 1 ? (width - 2 * MARGIN.side) / (axes.length - 1) : 1;
  const at = Math.max(0, Math.min(axes.length - 2, Math.floor((x - MARGIN.side) / step)));
  const [left, right] = [axes[at], axes[at + 1]];
  if (!left || !right) return undefined;
  const part = Math.max(0, Math.min(1, (x - xOfAxis(at, axes.length, width)) / step));
  let best: number | undefined;
  let nearest = NEAR;
  for (let run = 0; run < inside.length; run++) {
    if (!inside[run]) continue;
    const a = left.places[run] as number;
    const b = right.places[run] as number;
    // What a steep line is away from the pointer is less than what it is above it.
    const slope = ((b - a) * (height - MARGIN.top - MARGIN.bottom)) / step;
    const away = Math.abs(heightOf(a + (b - a) * part, height) - y) / Math.hypot(1, slope);
    if (away < nearest) {
      nearest = away;
      best = run;
    }
  }
  return best;
}
