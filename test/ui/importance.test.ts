/** How much params have to do with a metric, on runs whose outcome is known. */
import { describe, expect, it } from 'vitest';
import { importances } from '../../ui/analysis/importance.js';
import { etaSquared, ranks, spearman } from '../../ui/analysis/ranks.js';
import { columnOfNumbers, columnOfTexts, type RunFrame } from '../../ui/analysis/run-frame.js';
import { seededRandom } from '../harness/random.js';
import { sweepPoints } from './sweep.js';

const numbers = (...values: number[]) => Float64Array.from(values);

function frameOf(params: Record<string, (string | undefined)[]>): RunFrame {
  const columns = Object.entries(params).map(
    ([key, texts]) => [`params.${key}`, columnOfTexts(`params.${key}`, texts)] as const,
  );
  return { ids: [], names: [], experimentIds: [], columns: new Map(columns) };
}

function sweptFrame(count: number) {
  const points = sweepPoints(count);
  const keys = Object.keys(points[0]?.params ?? {});
  const frame = frameOf(Object.fromEntries(keys.map((key) => [key, points.map(({ params }) => params[key])])));
  return {
    frame,
    target: columnOfNumbers(
      'metrics.val/acc',
      points.map(({ accuracy }) => accuracy),
    ),
  };
}

describe('rank statistics', () => {
  it('give equal values the mean of their ranks', () => {
    expect([...ranks(numbers(10, 20, 20, 5))]).toEqual([2, 3.5, 3.5, 1]);
  });

  it('agree with a textbook’s example of Spearman’s correlation, and with one by hand that has ties', () => {
    // IQ and hours of television a week, the example of many textbooks: -29/165.
    const iq = numbers(106, 86, 100, 101, 99, 103, 97, 113, 112, 110);
    const hours = numbers(7, 0, 27, 50, 28, 29, 20, 12, 6, 17);
    expect(spearman(iq, hours)).toBeCloseTo(-29 / 165, 12);
    // Ranks 1, 2.5, 2.5, 4, 5 and 1.5, 1.5, 3, 5, 4, by hand.
    expect(spearman(numbers(1, 2, 2, 3, 5), numbers(2, 2, 3, 9, 4))).toBeCloseTo(7.75 / 9.5, 12);
    expect(spearman(numbers(1, 2, 3), numbers(4, 4, 4))).toBe(0);
  });

  it('tell which share of a variance lies between groups', () => {
    expect(etaSquared([0, 0, 1, 1], numbers(1, 1, 3, 3))).toBe(1);
    expect(etaSquared([0, 1, 0, 1], numbers(1, 1, 3, 3))).toBe(0);
    expect(etaSquared([0, 0, 1, 1], numbers(1, 3, 3, 5))).toBeCloseTo(0.5, 12);
  });
});

describe('the importance of params', () => {
  it('finds a learning rate whose best lies in the middle, then the optimizer, then the depth, and nothing in noise', () => {
    const { frame, target } = sweptFrame(1_000);
    const { params, n } = importances(frame, target);
    expect(n).toBe(1_000);
    expect(params.slice(0, 3).map(({ column }) => column)).toEqual(['params.lr', 'params.optimizer', 'params.depth']);
    const [lr, optimizer, depth, ...rest] = params;
    expect(lr?.share).toBeGreaterThan(0.5);
    expect(lr?.direction).toBe('bends');
    expect(optimizer?.share).toBeLessThan((lr?.share ?? 0) * 0.7);
    expect(depth?.share).toBeLessThan((optimizer?.share ?? 0) * 0.3);
    expect(Math.max(...rest.map(({ share }) => share))).toBeLessThan(0.02);
  });

  it('says whether more of a param goes with more or less of the metric', () => {
    const values = Array.from({ length: 40 }, (_, place) => String(place));
    const frame = frameOf({ up: values, down: [...values].reverse() });
    const target = columnOfNumbers(
      'metrics.loss',
      values.map((value) => Number(value) ** 3),
    );
    const found = Object.fromEntries(importances(frame, target).params.map((each) => [each.column, each]));
    expect(found['params.up']).toMatchObject({ direction: 'rises', rho: 1, share: 1 });
    expect(found['params.down']).toMatchObject({ direction: 'falls', rho: -1, share: 1 });
  });

  it('ranks no text that nearly every run has for itself, and no param that is the same in all', () => {
    const places = Array.from({ length: 30 }, (_, place) => place);
    const frame = frameOf({ id: places.map((place) => `run ${place}`), branch: places.map(() => 'main') });
    const { params, unjudged } = importances(frame, columnOfNumbers('metrics.acc', places));
    expect(params).toEqual([]);
    expect(unjudged).toEqual(['params.id']);
  });

  it('leaves out runs that lack the param or the metric, and those whose metric is NaN', () => {
    const frame = frameOf({ lr: ['1', '2', undefined, '4', '5', '6'] });
    const { params, n } = importances(frame, columnOfNumbers('metrics.acc', [1, 2, 3, Number.NaN, 5, 6]));
    expect(n).toBe(5);
    expect(params[0]).toMatchObject({ n: 4, rho: 1 });
  });

  it('lets a param that only a handful of many runs have come last', () => {
    const places = Array.from({ length: 100 }, (_, place) => place);
    const frame = frameOf({
      rare: places.map((place) => (place < 6 ? String(place) : undefined)),
      common: places.map((place) => String((place * 37) % 100)),
    });
    const { params } = importances(frame, columnOfNumbers('metrics.acc', places));
    expect(params.map(({ column }) => column)).toEqual(['params.common', 'params.rare']);
    expect(params[1]).toMatchObject({ n: 6, share: 1 });
  });

  it('promises nothing from a handful of runs of pure noise', () => {
    const next = seededRandom(3);
    const shares = Array.from({ length: 200 }, () => {
      const frame = frameOf({ a: Array.from({ length: 12 }, () => String(next())) });
      const target = columnOfNumbers(
        'metrics.acc',
        Array.from({ length: 12 }, () => next()),
      );
      return importances(frame, target).params[0]?.share ?? 0;
    });
    expect(shares.reduce((sum, share) => sum + share, 0) / shares.length).toBeLessThan(0.12);
  });

  it('takes a param for numbers although some runs say that they have none', () => {
    const column = columnOfTexts('params.dropout', ['0.1', 'None', '1e-3', undefined, 'nan']);
    expect(column.kind === 'number' && [...column.values]).toEqual([0.1, Number.NaN, 0.001, Number.NaN, Number.NaN]);
    expect(columnOfTexts('params.size', ['1', 'large']).kind).toBe('category');
    expect(columnOfTexts('params.version', ['None', 'nan']).kind).toBe('category');
  });

  it('takes a thousand runs with thirty params in a moment', () => {
    const { frame, target } = sweptFrame(1_000);
    const columns = new Map(
      Array.from({ length: 30 }, (_, place) => {
        const column = [...frame.columns.values()][place % frame.columns.size];
        return [`params.p${place}`, { ...column, name: `params.p${place}` }] as const;
      }),
    );
    const start = process.cpuUsage();
    importances({ ...frame, columns: columns as RunFrame['columns'] }, target);
    const { user, system } = process.cpuUsage(start);
    expect((user + system) / 1_000).toBeLessThan(1_000);
  });
});
