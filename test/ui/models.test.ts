/** The registry in a browser: models found and made, versions with aliases and stages changed in place, two of them compared, and the files of one. */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Connection, connect, type RunInfo, startRun } from '../../client/node/index.js';
import { closeBrowser, openPage, PATIENCE, type TestPage } from '../harness/browser.js';
import { startServer, type TestServer } from '../harness/server.js';

const MLMODEL = `flavors:
  onnx:
    data: model.onnx
signature:
  inputs: '[{"type": "double", "name": "width", "required": true}, {"type": "string",
    "name": "colour", "required": false}]'
  outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [-1, 3]}}]'
`;
const ODD = "50% of ünï'cödé #1?";

let server: TestServer;
let client: Connection;
let runs: RunInfo[];
let open: TestPage;

beforeAll(async () => {
  server = await startServer();
  client = connect(server.url);
  runs = [];
  for (const depth of [2, 3]) {
    const run = startRun({ client, experiment: 'flowers', name: `depth ${depth}`, params: { depth, seed: 1 } });
    run.log({ 'val/acc': 0.8 + depth / 100, 'train/loss': 1 });
    run.logText(depth === 2 ? MLMODEL : MLMODEL.replace('"double"', '"float"'), 'model/MLmodel');
    run.logText('{"a":1}', 'model/input_example.json');
    await run.end();
    runs.push(await run.info());
  }
  await client.createRegisteredModel({
    name: 'iris',
    description: 'Tells **flowers** apart.',
    tags: [{ key: 'owner', value: 'mira' }],
  });
  for (const { run_id } of runs) {
    await client.createModelVersion({ name: 'iris', source: `runs:/${run_id}/model`, run_id });
  }
  const value = JSON.stringify({ endpoint: 'iris-live', region: 'eu-west-1', image: 'acme/iris@sha256:ab' });
  await client.setModelVersionTag({ name: 'iris', version: '2', key: 'mltrack.sagemaker.eu-west-1.iris-live', value });
  await client.createRegisteredModel({ name: ODD });
  await client.createRegisteredModel({ name: 'churn', description: 'Who leaves' });
});
afterAll(async () => {
  await closeBrowser();
  await server.stop();
});
afterEach(async () => {
  expect(open.problems).toEqual([]);
  expect(open.foreign).toEqual([]);
  await open.close();
});

async function visit(path: string): Promise<Page> {
  open = await openPage(server.url + path);
  return open.page;
}

describe('the list of models', () => {
  it('is searched by name and by the filter language, and keeps its rows when a filter is wrong', async () => {
    const page = await visit('/models');
    const names = () => page.getByRole('link', { name: /^(iris|churn|50%)/ }).allTextContents();
    await expect.poll(names, PATIENCE).toHaveLength(3);
    await page.getByText('mira', { exact: true }).waitFor();
    const search = page.getByRole('searchbox', { name: 'Search models' });
    await search.fill('chu');
    await expect.poll(names, PATIENCE).toEqual(['churn']);
    await search.fill("tags.owner = 'mira'");
    await expect.poll(names, PATIENCE).toEqual(['iris']);
    await search.fill('tags.owner = mira');
    await page.getByRole('alert').waitFor();
    expect(await names()).toEqual(['iris']);
    // The refusal of the filter is all that the browser has to tell.
    expect(open.problems.splice(0).every((problem) => problem.includes('400'))).toBe(true);
  });

  it('has a place for a new one', async () => {
    const page = await visit('/models');
    await page.getByRole('button', { name: 'New model' }).click();
    const dialog = page.getByRole('dialog', { name: 'New model' });
    await dialog.getByRole('textbox', { name: 'Name' }).fill('a/b');
    await dialog.getByRole('button', { name: 'Create' }).click();
    await dialog.getByRole('alert').waitFor();
    await dialog.getByRole('textbox', { name: 'Name' }).fill('fresh');
    await dialog.getByRole('button', { name: 'Create' }).click();
    await page.getByRole('heading', { name: 'fresh', level: 1 }).waitFor();
    await page.getByText('No versions yet').waitFor();
    await page.getByRole('button', { name: 'Model menu' }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.getByRole('button', { name: 'Delete for good' }).click();
    await page.getByRole('heading', { name: 'Models', level: 1 }).waitFor();
    open.problems.splice(0);
  });

  it('leads to models of any name', async () => {
    const page = await visit('/models');
    await page.getByRole('link', { name: ODD }).click();
    await page.getByRole('heading', { name: ODD, level: 1 }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: ODD, level: 1 }).waitFor();
  });
});

describe('a model', () => {
  it('has its versions with the metrics of their runs, and aliases that are changed in place', async () => {
    const page = await visit('/models/iris');
    const row = page.getByRole('table', { name: 'Versions' }).getByRole('row', { name: /Version 1/ });
    await row.getByRole('link', { name: 'depth 2' }).waitFor();
    await row.getByRole('cell', { name: '0.82' }).waitFor();
    await row.getByRole('button', { name: 'Add an alias to version 1' }).click();
    await row.getByRole('textbox', { name: 'New alias of version 1' }).fill('champion');
    await page.keyboard.press('Enter');
    await row.getByRole('button', { name: 'Remove the alias champion' }).waitFor();
    const { model_version } = await client.getModelVersionByAlias({ name: 'iris', alias: 'champion' });
    expect(model_version.version).toBe('1');
    await row.getByRole('button', { name: 'Remove the alias champion' }).click();
    await page.getByRole('button', { name: 'Undo' }).click();
    await row.getByRole('button', { name: 'Remove the alias champion' }).waitFor();
    await row.getByRole('combobox', { name: 'Stage of version 1' }).selectOption('Production');
    await expect
      .poll(async () => (await client.getModelVersion({ name: 'iris', version: '1' })).model_version.current_stage)
      .toBe('Production');
  });

  it('compares two versions by what differs', async () => {
    const page = await visit('/models/iris');
    await page.getByRole('checkbox', { name: 'Compare version 1' }).check();
    await page.getByRole('checkbox', { name: 'Compare version 2' }).check();
    const table = page.getByRole('table', { name: 'Comparison of versions' });
    await table.getByRole('row', { name: /Input width double float/ }).waitFor();
    await table.getByRole('row', { name: /Param depth 2 3/ }).waitFor();
    expect(await table.getByText('seed').count()).toBe(0);
    await page.getByRole('button', { name: /^Show \d+ equal/ }).click();
    await table.getByText('seed').waitFor();
    expect(new URL(page.url()).searchParams.get('compare')).toBe('1,2');
  });
});

describe('a version', () => {
  it('says what it takes, where it came from and where it runs', async () => {
    const page = await visit('/models/iris/versions/2');
    const signature = page.getByRole('table', { name: 'Signature' });
    await signature.getByRole('row', { name: /width float Input/ }).waitFor();
    await signature.getByRole('row', { name: /colour string Input, optional/ }).waitFor();
    const lineage = page.getByRole('region', { name: 'Lineage' }).getByRole('listitem');
    await expect
      .poll(() => lineage.allTextContents(), PATIENCE)
      .toEqual([
        'Experimentflowers',
        'Rundepth 3',
        'Versioniris v2',
        expect.stringContaining('iris@sha256:ab'),
        'Endpointiris-live',
      ]);
    await page.getByRole('region', { name: 'Deployments (1)' }).getByText('eu-west-1').waitFor();
    await page.getByRole('link', { name: 'depth 3' }).click();
    await page.getByRole('heading', { name: 'depth 3', level: 1 }).waitFor();
    await page.getByRole('link', { name: 'iris v2' }).waitFor();
  });

  it('has its files in a tree with their viewers', async () => {
    const page = await visit('/models/iris/versions/1?tab=files');
    await page.getByRole('treeitem', { name: 'MLmodel' }).click();
    await page.getByRole('region', { name: 'Flavour onnx' }).waitFor();
    expect(new URL(page.url()).searchParams.get('path')).toBe('MLmodel');
  });

  it('is made from a model among the artifacts of a run', async () => {
    const [{ experiment_id, run_id } = { experiment_id: '', run_id: '' }] = runs;
    const page = await visit(`/experiments/${experiment_id}/runs/${run_id}?tab=artifacts&path=model/MLmodel`);
    await page.getByRole('button', { name: 'Register model' }).click();
    const dialog = page.getByRole('dialog', { name: 'Register a model' });
    await dialog.getByRole('combobox', { name: 'Name of the registered model' }).fill('iris again');
    await dialog.getByRole('button', { name: 'Register' }).click();
    await page.getByRole('heading', { name: 'iris again version 1', level: 1 }).waitFor();
  });
});

describe('an old link of MLflow’s UI to the registry', () => {
  it.each([
    ['/#/models', 'Models'],
    ['/#/models/iris', 'iris'],
    ['/#/models/iris/versions/1', 'iris version 1'],
  ])('%s opens %s', async (path, heading) => {
    const page = await visit(path);
    await page.getByRole('heading', { name: heading, level: 1, exact: true }).waitFor();
  });
});
