/** Runs: creation, facts, life, pages. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ApiCalls } from '../../api/index.js';
import { describeStore, type OpenStore } from '../harness/store.js';

describeStore('runs', (open) => {
  let store: OpenStore;
  let calls: ApiCalls;
  let experiment_id: string;
  beforeAll(async () => {
    store = await open();
    calls = store.calls;
    experiment_id = (await calls.createExperiment({ name: 'runs' })).experiment_id;
  });
  afterAll(() => store.close());

  const get = async (run_id: string) => (await calls.getRun({ run_id })).run;

  test('a run that a client of mltrack creates again is the same run; a copy of its tags is another', async () => {
    const tags = [{ key: 'mltrack.clientId', value: 'a1b2' }];
    const create = (start_time: number) => calls.createRun({ experiment_id, run_name: 'again', start_time, tags });
    const [{ run: first }, { run: second }] = await Promise.all([create(77), create(77)]);
    await calls.logBatch({ run_id: first.info.run_id, params: [{ key: 'lr', value: '1' }] });
    const { run: third } = await create(77);
    expect([second.info.run_id, third.info.run_id]).toEqual([first.info.run_id, first.info.run_id]);
    expect(third.data.params).toEqual([{ key: 'lr', value: '1' }]);
    expect((await create(78)).run.info.run_id).not.toBe(first.info.run_id);
  });

  test('a new run is RUNNING, named, and knows where its artifacts go', async () => {
    const { run } = await calls.createRun({ experiment_id, run_name: 'one', user_id: 'ana', start_time: 1234 });
    expect(run.info).toMatchObject({
      run_name: 'one',
      user_id: 'ana',
      status: 'RUNNING',
      start_time: 1234,
      lifecycle_stage: 'active',
      experiment_id,
      artifact_uri: `mlflow-artifacts:/${experiment_id}/${run.info.run_id}/artifacts`,
    });
    expect(run.info.run_id).toMatch(/^[0-9a-f]{32}$/);
    expect(run.info.run_uuid).toBe(run.info.run_id);
    expect(run.data.tags).toContainEqual({ key: 'mlflow.runName', value: 'one' });
    expect((await get(run.info.run_id)).info).toEqual(run.info);
    expect((await calls.getRun({ run_uuid: run.info.run_id })).run.info).toEqual(run.info);
  });

  test('a name comes from the tag, or is made up; two that differ are refused', async () => {
    const tags = [{ key: 'mlflow.runName', value: 'tagged' }];
    expect((await calls.createRun({ experiment_id, tags })).run.info.run_name).toBe('tagged');
    expect((await calls.createRun({ experiment_id })).run.info.run_name).toMatch(/^[a-z]+-[a-z]+-\d+$/);
    await expect(calls.createRun({ experiment_id, run_name: 'other', tags })).rejects.toThrow(
      /Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values/,
    );
  });

  test('the experiment must exist and be active', async () => {
    await expect(calls.createRun({ experiment_id: '4711' })).rejects.toMatchObject({ code: 'RESOURCE_DOES_NOT_EXIST' });
  });

  test('an update changes what is given and nothing else', async () => {
    const { run } = await calls.createRun({ experiment_id, run_name: 'before' });
    const run_id = run.info.run_id;
    await calls.updateRun({ run_id, run_name: 'after' });
    expect(await get(run_id)).toMatchObject({
      info: { run_name: 'after', status: 'RUNNING' },
      data: { tags: [{ key: 'mlflow.runName', value: 'after' }] },
    });
    const { run_info } = await calls.updateRun({ run_id, status: 'FINISHED', end_time: 99 });
    expect(run_info).toMatchObject({ run_name: 'after', status: 'FINISHED', end_time: 99 });
    await calls.setTag({ run_id, key: 'mlflow.runName', value: 'by tag' });
    expect((await get(run_id)).info).toMatchObject({ run_name: 'by tag', status: 'FINISHED', end_time: 99 });
  });

  test('a deleted run can be read and restored, but not written', async () => {
    const { run } = await calls.createRun({ experiment_id });
    const run_id = run.info.run_id;
    await calls.logParam({ run_id, key: 'before', value: '1' });
    await calls.deleteRun({ run_id });
    await calls.deleteRun({ run_id });
    expect((await get(run_id)).info.lifecycle_stage).toBe('deleted');
    const writes = [
      () => calls.logParam({ run_id, key: 'p', value: '1' }),
      () => calls.logMetric({ run_id, key: 'm', value: 1, timestamp: 1 }),
      () => calls.setTag({ run_id, key: 't', value: '1' }),
      () => calls.deleteTag({ run_id, key: 'mlflow.runName' }),
      () => calls.updateRun({ run_id, status: 'FAILED' }),
      () => calls.logOutputs({ run_id, models: [{ model_id: 'm-1' }] }),
    ];
    for (const write of writes) {
      await expect(write()).rejects.toMatchObject({
        code: 'INVALID_PARAMETER_VALUE',
        message: expect.stringContaining(`The run ${run_id} must be in the 'active' state. Current state is deleted.`),
      });
    }
    await calls.restoreRun({ run_id });
    await calls.logParam({ run_id, key: 'p', value: '1' });
  });

  test('an unknown or impossible run id is refused everywhere', async () => {
    const run_id = 'f'.repeat(32);
    const asks = [
      () => calls.getRun({ run_id }),
      () => calls.updateRun({ run_id }),
      () => calls.deleteRun({ run_id }),
      () => calls.restoreRun({ run_id }),
      () => calls.logBatch({ run_id }),
    ];
    for (const ask of asks) {
      await expect(ask()).rejects.toMatchObject({
        code: 'RESOURCE_DOES_NOT_EXIST',
        message: expect.stringContaining(`Run with id=${run_id} not found`),
      });
    }
    await expect(calls.getRun({ run_id: '../x' })).rejects.toMatchObject({ code: 'RESOURCE_DOES_NOT_EXIST' });
    await expect(calls.getRun({})).rejects.toThrow(/Missing value for required parameter 'run_id'/);
  });

  test('models that a run made are listed with their steps', async () => {
    const { run } = await calls.createRun({ experiment_id });
    const run_id = run.info.run_id;
    await calls.logOutputs({ run_id, models: [{ model_id: 'm-a', step: 3 }] });
    await calls.logOutputs({ run_id, models: [{ model_id: 'm-b' }, { model_id: 'm-a', step: 4 }] });
    expect((await get(run_id)).outputs?.model_outputs).toEqual([
      { model_id: 'm-a', step: 4 },
      { model_id: 'm-b', step: 0 },
    ]);
  });

  test('search pages through every run once, both ways, with all they logged', async () => {
    const { experiment_id: id } = await calls.createExperiment({ name: 'pages' });
    for (let i = 0; i < 11; i++) {
      // Three share a start time: the id decides.
      const { run } = await calls.createRun({ experiment_id: id, start_time: 1000 + Math.floor(i / 3) });
      await calls.logBatch({
        run_id: run.info.run_id,
        params: [{ key: 'i', value: String(i) }],
        metrics: [{ key: 'm', value: i, timestamp: 1, step: 0 }],
      });
    }
    const all = async (order_by: string[], max_results: number) => {
      const found = [];
      let page_token: string | undefined;
      do {
        const page = await calls.searchRuns({ experiment_ids: [id], order_by, max_results, page_token });
        found.push(...(page.runs ?? []));
        page_token = page.next_page_token;
      } while (page_token);
      return found;
    };
    const newest = await all([], 4);
    expect(newest).toHaveLength(11);
    expect(newest).toEqual(await all(['attributes.start_time DESC'], 100));
    const oldest = await all(['start_time'], 5);
    expect(oldest.map((run) => run.info.start_time)).toEqual(newest.map((run) => run.info.start_time).reverse());
    for (const run of newest) {
      const i = run.data.params?.[0]?.value;
      expect(run.data.metrics).toEqual([{ key: 'm', value: Number(i), timestamp: 1, step: 0 }]);
    }
  });

  test('search keeps to its experiments and its view', async () => {
    const { experiment_id: id } = await calls.createExperiment({ name: 'views' });
    const kept = (await calls.createRun({ experiment_id: id })).run.info.run_id;
    const gone = (await calls.createRun({ experiment_id: id })).run.info.run_id;
    await calls.deleteRun({ run_id: gone });
    const ids = async (run_view_type?: 'ACTIVE_ONLY' | 'DELETED_ONLY' | 'ALL') =>
      ((await calls.searchRuns({ experiment_ids: [id], run_view_type })).runs ?? [])
        .map((run) => run.info.run_id)
        .sort();
    expect(await ids()).toEqual([kept]);
    expect(await ids('DELETED_ONLY')).toEqual([gone]);
    expect(await ids('ALL')).toEqual([kept, gone].sort());
    expect(await calls.searchRuns({ experiment_ids: [] })).toEqual({});
    await expect(calls.searchRuns({ experiment_ids: ['no number'] })).rejects.toThrow(
      /Invalid experiment ID 'no number'/,
    );
  });

  test('bad pages are refused', async () => {
    const ask = (more: object) => calls.searchRuns({ experiment_ids: [experiment_id], ...more });
    await expect(ask({ max_results: 50_001 })).rejects.toThrow(/at most 50000/);
    await expect(ask({ page_token: 'x' })).rejects.toThrow(/Invalid page token/);
  });
});
