/** Registered models: names, tags, aliases, prompts, and what renaming and removing one reaches. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ApiCalls } from '../../api/index.js';
import { describeStore, type OpenStore } from '../harness/store.js';

const PROMPT = { key: 'mlflow.prompt.is_prompt', value: 'true' };
const refused = (message: string) => ({ code: 'INVALID_PARAMETER_VALUE', message: expect.stringContaining(message) });
const absent = (message: string) => ({ code: 'RESOURCE_DOES_NOT_EXIST', message: expect.stringContaining(message) });
const taken = (message: string) => ({ code: 'RESOURCE_ALREADY_EXISTS', message: expect.stringContaining(message) });

describeStore('registered models', (open) => {
  let store: OpenStore;
  let calls: ApiCalls;
  beforeAll(async () => {
    store = await open();
    calls = store.calls;
  });
  afterAll(() => store.close());

  const version = async (name: string, source = 's3://bucket/x') =>
    (await calls.createModelVersion({ name, source })).model_version.version;

  test('are created, described, and found again', async () => {
    const tags = [
      { key: 'b', value: '' },
      { key: 'a', value: '1' },
      { key: 'a', value: '2' },
    ];
    const { registered_model } = await calls.createRegisteredModel({ name: 'модель (v1)', tags, description: 'd' });
    expect(registered_model).toMatchObject({
      name: 'модель (v1)',
      description: 'd',
      tags: [
        { key: 'a', value: '2' },
        { key: 'b', value: '' },
      ],
    });
    expect(registered_model.latest_versions).toBeUndefined();
    expect(registered_model.last_updated_timestamp).toBe(registered_model.creation_timestamp);
    const { name } = registered_model;
    expect((await calls.getRegisteredModel({ name })).registered_model).toEqual(registered_model);
    const changed = (await calls.updateRegisteredModel({ name, description: 'new' })).registered_model;
    expect(changed).toMatchObject({
      name,
      description: 'new',
      creation_timestamp: registered_model.creation_timestamp,
    });
    expect((await calls.updateRegisteredModel({ name })).registered_model.description).toBeUndefined();
  });

  test('a name that is taken, or is no name, is refused in MLflow’s words', async () => {
    await calls.createRegisteredModel({ name: 'taken' });
    await calls.createRegisteredModel({ name: 'asked', tags: [PROMPT] });
    const create = (name: string, ...tags: { key: string; value: string }[]) =>
      calls.createRegisteredModel({ name, tags });
    await expect(create('taken')).rejects.toMatchObject(taken('Registered Model (name=taken) already exists.'));
    await expect(create('asked', PROMPT)).rejects.toMatchObject(taken('Prompt (name=asked) already exists.'));
    await expect(create('asked')).rejects.toMatchObject(
      taken("Tried to create a registered model with name 'asked', but the name is already taken by a prompt."),
    );
    await expect(create('taken', PROMPT)).rejects.toMatchObject(
      taken("Tried to create a prompt with name 'taken', but the name is already taken by a registered model."),
    );
    await expect(create(' ')).rejects.toMatchObject(refused("Missing value for required parameter 'name'"));
    await expect(create('a/b')).rejects.toMatchObject(
      refused("Invalid model name 'a/b'. Names cannot contain '/' or ':'."),
    );
    await expect(create('a:b')).rejects.toMatchObject(refused("Names cannot contain '/' or ':'."));
    await expect(create('..')).rejects.toMatchObject(refused("This name would resolve to '..'"));
    await expect(create('x'.repeat(257))).rejects.toMatchObject(
      refused("'name' exceeds the maximum length of 256 characters"),
    );
    await expect(create('x', { key: 'a@b', value: '' })).rejects.toMatchObject(refused('Names may only contain'));
    await expect(create('x', { key: 'k'.repeat(251), value: '' })).rejects.toMatchObject(
      refused("'key' exceeds the maximum length of 250 characters"),
    );
    await expect(create('x', { key: 'k', value: 'v'.repeat(100_001) })).rejects.toMatchObject(
      refused("'value' exceeds the maximum length of 100000 characters"),
    );
    await expect(calls.createRegisteredModel({ name: 'x', description: 'd'.repeat(5001) })).rejects.toMatchObject(
      refused("'description' exceeds the maximum length of 5000 characters"),
    );
    for (const call of [
      () => calls.getRegisteredModel({ name: 'none' }),
      () => calls.updateRegisteredModel({ name: 'none', description: '' }),
      () => calls.renameRegisteredModel({ name: 'none', new_name: 'other' }),
      () => calls.deleteRegisteredModel({ name: 'none' }),
      () => calls.setRegisteredModelTag({ name: 'none', key: 'k', value: 'v' }),
      () => calls.deleteRegisteredModelTag({ name: 'none', key: 'k' }),
      () => calls.deleteRegisteredModelAlias({ name: 'none', alias: 'a' }),
      () => calls.getModelVersionByAlias({ name: 'none', alias: 'a' }),
      () => calls.getLatestVersions({ name: 'none' }),
      () => calls.createModelVersion({ name: 'none', source: 's3://b/x' }),
    ]) {
      await expect(call()).rejects.toMatchObject(absent('Registered Model with name=none not found'));
    }
  });

  test('tags are set, replaced and removed; removing what is not there is nothing', async () => {
    const name = 'tagged';
    await calls.createRegisteredModel({ name });
    await calls.setRegisteredModelTag({ name, key: 'owner', value: 'ana' });
    await calls.setRegisteredModelTag({ name, key: 'owner', value: 'bo' });
    await calls.setRegisteredModelTag({ name, key: 'empty' });
    const tags = async () => (await calls.getRegisteredModel({ name })).registered_model.tags;
    expect(await tags()).toEqual([
      { key: 'empty', value: '' },
      { key: 'owner', value: 'bo' },
    ]);
    await calls.deleteRegisteredModelTag({ name, key: 'owner' });
    await calls.deleteRegisteredModelTag({ name, key: 'owner' });
    await calls.deleteRegisteredModelTag({ name, key: 'k'.repeat(300) });
    expect(await tags()).toEqual([{ key: 'empty', value: '' }]);
  });

  test('an alias points at one version, moves, and goes with its version', async () => {
    const name = 'aliased';
    await calls.createRegisteredModel({ name });
    await expect(calls.getModelVersionByAlias({ name, alias: 'latest' })).rejects.toMatchObject(
      absent('Latest version not found for model aliased.'),
    );
    await version(name);
    await version(name);
    const pointsAt = async (alias: string) =>
      (await calls.getModelVersionByAlias({ name, alias })).model_version.version;
    await calls.setRegisteredModelAlias({ name, alias: 'champion', version: '1' });
    await calls.setRegisteredModelAlias({ name, alias: 'old', version: '1' });
    expect(await pointsAt('champion')).toBe('1');
    await calls.setRegisteredModelAlias({ name, alias: 'champion', version: '2' });
    expect(await pointsAt('champion')).toBe('2');
    expect((await calls.getModelVersion({ name, version: '1' })).model_version.aliases).toEqual(['old']);
    expect((await calls.getRegisteredModel({ name })).registered_model.aliases).toEqual([
      { alias: 'champion', version: '2' },
      { alias: 'old', version: '1' },
    ]);
    expect(await pointsAt('Latest')).toBe('2');
    await calls.transitionModelVersionStage({ name, version: '1', stage: 'Production' });
    expect(await pointsAt('latest')).toBe('2');
    await calls.deleteModelVersion({ name, version: '2' });
    await expect(calls.getModelVersionByAlias({ name, alias: 'champion' })).rejects.toMatchObject(
      refused('Registered model alias champion not found.'),
    );
    expect(await pointsAt('latest')).toBe('1');
    await calls.deleteRegisteredModelAlias({ name, alias: 'old' });
    await calls.deleteRegisteredModelAlias({ name, alias: 'old' });
    expect((await calls.getRegisteredModel({ name })).registered_model.aliases).toBeUndefined();

    const set = (alias: string, to = '1') => calls.setRegisteredModelAlias({ name, alias, version: to });
    await expect(set('Latest')).rejects.toMatchObject(refused("'latest' alias name (case insensitive) is reserved."));
    await expect(set('V12')).rejects.toMatchObject(refused("Version alias name 'V12' is reserved."));
    await expect(set('a b')).rejects.toMatchObject(refused("Invalid alias name: 'a b'. Names may only contain"));
    await expect(set('x'.repeat(256))).rejects.toMatchObject(
      refused("'Registered model alias name' exceeds the maximum length of 255 characters"),
    );
    await expect(set('a', '9')).rejects.toMatchObject(absent('Model Version (name=aliased, version=9) not found'));
    await expect(set('a', 'x')).rejects.toMatchObject(refused("Parameter 'version' must be an integer, got 'x'."));
  });

  test('renaming takes versions, tags and aliases along, and frees the name', async () => {
    await calls.createRegisteredModel({ name: 'before', tags: [{ key: 'a', value: '1' }] });
    await calls.createModelVersion({ name: 'before', source: 's3://b/x', tags: [{ key: 't', value: 'v' }] });
    await calls.setRegisteredModelAlias({ name: 'before', alias: 'champion', version: '1' });
    const { registered_model } = await calls.renameRegisteredModel({ name: 'before', new_name: 'after' });
    expect(registered_model).toMatchObject({
      name: 'after',
      tags: [{ key: 'a', value: '1' }],
      aliases: [{ alias: 'champion', version: '1' }],
      latest_versions: [{ name: 'after', version: '1', tags: [{ key: 't', value: 'v' }] }],
    });
    await expect(calls.getRegisteredModel({ name: 'before' })).rejects.toMatchObject(absent('name=before not found'));
    await calls.createRegisteredModel({ name: 'before' });
    await expect(calls.renameRegisteredModel({ name: 'after', new_name: 'before' })).rejects.toMatchObject(
      taken('Registered Model (name=before) already exists.'),
    );
    await expect(calls.renameRegisteredModel({ name: 'after', new_name: 'a/b' })).rejects.toMatchObject(
      refused("Invalid model name 'a/b'"),
    );
    expect((await calls.renameRegisteredModel({ name: 'after', new_name: 'after' })).registered_model.name).toBe(
      'after',
    );
  });

  test('removing one removes its versions, and a new one of its name begins at 1', async () => {
    const name = 'removed';
    await calls.createRegisteredModel({ name, tags: [{ key: 'a', value: '1' }] });
    await version(name);
    await version(name);
    await calls.setRegisteredModelAlias({ name, alias: 'champion', version: '2' });
    await calls.deleteRegisteredModel({ name });
    await expect(calls.getModelVersion({ name, version: '1' })).rejects.toMatchObject(absent('not found'));
    const { registered_model } = await calls.createRegisteredModel({ name });
    expect([registered_model.tags, registered_model.aliases]).toEqual([undefined, undefined]);
    expect(await version(name)).toBe('1');
  });

  test('many creators and renamers of one name: one wins', async () => {
    const created = await Promise.allSettled(
      Array.from({ length: 8 }, () => calls.createRegisteredModel({ name: 'raced' })),
    );
    expect(created.filter((each) => each.status === 'fulfilled')).toHaveLength(1);
    await calls.createRegisteredModel({ name: 'raced-2' });
    const renamed = await Promise.allSettled([
      calls.renameRegisteredModel({ name: 'raced', new_name: 'raced-3' }),
      calls.renameRegisteredModel({ name: 'raced-2', new_name: 'raced-3' }),
      calls.createRegisteredModel({ name: 'raced-3' }),
    ]);
    expect(renamed.filter((each) => each.status === 'fulfilled')).toHaveLength(1);
    for (const each of renamed) if (each.status === 'rejected') expect(each.reason).toMatchObject(taken('raced-3'));
  });
});
