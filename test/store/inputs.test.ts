/** What runs use: datasets with tags, logged models, and the history of models that old clients keep. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { ApiCalls, DatasetInput } from '../../api/index.js';
import { describeStore, type OpenStore } from '../harness/store.js';

describeStore('inputs', (open) => {
  let store: OpenStore;
  let calls: ApiCalls;
  let experiment_id: string;
  let run_id: string;
  let experiments = 0;
  beforeAll(async () => {
    store = await open();
    calls = store.calls;
  });
  afterAll(() => store.close());
  beforeEach(async () => {
    experiment_id = (await calls.createExperiment({ name: `inputs ${experiments++}` })).experiment_id;
    run_id = await newRun();
  });

  const newRun = async () => (await calls.createRun({ experiment_id })).run.info.run_id;
  const inputs = async (id = run_id) => (await calls.getRun({ run_id: id })).run.inputs;

  function dataset(name: string, digest: string, context?: string, more: Partial<DatasetInput['dataset']> = {}) {
    return {
      ...(context !== undefined && { tags: [{ key: 'mlflow.data.context', value: context }] }),
      dataset: { name, digest, source_type: 'local', source: '{"uri": "/data"}', ...more },
    };
  }

  test('a run without inputs has an empty message', async () => {
    expect(await inputs()).toEqual({});
  });

  test('datasets come back with their tags, in getRun and searchRuns', async () => {
    const given = [
      dataset('train', 'd1', 'training', { schema: '{"mlflow_colspec": []}', profile: '{"num_rows": 3}' }),
      dataset('wine', 'd2'),
    ];
    await calls.logInputs({ run_id, datasets: given });
    expect(await inputs()).toEqual({ dataset_inputs: given });
    const { runs } = await calls.searchRuns({ experiment_ids: [experiment_id] });
    expect(runs?.[0]?.inputs).toEqual({ dataset_inputs: given });
  });

  test('a dataset is there once per experiment, a use once per run, and both stay as they were', async () => {
    await calls.logInputs({ run_id, datasets: [dataset('d', '1', 'train', { source: 'first' })] });
    await calls.logInputs({ run_id, datasets: [dataset('d', '1', 'eval', { source: 'second' })] });
    const other = await newRun();
    await calls.logInputs({
      run_id: other,
      datasets: [dataset('d', '1', 'eval', { source: 'third' }), dataset('d', '1', 'test'), dataset('d', '2')],
    });
    expect((await inputs())?.dataset_inputs).toEqual([dataset('d', '1', 'train', { source: 'first' })]);
    expect((await inputs(other))?.dataset_inputs).toEqual([
      dataset('d', '1', 'eval', { source: 'first' }),
      dataset('d', '2'),
    ]);
    const elsewhere = (await calls.createRun({ experiment_id: '0' })).run.info.run_id;
    await calls.logInputs({ run_id: elsewhere, datasets: [dataset('d', '1', 'train', { source: 'own' })] });
    expect((await inputs(elsewhere))?.dataset_inputs?.[0]?.dataset.source).toBe('own');
  });

  test('models as inputs are recorded once', async () => {
    await calls.logInputs({ run_id, models: [{ model_id: 'm-2' }, { model_id: 'm-1' }] });
    await calls.logInputs({ run_id, models: [{ model_id: 'm-1' }], datasets: [dataset('d', '1')] });
    expect(await inputs()).toEqual({
      dataset_inputs: [dataset('d', '1')],
      model_inputs: [{ model_id: 'm-1' }, { model_id: 'm-2' }],
    });
  });

  test('3,000 datasets of a request are all there', async () => {
    const given = Array.from({ length: 3000 }, (_, i) => dataset(`d${String(i).padStart(4, '0')}`, 'x', 'train'));
    await calls.logInputs({ run_id, datasets: given });
    expect((await inputs())?.dataset_inputs).toEqual(given);
  });

  test('what is too long or lacks a name is refused, and nothing of the request stays', async () => {
    const long: [string, DatasetInput][] = [
      ['name', dataset('n'.repeat(501), '1')],
      ['digest', dataset('n', '1'.repeat(37))],
      ['source', dataset('n', '1', undefined, { source: 's'.repeat(65_536) })],
      ['schema', dataset('n', '1', undefined, { schema: 's'.repeat(1_048_576) })],
      ['key', { ...dataset('n', '1'), tags: [{ key: 'k'.repeat(256), value: 'v' }] }],
      ['value', { ...dataset('n', '1'), tags: [{ key: 'k', value: 'v'.repeat(501) }] }],
    ];
    for (const [noun, input] of long) {
      await expect(calls.logInputs({ run_id, datasets: [dataset('ok', '1'), input] }), noun).rejects.toMatchObject({
        code: 'INVALID_PARAMETER_VALUE',
        message: expect.stringMatching(new RegExp(`'${noun}' exceeds the maximum length of \\d+ characters`)),
      });
    }
    await expect(calls.logInputs({ run_id, datasets: [dataset('', '1')] })).rejects.toThrow(/name/);
    expect(await inputs()).toEqual({});
  });

  test('a deleted run takes none, a missing one is 404', async () => {
    await calls.deleteRun({ run_id });
    await expect(calls.logInputs({ run_id, datasets: [dataset('d', '1')] })).rejects.toThrow(
      `The run ${run_id} must be in the 'active' state. Current state is deleted.`,
    );
    await expect(calls.logInputs({ run_id: 'missing' })).rejects.toThrow(/Run with id=missing not found/);
  });

  test('searchDatasets lists what runs use, once per context', async () => {
    await calls.logInputs({ run_id, datasets: [dataset('a', '1', 'train'), dataset('b', '1')] });
    await calls.logInputs({ run_id: await newRun(), datasets: [dataset('a', '1', 'train')] });
    await calls.logInputs({
      run_id: await newRun(),
      datasets: [dataset('a', '1', 'eval'), dataset('a', '2', 'train')],
    });
    const { dataset_summaries } = await calls.searchDatasets({ experiment_ids: [experiment_id] });
    expect(dataset_summaries).toEqual([
      { experiment_id, name: 'a', digest: '1', context: 'eval' },
      { experiment_id, name: 'a', digest: '1', context: 'train' },
      { experiment_id, name: 'a', digest: '2', context: 'train' },
      { experiment_id, name: 'b', digest: '1' },
    ]);
    expect(await calls.searchDatasets({ experiment_ids: ['424242'] })).toEqual({});
  });

  test('runs are found by the datasets they use', async () => {
    const other = await newRun();
    await calls.logInputs({ run_id, datasets: [dataset('wine', '1', 'train'), dataset('iris', '2')] });
    await calls.logInputs({ run_id: other, datasets: [dataset('wine', '2', 'eval')] });
    const found = async (filter: string) => {
      const { runs = [] } = await calls.searchRuns({ experiment_ids: [experiment_id], filter });
      return runs.map(({ info }) => info.run_id).sort();
    };
    expect(await found("datasets.name = 'wine'")).toEqual([run_id, other].sort());
    expect(await found("dataset.name = 'wine' and dataset.digest = '2'")).toEqual([run_id, other].sort());
    expect(await found("datasets.context = 'eval'")).toEqual([other]);
    expect(await found("datasets.context LIKE 'tra%'")).toEqual([run_id]);
    expect(await found("datasets.digest IN ('3', '4')")).toEqual([]);
    expect(await found("datasets.context != 'train'")).toEqual([other]);
  });

  test('searchDatasets takes 1 to 20 experiments', async () => {
    await expect(calls.searchDatasets({ experiment_ids: [] })).rejects.toThrow(
      'SearchDatasets request must specify at least one experiment_id.',
    );
    const many = Array.from({ length: 21 }, (_, i) => String(i));
    await expect(calls.searchDatasets({ experiment_ids: many })).rejects.toThrow(
      'SearchDatasets request cannot specify more than 20 experiment_ids. Received 21 experiment_ids.',
    );
  });

  test('logModel keeps a history in a tag', async () => {
    const model = (path: string) => ({
      artifact_path: path,
      run_id,
      utc_time_created: '2026-01-02 03:04:05.678',
      model_uuid: 'u1',
      flavors: { python_function: { loader_module: 'mlflow.sklearn', config: { a: 1 } } },
    });
    await calls.logModel({ run_id, model_json: JSON.stringify({ ...model('one'), signature: {} }) });
    await calls.logModel({ run_id, model_json: JSON.stringify(model('two')) });
    const { tags } = (await calls.getRun({ run_id })).run.data;
    const history = JSON.parse(tags?.find(({ key }) => key === 'mlflow.log-model.history')?.value ?? '');
    const flavors = { python_function: { loader_module: 'mlflow.sklearn' } };
    expect(history).toEqual([
      { ...model('one'), flavors },
      { ...model('two'), flavors },
    ]);
  });

  test('logModel refuses what is no model', async () => {
    await expect(calls.logModel({ run_id, model_json: '{' })).rejects.toThrow(/Malformed model info/);
    await expect(calls.logModel({ run_id, model_json: '{"run_id": "x", "flavors": {}}' })).rejects.toThrow(
      "Model json is missing mandatory fields: {'artifact_path', 'utc_time_created'}",
    );
    await calls.setTag({ run_id, key: 'mlflow.log-model.history', value: 'mine' });
    const model_json = JSON.stringify({ artifact_path: 'm', run_id, utc_time_created: 't', flavors: {} });
    await expect(calls.logModel({ run_id, model_json })).rejects.toMatchObject({ code: 'INVALID_PARAMETER_VALUE' });
  });

  test('an empty run name changes nothing, and no request leaves a run without one', async () => {
    await calls.setTag({ run_id, key: 'mlflow.runName', value: 'named' });
    await calls.setTag({ run_id, key: 'mlflow.runName', value: '' });
    await calls.updateRun({ run_id, run_name: '' });
    const { info, data } = (await calls.getRun({ run_id })).run;
    expect(info.run_name).toBe('named');
    expect(data.tags).toEqual([{ key: 'mlflow.runName', value: 'named' }]);
  });
});
