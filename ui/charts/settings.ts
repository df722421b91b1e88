/** How charts are drawn, as the page's address keeps it: axis, logarithms, smoothing, zoom, pins. */
import { useMemo } from 'react';
import type { GroupBand } from './model/groups.js';
import { type Axis, axisMetric } from './model/lines.js';
import type { Range } from './model/ticks.js';

/** The page's query string. */
export interface Address {
  /** '' when absent. */
  get: (name: string) => string;
  /** Replaces the entry of the history; undefined and '' remove a field. */
  set: (fields: Record<string, string | undefined>) => void;
}

export type ColourBy = 'place' | 'status' | `params.${string}` | `tags.${string}`;

export interface ChartSettings {
  axis: Axis;
  logX: Logarithms;
  logY: Logarithms;
  smoothing: number;
  value: 'mean' | 'last';
  isClipped: boolean;
  isLinked: boolean;
  /** Shared by the charts while they are linked. */
  xZoom: Range | undefined;
  colourBy: ColourBy;
  band: GroupBand;
  /** Charts in a row; undefined: as many as fit. */
  columns: number | undefined;
  pins: readonly string[];
  togglePin: (chart: string) => void;
  sought: string;
  set: Address['set'];
}

/** Of which charts an axis is logarithmic. */
export interface Logarithms {
  /** Of those that were not chosen singly. */
  isUsual: boolean;
  of: (chart: string) => boolean;
  /** One chart's, or without one that of all. */
  toggle: (chart?: string) => void;
}

/** The smoothing that the `s` key switches on. */
export const USUAL_SMOOTHING = 0.6;

const list = (text: string) => text.split(',').filter(Boolean).map(decodeURIComponent);
const listText = (items: readonly string[]) => items.map(encodeURIComponent).join();
const toggled = (items: readonly string[], item: string) =>
  items.includes(item) ? items.filter((each) => each !== item) : [...items, item];

export function useChartSettings(address: Address, usualAxis: Axis = 'step'): ChartSettings {
  const { get, set } = address;
  return useMemo(() => {
    const pins = safeList(get('pin'));
    const columns = Number(get('row')) || undefined;
    return {
      axis: axisOf(get('x')) ?? usualAxis,
      logX: logarithms('logx', address),
      logY: logarithms('logy', address),
      smoothing: Math.min(0.99, Math.max(0, Number(get('smooth')) || 0)),
      value: get('value') === 'last' ? 'last' : 'mean',
      isClipped: get('clip') === '1',
      isLinked: get('link') !== '0',
      xZoom: rangeOf(get('xr')),
      colourBy: colourByOf(get('colour')),
      band: (['range', 'sem'] as const).find((each) => each === get('band')) ?? 'sd',
      columns: columns && columns >= 1 && columns <= 4 ? columns : undefined,
      pins,
      togglePin: (chart) => set({ pin: listText(toggled(pins, chart)) }),
      sought: get('charts'),
      set,
    };
  }, [address, get, set, usualAxis]);
}

/** `1` stands for all; each `=NAME` beside it for a chart that is otherwise. */
function logarithms(field: string, { get, set }: Address): Logarithms {
  const chosen = safeList(get(field));
  const isUsual = chosen.includes('1');
  return {
    isUsual,
    of: (chart) => isUsual !== chosen.includes(`=${chart}`),
    toggle: (chart) =>
      set({ [field]: chart === undefined ? (isUsual ? '' : '1') : listText(toggled(chosen, `=${chart}`)) }),
  };
}

function safeList(text: string): string[] {
  try {
    return list(text);
  } catch {
    return [];
  }
}

function axisOf(text: string): Axis | undefined {
  if (text === 'step' || text === 'time' || text === 'rel') return text;
  return axisMetric(text as Axis) ? (text as Axis) : undefined;
}

function colourByOf(text: string): ColourBy {
  if (text === 'status' || /^(params|tags)\../.test(text)) return text as ColourBy;
  return 'place';
}

const NUMBER = '-?\\d+(?:\\.\\d+)?(?:e[+-]?\\d+)?';
const RANGE = new RegExp(`^(${NUMBER})-(${NUMBER})$`, 'i');

/** `1000-5000`. */
export function rangeOf(text: string): Range | undefined {
  const found = RANGE.exec(text);
  if (!found) return undefined;
  const range = [Number(found[1]), Number(found[2])] as const;
  return range[0] < range[1] ? range : undefined;
}

export function rangeText([min, max]: Range): string {
  const digits = Math.min(
    15,
    Math.max(4, Math.ceil(Math.log10(Math.max(Math.abs(min), Math.abs(max)) / (max - min))) + 4),
  );
  return [min, max].map((each) => String(Number(each.toPrecision(digits)))).join('-');
}
