/** A model tried in the page of its version: the form of its signature, the answer of a real process, and what is wrong beside the fields. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connect } from '../../client/connect.js';
import { violationsOf } from '../harness/axe.js';
import { closeBrowser, openPage } from '../harness/browser.js';
import { startServer, type TestServer } from '../harness/server.js';

const CARS = fileURLToPath(new URL('../models/d_cars_columns/mlmodel', import.meta.url));

let server: TestServer;

beforeAll(async () => {
  server = await startServer();
  const client = connect(server.url);
  await client.createRegisteredModel({ name: 'cars' });
  for (const flavors of [undefined, 'flavors:\n  sklearn:\n    pickled_model: model.pkl\n']) {
    const { run } = await client.createRun({ experiment_id: '0' });
    const { artifact_uri, run_id } = run.info;
    for (const name of await readdir(CARS)) {
      const content = name === 'MLmodel' && flavors !== undefined ? flavors : await readFile(join(CARS, name));
      await client.artifacts.put(artifact_uri, `model/${name}`, content);
    }
    await client.createModelVersion({ name: 'cars', source: `${artifact_uri}/model`, run_id });
  }
});
afterAll(async () => {
  await closeBrowser();
  await server.stop();
});

it('is asked by a form, answers, and says beside the field what is wrong', async () => {
  const { page, problems, foreign, close } = await openPage(`${server.url}/models/cars/versions/1?tab=try`);
  await page.getByLabel('Horsepower').fill('many');
  await page.getByLabel('Weight_in_lbs').fill('3504');
  await page.getByLabel('Origin').fill('USA');
  await page.getByRole('button', { name: 'Predict' }).click();
  await page.getByText('“many” is no number.').waitFor();
  await page.getByLabel('Horsepower').fill('130');
  await page.keyboard.press('Control+Enter');
  await page.getByRole('region', { name: 'Prediction' }).getByText('18.81').first().waitFor();
  expect(await violationsOf(page)).toEqual([]);
  expect(problems).toEqual([]);
  expect(foreign).toEqual([]);
  await close();
});

it('that is no ONNX says that it cannot be tried, and why', async () => {
  const { page, close } = await openPage(`${server.url}/models/cars/versions/2?tab=try`);
  await page.getByRole('heading', { name: 'This model cannot be tried here' }).waitFor();
  await page.getByText('only ONNX is run here').waitFor();
  await close();
});
