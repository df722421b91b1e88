/** Paints the lines of a chart onto uPlot's canvas: bands, lines with their holes, and marks for what is not finite. */
import type uPlot from 'uplot';
import { colourOf } from '../display/run-colours.js';
import type { ChartFrame } from './model/frame.js';
import type { Line } from './model/lines.js';
import type { Look } from './model/palette.js';

export interface Painted {
  lines: readonly Line[];
  frame: ChartFrame;
  /** The line one points at: bold, and the others step back. */
  bold: string | undefined;
  /** Whose bands are drawn. */
  hasBand: (line: Line) => boolean;
}

/** Places on the canvas, in its own pixels. */
interface Plane {
  x: (value: number) => number;
  y: (value: number) => number;
  left: number;
  top: number;
  width: number;
  height: number;
  ratio: number;
}

const BAND_OPACITY = 0.18;
const SPIKE_OPACITY = 0.75;
const RAW_OPACITY = 0.25;
const BACK_OPACITY = 0.3;
/** Points this far apart, in px, are drawn as dots, of as many lines at most. */
const DOT_SPACING = 14;
const DOTTED_LINES = 20;

export function paint(plot: uPlot, { lines, frame, bold, hasBand }: Painted): void {
  asked.clear();
  const { ctx } = plot;
  const plane = planeOf(plot, frame);
  ctx.save();
  ctx.beginPath();
  // Room for the dots at the edges.
  const room = 3 * plane.ratio;
  ctx.rect(plane.left - room, plane.top, plane.width + 2 * room, plane.height + room);
  ctx.clip();
  ctx.lineJoin = 'round';
  const isBold = (line: Line) => line.id === bold;
  const ordered = [...lines.filter((line) => !isBold(line)), ...lines.filter(isBold)];
  const strength = (line: Line) => (bold === undefined || isBold(line) ? 1 : BACK_OPACITY);
  for (const line of ordered) {
    if (!line.low || !line.high) continue;
    if (hasBand(line)) paintBand(ctx, plane, line, line.low, line.high, strength(line));
    if (!line.members) paintSpikes(ctx, plane, line, frame, SPIKE_OPACITY * strength(line));
  }
  for (const line of ordered) {
    const hasDots = isBold(line) || lines.length <= DOTTED_LINES;
    const raw = strength(line) * (line.smooth ? RAW_OPACITY : 1);
    paintLine(ctx, plane, line, line.y, {
      hasDots: hasDots && !line.smooth,
      opacity: raw,
      width: line.smooth ? 1 : isBold(line) ? 2.5 : 1.5,
    });
    if (line.smooth) {
      paintLine(ctx, plane, line, line.smooth, {
        hasDots: false,
        opacity: strength(line),
        width: isBold(line) ? 2.75 : 1.75,
      });
    }
  }
  for (const line of ordered) paintMarks(ctx, plane, line, frame, strength(line));
  ctx.restore();
}

export const strokeOf = ({ colour }: Look) => (colour.startsWith('--') ? themed(colour) : colour);

/** The theme's colours, which stay the same while one thing is painted: asking the style sheet for each line would take long. */
const asked = new Map<string, string>();

function themed(variable: string): string {
  const known = asked.get(variable);
  if (known !== undefined) return known;
  const found = colourOf(variable);
  asked.set(variable, found);
  return found;
}

function planeOf(plot: uPlot, { x, y, logX, logY }: ChartFrame): Plane {
  const { left, top, width, height } = plot.bbox;
  const along = scale(x, left, width, logX);
  const up = scale(y, top + height, -height, logY);
  return { x: along, y: up, left, top, width, height, ratio: devicePixelRatio };
}

/** NaN for what a logarithm cannot take. */
function scale([min, max]: readonly [number, number], start: number, length: number, isLog: boolean) {
  if (!isLog) {
    const factor = length / (max - min);
    return (value: number) => start + (value - min) * factor;
  }
  const [low, factor] = [Math.log(min), length / Math.log(max / min)];
  return (value: number) => (value > 0 ? start + (Math.log(value) - low) * factor : Number.NaN);
}

/** Far outside, canvases lose their precision; a band that ends there ends there all the same. */
function held(value: number, { top, height }: Plane): number {
  return Math.min(top + 4 * height, Math.max(top - 4 * height, value));
}

function paintBand(
  ctx: CanvasRenderingContext2D,
  plane: Plane,
  { x, y, look }: Line,
  low: readonly number[],
  high: readonly number[],
  strength: number,
): void {
  ctx.fillStyle = strokeOf(look);
  ctx.globalAlpha = BAND_OPACITY * strength;
  const bottom = plane.top + plane.height;
  // Below zero a logarithmic band reaches the bottom.
  const edge = (value: number) => {
    const place = plane.y(value);
    return Number.isNaN(place) ? bottom : held(place, plane);
  };
  for (let start = 0; start < x.length; start++) {
    if (Number.isNaN(low[start]) || Number.isNaN(plane.x(x[start] as number))) continue;
    let end = start;
    while (end + 1 < x.length && !Number.isNaN(low[end + 1]) && !Number.isNaN(y[end + 1])) end++;
    ctx.beginPath();
    for (let at = start; at <= end; at++) ctx.lineTo(plane.x(x[at] as number), edge(high[at] as number));
    for (let at = end; at >= start; at--) ctx.lineTo(plane.x(x[at] as number), edge(low[at] as number));
    ctx.closePath();
    ctx.fill();
    if (start === end)
      paintBar(ctx, plane, x[start] as number, edge(low[start] as number), edge(high[start] as number));
    start = end;
  }
}

/** Where a band reaches this share of the height beyond its neighbours, it gets a line: as an area nobody would see it. */
const SPIKE = 0.04;

function paintSpikes(
  ctx: CanvasRenderingContext2D,
  plane: Plane,
  line: Line,
  { above, below, y: [min, max] }: ChartFrame,
  opacity: number,
): void {
  const { x, y, look } = line;
  ctx.strokeStyle = strokeOf(look);
  ctx.globalAlpha = opacity;
  ctx.lineWidth = plane.ratio;
  ctx.setLineDash([]);
  ctx.beginPath();
  for (const [edge, direction] of [
    [line.high, -1],
    [line.low, 1],
  ] as const) {
    if (!edge) continue;
    const place = (at: number) => plane.y(edge[at] ?? Number.NaN) * direction;
    let [before, here, after] = [Number.NaN, place(0), place(1)];
    for (let at = 0; at < x.length; at++, before = here, here = after, after = place(at + 1)) {
      const beside = Number.isNaN(before) ? after : Number.isNaN(after) ? before : Math.max(before, after);
      if (!(here - beside > SPIKE * plane.height)) continue;
      // What clipping leaves out has its mark at the edge.
      if (above + below > 0 && !((edge[at] as number) <= max && (edge[at] as number) >= min)) continue;
      const px = plane.x(x[at] as number);
      ctx.moveTo(px, held(here * direction, plane));
      ctx.lineTo(px, held(plane.y(y[at] as number), plane));
    }
  }
  ctx.stroke();
}

/** The band of an entry that stands alone. */
function paintBar(ctx: CanvasRenderingContext2D, plane: Plane, x: number, low: number, high: number): void {
  ctx.fillRect(plane.x(x) - plane.ratio, high, 2 * plane.ratio, low - high);
}

interface Stroke {
  hasDots: boolean;
  opacity: number;
  /** px of the page. */
  width: number;
}

function paintLine(
  ctx: CanvasRenderingContext2D,
  plane: Plane,
  { x, look }: Line,
  y: readonly number[],
  { hasDots, opacity, width }: Stroke,
): void {
  const { ratio, left } = plane;
  ctx.strokeStyle = strokeOf(look);
  ctx.fillStyle = ctx.strokeStyle;
  ctx.globalAlpha = opacity;
  ctx.lineWidth = width * ratio;
  ctx.setLineDash(look.dash.map((length) => length * ratio));
  ctx.beginPath();
  const lonely: [number, number][] = [];
  let isDrawing = false;
  let seen = 0;
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const points: [number, number][] = [];
  for (let at = 0; at < x.length; at++) {
    const [px, py] = [plane.x(x[at] as number), plane.y(y[at] as number)];
    if (Number.isNaN(px) || Number.isNaN(py)) {
      isDrawing = false;
      continue;
    }
    const place = held(py, plane);
    if (isDrawing) ctx.lineTo(px, place);
    else {
      ctx.moveTo(px, place);
      const after = plane.y(y[at + 1] ?? Number.NaN);
      if (Number.isNaN(after)) lonely.push([px, place]);
    }
    isDrawing = true;
    if (px >= left && px <= left + plane.width) {
      seen++;
      from = Math.min(from, px);
      to = Math.max(to, px);
      if (hasDots) points.push([px, place]);
    }
  }
  ctx.stroke();
  ctx.setLineDash([]);
  const isSparse = hasDots && (to - from) / seen > DOT_SPACING * ratio;
  for (const [px, py] of isSparse ? points : lonely) dot(ctx, px, py, (width + 0.75) * ratio);
}

function dot(ctx: CanvasRenderingContext2D, x: number, y: number, radius: number): void {
  ctx.beginPath();
  ctx.arc(x, y, radius, 0, 2 * Math.PI);
  ctx.fill();
}

/** ▼ NaN and ▲ +∞ at the top, ▽ −∞ at the bottom; small open triangles where clipping hides a value. */
function paintMarks(ctx: CanvasRenderingContext2D, plane: Plane, line: Line, frame: ChartFrame, opacity: number): void {
  ctx.globalAlpha = opacity;
  ctx.fillStyle = strokeOf(line.look);
  ctx.strokeStyle = ctx.fillStyle;
  ctx.lineWidth = 1.25 * plane.ratio;
  const size = 4 * plane.ratio;
  const top = plane.top + size + 1;
  const bottom = plane.top + plane.height - size - 1;
  const along = (counts: readonly number[], draw: (px: number) => void) => {
    let last = Number.NEGATIVE_INFINITY;
    counts.forEach((count, at) => {
      const px = plane.x(line.x[at] as number);
      // Marks of neighbours would only cover each other.
      if (!count || Number.isNaN(px) || px - last < size) return;
      last = px;
      draw(px);
    });
  };
  along(line.nan, (px) => triangle(ctx, px, top, size, 1, true));
  along(line.posInf, (px) => triangle(ctx, px, top, size, -1, true));
  along(line.negInf, (px) => triangle(ctx, px, bottom, size, 1, false));
  const [min, max] = frame.y;
  if (frame.above > 0) {
    const { high = line.y } = line;
    along(
      high.map((value) => (value > max ? 1 : 0)),
      (px) => triangle(ctx, px, top, size * 0.8, -1, false),
    );
  }
  if (frame.below > 0) {
    const { low = line.y } = line;
    along(
      low.map((value) => (value < min ? 1 : 0)),
      (px) => triangle(ctx, px, bottom, size * 0.8, 1, false),
    );
  }
}

/** Pointing down (1) or up (-1). */
function triangle(
  ctx: CanvasRenderingContext2D,
  x: number,
  y: number,
  size: number,
  direction: 1 | -1,
  isFull: boolean,
): void {
  ctx.beginPath();
  ctx.moveTo(x, y + size * direction);
  ctx.lineTo(x - size, y - size * direction);
  ctx.lineTo(x + size, y - size * direction);
  ctx.closePath();
  if (isFull) ctx.fill();
  else ctx.stroke();
}
