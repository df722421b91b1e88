/** Brushes: a range of numbers or some categories of a column. Runs are brushed when they are within all of them. */
import type { Axis } from './axis.js';
import type { FrameColumn, RunFrame } from './run-frame.js';

export interface RangeBrush {
  column: string;
  from: number;
  to: number;
}

export interface LevelsBrush {
  column: string;
  levels: readonly string[];
}

export type Brush = RangeBrush | LevelsBrush;

export const isRange = (brush: Brush): brush is RangeBrush => 'from' in brush;

/** With the brush of a column put in place of the one it had; undefined takes it away. */
export function withBrush(brushes: readonly Brush[], column: string, brush: Brush | undefined): Brush[] {
  const others = brushes.filter((each) => each.column !== column);
  return brush ? [...others, brush] : others;
}

/** One per run: 1 where it is within all brushes. Brushes of columns that are not there, or of another kind, do not count. */
export function brushed(frame: RunFrame, brushes: readonly Brush[]): Uint8Array {
  const inside = new Uint8Array(frame.ids.length).fill(1);
  for (const brush of brushes) {
    const column = frame.columns.get(brush.column);
    if (!column || (column.kind === 'number') !== isRange(brush)) continue;
    const holds = testOf(column, brush);
    for (let run = 0; run < inside.length; run++) if (inside[run] && !holds(run)) inside[run] = 0;
  }
  return inside;
}

function testOf(column: FrameColumn, brush: Brush): (run: number) => boolean {
  if (column.kind === 'number') {
    const { from, to } = brush as RangeBrush;
    return (run) => (column.values[run] as number) >= from && (column.values[run] as number) <= to;
  }
  const wanted = new Set((brush as LevelsBrush).levels);
  const holds = column.levels.map((level) => wanted.has(level));
  return (run) => holds[column.codes[run] as number] === true;
}

/** What lies between two places of an axis; undefined for none of its categories. Ends are rounded to what one can see. */
export function brushBetween(axis: Axis, a: number, b: number): Brush | undefined {
  const [low, high] = a < b ? [a, b] : [b, a];
  const { column } = axis;
  if (column.kind === 'category') {
    const levels = column.levels.filter((_, code) => {
      const place = axis.placeOf(code);
      // A category is meant when the brush reaches into its half of the way to the next.
      const half = 0.4 / column.levels.length;
      return place + half >= low && place - half <= high;
    });
    return levels.length > 0 ? { column: column.name, levels } : undefined;
  }
  const ends = [axis.valueAt(low), axis.valueAt(high)].sort((x, y) => x - y) as [number, number];
  return { column: column.name, from: rounded(axis, ends[0], ends[1]), to: rounded(axis, ends[1], ends[0]) };
}

function rounded(axis: Axis, value: number, other: number): number {
  if (axis.isLog) return Number(value.toPrecision(3));
  const span = Math.abs(axis.valueAt(1) - axis.valueAt(0)) || Math.abs(value - other) || 1;
  const step = 10 ** Math.floor(Math.log10(span / 300));
  return Number((Math.round(value / step) * step).toPrecision(12));
}

/** The ends of a brush as places of its axis, the lower first; undefined when it is of another kind. */
export function placesOf(axis: Axis, brush: Brush): [number, number] | undefined {
  const { column } = axis;
  if (isRange(brush)) {
    if (column.kind !== 'number') return undefined;
    const ends = [axis.placeOf(brush.from), axis.placeOf(brush.to)].map((place) =>
      Number.isNaN(place) ? 0 : Math.max(-0.02, Math.min(1.02, place)),
    );
    return [Math.min(...ends), Math.max(...ends)];
  }
  if (column.kind !== 'category') return undefined;
  const places = brush.levels.map((level) => column.levels.indexOf(level)).filter((code) => code >= 0);
  if (places.length === 0) return undefined;
  const half = 0.4 / column.levels.length;
  return [
    Math.min(...places.map((code) => axis.placeOf(code))) - half,
    Math.max(...places.map((code) => axis.placeOf(code))) + half,
  ];
}

/** As the URL has it: `params.lr~0.001~0.01,params.optimizer~=adam~=sgd`. */
export const brushesText = (brushes: readonly Brush[]): string =>
  brushes
    .map((brush) =>
      [
        part(brush.column),
        ...(isRange(brush) ? [String(brush.from), String(brush.to)] : brush.levels.map((level) => `=${part(level)}`)),
      ].join('~'),
    )
    .join();

export function parseBrushes(text: string): Brush[] {
  return text.split(',').flatMap((item): Brush[] => {
    const [name = '', ...rest] = item.split('~');
    const column = unpart(name);
    if (!column || rest.length === 0) return [];
    if (rest.every((value) => value.startsWith('='))) {
      return [{ column, levels: rest.map((value) => unpart(value.slice(1))) }];
    }
    const [from = Number.NaN, to = Number.NaN] = rest.map(Number);
    return from <= to ? [{ column, from, to }] : [];
  });
}

/** Text without the characters that part it from its neighbours. */
export const part = (text: string): string =>
  text.replace(/[%,~]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);

export const unpart = (text: string): string =>
  text.replace(/%(25|2C|7E)/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
