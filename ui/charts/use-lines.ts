/** From runs and metrics to the lines of a chart: whole curves, finer ones for what one zoomed to, smoothed and grouped. */
import { useMemo, useRef } from 'react';
import { useCurves, useWindow } from '../queries/curves.js';
import { type Curve, withWindow } from './model/curve.js';
import { type Grouping, groupedLines } from './model/groups.js';
import { axisMetric, type Line, lineOf, stepsIn } from './model/lines.js';
import { type Look, lookAt } from './model/palette.js';
import type { Range } from './model/ticks.js';
import type { ChartSettings } from './settings.js';

/** A run as charts know it. */
export interface ChartRun {
  id: string;
  name: string;
  status: string;
  /** ms since the epoch. */
  start?: number | undefined;
}

export interface LinesWanted {
  /** Usually one; several metrics make several lines of the same run. */
  keys: readonly string[];
  runs: readonly ChartRun[];
  looks: ReadonlyMap<string, Look>;
  settings: ChartSettings;
  grouping: Grouping | undefined;
  xZoom: Range | undefined;
  /** px. */
  width: number;
}

const MANY_RUNS = 40;

export interface ChartLines {
  lines: readonly Line[];
  isReading: boolean;
  error: Error | undefined;
  retry: () => void;
}

export function useLines(wanted: LinesWanted): ChartLines {
  const { keys, runs, looks, settings, grouping, xZoom, width } = wanted;
  const { axis, smoothing, value } = settings;
  const across = axisMetric(axis);
  const withLast = value === 'last';
  const runIds = runs.map(({ id }) => id);
  const buckets = runs.length > MANY_RUNS ? 500 : Math.min(1_000, Math.ceil((2 * width) / 250) * 250);
  const answer = useCurves(across === undefined ? keys : [...keys, across], runIds, buckets, withLast);
  const found = useSame(
    runs.flatMap((run) =>
      keys.flatMap((key) => {
        const curve = answer.curveOf(key, run.id);
        const other = across === undefined ? undefined : answer.curveOf(across, run.id);
        return curve && curve.steps.length > 0 ? [curve, other] : [];
      }),
    ),
  );
  const whole = useMemo(() => {
    const byId = new Map(runs.map((run) => [run.id, run]));
    const inputs = [];
    for (let at = 0; at < found.length; at += 2) {
      const curve = found[at] as Curve;
      const run = byId.get(curve.runId) as ChartRun;
      const isAlone = keys.length === 1;
      const id = isAlone ? run.id : curve.key;
      inputs.push({
        id,
        name: isAlone ? run.name : curve.key,
        look: (isAlone ? looks.get(run.id) : undefined) ?? lookAt(isAlone ? 0 : keys.indexOf(curve.key)),
        curve,
        whole: curve,
        across: found[at + 1],
        start: run.start,
      });
    }
    return inputs;
  }, [found, runs, looks, keys]);

  const steps = useMemo(() => windowOf(whole, axis, xZoom, buckets), [whole, axis, xZoom, buckets]);
  const window = useWindow(keys, steps ? steps.runIds : [], steps?.range, buckets, withLast);
  const lines = useMemo(() => {
    const single = whole.map((input) => {
      const finer = window?.curves.get(`${input.curve.runId} ${input.curve.key}`);
      const curve = finer && window ? withWindow(input.whole, finer, window.start) : input.whole;
      return lineOf({ ...input, curve }, { axis, smoothing, value });
    });
    return grouping ? groupedLines(single, grouping) : single;
  }, [whole, window, axis, smoothing, value, grouping]);
  return { lines, isReading: answer.isReading, error: answer.error, retry: answer.retry };
}

/** Which runs have more to show of a range than is known, and of which steps; undefined where nothing finer would come. */
function windowOf(
  whole: readonly { curve: Curve; whole: Curve; across: Curve | undefined; start: number | undefined; id: string }[],
  axis: ChartSettings['axis'],
  xZoom: Range | undefined,
  buckets: number,
): { runIds: string[]; range: [number, number] } | undefined {
  if (!xZoom) return undefined;
  const coarse = whole.filter(({ curve }) => curve.bucketSteps > 0);
  if (coarse.length === 0) return undefined;
  const look = lookAt(0);
  const range: [number, number] | undefined =
    axis === 'step'
      ? [Math.ceil(xZoom[0]), Math.floor(xZoom[1])]
      : stepsIn(
          coarse.map((input) => lineOf({ ...input, name: '', look }, { axis, smoothing: 0, value: 'mean' })),
          xZoom,
        );
  if (!range || range[1] < range[0]) return undefined;
  const worth = coarse.filter(({ curve }) => (range[1] - range[0] + 1) / buckets <= curve.bucketSteps / 2);
  return worth.length > 0 ? { runIds: [...new Set(worth.map(({ curve }) => curve.runId))], range } : undefined;
}

/** The list that was given last time, while its items are the same. */
function useSame<T>(items: readonly T[]): readonly T[] {
  const before = useRef(items);
  const same = before.current.length === items.length && before.current.every((item, at) => item === items[at]);
  if (!same) before.current = items;
  return before.current;
}
