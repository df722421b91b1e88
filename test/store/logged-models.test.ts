/** Logged models: creation, status, params, tags, search. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ApiCalls } from '../../api/index.js';
import { describeStore, type OpenStore } from '../harness/store.js';

describeStore('logged models', (open) => {
  let store: OpenStore;
  let calls: ApiCalls;
  beforeAll(async () => {
    store = await open();
    calls = store.calls;
  });
  afterAll(() => store.close());

  test('a model is pending until it is finalized', async () => {
    const { model } = await calls.createLoggedModel({
      experiment_id: '0',
      name: 'net',
      model_type: 'onnx',
      source_run_id: 'r1',
      params: [{ key: 'lr', value: '1' }],
      tags: [{ key: 't', value: 'v' }],
    });
    const { model_id } = model.info;
    expect(model_id).toMatch(/^m-[0-9a-f]{32}$/);
    expect(model.info).toMatchObject({
      name: 'net',
      status: 'LOGGED_MODEL_PENDING',
      artifact_uri: `mlflow-artifacts:/0/models/${model_id}/artifacts`,
      source_run_id: 'r1',
      tags: [{ key: 't', value: 'v' }],
    });
    const finalized = await calls.finalizeLoggedModel({ model_id, status: 'LOGGED_MODEL_READY' });
    expect(finalized.model.info.status).toBe('LOGGED_MODEL_READY');
    await calls.logLoggedModelParams({ model_id, params: [{ key: 'depth', value: '3' }] });
    await calls.setLoggedModelTags({ model_id, tags: [{ key: 't', value: 'w' }] });
    const found = (await calls.getLoggedModel({ model_id })).model;
    expect(found.data.params).toEqual([
      { key: 'depth', value: '3' },
      { key: 'lr', value: '1' },
    ]);
    expect(found.info.tags).toEqual([{ key: 't', value: 'w' }]);
    await calls.deleteLoggedModelTag({ model_id, tag_key: 't' });
    await expect(calls.deleteLoggedModelTag({ model_id, tag_key: 't' })).rejects.toMatchObject({
      code: 'RESOURCE_DOES_NOT_EXIST',
    });
  });

  test('params never change, and take any key; the same one again is no change', async () => {
    const params = [{ key: 'learning rate (max) @ 50%', value: '1' }];
    const { model_id } = (await calls.createLoggedModel({ experiment_id: '0', params })).model.info;
    await calls.logLoggedModelParams({ model_id, params });
    await calls.logLoggedModelParams({ model_id, params: [{ key: 'depth', value: '3' }] });
    const other = { key: 'depth', value: '4' };
    const refused = {
      code: 'INVALID_PARAMETER_VALUE',
      message: expect.stringContaining(
        `Changing param values is not allowed. Param with key='depth' was already logged with value='3' for model ID='${model_id}'. Attempted logging new value '4'.`,
      ),
    };
    await expect(
      calls.logLoggedModelParams({ model_id, params: [{ key: 'new', value: '1' }, other] }),
    ).rejects.toMatchObject(refused);
    await expect(
      calls.createLoggedModel({ experiment_id: '0', params: [{ key: 'depth', value: '3' }, other] }),
    ).rejects.toMatchObject({ code: 'INVALID_PARAMETER_VALUE' });
    const kept = (await calls.getLoggedModel({ model_id })).model.data.params;
    expect(kept).toEqual([{ key: 'depth', value: '3' }, ...params]);
    const tag = { key: 'a b@c/d', value: 'v' };
    expect((await calls.setLoggedModelTags({ model_id, tags: [tag] })).model.info.tags).toEqual([tag]);
    await calls.deleteLoggedModelTag({ model_id, tag_key: tag.key });
    const tags = [{ key: 'k'.repeat(256), value: '' }];
    await expect(calls.setLoggedModelTags({ model_id, tags })).rejects.toThrow(
      "'key' exceeds the maximum length of 255 characters",
    );
  });

  test('it tells which versions of registered models were made from it', async () => {
    const { model_id } = (await calls.createLoggedModel({ experiment_id: '0', name: 'net' })).model.info;
    for (const name of ['one', 'two']) await calls.createRegisteredModel({ name });
    for (const name of ['two', 'one', 'two']) {
      await calls.createModelVersion({ name, source: `models:/${model_id}`, model_id });
    }
    await calls.deleteModelVersion({ name: 'two', version: '1' });
    await calls.renameRegisteredModel({ name: 'one', new_name: 'renamed' });
    const { registrations } = (await calls.getLoggedModel({ model_id })).model.info;
    expect(registrations).toEqual([
      { name: 'renamed', version: '1' },
      { name: 'two', version: '2' },
    ]);
  });

  test('a deleted or unknown one is 404', async () => {
    const { model } = await calls.createLoggedModel({ experiment_id: '0' });
    const { model_id } = model.info;
    await calls.deleteLoggedModel({ model_id });
    await expect(calls.getLoggedModel({ model_id })).rejects.toThrow(`Logged model with ID '${model_id}' not found.`);
    expect((await calls.getLoggedModel({ model_id, allow_deleted: true })).model.info.model_id).toBe(model_id);
    await expect(calls.finalizeLoggedModel({ model_id: 'm-x', status: 'LOGGED_MODEL_READY' })).rejects.toMatchObject({
      code: 'RESOURCE_DOES_NOT_EXIST',
    });
  });

  test('search finds by name, page by page', async () => {
    const { experiment_id } = await calls.createExperiment({ name: 'models' });
    for (const name of ['a', 'b', 'a']) await calls.createLoggedModel({ experiment_id, name });
    const names = (models: { info: { name: string } }[] | undefined) =>
      (models ?? []).map((model) => model.info.name).sort();
    const first = await calls.searchLoggedModels({ experiment_ids: [experiment_id], max_results: 2 });
    const second = await calls.searchLoggedModels({
      experiment_ids: [experiment_id],
      max_results: 2,
      page_token: first.next_page_token,
    });
    expect(names([...(first.models ?? []), ...(second.models ?? [])])).toEqual(['a', 'a', 'b']);
    const filtered = await calls.searchLoggedModels({ experiment_ids: [experiment_id], filter: "name = 'a'" });
    expect(names(filtered.models)).toEqual(['a', 'a']);
    await expect(
      calls.searchLoggedModels({ experiment_ids: [experiment_id], filter: 'params.x > 1' }),
    ).rejects.toMatchObject({
      code: 'INVALID_PARAMETER_VALUE',
    });
  });

  test('names that would break a URI are refused', async () => {
    await expect(calls.createLoggedModel({ experiment_id: '0', name: 'a/b' })).rejects.toThrow(/Invalid model name/);
  });
});
