/** What scripts write to a run: params, tags and batches. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { ApiCalls } from '../../api/index.js';
import { describeStore, type OpenStore } from '../harness/store.js';

describeStore('logging', (open) => {
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

  const data = async () => (await calls.getRun({ run_id })).run.data;

  test('a param is set once: again with the same value is fine, with another is refused', async () => {
    await calls.logParam({ run_id, key: 'lr', value: '0.1' });
    await calls.logParam({ run_id, key: 'lr', value: '0.1' });
    await expect(calls.logParam({ run_id, key: 'lr', value: '0.2' })).rejects.toMatchObject({
      code: 'INVALID_PARAMETER_VALUE',
      message: expect.stringContaining(
        `Changing param values is not allowed. Param with key='lr' was already logged with value='0.1' for run ID='${run_id}'. Attempted logging new value '0.2'.`,
      ),
    });
    expect((await data()).params).toEqual([{ key: 'lr', value: '0.1' }]);
  });

  test('empty values are values', async () => {
    await calls.logParam({ run_id, key: 'empty', value: '' });
    await calls.setTag({ run_id, key: 'note', value: '' });
    expect((await data()).params).toEqual([{ key: 'empty', value: '' }]);
    expect((await data()).tags).toContainEqual({ key: 'note', value: '' });
  });

  test('long values are cut at MLflow’s limits, long keys refused', async () => {
    await calls.logParam({ run_id, key: 'long', value: 'v'.repeat(7000) });
    await calls.setTag({ run_id, key: 'long', value: 'v'.repeat(9000) });
    const { params, tags } = await data();
    expect(params?.[0]?.value).toHaveLength(6000);
    expect(tags?.find((tag) => tag.key === 'long')?.value).toHaveLength(8000);
    await expect(calls.logParam({ run_id, key: 'k'.repeat(251), value: '1' })).rejects.toThrow(/250/);
  });

  test('keys that could be paths elsewhere, or hold strange characters, are refused', async () => {
    for (const key of ['../up', '/root', 'a//b', './a', 'a/../b', '.', 'semi;colon', 'new\nline', 'q?']) {
      await expect(calls.logParam({ run_id, key, value: '1' }), key).rejects.toMatchObject({
        code: 'INVALID_PARAMETER_VALUE',
      });
      await expect(calls.logMetric({ run_id, key, value: 1, timestamp: 1 }), key).rejects.toMatchObject({
        code: 'INVALID_PARAMETER_VALUE',
      });
    }
    for (const key of ['val/acc', 'a.b-c_d e:f', 'Größe', '精度']) await calls.logParam({ run_id, key, value: '1' });
    expect((await data()).params).toHaveLength(4);
  });

  test('tags are replaced and removed', async () => {
    await calls.setTag({ run_id, key: 't', value: '1' });
    await calls.setTag({ run_id, key: 't', value: '2' });
    expect((await data()).tags).toContainEqual({ key: 't', value: '2' });
    await calls.deleteTag({ run_id, key: 't' });
    await expect(calls.deleteTag({ run_id, key: 't' })).rejects.toThrow(`No tag with name: t in run with id ${run_id}`);
  });

  test('a batch is all or nothing', async () => {
    await calls.logParam({ run_id, key: 'p', value: '1' });
    await expect(
      calls.logBatch({
        run_id,
        params: [
          { key: 'new', value: '1' },
          { key: 'p', value: '2' },
        ],
        metrics: [{ key: 'm', value: 1, timestamp: 1 }],
        tags: [{ key: 't', value: '1' }],
      }),
    ).rejects.toThrow(/Params were already logged='\[\{'key': 'p', 'old_value': '1', 'new_value': '2'\}\]'/);
    const { params, metrics, tags } = await data();
    expect(params).toEqual([{ key: 'p', value: '1' }]);
    expect(metrics).toBeUndefined();
    expect(tags?.some((tag) => tag.key === 't')).toBe(false);
  });

  test('a param twice in a batch must agree', async () => {
    const twice = (value: string) => [
      { key: 'p', value: '1' },
      { key: 'p', value },
    ];
    await calls.logBatch({ run_id, params: twice('1') });
    await expect(calls.logBatch({ run_id, params: twice('2') })).rejects.toThrow(
      /Duplicate parameter keys have been submitted/,
    );
  });

  test('a batch keeps to its limits', async () => {
    const pairs = (n: number) => Array.from({ length: n }, (_, i) => ({ key: `k${i}`, value: '1' }));
    const values = (n: number) => Array.from({ length: n }, (_, i) => ({ key: `k${i}`, value: 1, timestamp: 1 }));
    await expect(calls.logBatch({ run_id, params: pairs(101) })).rejects.toThrow(
      /A batch logging request can contain at most 100 params. Got 101 params. Please split up params/,
    );
    await expect(calls.logBatch({ run_id, tags: pairs(101) })).rejects.toThrow(/at most 100 tags/);
    await expect(calls.logBatch({ run_id, metrics: values(1001) })).rejects.toThrow(/at most 1000 metrics/);
    await expect(calls.logBatch({ run_id, metrics: values(1000), params: pairs(1) })).rejects.toThrow(
      /at most 1000 metrics, params, and tags/,
    );
    await calls.logBatch({ run_id, metrics: values(800), params: pairs(100), tags: pairs(100) });
    const logged = await data();
    expect(logged.metrics).toHaveLength(800);
    expect(logged.params).toHaveLength(100);
    await calls.logBatch({ run_id });
  });

  test('many writers of one run at once all land', async () => {
    await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        calls.logBatch({
          run_id,
          params: [{ key: `p${i}`, value: String(i) }],
          metrics: [{ key: `shared key ${i % 7}`, value: i, timestamp: i, step: i }],
          tags: [{ key: 'last', value: String(i) }],
        }),
      ),
    );
    const logged = await data();
    expect(logged.params).toHaveLength(40);
    expect(logged.metrics).toHaveLength(7);
  });
});
