/** The model registry: models, versions, stages, aliases, tags, prompts, and what may be a source. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ApiCalls } from '../../api/index.js';
import { describeStore, type OpenStore } from '../harness/store.js';

const S3 = 's3://bucket/models/net';
const PROMPT = { key: 'mlflow.prompt.is_prompt', value: 'true' };

describeStore('the registry', (open) => {
  let store: OpenStore;
  let calls: ApiCalls;
  let made = 0;
  beforeAll(async () => {
    store = await open();
    calls = store.calls;
  });
  afterAll(() => store.close());

  async function newModel(versions = 0): Promise<string> {
    const name = `model ${made++}`;
    await calls.createRegisteredModel({ name });
    for (let i = 0; i < versions; i++) await calls.createModelVersion({ name, source: `${S3}/${i}` });
    return name;
  }

  const versionsOf = async (name: string, more: object = {}) =>
    ((await calls.searchModelVersions({ filter: `name = '${name}'`, ...more })).model_versions ?? []).map(
      ({ version }) => version,
    );

  test('a model is created once, described, tagged, and removed with its versions', async () => {
    const name = 'plain model';
    const tags = [
      { key: 'task', value: 'a' },
      { key: 'task', value: 'b' },
    ];
    const { registered_model } = await calls.createRegisteredModel({ name, tags, description: 'd' });
    expect(registered_model).toMatchObject({ name, description: 'd', tags: [{ key: 'task', value: 'b' }] });
    expect(registered_model.latest_versions).toBeUndefined();
    await expect(calls.createRegisteredModel({ name })).rejects.toMatchObject({
      code: 'RESOURCE_ALREADY_EXISTS',
      status: 400,
      message: expect.stringContaining(`Registered Model (name=${name}) already exists.`),
    });
    await calls.setRegisteredModelTag({ name, key: 'owner', value: 'ana' });
    await calls.setRegisteredModelTag({ name, key: 'empty' });
    await calls.deleteRegisteredModelTag({ name, key: 'task' });
    await calls.deleteRegisteredModelTag({ name, key: 'never there' });
    const changed = (await calls.updateRegisteredModel({ name, description: 'e' })).registered_model;
    expect(changed).toMatchObject({
      description: 'e',
      tags: [
        { key: 'empty', value: '' },
        { key: 'owner', value: 'ana' },
      ],
    });
    await calls.createModelVersion({ name, source: S3 });
    await calls.deleteRegisteredModel({ name });
    await expect(calls.getRegisteredModel({ name })).rejects.toMatchObject({
      code: 'RESOURCE_DOES_NOT_EXIST',
      message: expect.stringContaining(`Registered Model with name=${name} not found`),
    });
    expect(await versionsOf(name)).toEqual([]);
    await calls.createRegisteredModel({ name });
    expect((await calls.createModelVersion({ name, source: S3 })).model_version.version).toBe('1');
  });

  test.each([
    ['a/b', /Names cannot contain '\/' or ':'/],
    ['a:b', /Names cannot contain/],
    ['..', /must not resolve to other names/],
    ['  ', /Missing value for required parameter 'name'/],
    ['x'.repeat(257), /maximum length of 256/],
  ])('the name %s is refused', async (name, words) => {
    await expect(calls.createRegisteredModel({ name })).rejects.toMatchObject({
      code: 'INVALID_PARAMETER_VALUE',
      message: expect.stringMatching(words),
    });
  });

  test('versions count up, and a deleted one’s number is not used again', async () => {
    const name = await newModel(3);
    await calls.setRegisteredModelAlias({ name, alias: 'best', version: '3' });
    await calls.deleteModelVersion({ name, version: '3' });
    await expect(calls.getModelVersion({ name, version: '3' })).rejects.toMatchObject({
      code: 'RESOURCE_DOES_NOT_EXIST',
      message: expect.stringContaining(`Model Version (name=${name}, version=3) not found`),
    });
    await expect(calls.getModelVersionByAlias({ name, alias: 'best' })).rejects.toMatchObject({
      code: 'INVALID_PARAMETER_VALUE',
      message: expect.stringContaining('Registered model alias best not found.'),
    });
    const { model_version } = await calls.createModelVersion({
      name,
      source: S3,
      description: 'fourth',
      run_link: 'https://elsewhere/run',
      tags: [{ key: 'k', value: 'v' }],
    });
    expect(model_version).toMatchObject({
      version: '4',
      current_stage: 'None',
      status: 'READY',
      source: S3,
      description: 'fourth',
      run_link: 'https://elsewhere/run',
      tags: [{ key: 'k', value: 'v' }],
    });
    expect((await versionsOf(name)).sort()).toEqual(['1', '2', '4']);
    expect((await calls.getModelVersionDownloadUri({ name, version: '4' })).artifact_uri).toBe(S3);
    await expect(calls.getModelVersion({ name, version: 'four' })).rejects.toThrow(/must be an integer, got 'four'/);
    await expect(calls.createModelVersion({ name: 'nobody', source: S3 })).rejects.toMatchObject({ status: 404 });
  });

  test('versions that are created at the same time get numbers of their own', async () => {
    const name = await newModel();
    const created = await Promise.all(
      Array.from({ length: 20 }, (_, i) => calls.createModelVersion({ name, source: `${S3}/${i}` })),
    );
    const numbers = created.map(({ model_version }) => Number(model_version.version)).sort((a, b) => a - b);
    expect(numbers).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  });

  test('stages move versions, and archive what was there', async () => {
    const name = await newModel(3);
    const move = (version: string, stage: string, archive_existing_versions = false) =>
      calls.transitionModelVersionStage({ name, version, stage, archive_existing_versions });
    await move('1', 'production');
    expect((await move('2', 'Production', true)).model_version.current_stage).toBe('Production');
    await move('3', 'STAGING');
    const stageOf = async (version: string) =>
      (await calls.getModelVersion({ name, version })).model_version.current_stage;
    expect([await stageOf('1'), await stageOf('2'), await stageOf('3')]).toEqual(['Archived', 'Production', 'Staging']);
    const latest = async (...stages: string[]) =>
      ((await calls.getLatestVersions({ name, stages })).model_versions ?? []).map(({ version }) => version);
    expect(await latest()).toEqual(['1', '2', '3']);
    expect(await latest('Production', 'None')).toEqual(['2']);
    const seen = (await calls.getRegisteredModel({ name })).registered_model.latest_versions ?? [];
    expect(seen.map(({ version, current_stage }) => [version, current_stage])).toEqual([
      ['1', 'Archived'],
      ['2', 'Production'],
      ['3', 'Staging'],
    ]);
    await expect(move('1', 'Live')).rejects.toThrow(
      /Invalid Model Version stage: Live. Value must be one of None, Staging, Production, Archived./,
    );
    await expect(move('1', 'None', true)).rejects.toThrow(/not an Active stage/);
  });

  test('aliases point at versions, move, and go', async () => {
    const name = await newModel(2);
    await calls.setRegisteredModelAlias({ name, alias: 'champion', version: '1' });
    await calls.setRegisteredModelAlias({ name, alias: 'champion', version: '2' });
    await calls.setRegisteredModelAlias({ name, alias: 'a-b_1', version: '2' });
    const byAlias = async (alias: string) => (await calls.getModelVersionByAlias({ name, alias })).model_version;
    expect(await byAlias('champion')).toMatchObject({ version: '2', aliases: ['a-b_1', 'champion'] });
    expect((await byAlias('LATEST')).version).toBe('2');
    expect((await calls.getRegisteredModel({ name })).registered_model.aliases).toEqual([
      { alias: 'a-b_1', version: '2' },
      { alias: 'champion', version: '2' },
    ]);
    await calls.deleteRegisteredModelAlias({ name, alias: 'champion' });
    await calls.deleteRegisteredModelAlias({ name, alias: 'champion' });
    await expect(byAlias('champion')).rejects.toMatchObject({ code: 'INVALID_PARAMETER_VALUE' });
    const set = (alias: string, version = '1') => calls.setRegisteredModelAlias({ name, alias, version });
    await expect(set('latest')).rejects.toThrow(/'latest' alias name \(case insensitive\) is reserved/);
    await expect(set('v12')).rejects.toThrow(/Version alias name 'v12' is reserved/);
    await expect(set('a b')).rejects.toThrow(/Invalid alias name: 'a b'/);
    await expect(set('fine', '9')).rejects.toMatchObject({ status: 404 });
    const empty = await newModel();
    await expect(calls.getModelVersionByAlias({ name: empty, alias: 'latest' })).rejects.toMatchObject({ status: 404 });
  });

  test('renaming takes versions, tags and aliases along', async () => {
    const name = await newModel(1);
    const other = await newModel();
    await calls.setModelVersionTag({ name, version: '1', key: 'k', value: 'v' });
    await calls.setRegisteredModelTag({ name, key: 'm', value: 'w' });
    await calls.setRegisteredModelAlias({ name, alias: 'prod', version: '1' });
    await expect(calls.renameRegisteredModel({ name, new_name: other })).rejects.toMatchObject({
      code: 'RESOURCE_ALREADY_EXISTS',
    });
    const new_name = `${name} renamed`;
    const { registered_model } = await calls.renameRegisteredModel({ name, new_name });
    expect(registered_model).toMatchObject({ name: new_name, tags: [{ key: 'm', value: 'w' }] });
    expect((await calls.getModelVersionByAlias({ name: new_name, alias: 'prod' })).model_version).toMatchObject({
      name: new_name,
      tags: [{ key: 'k', value: 'v' }],
    });
    await expect(calls.getRegisteredModel({ name })).rejects.toMatchObject({ status: 404 });
  });

  test('versions are changed and tagged', async () => {
    const name = await newModel(1);
    const address = { name, version: '1' };
    expect((await calls.updateModelVersion({ ...address, description: 'x' })).model_version.description).toBe('x');
    await calls.setModelVersionTag({ ...address, key: 'k', value: 'v' });
    await calls.setModelVersionTag({ ...address, key: 'k', value: 'w' });
    await calls.setModelVersionTag({ ...address, key: 'gone', value: '' });
    await calls.deleteModelVersionTag({ ...address, key: 'gone' });
    await calls.deleteModelVersionTag({ ...address, key: 'gone' });
    expect((await calls.getModelVersion(address)).model_version.tags).toEqual([{ key: 'k', value: 'w' }]);
    await expect(calls.setModelVersionTag({ ...address, key: 'a//b', value: '' })).rejects.toMatchObject({
      status: 400,
    });
    const long = 'x'.repeat(100_001);
    await expect(calls.setModelVersionTag({ ...address, key: 'k', value: long })).rejects.toMatchObject({
      status: 400,
    });
  });

  test('searches filter, order and page', async () => {
    const prefix = `search${made++}`;
    for (const letter of ['a', 'b', 'c', 'd', 'e']) {
      const tags = [{ key: 'group', value: letter < 'c' ? 'low' : 'high' }];
      await calls.createRegisteredModel({ name: `${prefix}-${letter}`, tags });
    }
    const names = async (filter: string, more: object = {}) =>
      ((await calls.searchRegisteredModels({ filter, ...more })).registered_models ?? []).map(({ name }) =>
        name.slice(prefix.length + 1),
      );
    const all = `name LIKE '${prefix}%'`;
    expect(await names(all)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(await names(`${all} and tags.group = 'high'`)).toEqual(['c', 'd', 'e']);
    expect(await names(`name ILIKE '${prefix.toUpperCase()}-B'`)).toEqual(['b']);
    expect(await names(all, { order_by: ['name DESC'], max_results: 2 })).toEqual(['e', 'd']);
    const first = await calls.searchRegisteredModels({ filter: all, max_results: 3 });
    expect(await names(all, { max_results: 3, page_token: first.next_page_token })).toEqual(['d', 'e']);
    await expect(names('versions = 1')).rejects.toMatchObject({ code: 'INVALID_PARAMETER_VALUE' });
    await expect(names(all, { max_results: 1001 })).rejects.toMatchObject({ status: 400 });

    const name = `${prefix}-a`;
    for (let i = 0; i < 4; i++) await calls.createModelVersion({ name, source: `${S3}/${i}`, run_id: `run${i % 2}` });
    await calls.setModelVersionTag({ name, version: '2', key: 'good', value: 'yes' });
    expect(await versionsOf(name, { order_by: ['version_number ASC'] })).toEqual(['1', '2', '3', '4']);
    const found = async (filter: string) =>
      ((await calls.searchModelVersions({ filter, order_by: ['version_number'] })).model_versions ?? []).map(
        ({ version }) => version,
      );
    expect(await found(`name = '${name}' and run_id = 'run1'`)).toEqual(['2', '4']);
    expect(await found(`name = '${name}' and version_number > 2`)).toEqual(['3', '4']);
    expect(await found(`name = '${name}' and tags.good = 'yes'`)).toEqual(['2']);
    expect(await found(`name = '${name}' and run_id IN ('run0')`)).toEqual(['1', '3']);
    expect(await found(`source_path = '${S3}/3' and name = '${name}'`)).toEqual(['4']);
  });

  test('prompts are models of their own kind', async () => {
    const name = `prompt${made++}`;
    await calls.createRegisteredModel({ name, tags: [PROMPT] });
    const text = { key: 'mlflow.prompt.text', value: 'Hi {{you}}' };
    await calls.createModelVersion({ name, source: 'dummy-source', tags: [PROMPT, text] });
    await expect(calls.createModelVersion({ name, source: S3, tags: [PROMPT] })).rejects.toThrow(
      /Invalid prompt source/,
    );
    await expect(calls.createRegisteredModel({ name })).rejects.toThrow(/already taken by a prompt/);
    const plain = await newModel(1);
    await expect(calls.createRegisteredModel({ name: plain, tags: [PROMPT] })).rejects.toThrow(
      /already taken by a registered model/,
    );
    const filter = "tags.`mlflow.prompt.is_prompt` = 'true'";
    const listed = async (asked?: string) =>
      ((await calls.searchRegisteredModels({ filter: asked, max_results: 1000 })).registered_models ?? []).map(
        (each) => each.name,
      );
    expect(await listed(filter)).toContain(name);
    expect(await listed(filter)).not.toContain(plain);
    expect(await listed()).not.toContain(name);
    expect(await versionsOf(name)).toEqual([]);
    expect((await calls.searchModelVersions({ filter: `name = '${name}' and ${filter}` })).model_versions).toHaveLength(
      1,
    );
  });

  test('a logged model is told of its versions, and lends them its run and place', async () => {
    const name = await newModel();
    const { run } = await calls.createRun({ experiment_id: '0' });
    const { run_id } = run.info;
    const { model } = await calls.createLoggedModel({ experiment_id: '0', name: 'net', source_run_id: run_id });
    const { model_id, artifact_uri } = model.info;
    const { model_version } = await calls.createModelVersion({ name, source: `models:/${model_id}`, model_id });
    expect(model_version).toMatchObject({ run_id, model_id, source: `models:/${model_id}` });
    expect((await calls.getModelVersionDownloadUri({ name, version: '1' })).artifact_uri).toBe(artifact_uri);
    const copied = await newModel();
    await calls.setRegisteredModelAlias({ name, alias: 'prod', version: '1' });
    const copy = (await calls.createModelVersion({ name: copied, source: `models:/${name}@prod` })).model_version;
    expect(copy).toMatchObject({ source: `models:/${name}/1`, run_id, model_id });
    expect((await calls.getModelVersionDownloadUri({ name: copied, version: '1' })).artifact_uri).toBe(artifact_uri);
    const tags = (await calls.getLoggedModel({ model_id })).model.info.tags ?? [];
    expect(JSON.parse(tags.find(({ key }) => key === 'mlflow.modelVersions')?.value ?? '')).toEqual([
      { name, version: 1 },
      { name: copied, version: 1 },
    ]);
  });

  test('sources are taken where they are the caller’s to give', async () => {
    const name = await newModel();
    const { run } = await calls.createRun({ experiment_id: '0' });
    const { run_id, artifact_uri } = run.info;
    const make = (source: string, more: object = {}) => calls.createModelVersion({ name, source, ...more });
    await make(`${artifact_uri}/model`, { run_id });
    await make(`runs:/${run_id}/model`, { run_id });
    await make('s3://bucket/a/b');
    await make('https://example.com/models/a');
    const refused: [string, object?][] = [
      ['/etc/passwd'],
      ['file:///etc'],
      ['foo/bar'],
      ['/etc/passwd', { run_id }],
      ['file:///etc', { run_id: 'nobody' }],
      [`${artifact_uri}/model`],
      [`${artifact_uri}x/model`, { run_id }],
      [`${artifact_uri}/../other`, { run_id }],
      [`${artifact_uri}/%2e%2e/other`, { run_id }],
      [`${artifact_uri}/%252e%252e/other`, { run_id }],
      ['mlflow-artifacts:/0/abc', { run_id }],
      ['http://host/api/2.0/mlflow-artifacts/artifacts/0/abc', { run_id }],
      ['s3://bucket/a/../b'],
      ['s3:a/b'],
      ['s3://bucket'],
      [`runs:/${run_id}/model`],
      ['runs:/other/model', { run_id }],
      [`runs://${run_id}/model`, { run_id }],
      ['models:/m-0000', { run_id }],
      ['models:/m-0000', { model_id: 'm-1111' }],
      ['models://host/name/1'],
      ['models:/'],
      ['file://elsewhere/share/model', { run_id }],
    ];
    for (const [source, more] of refused) {
      await expect(make(source, more), source).rejects.toMatchObject({ code: 'INVALID_PARAMETER_VALUE', status: 400 });
    }
    await expect(make('models:/nobody/1')).rejects.toMatchObject({ status: 404 });
    await expect(make(`models:/${name}/99`)).rejects.toMatchObject({ status: 404 });
    await expect(make(`models:/${name}@none`)).rejects.toMatchObject({ status: 400 });
    await expect(make(`models:/${name}/1`, { run_id: 'another' })).rejects.toThrow(/must match the referenced/);
    expect((await make(`models:/${name}/latest`)).model_version.source).toMatch(/^models:\/.*\/\d+$/);
  });
});
