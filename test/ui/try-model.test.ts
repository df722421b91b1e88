/** A model tried in a browser: real ONNX models, run by a process that the server starts. */
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Connection, connect } from '../../client/node/index.js';
import { closeBrowser, openPage, PATIENCE, type TestPage } from '../harness/browser.js';
import { startServer, type TestServer } from '../harness/server.js';

const MODELS = fileURLToPath(new URL('../models/', import.meta.url));
const CARS_BODY = { inputs: { Horsepower: [[130]], Weight_in_lbs: [[3504]], Origin: [['USA']] } };
const EXAMPLE =
  'saved_input_example_info:\n  artifact_path: input_example.json\n  serving_input_path: serving_input_example.json\n  type: ndarray\n';

let server: TestServer;
let client: Connection;
let open: TestPage;

/** Registers a folder, with other files, as version 1 of a model. */
async function registered(name: string, folder: string, files: Record<string, string> = {}): Promise<void> {
  const { run } = await client.createRun({ experiment_id: '0' });
  const { artifact_uri, run_id } = run.info;
  for (const file of await readdir(folder)) {
    await client.artifacts.put(artifact_uri, `model/${file}`, files[file] ?? (await readFile(`${folder}/${file}`)));
  }
  const example = JSON.stringify(CARS_BODY);
  await client.artifacts.put(artifact_uri, 'model/serving_input_example.json', example);
  await client.createRegisteredModel({ name });
  await client.createModelVersion({ name, source: `runs:/${run_id}/model`, run_id });
}

beforeAll(async () => {
  server = await startServer();
  client = connect(server.url);
  const cars = `${MODELS}d_cars_columns/mlmodel`;
  await registered('cars', cars, { MLmodel: (await readFile(`${cars}/MLmodel`, 'utf8')) + EXAMPLE });
  await registered('iris', `${MODELS}d_iris_zipmap/mlmodel`);
  await registered('pickled', cars, {
    MLmodel: 'flavors:\n  sklearn:\n    pickled_model: model.pkl\n',
  });
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

async function visit(name: string): Promise<Page> {
  open = await openPage(`${server.url}/models/${name}/versions/1?tab=try`);
  return open.page;
}

describe('a model', () => {
  it('is tried with a form that its signature makes, by Ctrl+Enter too', async () => {
    const page = await visit('cars');
    await page.getByRole('textbox', { name: /^Horsepower/ }).fill('130');
    await page.getByRole('textbox', { name: /^Weight_in_lbs/ }).fill('3504');
    await page.getByRole('textbox', { name: /^Origin/ }).fill('USA');
    await page.keyboard.press('Control+Enter');
    const result = page.getByRole('region', { name: 'Prediction' }).first();
    await result.getByText(/^answered in/).waitFor();
    const value = await result.getByRole('cell').first().textContent();
    const answer = await client.send(
      'POST',
      '/api/2.0/mltrack/serving/invocations?model_uri=models%3A%2Fcars%2F1',
      JSON.stringify(CARS_BODY),
      { 'content-type': 'application/json' },
    );
    expect(await answer.text()).toContain(value?.replace(/[[\]]/g, '').slice(0, 6));
    await page.getByRole('figure', { name: 'curl example' }).getByText('"Horsepower":[[130]]').waitFor();
  });

  it('says beside a field what is wrong with it, and asks the server nothing then', async () => {
    const page = await visit('cars');
    const field = page.getByRole('textbox', { name: /^Horsepower/ });
    await field.fill('many');
    await page.getByRole('button', { name: 'Predict' }).click();
    await page.getByText('“many” is no number.').waitFor();
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    await field.fill('1');
    await page.getByText('“many” is no number.').waitFor({ state: 'detached' });
  });

  it('fills in its example, in the form and as JSON', async () => {
    const page = await visit('cars');
    await page.getByRole('button', { name: 'Fill in the example' }).click();
    await expect.poll(() => page.getByRole('textbox', { name: /^Weight_in_lbs/ }).inputValue(), PATIENCE).toBe('3504');
    await page.getByText('JSON', { exact: true }).first().click();
    const request = page.getByRole('textbox', { name: 'Request' });
    expect(JSON.parse(await request.inputValue())).toEqual(CARS_BODY);
    await request.fill('{');
    await page.getByRole('button', { name: 'Predict' }).click();
    await page.getByRole('alert').getByText('This is not valid JSON').waitFor();
  });

  it('that takes a tensor says its shape, and what does not fit it', async () => {
    const page = await visit('iris');
    const field = page.getByRole('textbox', { name: /any, 4/ });
    await field.fill('[[1, 2]]');
    await page.getByRole('button', { name: 'Predict' }).click();
    await page.getByText('The shape is (1, 2) and must be (any, 4).').waitFor();
    await field.fill('[[5.1, 3.5, 1.4, 0.2]]');
    await page.getByRole('button', { name: 'Predict' }).click();
    await page.getByRole('table', { name: 'Prediction' }).waitFor();
  });

  it('that cannot be tried says why', async () => {
    const page = await visit('pickled');
    await page.getByRole('heading', { name: 'This model cannot be tried here' }).waitFor();
    await page.getByText(/only ONNX is run here/).waitFor();
  });
});
