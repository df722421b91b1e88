/** searchRegisteredModels and searchModelVersions: filters, orders, pages, and prompts that are left out. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ApiCalls } from '../../api/index.js';
import { describeStore, type OpenStore } from '../harness/store.js';

const PROMPT = { key: 'mlflow.prompt.is_prompt', value: 'true' };
const refused = (message: string) => ({ code: 'INVALID_PARAMETER_VALUE', message: expect.stringContaining(message) });

describeStore('the registry’s searches', (open) => {
  let store: OpenStore;
  let calls: ApiCalls;
  beforeAll(async () => {
    store = await open();
    calls = store.calls;
    for (const [name, owner] of [
      ['iris', 'ana'],
      ['Iris-2', 'bo'],
      ['wine_x', "o'neil"],
      ['wineyx', 'ana'],
    ] as const) {
      await calls.createRegisteredModel({ name, tags: [{ key: 'owner', value: owner }] });
    }
    await calls.createRegisteredModel({ name: 'a prompt', tags: [PROMPT, { key: 'owner', value: 'ana' }] });
    for (let i = 1; i <= 4; i++) {
      const tags = [{ key: 'validated', value: i % 2 ? 'yes' : 'no' }];
      await calls.createModelVersion({ name: 'iris', source: `s3://b/${i}`, run_id: `run${i}`, tags });
    }
    await calls.createModelVersion({ name: 'wine_x', source: 's3://b/w', run_id: 'run1' });
    await calls.createModelVersion({ name: 'a prompt', source: 'dummy-source', tags: [PROMPT] });
    await calls.setRegisteredModelAlias({ name: 'iris', alias: 'champion', version: '3' });
    await calls.deleteModelVersion({ name: 'iris', version: '4' });
  });
  afterAll(() => store.close());

  const models = async (filter?: string, order_by: string[] = []) =>
    ((await calls.searchRegisteredModels({ filter, order_by })).registered_models ?? []).map(({ name }) => name);
  const versions = async (filter?: string, order_by: string[] = ['name', 'version_number']) =>
    ((await calls.searchModelVersions({ filter, order_by })).model_versions ?? []).map(
      ({ name, version }) => `${name}/${version}`,
    );

  test('models by name and tags', async () => {
    expect(await models()).toEqual(['Iris-2', 'iris', 'wine_x', 'wineyx']);
    expect(await models("name = 'iris'")).toEqual(['iris']);
    expect(await models("name LIKE 'iris%'")).toEqual(['iris']);
    expect(await models("name ILIKE 'iris%'")).toEqual(['Iris-2', 'iris']);
    expect(await models("name LIKE 'wine_x'")).toEqual(['wine_x', 'wineyx']);
    expect(await models("name != 'iris' and tags.owner = 'ana'")).toEqual(['wineyx']);
    expect(await models("tags.`owner` != 'ana'")).toEqual(['Iris-2', 'wine_x']);
    expect(await models('name IN (\'iris\', "wine_x")')).toEqual(['iris', 'wine_x']);
    expect(await models(undefined, ['name DESC'])).toEqual(['wineyx', 'wine_x', 'iris', 'Iris-2']);
    const [iris] = (await calls.searchRegisteredModels({ filter: "name = 'iris'" })).registered_models ?? [];
    expect(iris).toEqual((await calls.getRegisteredModel({ name: 'iris' })).registered_model);
  });

  test('versions by what they have; removed ones are not found', async () => {
    expect(await versions()).toEqual(['iris/1', 'iris/2', 'iris/3', 'wine_x/1']);
    expect(await versions("run_id = 'run1'")).toEqual(['iris/1', 'wine_x/1']);
    expect(await versions("run_id IN ('run1', 'run2', 'run2')")).toEqual(['iris/1', 'iris/2', 'wine_x/1']);
    expect(await versions("name = 'iris' AND version_number > 1")).toEqual(['iris/2', 'iris/3']);
    expect(await versions("source_path LIKE '%/w'")).toEqual(['wine_x/1']);
    expect(await versions("tags.validated = 'yes'")).toEqual(['iris/1', 'iris/3']);
    expect(await versions("name = 'iris'", ['version_number DESC'])).toEqual(['iris/3', 'iris/2', 'iris/1']);
    const [found] =
      (await calls.searchModelVersions({ filter: "name = 'iris' and version_number = 3" })).model_versions ?? [];
    expect(found).toEqual((await calls.getModelVersion({ name: 'iris', version: '3' })).model_version);
    expect(found?.aliases).toEqual(['champion']);
    await calls.setModelVersionTag({ name: 'iris', version: '1', key: 'x', value: 'y' });
    await calls.updateModelVersion({ name: 'iris', version: '1', description: 'changed' });
    expect((await versions("name = 'iris'", []))[0]).toBe('iris/1');
  });

  test('prompts are found only by a filter that asks for them', async () => {
    const asked = "tags.`mlflow.prompt.is_prompt` = 'true'";
    expect(await models(asked)).toEqual(['a prompt']);
    expect(await models("name = 'a prompt'")).toEqual([]);
    expect(await models("tags.`mlflow.prompt.is_prompt` != 'true'")).toEqual(await models());
    expect(await models("tags.`mlflow.prompt.is_prompt` = 'false' and name = 'iris'")).toEqual(['iris']);
    expect(await versions(asked)).toEqual(['a prompt/1']);
    expect(await versions("name = 'a prompt'")).toEqual([]);
  });

  test('pages have everything once, whatever the order', async () => {
    for (const order_by of [[], ['name DESC'], ['timestamp DESC'], ['last_updated_timestamp', 'name']]) {
      const seen: string[] = [];
      let page_token: string | undefined;
      do {
        const page = await calls.searchRegisteredModels({ max_results: 2, order_by, page_token });
        seen.push(...(page.registered_models ?? []).map(({ name }) => name));
        page_token = page.next_page_token;
      } while (page_token);
      expect(seen).toEqual(await models(undefined, order_by));
    }
    const first = await calls.searchModelVersions({ max_results: 3 });
    const second = await calls.searchModelVersions({ max_results: 3, page_token: first.next_page_token });
    expect([first.model_versions?.length, second.model_versions?.length, second.next_page_token]).toEqual([
      3,
      1,
      undefined,
    ]);
  });

  test('what is no filter, order or page is refused in MLflow’s words', async () => {
    const cases: [Promise<unknown>, string][] = [];
    const add = (call: Promise<unknown>, message: string) => {
      call.catch(() => {});
      cases.push([call, message]);
    };
    add(models("owner = 'ana'"), "Invalid attribute key 'owner' specified.");
    add(models("name > 'a'"), 'Invalid comparator for attribute: >');
    add(models('name = 5'), 'Expected a quoted string value');
    add(models(undefined, ['size']), "Invalid order by key 'size' specified.");
    add(models(undefined, ['name', 'name DESC']), '`order_by` contains duplicate fields');
    add(calls.searchRegisteredModels({ max_results: 0 }), "Invalid value 0 for parameter 'max_results'");
    add(calls.searchRegisteredModels({ max_results: 1001 }), 'It must be at most 1000');
    add(calls.searchRegisteredModels({ page_token: 'junk' }), 'Invalid page token');
    add(versions("version_number = 'x'"), "Invalid value for numeric attribute 'version_number': 'x'");
    add(versions("source_path IN ('a')"), 'attributes support comparison with a list');
    add(versions(undefined, ['run_id']), "Invalid attribute key 'run_id' specified.");
    add(
      calls.searchModelVersions({ max_results: 0 }),
      'Invalid value for max_results. It must be a positive integer, but got 0',
    );
    add(calls.searchModelVersions({ max_results: 200_001 }), 'It must be at most 200000');
    for (const [call, message] of cases) await expect(call).rejects.toMatchObject(refused(message));
  });
});
