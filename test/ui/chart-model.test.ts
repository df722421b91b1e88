/** The arithmetic of charts, without a browser: growing and zooming curves, smoothing, ranges, ticks, groups, words. */
import { describe, expect, it } from 'vitest';
import { type Curve, coarsened, curveOf, tailStart, withTail, withWindow } from '../../ui/charts/model/curve.js';
import { frameOf } from '../../ui/charts/model/frame.js';
import { groupedLines } from '../../ui/charts/model/groups.js';
import { type Axis, type Line, lineOf } from '../../ui/charts/model/lines.js';
import { looksByValue } from '../../ui/charts/model/palette.js';
import { readingsAt, shownReadings, summaryOf, summaryText } from '../../ui/charts/model/reading.js';
import { matcherOf, sectionsOf } from '../../ui/charts/model/sections.js';
import { smoothed } from '../../ui/charts/model/smoothing.js';
import { durationTicks, logTicks, roundTicks } from '../../ui/charts/model/ticks.js';
import { rangeOf, rangeText } from '../../ui/charts/settings.js';
import { chosenColour } from '../../ui/display/run-colours.js';

/** Points at steps 0, 1, 2, … */
function points(values: readonly number[], from = 0, runId = 'run'): Curve {
  const steps = values.map((_, at) => from + at);
  return curveOf({
    run_id: runId,
    key: 'loss',
    points: values.length,
    bucket_steps: 0,
    steps,
    timestamps: steps.map((step) => 1_000 + step * 10),
    first: [...values],
    last: [...values],
    min: [],
    max: [],
    mean: [],
    n: [],
    nan: [],
    pos_inf: [],
    neg_inf: [],
    last_value: values.at(-1),
  });
}

function line(
  values: readonly number[],
  options: { id?: string; axis?: Axis; from?: number; start?: number } = {},
): Line {
  const { id = 'run', axis = 'step', from = 0, start } = options;
  const curve = points(values, from, id);
  const look = { colour: '--run-1', dash: [] };
  return lineOf({ id, name: id, look, curve, whole: curve, start }, { axis, smoothing: 0, value: 'mean' });
}

const NONE = { logX: false, logY: false, isClipped: false };

describe('a curve', () => {
  it('takes what is not finite out of the line and counts it', () => {
    const curve = points([1, Number.NaN, Number.POSITIVE_INFINITY, -1.797693134862315e308, 2]);
    expect(curve.mean.map(Number.isNaN)).toEqual([false, true, true, true, false]);
    expect([curve.nan, curve.posInf, curve.negInf].map((each) => each.indexOf(1))).toEqual([1, 2, 3]);
  });

  it('grows at its end, from the begin of the bucket that may have grown', () => {
    const bucketed = { ...coarsened(points(Array.from({ length: 100 }, (_, step) => step)), 20) };
    expect(bucketed.bucketSteps).toBe(8);
    expect(tailStart(bucketed)).toBe(96);
    const grown = withTail(bucketed, points([96, 97, 98, 99, 100], 96), 96);
    expect(grown.steps.slice(-6)).toEqual([95, 96, 97, 98, 99, 100]);
  });

  it('keeps extremes, means and counts when it is made coarser', () => {
    const values = Array.from({ length: 1_000 }, (_, step) => (step === 500 ? 1234.5 : step === 501 ? Number.NaN : 1));
    const coarse = coarsened(points(values), 100);
    expect(coarse.steps.length).toBeLessThanOrEqual(100);
    expect(Math.max(...coarse.max)).toBe(1234.5);
    expect(coarse.n.reduce((sum, n) => sum + n)).toBe(999);
    expect(coarse.nan.reduce((sum, n) => sum + n)).toBe(1);
    expect(coarse.mean[0]).toBe(1);
  });

  it('shows a window in finer steps and the rest as it was, also what it has grown by since', () => {
    const whole = coarsened(points(Array.from({ length: 1_024 }, (_, step) => step)), 128);
    const joined = withWindow(whole, points([100, 101, 102], 100), 100);
    expect(joined.steps.filter((step) => step >= 99 && step <= 120)).toEqual([100, 101, 102, 103, 111, 119]);
    expect(withWindow(whole, points([], 0), 5_000)).toBe(whole);
  });
});

describe('smoothing', () => {
  it('begins at the first value and keeps a constant as it is', () => {
    expect(smoothed([0, 1, 2], [5, 5, 5], 0.9, 1)).toEqual([5, 5, 5]);
    expect(smoothed([0, 1], [4, 0], 0.5, 1)[0]).toBe(4);
  });

  it('weighs by distance: more points in between change nothing', () => {
    const slow = smoothed([0, 10, 20], [0, 1, 1], 0.9, 1);
    const x = Array.from({ length: 21 }, (_, at) => at);
    const fine = smoothed(
      x,
      x.map((each) => (each > 0 ? 1 : 0)),
      0.9,
      1,
    );
    expect(fine[20]).toBeCloseTo(slow[2] as number, 6);
  });

  it('leaves holes open', () => {
    expect(smoothed([0, 1, 2], [1, Number.NaN, 1], 0.5, 1)).toEqual([1, Number.NaN, 1]);
  });
});

describe('the frame', () => {
  it('holds all values, and counts those that a logarithm leaves out', () => {
    const lines = [line([-1, 0, 1, 10])];
    const plain = frameOf(lines, NONE);
    expect(plain?.y[0]).toBeLessThanOrEqual(-1);
    expect(plain?.y[1]).toBeGreaterThanOrEqual(10);
    const log = frameOf(lines, { ...NONE, logY: true });
    expect(log?.notPositive).toBe(2);
    expect(log?.y[0]).toBeGreaterThan(0);
  });

  it('clips only when it is asked to, and then says how many values are outside', () => {
    const values = Array.from({ length: 1_000 }, (_, step) => (step === 7 ? 1234.5 : 1 + (step % 10) / 10));
    const all = frameOf([line(values)], NONE);
    expect(all?.y[1]).toBeGreaterThan(1234);
    expect(all?.isFlattened).toBe(true);
    const clipped = frameOf([line(values)], { ...NONE, isClipped: true });
    expect(clipped?.y[1]).toBeLessThan(4);
    expect([clipped?.above, clipped?.below]).toEqual([1, 0]);
  });

  it('gives a single value room, and shows nothing for nothing', () => {
    expect(frameOf([line([3])], NONE)).toMatchObject({ x: [-1, 1], y: [2, 4] });
    expect(frameOf([], NONE)).toBeUndefined();
  });
});

describe('ticks', () => {
  it('are round, six at most, and whole where there is room for whole ones', () => {
    expect(roundTicks([0, 100_000])).toEqual([0, 20_000, 40_000, 60_000, 80_000, 100_000]);
    expect(roundTicks([0, 1.3])).toEqual([0, 0.25, 0.5, 0.75, 1, 1.25]);
    for (const max of [0.003, 7, 19, 123, 45_678]) expect(roundTicks([0, max]).length).toBeLessThanOrEqual(6);
    expect(logTicks([1, 1_000_000])).toEqual([1, 100, 10_000, 1_000_000]);
    expect(logTicks([1, 100])).toEqual([1, 3, 10, 30, 100]);
    expect(durationTicks([0, 600_000])).toEqual([0, 120_000, 240_000, 360_000, 480_000, 600_000]);
  });
});

describe('lines', () => {
  it('stand at steps, times, times since the run began, or another metric', () => {
    expect(line([1, 2]).x).toEqual([0, 1]);
    expect(line([1, 2], { axis: 'time' }).x).toEqual([1_000, 1_010]);
    expect(line([1, 2], { axis: 'rel' }).x).toEqual([0, 10]);
    expect(line([1, 2], { axis: 'rel', start: 400 }).x).toEqual([600, 610]);
    const curve = points([1, 2]);
    const input = { id: 'run', name: 'run', look: { colour: '--run-1', dash: [] }, curve, whole: curve };
    const options = { axis: 'metrics.acc', smoothing: 0, value: 'mean' } as const;
    expect(lineOf({ ...input, across: points([0.5, 0.7]) }, options).x).toEqual([0.5, 0.7]);
    expect(lineOf(input, options).x).toEqual([Number.NaN, Number.NaN]);
  });

  it('of a group are one mean with a band, over those that reach so far', () => {
    const lines = [line([1, 1, 1], { id: 'a' }), line([3, 3], { id: 'b' })];
    const [group] = groupedLines(lines, {
      by: 'lr',
      band: 'range',
      groupOf: () => '0.1',
      looks: new Map(),
      unfolded: new Set(),
    });
    expect(group).toMatchObject({ name: 'lr 0.1', y: [2, 2, 1], low: [1, 1, 1], high: [3, 3, 1], n: [2, 2, 1] });
  });

  it('are read from the highest, ten at most and always the one pointed at', () => {
    const lines = Array.from({ length: 14 }, (_, at) => line([at, at], { id: `run-${at}` }));
    const readings = readingsAt(lines, 1);
    expect(readings[0]?.line.id).toBe('run-13');
    const shown = shownReadings(readings, 'run-0', 10).map((reading) => reading.line.id);
    expect(shown.length).toBe(10);
    expect(shown.at(-1)).toBe('run-0');
    expect(readingsAt([line([1, 2])], 40)).toEqual([]);
  });

  it('are summed up in words', () => {
    const text = summaryText(summaryOf(line([3, 1, Number.NaN, 2])));
    expect(text).toBe('run: last 2 at step 3, lowest 1 at step 1, highest 3 at step 0, 1 NaN');
  });
});

describe('names and addresses', () => {
  it('of metrics make sections by prefix, the goals first and the machine last', () => {
    const prefixes = sectionsOf(['system/cpu', 'zeta/a', 'alpha/b', 'val/acc', 'loss']).map(({ prefix }) => prefix);
    expect(prefixes).toEqual(['', 'val', 'alpha', 'zeta', 'system']);
    expect(['val/acc', 'VAL', 'x'].filter(matcherOf('val') ?? Boolean)).toEqual(['val/acc', 'VAL']);
    expect(['m1', 'm12'].filter(matcherOf('/m\\d$/') ?? Boolean)).toEqual(['m1']);
    expect(matcherOf('/(/')).toBeUndefined();
  });

  it('hold ranges, also of negative numbers', () => {
    expect(rangeOf('1000-5000')).toEqual([1000, 5000]);
    expect(rangeOf('-5--1.5')).toEqual([-5, -1.5]);
    expect(rangeOf('5-1')).toBeUndefined();
    expect(rangeOf(rangeText([1_760_000_000_123, 1_760_000_000_456]))).toEqual([1_760_000_000_123, 1_760_000_000_456]);
  });

  it('take only colours for colours, and colour numbers by size', () => {
    expect(chosenColour('#12ab34')).toBe('#12ab34');
    expect(chosenColour('red;background:url(x)')).toBeUndefined();
    const [low, high, none] = looksByValue(['0.001', '0.1', undefined], false);
    expect(low?.colour).not.toBe(high?.colour);
    expect(none?.colour).toBe('--muted');
  });
});
