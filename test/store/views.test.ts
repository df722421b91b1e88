/** Saved views, and the list of what is deleted. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ApiCalls } from '../../api/index.js';
import { describeStore, type OpenStore } from '../harness/store.js';

describeStore('views', (open) => {
  let store: OpenStore;
  let calls: ApiCalls;
  beforeAll(async () => {
    store = await open();
    calls = store.calls;
  });
  afterAll(() => store.close());

  test('a named view is found among those of its experiment', async () => {
    const { experiment_id } = await calls.createExperiment({ name: 'with views' });
    const { view } = await calls.createView({ experiment_id, name: 'Zoom', query: 'sort=x' });
    expect(view).toMatchObject({ experiment_id, name: 'Zoom', query: 'sort=x' });
    expect(view.view_id).toMatch(/^[0-9a-z]{10}$/);
    await calls.createView({ experiment_id, name: 'Best', query: 'sort=y' });
    await calls.createView({ name: 'Zoom', query: 'all' });
    expect((await calls.listViews({ experiment_id })).views.map(({ name }) => name)).toEqual(['Best', 'Zoom']);
    expect((await calls.listViews({})).views.map(({ name, query }) => [name, query])).toEqual([['Zoom', 'all']]);
    expect(await calls.getView({ view_id: view.view_id })).toEqual({ view });
  });

  test('a name is taken once in an experiment', async () => {
    const { experiment_id } = await calls.createExperiment({ name: 'names' });
    const { view } = await calls.createView({ experiment_id, name: 'one', query: 'q' });
    await calls.createView({ experiment_id, name: 'two', query: 'q' });
    const taken = { code: 'RESOURCE_ALREADY_EXISTS' };
    await expect(calls.createView({ experiment_id, name: 'one', query: 'r' })).rejects.toMatchObject(taken);
    await expect(calls.updateView({ view_id: view.view_id, name: 'two' })).rejects.toMatchObject(taken);
  });

  test('a view without a name has one id for one query', async () => {
    const { experiment_id } = await calls.createExperiment({ name: 'links' });
    const long = `columns=${'x'.repeat(90_000)}`;
    const first = await calls.createView({ experiment_id, query: long });
    expect(await calls.createView({ experiment_id, query: long })).toEqual(first);
    expect(first.view).not.toHaveProperty('name');
    const elsewhere = await calls.createView({ query: long });
    expect(elsewhere.view.view_id).not.toBe(first.view.view_id);
    expect(await calls.listViews({ experiment_id })).toEqual({ views: [] });
  });

  test('a view is changed and deleted', async () => {
    const { view } = await calls.createView({ query: 'to be changed' });
    const { view_id } = view;
    const changed = await calls.updateView({ view_id, name: 'named', query: 'changed' });
    expect(changed.view).toMatchObject({ view_id, name: 'named', query: 'changed' });
    expect((await calls.updateView({ view_id, query: 'again' })).view).toMatchObject({ name: 'named', query: 'again' });
    await calls.deleteView({ view_id });
    const missing = { code: 'RESOURCE_DOES_NOT_EXIST' };
    await expect(calls.getView({ view_id })).rejects.toMatchObject(missing);
    await expect(calls.updateView({ view_id, name: 'x' })).rejects.toMatchObject(missing);
    await expect(calls.deleteView({ view_id })).rejects.toMatchObject(missing);
  });

  test('what is too long or belongs nowhere is refused', async () => {
    const bad = { code: 'INVALID_PARAMETER_VALUE' };
    await expect(calls.createView({ query: 'x'.repeat(100_001) })).rejects.toMatchObject(bad);
    await expect(calls.createView({ name: 'x'.repeat(251), query: 'q' })).rejects.toMatchObject(bad);
    await expect(calls.createView({ experiment_id: '98765', query: 'q' })).rejects.toMatchObject({
      code: 'RESOURCE_DOES_NOT_EXIST',
    });
  });

  test('the trash has experiments, then runs, then models, the latest deletion first', async () => {
    const { experiment_id } = await calls.createExperiment({ name: 'goes' });
    await calls.createRun({ experiment_id });
    const runs: string[] = [];
    for (const run_name of ['first', 'second']) {
      const { run } = await calls.createRun({ experiment_id: '0', run_name });
      runs.push(run.info.run_id);
      await calls.deleteRun({ run_id: run.info.run_id });
    }
    const { model } = await calls.createLoggedModel({ experiment_id: '0', name: 'net' });
    await calls.deleteLoggedModel({ model_id: model.info.model_id });
    await calls.deleteExperiment({ experiment_id });
    const { items, total } = await calls.listTrash({});
    expect(total).toBe(4);
    expect(items[0]).toMatchObject({ kind: 'EXPERIMENT', id: experiment_id, name: 'goes', experiment_id });
    expect(
      items
        .slice(1, 3)
        .map(({ id }) => id)
        .sort(),
    ).toEqual([...runs].sort());
    expect(items[1]?.deletion_time).toBeGreaterThanOrEqual(items[2]?.deletion_time as number);
    expect(items[3]).toMatchObject({ kind: 'LOGGED_MODEL', id: model.info.model_id, name: 'net', experiment_id: '0' });

    const paged = [];
    let page_token: string | undefined;
    do {
      const page = await calls.listTrash({ max_results: 1, ...(page_token && { page_token }) });
      paged.push(...page.items);
      page_token = page.next_page_token;
    } while (page_token);
    expect(paged).toEqual(items);
    await calls.restoreExperiment({ experiment_id });
    expect((await calls.listTrash({})).total).toBe(3);
    await expect(calls.listTrash({ page_token: 'x' })).rejects.toMatchObject({ code: 'INVALID_PARAMETER_VALUE' });
  });
});
