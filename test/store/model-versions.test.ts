/** Model versions: numbers, stages, tags, removal, and which sources they may have. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ApiCalls } from '../../api/index.js';
import { describeStore, type OpenStore } from '../harness/store.js';

const PROMPT = { key: 'mlflow.prompt.is_prompt', value: 'true' };
const refused = (message: string) => ({ code: 'INVALID_PARAMETER_VALUE', message: expect.stringContaining(message) });
const absent = (message: string) => ({ code: 'RESOURCE_DOES_NOT_EXIST', message: expect.stringContaining(message) });

describeStore('model versions', (open) => {
  let store: OpenStore;
  let calls: ApiCalls;
  beforeAll(async () => {
    store = await open();
    calls = store.calls;
  });
  afterAll(() => store.close());

  let models = 0;
  const newModel = async () => {
    const name = `model ${models++}`;
    await calls.createRegisteredModel({ name });
    return name;
  };
  const create = async (name: string, source: string, more: object = {}) =>
    (await calls.createModelVersion({ name, source, ...more })).model_version;

  test('have all that they were given', async () => {
    const name = await newModel();
    const given = {
      name,
      source: 's3://bucket/x',
      description: 'd',
      run_link: 'https://ci/1',
      tags: [{ key: 't', value: 'v' }],
    };
    const { model_version } = await calls.createModelVersion(given);
    expect(model_version).toMatchObject({ ...given, version: '1', current_stage: 'None', status: 'READY', run_id: '' });
    expect((await calls.getModelVersion({ name, version: '1' })).model_version).toEqual(model_version);
    expect((await calls.getModelVersionDownloadUri({ name, version: '1' })).artifact_uri).toBe('s3://bucket/x');
    const changed = (await calls.updateModelVersion({ name, version: '1', description: '' })).model_version;
    expect(changed.description).toBe('');
    const cleared = (await calls.updateModelVersion({ name, version: '1' })).model_version;
    expect(cleared.description).toBeUndefined();
  });

  test('many at a time get one number each, and a removed number is not used again', async () => {
    const name = await newModel();
    const made = await Promise.all(Array.from({ length: 12 }, (_, i) => create(name, `s3://b/${i}`)));
    const numbers = made.map(({ version }) => Number(version)).sort((a, b) => a - b);
    expect(numbers).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
    await calls.deleteModelVersion({ name, version: '12' });
    expect((await create(name, 's3://b/x')).version).toBe('13');
    for (const call of [
      () => calls.getModelVersion({ name, version: '12' }),
      () => calls.updateModelVersion({ name, version: '12', description: 'd' }),
      () => calls.transitionModelVersionStage({ name, version: '12', stage: 'None' }),
      () => calls.deleteModelVersion({ name, version: '12' }),
      () => calls.getModelVersionDownloadUri({ name, version: '12' }),
      () => calls.setModelVersionTag({ name, version: '12', key: 'k', value: 'v' }),
      () => calls.deleteModelVersionTag({ name, version: '12', key: 'k' }),
    ]) {
      await expect(call()).rejects.toMatchObject(absent(`Model Version (name=${name}, version=12) not found`));
    }
    await expect(calls.getModelVersion({ name, version: '1.5' })).rejects.toMatchObject(
      refused("Parameter 'version' must be an integer, got '1.5'."),
    );
    expect((await calls.getModelVersion({ name, version: ' +1 ' })).model_version.version).toBe('1');
  });

  test('stages are taken in any case, may archive who was there, and tell the model', async () => {
    const name = await newModel();
    for (let i = 0; i < 4; i++) await create(name, 's3://b/x');
    const move = async (version: string, stage: string, archive_existing_versions = false) =>
      (await calls.transitionModelVersionStage({ name, version, stage, archive_existing_versions })).model_version;
    expect((await move('1', 'production')).current_stage).toBe('Production');
    expect((await move('2', 'Production')).current_stage).toBe('Production');
    const before = (await calls.getRegisteredModel({ name })).registered_model;
    expect(before.latest_versions?.map((each) => [each.current_stage, each.version])).toEqual([
      ['Production', '2'],
      ['None', '4'],
    ]);
    const last = await move('3', 'PRODUCTION', true);
    const stageOf = async (version: string) => (await calls.getModelVersion({ name, version })).model_version;
    expect((await stageOf('1')).current_stage).toBe('Archived');
    expect((await stageOf('2')).last_updated_timestamp).toBe(last.last_updated_timestamp);
    const after = (await calls.getRegisteredModel({ name })).registered_model;
    expect(after.last_updated_timestamp).toBe(last.last_updated_timestamp);

    const latest = async (stages?: string[]) =>
      ((await calls.getLatestVersions({ name, ...(stages && { stages }) })).model_versions ?? []).map(
        (each) => each.version,
      );
    expect(await latest()).toEqual(['2', '3', '4']);
    expect(await latest(['archived', 'Production'])).toEqual(['2', '3']);
    expect(await latest(['Staging'])).toEqual([]);
    await expect(latest(['x'])).rejects.toMatchObject(
      refused('Invalid Model Version stage: x. Value must be one of None, Staging, Production, Archived.'),
    );
    await expect(move('1', 'Deleted_Internal')).rejects.toMatchObject(refused('Invalid Model Version stage'));
    await expect(move('1', 'Archived', true)).rejects.toMatchObject(
      refused(
        "Model version transition cannot archive existing model versions because 'Archived' is not an Active stage. Valid stages are ['Staging', 'Production']",
      ),
    );
  });

  test('tags are set, replaced and removed', async () => {
    const name = await newModel();
    const version = (await create(name, 's3://b/x', { tags: [{ key: 'a', value: '1' }] })).version;
    await calls.setModelVersionTag({ name, version, key: 'a', value: '2' });
    await calls.setModelVersionTag({ name, version, key: 'b', value: 'x'.repeat(100_000) });
    await calls.deleteModelVersionTag({ name, version, key: 'b' });
    await calls.deleteModelVersionTag({ name, version, key: 'b' });
    expect((await calls.getModelVersion({ name, version })).model_version.tags).toEqual([{ key: 'a', value: '2' }]);
    const text = { key: 'mlflow.prompt.text', value: 'x'.repeat(100_001) };
    await expect(calls.setModelVersionTag({ name, version, ...text })).rejects.toMatchObject(
      refused('Prompt text exceeds max length of 100000 characters.'),
    );
  });

  test('a source that the server keeps must lie in the run or logged model that is named beside it', async () => {
    const name = await newModel();
    const { run } = await calls.createRun({ experiment_id: '0' });
    const { run_id, artifact_uri } = run.info;
    const logged = (await calls.createLoggedModel({ experiment_id: '0', name: 'net', source_run_id: run_id })).model
      .info;
    const { model_id } = logged;
    expect(await create(name, `${artifact_uri}/model`, { run_id })).toMatchObject({ run_id });
    expect(await create(name, `runs:/${run_id}/model`, { run_id })).toMatchObject({ run_id });
    expect(await create(name, `${logged.artifact_uri}/`, { model_id })).toMatchObject({ model_id, run_id });
    const outside = (kind: string) => refused(`The ${kind} request parameter must identify the resource`);
    const detour = refused('an absolute path must be provided without relative path references present');
    const local = refused('To use a local path as a model version source');
    const cases: [string, object, object][] = [
      [`${artifact_uri}/model`, {}, outside('run_id')],
      [`${artifact_uri}x/model`, { run_id }, outside('run_id')],
      [`${artifact_uri}/model`, { model_id }, outside('model_id')],
      [`${artifact_uri}/model`, { run_id: '0'.repeat(32) }, outside('run_id')],
      [`mlflow-artifacts:/0/abc`, { run_id }, outside('run_id')],
      [`runs:/${run_id}/model`, {}, outside('run_id')],
      ['runs:/other/model', { run_id }, outside('run_id')],
      [`runs://${run_id}/model`, { run_id }, outside('run_id')],
      [`runs:/${run_id}/model`, { model_id }, outside('model_id')],
      [`models:/${model_id}`, {}, outside('model_id')],
      [`models:/${model_id}`, { model_id: 'm-other' }, outside('model_id')],
      [`${artifact_uri}/../x`, { run_id }, detour],
      [`${artifact_uri}/%252e%252e/x`, { run_id }, detour],
      ['s3://bucket/%2e%2e/x', {}, detour],
      ['s3://bucket', {}, detour],
      ['s3:a/b', {}, detour],
      ['/etc/passwd', {}, local],
      ['/etc/passwd', { run_id }, local],
      ['file:///etc', { model_id }, local],
      ['folder/model', {}, local],
      ['file:///etc', { run_id: 'nobody' }, outside('run_id')],
      ['models:/', {}, outside('model_id')],
      ['file://host/x', {}, refused('is not a valid remote uri')],
      ['models://profile/x/1', {}, refused('Registered model sources must use the active model registry.')],
      ['s3://b/x', { run_id: 'r'.repeat(257) }, refused("'run_id' exceeds the maximum length of 256 characters")],
      ['https://host/x', {}, refused("'source' cannot use the 'https' scheme")],
      ['mlflow-artifacts://host:5000/0/x', {}, refused("'source' cannot use the 'mlflow-artifacts' scheme")],
      ['sftp://host/x', {}, refused("'source' cannot use the 'sftp' scheme")],
    ];
    for (const [source, more, error] of cases) {
      await expect(create(name, source, more), `${source} ${JSON.stringify(more)}`).rejects.toMatchObject(error);
    }
    expect((await create(name, 'gs://bucket/x')).version).toBe('4');
    expect((await create(name, `models:/${name}/latest`)).source).toBe(`models:/${name}/4`);
  });

  test('a version of another model as source brings its artifacts, run and logged model along', async () => {
    const [name, other] = [await newModel(), await newModel()];
    const { run_id } = (await calls.createRun({ experiment_id: '0' })).run.info;
    const logged = (await calls.createLoggedModel({ experiment_id: '0', name: 'net', source_run_id: run_id })).model
      .info;
    const { model_id, artifact_uri } = logged;
    await create(name, `models:/${model_id}`, { model_id });
    await calls.setRegisteredModelAlias({ name, alias: 'champion', version: '1' });
    await calls.transitionModelVersionStage({ name, version: '1', stage: 'Staging' });
    for (const which of ['/1', '@champion', '/staging', '/latest']) {
      const { version, ...made } = await create(other, `models:/${name}${which}`);
      expect(made).toMatchObject({ source: `models:/${name}/1`, run_id, model_id });
      expect((await calls.getModelVersionDownloadUri({ name: other, version })).artifact_uri).toBe(artifact_uri);
    }
    const tags = async () => (await calls.getLoggedModel({ model_id })).model.info.tags;
    const [tag] = (await tags()) ?? [];
    expect(tag?.key).toBe('mlflow.modelVersions');
    expect(JSON.parse(tag?.value ?? '')).toEqual([
      { name, version: 1 },
      ...[1, 2, 3, 4].map((version) => ({ name: other, version })),
    ]);
    await expect(create(other, `models:/${name}/1`, { run_id: '0'.repeat(32) })).rejects.toMatchObject(
      refused('The run_id and model_id request parameters must match the referenced model version.'),
    );
    await expect(create(other, 'models:/none/1')).rejects.toMatchObject(absent('Registered Model with name=none'));
    await expect(create(other, `models:/${name}/9`)).rejects.toMatchObject(absent(`(name=${name}, version=9)`));
    await expect(create(other, `models:/${name}@none`)).rejects.toMatchObject(refused('alias none not found'));
    await expect(create(other, `models:/${name}/Production`)).rejects.toMatchObject(
      absent(`No versions of model with name '${name}' and stage 'Production' found`),
    );
  });

  test('prompts are versions without artifacts, and no source of models', async () => {
    await calls.createRegisteredModel({ name: 'greeting', tags: [PROMPT] });
    const prompt = (source: string) =>
      create('greeting', source, { tags: [PROMPT, { key: 'mlflow.prompt.text', value: 'Hello {{name}}' }] });
    expect(await prompt('dummy-source')).toMatchObject({ version: '1', source: 'dummy-source' });
    await expect(prompt('s3://b/x')).rejects.toMatchObject(
      refused("Invalid prompt source: 's3://b/x'. Prompt sources must use an MLflow placeholder."),
    );
    const name = await newModel();
    await expect(create(name, 'models:/greeting/1')).rejects.toMatchObject(
      refused('Prompt versions cannot be used as model version sources.'),
    );
  });
});
