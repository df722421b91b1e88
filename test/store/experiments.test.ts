/** Experiments: names, tags, life, paging. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ApiCalls } from '../../api/index.js';
import { describeStore, type OpenStore } from '../harness/store.js';

describeStore('experiments', (open) => {
  let store: OpenStore;
  let calls: ApiCalls;
  beforeAll(async () => {
    store = await open();
    calls = store.calls;
  });
  afterAll(() => store.close());

  const get = async (experiment_id: string) => (await calls.getExperiment({ experiment_id })).experiment;

  test('an empty store has the experiment 0, Default', async () => {
    expect(await get('0')).toMatchObject({
      name: 'Default',
      lifecycle_stage: 'active',
      artifact_location: 'mlflow-artifacts:/0',
    });
  });

  test('a created one is found by id and by name, with tags and its place for artifacts', async () => {
    const tags = [
      { key: 'team', value: 'nlp' },
      { key: 'empty', value: '' },
    ];
    const { experiment_id } = await calls.createExperiment({ name: 'first', tags });
    const found = await get(experiment_id);
    expect(found.artifact_location).toBe(`mlflow-artifacts:/${experiment_id}`);
    expect(found.tags).toEqual([...tags].reverse());
    expect((await calls.getExperimentByName({ experiment_name: 'first' })).experiment).toEqual(found);
  });

  test('a given artifact location is kept', async () => {
    const { experiment_id } = await calls.createExperiment({ name: 'placed', artifact_location: 's3://bucket/here' });
    expect((await get(experiment_id)).artifact_location).toBe('s3://bucket/here');
  });

  test('a name is taken once, also by a deleted experiment', async () => {
    const { experiment_id } = await calls.createExperiment({ name: 'taken' });
    await calls.deleteExperiment({ experiment_id });
    await expect(calls.createExperiment({ name: 'taken' })).rejects.toMatchObject({
      code: 'RESOURCE_ALREADY_EXISTS',
      message: expect.stringContaining('Experiment(name=taken) already exists.'),
    });
    await expect(calls.updateExperiment({ experiment_id: '0', new_name: 'taken' })).rejects.toMatchObject({
      code: 'RESOURCE_ALREADY_EXISTS',
    });
  });

  test('names that cannot be are refused', async () => {
    await expect(calls.createExperiment({ name: '' })).rejects.toMatchObject({ code: 'INVALID_PARAMETER_VALUE' });
    await expect(calls.createExperiment({ name: 'x'.repeat(501) })).rejects.toThrow(/maximum length of 500/);
    await expect(calls.createExperiment({ name: 'f', artifact_location: 's3://b#f' })).rejects.toThrow(
      /fragments or params/,
    );
  });

  test('missing ones are refused with MLflow’s words', async () => {
    await expect(get('4711')).rejects.toMatchObject({
      code: 'RESOURCE_DOES_NOT_EXIST',
      message: expect.stringContaining('No Experiment with id=4711 exists'),
    });
    await expect(get('no-number')).rejects.toMatchObject({
      code: 'INVALID_PARAMETER_VALUE',
      message: expect.stringContaining("Invalid experiment ID 'no-number'. Experiment ID must be a valid integer."),
    });
    await expect(get('99999999999999999999')).rejects.toMatchObject({ code: 'RESOURCE_DOES_NOT_EXIST' });
    await expect(calls.getExperimentByName({ experiment_name: 'nobody' })).rejects.toThrow(
      /Could not find experiment with name 'nobody'/,
    );
  });

  test('renaming changes the name and the time of the last update', async () => {
    const { experiment_id } = await calls.createExperiment({ name: 'old name' });
    const before = await get(experiment_id);
    await calls.updateExperiment({ experiment_id, new_name: 'new name' });
    const after = await get(experiment_id);
    expect(after.name).toBe('new name');
    expect(after.last_update_time).toBeGreaterThanOrEqual(before.last_update_time);
    expect(after.creation_time).toBe(before.creation_time);
  });

  test('deleting takes the runs along, restoring brings them back', async () => {
    const { experiment_id } = await calls.createExperiment({ name: 'short-lived' });
    const { run } = await calls.createRun({ experiment_id });
    await calls.logParam({ run_id: run.info.run_id, key: 'p', value: '1' });
    await calls.deleteExperiment({ experiment_id });
    expect((await get(experiment_id)).lifecycle_stage).toBe('deleted');
    expect((await calls.getRun({ run_id: run.info.run_id })).run.info.lifecycle_stage).toBe('deleted');
    await expect(calls.logParam({ run_id: run.info.run_id, key: 'q', value: '1' })).rejects.toThrow(/'active' state/);
    await expect(calls.createRun({ experiment_id })).rejects.toThrow(/must be in the 'active' state/);
    await expect(calls.deleteExperiment({ experiment_id })).rejects.toMatchObject({ code: 'RESOURCE_DOES_NOT_EXIST' });
    await calls.restoreExperiment({ experiment_id });
    await calls.logParam({ run_id: run.info.run_id, key: 'q', value: '1' });
    await expect(calls.restoreExperiment({ experiment_id })).rejects.toMatchObject({ code: 'RESOURCE_DOES_NOT_EXIST' });
  });

  test('tags are set, replaced and removed', async () => {
    const { experiment_id } = await calls.createExperiment({ name: 'tagged' });
    await calls.setExperimentTag({ experiment_id, key: 'k', value: 'v' });
    await calls.setExperimentTag({ experiment_id, key: 'k', value: 'w' });
    expect((await get(experiment_id)).tags).toEqual([{ key: 'k', value: 'w' }]);
    await calls.deleteExperimentTag({ experiment_id, key: 'k' });
    expect((await get(experiment_id)).tags).toBeUndefined();
    await expect(calls.deleteExperimentTag({ experiment_id, key: 'k' })).rejects.toMatchObject({
      code: 'RESOURCE_DOES_NOT_EXIST',
    });
  });

  test('search pages through all of a view once', async () => {
    for (let i = 0; i < 7; i++) await calls.createExperiment({ name: `page ${i}` });
    const seen: string[] = [];
    let page_token: string | undefined;
    do {
      const page = await calls.searchExperiments({ max_results: 3, page_token, view_type: 'ALL' });
      expect(page.experiments?.length).toBeLessThanOrEqual(3);
      seen.push(...(page.experiments ?? []).map((each) => each.experiment_id));
      page_token = page.next_page_token;
    } while (page_token);
    const all = (await calls.searchExperiments({ max_results: 1000, view_type: 'ALL' })).experiments ?? [];
    expect(seen).toEqual(all.map((each) => each.experiment_id));
    expect(new Set(seen).size).toBe(seen.length);
    const deleted = (await calls.searchExperiments({ view_type: 'DELETED_ONLY' })).experiments ?? [];
    expect(deleted.map((each) => each.name)).toEqual(['taken']);
    expect((await calls.searchExperiments({})).experiments?.some((each) => each.name === 'taken')).toBe(false);
  });

  test('bad pages are refused', async () => {
    await expect(calls.searchExperiments({ max_results: -1 })).rejects.toThrow(/must be a positive integer/);
    await expect(calls.searchExperiments({ max_results: 50_001 })).rejects.toThrow(/at most 50000/);
    await expect(calls.searchExperiments({ page_token: 'nonsense' })).rejects.toThrow(/Invalid page token/);
  });
});
