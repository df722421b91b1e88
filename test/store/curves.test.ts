/** getMetricCurves: whole where they are short, else in buckets that lose no extreme; folded, unfolded and in between. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ApiCalls, Curve } from '../../api/index.js';
import { describeStore, type OpenStore } from '../harness/store.js';

interface Logged {
  step: number;
  timestamp: number;
  value: number;
}

describeStore('curves', (open) => {
  let store: OpenStore;
  let calls: ApiCalls;
  beforeAll(async () => {
    store = await open();
    calls = store.calls;
  });
  afterAll(() => store.close());

  async function newRun(): Promise<string> {
    return (await calls.createRun({ experiment_id: '0' })).run.info.run_id;
  }

  async function log(run_id: string, key: string, points: readonly Logged[], model_id?: string): Promise<void> {
    for (let at = 0; at < points.length; at += 1000) {
      const metrics = points.slice(at, at + 1000).map((point) => ({ key, ...point, ...(model_id && { model_id }) }));
      await calls.logBatch({ run_id, metrics });
    }
  }

  const curve = async (run_id: string, key: string, more = {}): Promise<Curve> => {
    const { curves } = await calls.getMetricCurves({ run_ids: [run_id], metric_keys: [key], ...more });
    expect(curves).toHaveLength(1);
    return curves[0] as Curve;
  };

  const points = (n: number, value: (i: number) => number, stride = 1): Logged[] =>
    Array.from({ length: n }, (_, i) => ({ step: i * stride, timestamp: 1000 + i, value: value(i) }));

  /** The buckets of points, found the slow way. */
  function expected(all: readonly Logged[], width: number) {
    const ordered = [...all].sort((a, b) => a.step - b.step || a.timestamp - b.timestamp);
    const buckets = new Map<number, Logged[]>();
    for (const point of ordered) {
      const bucket = Math.floor(point.step / width);
      buckets.set(bucket, [...(buckets.get(bucket) ?? []), point]);
    }
    return [...buckets.values()].map((bucket) => {
      const finite = bucket.map(({ value }) => value).filter(Number.isFinite);
      return {
        step: bucket.at(-1)?.step,
        timestamp: bucket.at(-1)?.timestamp,
        first: bucket[0]?.value,
        last: bucket.at(-1)?.value,
        min: finite.length > 0 ? Math.min(...finite) : Number.NaN,
        max: finite.length > 0 ? Math.max(...finite) : Number.NaN,
        n: bucket.length,
      };
    });
  }

  const bucketsOf = ({ steps, timestamps, first, last, min, max, n }: Curve) =>
    steps.map((step, i) => ({
      ...{ step, timestamp: timestamps[i], first: first[i], last: last[i], min: min[i], max: max[i], n: n[i] },
    }));

  test('a short history comes whole', async () => {
    const run_id = await newRun();
    await log(run_id, 'loss', [
      { step: 5, timestamp: 3, value: 0.5 },
      { step: -1, timestamp: 9, value: Number.NaN },
      { step: 7, timestamp: 4, value: Infinity },
      { step: 8, timestamp: 4, value: -Infinity },
    ]);
    const whole = {
      run_id,
      key: 'loss',
      points: 4,
      min_step: -1,
      max_step: 8,
      bucket_steps: 0,
      steps: [-1, 5, 7, 8],
      timestamps: [9, 3, 4, 4],
      first: [Number.NaN, 0.5, Infinity, -Infinity],
      last: [Number.NaN, 0.5, Infinity, -Infinity],
      ...{ min: [], max: [], mean: [], n: [], nan: [1, 0, 0, 0], pos_inf: [0, 0, 1, 0], neg_inf: [0, 0, 0, 1] },
      last_value: -Infinity,
    };
    expect(await curve(run_id, 'loss')).toEqual(whole);
    await store.fold();
    expect(await curve(run_id, 'loss')).toEqual(whole);
    const part = await curve(run_id, 'loss', { start_step: 5, end_step: 7 });
    expect(part).toMatchObject({ points: 2, min_step: -1, max_step: 8, steps: [5, 7] });
  });

  describe.each(['folded', 'unfolded'])('%s', (kind) => {
    test('a long history comes in buckets of a power of two, and no spike is lost', async () => {
      const run_id = await newRun();
      const all = points(10_000, (i) => (i === 7001 ? 1000 : i === 7003 ? -1000 : Math.sin(i / 100)));
      await log(run_id, 'loss', all);
      if (kind === 'folded') await store.fold();
      const found = await curve(run_id, 'loss', { buckets: 100 });
      expect(found).toMatchObject({ points: 10_000, min_step: 0, max_step: 9999, bucket_steps: 128 });
      expect(bucketsOf(found)).toEqual(expected(all, 128));
      expect(found.mean[0]).toBeCloseTo(all.slice(0, 128).reduce((sum, { value }) => sum + value, 0) / 128, 9);
      expect([found.nan, found.pos_inf, found.neg_inf]).toEqual([[], [], []]);

      const part = await curve(run_id, 'loss', { start_step: 1000, end_step: 9099, buckets: 500 });
      expect(part.bucket_steps).toBe(32);
      expect(bucketsOf(part)).toEqual(expected(all.slice(1000, 9100), 32));
      expect(part).toMatchObject({ points: 8100, min_step: 0, max_step: 9999 });

      const near = await curve(run_id, 'loss', { start_step: 4000, end_step: 4400 });
      expect(near).toMatchObject({
        bucket_steps: 0,
        points: 401,
        steps: all.slice(4000, 4401).map(({ step }) => step),
      });
    });

    test('what is not finite is counted, and keeps out of the extremes and the mean', async () => {
      const run_id = await newRun();
      const odd = [Number.NaN, Infinity, -Infinity, 1e308];
      const all = points(4096, (i) => (i < 1024 ? Number.NaN : i < 2048 ? (odd[i % 4] as number) : i));
      await log(run_id, 'loss', all);
      if (kind === 'folded') await store.fold();
      const found = await curve(run_id, 'loss', { buckets: 4 });
      expect(found).toMatchObject({
        bucket_steps: 1024,
        nan: [1024, 256, 0, 0],
        pos_inf: [0, 256, 0, 0],
        neg_inf: [0, 256, 0, 0],
        n: [1024, 1024, 1024, 1024],
        min: [Number.NaN, 1e308, 2048, 3072],
        max: [Number.NaN, 1e308, 3071, 4095],
        first: [Number.NaN, Number.NaN, 2048, 3072],
      });
      expect(found.mean[0]).toBeNaN();
      expect((found.mean[1] as number) / 1e308).toBeCloseTo(1, 9);
      expect(found.mean[2]).toBeCloseTo(2559.5, 6);
    });

    test('steps that fall, repeat and leave gaps are put in order', async () => {
      const run_id = await newRun();
      const up = points(6000, (i) => i % 97, 3);
      const again = up.slice(0, 3000).map((point) => ({ ...point, timestamp: point.timestamp + 50_000, value: -1 }));
      const far = [{ step: 1_000_000, timestamp: 90_000, value: 5 }];
      await log(run_id, 'loss', [...up, ...again, ...far]);
      if (kind === 'folded') await store.fold();
      const found = await curve(run_id, 'loss', { buckets: 1000 });
      expect(found.bucket_steps).toBe(1024);
      expect(bucketsOf(found)).toEqual(expected([...up, ...again, ...far], 1024));
    });
  });

  test('a run that went back to an earlier step has every point, folded or not, and what it logged twice once', async () => {
    const run_id = await newRun();
    const until = points(9000, (i) => i);
    const back = points(9000, (i) => -i)
      .slice(6000)
      .map((point) => ({ ...point, timestamp: point.timestamp + 100_000 }));
    const on = points(20_000, (i) => Math.cos(i))
      .slice(9000)
      .map((point) => ({ ...point, timestamp: point.timestamp + 200_000 }));
    const all = [...until, ...back, ...on];
    await log(run_id, 'loss', until);
    await store.fold();
    await log(run_id, 'loss', [...until.slice(8990), ...back]);
    const compare = async (logged: Logged[], width: number) => {
      const found = await curve(run_id, 'loss', { buckets: 200 });
      expect(found.bucket_steps).toBe(width);
      expect(bucketsOf(found)).toEqual(expected(logged, width));
    };
    await compare(all.slice(0, 12_000), 64);
    await store.fold();
    await compare(all.slice(0, 12_000), 64);
    await log(run_id, 'loss', on);
    await store.fold();
    await compare(all, 128);
    const near = await curve(run_id, 'loss', { start_step: 7000, end_step: 12_000, buckets: 100 });
    expect(bucketsOf(near)).toEqual(
      expected(
        all.filter(({ step }) => step >= 7000 && step <= 12_000),
        64,
      ),
    );
  });

  test('steps beyond what a number holds are drawn all the same', async () => {
    const run_id = await newRun();
    const far = Array.from({ length: 3000 }, (_, i) => 2n ** 62n + BigInt(i) * 2n ** 40n);
    for (let at = 0; at < 3000; at += 1000) {
      const metrics = far
        .slice(at, at + 1000)
        .map((step, i) => ({ key: 'far', value: at + i, timestamp: at + i, step }));
      await calls.logBatch({ run_id, metrics });
    }
    for (const folded of [false, true]) {
      if (folded) await store.fold();
      const found = await curve(run_id, 'far', { buckets: 100 });
      expect(found.points).toBe(3000);
      expect(found.n.reduce((sum, n) => sum + n, 0)).toBe(3000);
      expect(found.last.at(-1)).toBe(2999);
    }
  });

  test('what is logged live changes the last bucket only', async () => {
    const run_id = await newRun();
    const all = points(9000, (i) => i);
    await log(run_id, 'loss', all.slice(0, 8500));
    await store.fold();
    const before = await curve(run_id, 'loss', { buckets: 1000 });
    await log(run_id, 'loss', all.slice(8500));
    const after = await curve(run_id, 'loss', { buckets: 1000 });
    expect(after.bucket_steps).toBe(before.bucket_steps);
    expect(bucketsOf(after)).toEqual(expected(all, 16));
    expect(bucketsOf(after).slice(0, 531)).toEqual(bucketsOf(before).slice(0, 531));
  });

  test('values of several models are one curve', async () => {
    const run_id = await newRun();
    const { model } = await calls.createLoggedModel({ experiment_id: '0' });
    const all = points(3000, (i) => i);
    await log(run_id, 'acc', all.slice(0, 2000));
    await log(run_id, 'acc', all.slice(1000), model.info.model_id);
    await store.fold();
    const found = await curve(run_id, 'acc', { buckets: 10 });
    expect(found.points).toBe(3000);
    expect(bucketsOf(found)).toEqual(expected(all, 512));
  });

  test('curves come run by run and in the order of the keys, of runs that have them', async () => {
    const [one, two] = [await newRun(), await newRun()];
    await log(
      one,
      'a',
      points(3, (i) => i),
    );
    await log(
      one,
      'b',
      points(3, (i) => i),
    );
    await log(
      two,
      'b',
      points(3, (i) => i),
    );
    const { curves } = await calls.getMetricCurves({ run_ids: [two, one, 'nobody'], metric_keys: ['b', 'a', 'c'] });
    expect(curves.map(({ run_id, key }) => [run_id, key])).toEqual([
      [two, 'b'],
      [one, 'b'],
      [one, 'a'],
    ]);
  });

  test('a drawing asks for the columns and the digits that it needs', async () => {
    const run = await newRun();
    const values = (i: number) => 100 / (i + 3);
    await log(run, 'loss', points(4_000, values));
    const few = await curve(run, 'loss', { buckets: 100, columns: ['mean', 'max'], digits: 4 });
    const all = await curve(run, 'loss', { buckets: 100 });
    expect([few.first, few.last, few.min]).toEqual([[], [], []]);
    expect(few.max).toEqual(all.max.map((value) => Number(value.toPrecision(4))));
    expect([few.steps, few.n]).toEqual([all.steps, all.n]);
    expect([few.last_value, all.last.at(-1)]).toEqual([values(3_999), values(3_999)]);
    const whole = await curve(run, 'loss', { start_step: 3_990, columns: ['mean'], digits: 4 });
    expect(whole.last.at(-1)).toBe(values(3_999));
  });

  test('limits are told', async () => {
    const refused = (request: Parameters<ApiCalls['getMetricCurves']>[0]) =>
      expect(calls.getMetricCurves(request)).rejects.toMatchObject({ code: 'INVALID_PARAMETER_VALUE' });
    const ids = Array.from({ length: 201 }, (_, i) => `r${i}`);
    await refused({ run_ids: [], metric_keys: ['a'] });
    await refused({ run_ids: ['r'], metric_keys: [] });
    await refused({ run_ids: ids, metric_keys: ['a'] });
    await refused({ run_ids: ids.slice(1), metric_keys: ['a', 'b', 'c', 'd', 'e', 'f'] });
    await refused({ run_ids: ['r'], metric_keys: ['a'], buckets: 0 });
    await refused({ run_ids: ['r'], metric_keys: ['a'], buckets: 1001 });
    await refused({ run_ids: ['r'], metric_keys: ['a'], start_step: 5, end_step: 4 });
    await refused({ run_ids: ['r'], metric_keys: ['a'], columns: ['median'] });
    await refused({ run_ids: ['r'], metric_keys: ['a'], digits: 2 });
  });
});
