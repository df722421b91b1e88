/** A run's page as a place to work: what it says of metrics and params, and what is changed in place. */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Connection, connect, type RunInfo, startRun } from '../../client/node/index.js';
import { closeBrowser, openPage, PATIENCE, type TestPage } from '../harness/browser.js';
import { startServer, type TestServer } from '../harness/server.js';

let server: TestServer;
let client: Connection;
let parent: RunInfo;
let info: RunInfo;
let open: TestPage;

beforeAll(async () => {
  server = await startServer();
  client = connect(server.url);
  const outer = startRun({ client, experiment: 'work', name: 'outer' });
  parent = await outer.info();
  const run = startRun({
    client,
    experiment: 'work',
    name: 'inner',
    parent: outer,
    params: { lr: 0.1, 'model.depth': 50, 'model.head.width': 64, 'data.augment': '{"flip":true,"crop":[1,2]}' },
    tags: { 'mlflow.source.name': 'train.py', 'mlflow.source.git.commit': 'a'.repeat(40), team: 'vision' },
  });
  info = await run.info();
  for (let step = 0; step < 100; step++)
    run.log({ loss: step === 40 ? -7 : 3 / (step + 1), acc: step / 100 }, { step });
  for (let i = 0; i < 12; i++) run.log({ [`extra${i}`]: i });
  run.logText('starting\nworking\n', 'logs/stdout.txt');
  await run.end();
  await outer.end();
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

async function visit(run: RunInfo = info, search = ''): Promise<Page> {
  open = await openPage(`${server.url}/experiments/${run.experiment_id}/runs/${run.run_id}${search}`);
  await open.page.getByRole('heading', { name: run.run_name, level: 1 }).waitFor();
  return open.page;
}

describe('the overview of a run', () => {
  it('has the last, least and greatest value of each metric, with their steps', async () => {
    const page = await visit();
    const row = page.getByRole('table', { name: 'Metrics' }).getByRole('row', { name: /^loss/ });
    await expect.poll(() => row.textContent(), PATIENCE).toMatch(/0\.03\b[\s\S]*99[\s\S]*−7[\s\S]*40[\s\S]*3[\s\S]*0/);
    await page.getByRole('searchbox', { name: 'Search metrics' }).fill('extra11');
    await expect.poll(() => page.getByRole('table', { name: 'Metrics' }).getByRole('row').count(), PATIENCE).toBe(2);
  });

  it('has params with dots as a tree that folds', async () => {
    const page = await visit();
    const table = page.getByRole('table', { name: 'Params' });
    await table.getByRole('rowheader', { name: 'depth' }).waitFor();
    await table.getByRole('button', { name: 'model 2' }).click();
    expect(await table.getByRole('rowheader', { name: 'depth' }).count()).toBe(0);
    await table.getByText('{"flip":true').click();
    await table.getByText('"flip": true').waitFor();
  });

  it('leads to the run above it and the runs below', async () => {
    const page = await visit();
    await page.getByRole('link', { name: 'outer' }).click();
    await page.getByRole('heading', { name: 'outer', level: 1 }).waitFor();
    await page.getByRole('table', { name: 'Child runs' }).getByRole('link', { name: 'inner' }).click();
    await page.getByRole('heading', { name: 'inner', level: 1 }).waitFor();
  });

  it('leads to its neighbours in the table it was opened from', async () => {
    const names = ['one', 'two', 'three'];
    for (const name of names) {
      const run = startRun({ client, experiment: 'walk', name });
      await run.end();
    }
    const { experiment } = await client.getExperimentByName({ experiment_name: 'walk' });
    open = await openPage(`${server.url}/experiments/${experiment.experiment_id}`);
    const { page } = open;
    await page.getByRole('link', { name: 'two', exact: true }).click();
    await page.getByText('2 of 3').waitFor();
    await page.keyboard.press('J');
    await page.getByRole('heading', { name: 'one', level: 1 }).waitFor();
    await page.getByRole('button', { name: /^Previous run/ }).click();
    await page.getByRole('heading', { name: 'two', level: 1 }).waitFor();
    await page.keyboard.press('K');
    await page.getByRole('heading', { name: 'three', level: 1 }).waitFor();
  });

  it('says how the run is read in code and started again', async () => {
    const page = await visit();
    await page.getByRole('button', { name: 'Run menu' }).click();
    await page.getByRole('menuitem', { name: 'Code for this run' }).click();
    const dialog = page.getByRole('dialog', { name: 'Code for this run' });
    await dialog.getByText(`run = mlflow.get_run("${info.run_id}")`).waitFor();
    await dialog.getByText("python 'train.py'").waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
  });
});

describe('in place', () => {
  it('the name is changed, with the key e too', async () => {
    const page = await visit();
    await page.keyboard.press('e');
    const field = page.getByRole('textbox', { name: 'Name of the run' });
    await field.fill('renamed');
    await field.press('Enter');
    await page.getByRole('heading', { name: 'renamed', level: 1 }).waitFor();
    expect((await client.getRun({ run_id: info.run_id })).run.info.run_name).toBe('renamed');
    await page.getByRole('button', { name: 'Rename' }).click();
    await field.fill('inner');
    await field.press('Enter');
    await page.getByRole('heading', { name: 'inner', level: 1 }).waitFor();
  });

  it('tags are added, edited and removed', async () => {
    const page = await visit();
    const tags = page.getByRole('region', { name: /^Tags/ });
    await tags.getByRole('button', { name: 'Add tag' }).click();
    await tags.getByRole('textbox', { name: 'Key of the new tag' }).fill('stage');
    await tags.getByRole('textbox', { name: 'Value of the new tag' }).fill('candidate');
    await tags.getByRole('button', { name: 'Save' }).click();
    await tags.getByRole('cell', { name: 'candidate' }).waitFor();
    await tags.getByRole('button', { name: 'Edit stage' }).click();
    await tags.getByRole('textbox', { name: 'Value of stage' }).fill('chosen');
    await page.keyboard.press('Enter');
    await tags.getByRole('cell', { name: 'chosen' }).waitFor();
    await tags.getByRole('button', { name: 'Remove stage' }).click();
    await tags.getByRole('cell', { name: 'chosen' }).waitFor({ state: 'detached' });
    const { run } = await client.getRun({ run_id: info.run_id });
    expect(run.data.tags?.map(({ key }) => key)).not.toContain('stage');
  });

  it('the note is written as Markdown, of which nothing runs', async () => {
    const page = await visit();
    const note = page.getByRole('region', { name: 'Note' });
    await note.getByRole('button', { name: 'Edit note' }).click();
    await note.getByRole('textbox').fill('# Found\n\n**better** <img src=x onerror="document.title=1">');
    await page.keyboard.press('Control+Enter');
    await note.getByRole('heading', { name: 'Found' }).waitFor();
    expect(await note.locator('strong').textContent()).toBe('better');
    expect(await note.locator('img, script').count()).toBe(0);
  });

  it('a run is deleted, and comes back with Undo', async () => {
    const page = await visit();
    await page.getByRole('button', { name: 'Run menu' }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.getByText('Deleted', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Deleted', { exact: true }).waitFor({ state: 'detached' });
    expect((await client.getRun({ run_id: info.run_id })).run.info.lifecycle_stage).toBe('active');
  });
});

describe('the logs of a run', () => {
  it('are what its processes wrote, and grow while it runs', async () => {
    const page = await visit(info, '?tab=logs');
    await page.getByText('working').waitFor();
    await page.goto(`${server.url}/experiments/${parent.experiment_id}/runs/${parent.run_id}?tab=logs`);
    await page.getByRole('heading', { name: 'No logs' }).waitFor();
  });
});

describe('what is changed in place', () => {
  const focused = (page: Page) =>
    page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent);

  it('gives the focus back to the button that opened it', async () => {
    const page = await visit();
    await page.getByRole('button', { name: 'Rename' }).click();
    await page.getByRole('textbox', { name: 'Name of the run' }).press('Enter');
    await expect.poll(() => focused(page), PATIENCE).toBe('Rename');
    await page.getByRole('button', { name: 'Edit note' }).click();
    await page.getByRole('textbox', { name: 'Note, in Markdown' }).press('Escape');
    await expect.poll(() => focused(page), PATIENCE).toBe('Edit note');
    await page.getByRole('button', { name: 'Edit team' }).click();
    await page.getByRole('textbox', { name: 'Value of team' }).press('Enter');
    await expect.poll(() => focused(page), PATIENCE).toBe('Edit team');
    await page.getByRole('button', { name: 'Add tag' }).click();
    await page.keyboard.press('Escape');
    await expect.poll(() => focused(page), PATIENCE).toBe('Add tag');
  });

  it('gives the focus back from a dialog too', async () => {
    const page = await visit();
    await page.goto(`${server.url}/experiments/${info.experiment_id}`);
    await page.getByRole('button', { name: 'Columns' }).click();
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await expect.poll(() => focused(page), PATIENCE).toBe('Columns');
  });
});
