/** Metrics: latest values, histories, folding, thinning. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { ApiCalls, Metric } from '../../api/index.js';
import { describeStore, type OpenStore } from '../harness/store.js';

describeStore('metrics', (open) => {
  let store: OpenStore;
  let calls: ApiCalls;
  let run_id: string;
  beforeAll(async () => {
    store = await open();
    calls = store.calls;
  });
  afterAll(() => store.close());
  beforeEach(async () => {
    run_id = (await calls.createRun({ experiment_id: '0' })).run.info.run_id;
  });

  type Value = [step: number | bigint, timestamp: number, value: number];
  const log = (key: string, ...values: Value[]) =>
    calls.logBatch({ run_id, metrics: values.map(([step, timestamp, value]) => ({ key, step, timestamp, value })) });
  const latest = async (key: string) =>
    (await calls.getRun({ run_id })).run.data.metrics?.find((metric) => metric.key === key);
  const points = (metrics: Metric[] | undefined) =>
    (metrics ?? []).map(({ step, timestamp, value }) => [step, timestamp, value]);
  const history = async (metric_key: string) => points((await calls.getMetricHistory({ run_id, metric_key })).metrics);

  /** The same before and after folding. */
  async function twice(check: () => Promise<void>) {
    await check();
    await store.fold();
    await check();
  }

  test('the latest is the greatest in step, time and value', async () => {
    await log('loss', [1, 10, 5], [3, 5, 1], [2, 99, 7], [3, 5, 4], [3, 4, 9]);
    await twice(async () => expect(await latest('loss')).toEqual({ key: 'loss', step: 3, timestamp: 5, value: 4 }));
    await log('loss', [3, 5, 2], [0, 1000, 8]);
    await twice(async () => expect(await latest('loss')).toMatchObject({ step: 3, timestamp: 5, value: 4 }));
    await log('loss', [4, 0, -1]);
    await twice(async () => expect(await latest('loss')).toMatchObject({ step: 4, value: -1 }));
  });

  test('history is by time, step and value, each point once', async () => {
    await log('m', [2, 20, 1], [1, 10, 3], [1, 10, 2]);
    await store.fold();
    await log('m', [1, 10, 2], [0, 10, 9], [3, 15, 0], [2, 20, 1]);
    await twice(async () =>
      expect(await history('m')).toEqual([
        [0, 10, 9],
        [1, 10, 2],
        [1, 10, 3],
        [3, 15, 0],
        [2, 20, 1],
      ]),
    );
  });

  test('NaN stays NaN, infinities become the largest doubles, small numbers keep every bit', async () => {
    await log('nan', [0, 1, Number.NaN], [1, 2, 0.1 + 0.2]);
    await log('inf', [0, 1, Infinity], [1, 2, -Infinity]);
    await log('tiny', [0, 1, 5e-324], [1, 2, -0.0], [2, 3, 1e300]);
    await twice(async () => {
      expect(await history('nan')).toEqual([
        [0, 1, Number.NaN],
        [1, 2, 0.30000000000000004],
      ]);
      expect((await history('inf')).map((point) => point[2])).toEqual([Number.MAX_VALUE, -Number.MAX_VALUE]);
      expect((await history('tiny')).map((point) => point[2])).toEqual([5e-324, 0, 1e300]);
    });
    await log('latest nan', [0, 1, 3], [1, 2, Number.NaN]);
    await twice(async () => expect((await latest('latest nan'))?.value).toBeNaN());
  });

  test('steps are int64: negative, and beyond what a double can hold', async () => {
    const most = 2n ** 63n - 1n;
    await log('wide', [-5, 1, 1], [most, 2, 2], [-(2n ** 63n), 3, 3], [2n ** 53n + 1n, 4, 4]);
    await twice(async () => {
      // A client's JSON has doubles only; the order shows that the server kept the digits.
      expect((await history('wide')).map((point) => point[2])).toEqual([1, 2, 3, 4]);
      expect((await latest('wide'))?.value).toBe(2);
    });
    await log('near', [2n ** 53n + 1n, 1, 1], [2n ** 53n + 2n, 1, 2], [2n ** 53n, 1, 3]);
    await twice(async () => expect((await history('near')).map((point) => point[2])).toEqual([3, 1, 2]));
  });

  test('calls without a step are at step 0, and a metric alone is like a batch of one', async () => {
    await calls.logMetric({ run_id, key: 'm', value: 1.5, timestamp: 7 });
    await twice(async () => expect(await history('m')).toEqual([[0, 7, 1.5]]));
  });

  test('a key or run without values has an empty history', async () => {
    expect(await calls.getMetricHistory({ run_id, metric_key: 'none' })).toEqual({});
    expect(await calls.getMetricHistory({ run_id: 'f'.repeat(32), metric_key: 'none' })).toEqual({});
  });

  test('a long history comes whole, or in pages that fit together', async () => {
    const n = 9500;
    const expected: Value[] = [];
    for (let at = 0; at < n; at += 1000) {
      const values = Array.from({ length: Math.min(1000, n - at) }, (_, i): Value => {
        const step = at + i;
        // Four values share each time stamp: pages may begin among them.
        return [step, 1000 + Math.floor(step / 4), Math.sin(step)];
      });
      expected.push(...values);
      await log('long', ...values);
      if (at === 5000) await store.fold();
    }
    await twice(async () => {
      expect(await history('long')).toEqual(expected);
      const paged: Metric[] = [];
      let page_token: string | undefined;
      do {
        const page = await calls.getMetricHistory({ run_id, metric_key: 'long', max_results: 1234, page_token });
        expect(page.metrics?.length).toBeLessThanOrEqual(1234);
        paged.push(...(page.metrics ?? []));
        page_token = page.next_page_token;
      } while (page_token);
      expect(points(paged)).toEqual(expected);
    });
  });

  test('values that arrive late find their place among folded chunks', async () => {
    const even = Array.from({ length: 1000 }, (_, i): Value => [2 * i, 2 * i, i]);
    for (let part = 0; part < 6; part++) {
      await log('late', ...even.map(([s, t, v]): Value => [Number(s) + part * 2000, t + part * 2000, v]));
    }
    await store.fold();
    const odd = Array.from({ length: 1000 }, (_, i): Value => [12 * i + 1, 12 * i + 1, -i]);
    await log('late', ...odd);
    await twice(async () => {
      const steps = (await history('late')).map((point) => Number(point[0]));
      expect(steps).toHaveLength(7000);
      expect(steps).toEqual([...steps].sort((a, b) => a - b));
    });
  });

  test('bad page tokens and sizes are refused', async () => {
    await log('m', [0, 1, 1]);
    const ask = (more: object) => calls.getMetricHistory({ run_id, metric_key: 'm', ...more });
    await expect(ask({ page_token: 'junk' })).rejects.toThrow(/Invalid page token/);
    await expect(ask({ max_results: -1 })).rejects.toMatchObject({ code: 'INVALID_PARAMETER_VALUE' });
  });

  test('thinning takes points evenly in the order of steps, the first and the last among them', async () => {
    await log('thin', ...Array.from({ length: 10 }, (_, i): Value => [i, i, i]));
    await twice(async () => {
      const { metrics } = await calls.getMetricHistoryBulkInterval({
        run_ids: [run_id],
        metric_key: 'thin',
        max_results: 5,
      });
      expect(metrics?.map((metric) => metric.step)).toEqual([0, 2, 4, 6, 9]);
      expect(metrics?.every((metric) => metric.run_id === run_id)).toBe(true);
      const part = await calls.getMetricHistoryBulkInterval({
        run_ids: [run_id],
        metric_key: 'thin',
        start_step: 3,
        end_step: 5,
      });
      expect(part.metrics?.map((metric) => metric.step)).toEqual([3, 4, 5]);
    });
    const ask = (more: object) =>
      calls.getMetricHistoryBulkInterval({ run_ids: [run_id], metric_key: 'thin', ...more });
    await expect(ask({ start_step: 1 })).rejects.toThrow(/both must be specified/);
    await expect(ask({ start_step: 5, end_step: 1 })).rejects.toThrow(/end_step must be greater than start_step/);
    await expect(ask({ max_results: 2501 })).rejects.toMatchObject({ code: 'INVALID_PARAMETER_VALUE' });
    await expect(calls.getMetricHistoryBulkInterval({ run_ids: [], metric_key: 'thin' })).rejects.toThrow(
      /at least one run_id/,
    );
    const many = Array.from({ length: 101 }, () => run_id);
    await expect(ask({ run_ids: many })).rejects.toThrow(/at most 100 run_ids. Received 101/);
  });

  test.each(['rising', 'falling', 'one step', 'twice over'])(
    'thinning of steps %s is that of the sorted history',
    async (kind) => {
      const stepOf = {
        rising: (i: number) => 3 * i,
        falling: (i: number) => -i,
        'one step': () => 0,
        'twice over': (i: number) => i % 6000,
      };
      const step = stepOf[kind as keyof typeof stepOf];
      const n = 12_000;
      for (let at = 0; at < n; at += 1000) {
        await log(
          kind,
          ...Array.from({ length: 1000 }, (_, i): Value => [step(at + i), 10 + at + i, (i * 7919) % 1000]),
        );
      }
      const all = (await history(kind)).map((point, i) => ({ point, i }));
      all.sort((a, b) => Number(a.point[0]) - Number(b.point[0]) || a.i - b.i);
      const ask = async (max_results: number, range: { start_step?: number; end_step?: number } = {}) =>
        (
          await calls.getMetricHistoryBulkInterval({ run_ids: [run_id], metric_key: kind, max_results, ...range })
        ).metrics?.map((each) => [each.step, each.timestamp, each.value]);
      const thinned = (rows: unknown[], most: number) =>
        rows.filter((_, i) => {
          const [size, larger] = [Math.floor(rows.length / most), rows.length % most];
          const bucket =
            i < larger * (size + 1)
              ? Math.floor(i / (size + 1))
              : larger + Math.floor((i - larger * (size + 1)) / size);
          const first = bucket * size + Math.min(bucket, larger);
          return bucket < most - 1 ? i === first : i === rows.length - 1;
        });
      await twice(async () => {
        const rows = all.map(({ point }) => point);
        expect(await ask(77)).toEqual(thinned(rows, 77));
        const middle = rows.filter(([at]) => Number(at) >= 1000 && Number(at) <= 9000);
        expect(await ask(77, { start_step: 1000, end_step: 9000 })).toEqual(
          middle.length > 0 ? thinned(middle, 77) : undefined,
        );
        expect(await ask(1)).toEqual([rows.at(-1)]);
      });
    },
  );

  test('values of a logged model are in the run’s history once, and in the model', async () => {
    const { model } = await calls.createLoggedModel({ experiment_id: '0', name: 'net', source_run_id: run_id });
    const { model_id } = model.info;
    const value = { key: 'acc', value: 0.9, timestamp: 5, step: 1 };
    await calls.logBatch({ run_id, metrics: [value] });
    await calls.logBatch({ run_id, metrics: [{ ...value, model_id, dataset_name: 'd', dataset_digest: 'x' }] });
    await twice(async () => {
      expect(await history('acc')).toEqual([[1, 5, 0.9]]);
      expect((await calls.getLoggedModel({ model_id })).model.data.metrics).toEqual([
        { ...value, model_id, dataset_name: 'd', dataset_digest: 'x', run_id },
      ]);
    });
  });

  test('times before the epoch are refused', async () => {
    await expect(calls.logMetric({ run_id, key: 'm', value: 1, timestamp: -1 })).rejects.toThrow(/nonnegative long/);
  });
});
