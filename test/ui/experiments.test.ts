/** The list of experiments and the table of runs, as a browser shows them. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startRun } from '../../client/node/index.js';
import { closeBrowser, openPage, PATIENCE, type TestPage } from '../harness/browser.js';
import { type FilledServer, startFilledServer } from './filled-server.js';

let filled: FilledServer;
let open: TestPage;

beforeAll(async () => {
  filled = await startFilledServer();
});
afterAll(async () => {
  await closeBrowser();
  await filled.server.stop();
});
afterEach(async () => {
  expect(open.problems).toEqual([]);
  expect(open.foreign).toEqual([]);
  await open.close();
});

const visit = async (path: string) => {
  open = await openPage(filled.server.url + path);
  return open.page;
};

describe('the experiments', () => {
  it('are the first thing one sees, and a click on one shows its runs', async () => {
    const page = await visit('/');
    await page.waitForURL('**/experiments');
    await page.getByRole('link', { name: 'sweep' }).click();
    await page.getByRole('heading', { name: 'sweep', level: 1 }).waitFor();
    await page.getByRole('row', { name: /first/ }).waitFor();
    expect(await page.title()).toBe('sweep · Experiment · mltrack');
    expect(await page.getByRole('grid', { name: 'Runs' }).getByRole('row').count()).toBe(2 + 3);
  });

  it('tell the best value of their chosen metric, and whose they are', async () => {
    const { client } = filled;
    const tags = [{ key: 'mlflow.primaryMetric', value: 'val/loss' }];
    const { experiment_id } = await client.createExperiment({ name: 'judged', tags });
    for (const [name, value] of Object.entries({ worse: 0.75, better: 0.25, broken: Number.NaN })) {
      const run = startRun({ client, experimentId: experiment_id, name, tags: { 'mlflow.user': 'ada' } });
      run.logMetric('val/loss', value);
      await run.end();
    }
    const owner = [{ key: 'mlflow.user', value: 'grace' }];
    await client.createExperiment({ name: 'owned', tags: owner });
    const page = await visit('/experiments');
    const row = page.getByRole('row', { name: /judged/ });
    await row.getByRole('gridcell', { name: '0.25 val/loss' }).waitFor();
    await row.getByRole('gridcell', { name: 'ada', exact: true }).waitFor();
    await page.getByRole('row', { name: /owned/ }).getByRole('gridcell', { name: 'grace', exact: true }).waitFor();
    await client.deleteExperiment({ experiment_id });
  });

  it('are narrowed by a search that the address carries', async () => {
    const page = await visit('/experiments');
    await page.getByRole('link', { name: 'sweep' }).waitFor();
    await page.getByRole('searchbox', { name: 'Search experiments' }).fill('nothing');
    await page.getByText('1 experiment', { exact: true }).waitFor();
    expect(new URL(page.url()).searchParams.get('q')).toBe('nothing');
    await page.reload();
    await page.getByRole('link', { name: 'nothing in it' }).waitFor();
    expect(await page.getByRole('link', { name: 'sweep' }).count()).toBe(0);
    await page.getByRole('searchbox').fill('no such thing');
    await page.getByRole('button', { name: 'Clear the search' }).click();
    await page.getByRole('link', { name: 'sweep' }).waitFor();
  });

  it('that are deleted have a view of their own', async () => {
    const { experiment_id } = await filled.client.createExperiment({ name: 'thrown away' });
    await filled.client.deleteExperiment({ experiment_id });
    const page = await visit('/experiments');
    await page.getByRole('link', { name: 'sweep' }).waitFor();
    expect(await page.getByRole('link', { name: 'thrown away' }).count()).toBe(0);
    await page.getByRole('link', { name: 'Deleted' }).click();
    await page.getByRole('link', { name: 'thrown away' }).waitFor();
  });

  it('that were visited stand in the rail', async () => {
    const page = await visit(`/experiments/${filled.sweep}`);
    await page.getByRole('row', { name: /first/ }).waitFor();
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Experiments' }).click();
    await page.getByRole('heading', { name: 'Experiments', level: 1 }).waitFor();
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'sweep' }).click();
    await page.getByRole('row', { name: /first/ }).waitFor();
  });
});

describe('an experiment in the list', () => {
  const row = (name: string) => open.page.getByRole('row', { name: new RegExp(name) });
  const choose = async (name: string, item: string) => {
    await open.page.getByRole('button', { name: `More for ${name}` }).click();
    await open.page.getByRole('menuitem', { name: item }).click();
  };

  it('says how many runs it has, which are running and when the last one came', async () => {
    const { experiment_id: experimentId } = await filled.client.createExperiment({ name: 'busy' });
    for (const name of ['one', 'two']) await startRun({ client: filled.client, experimentId, name });
    const page = await visit('/experiments?q=busy');
    await row('busy').getByRole('gridcell', { name: '2', exact: true }).waitFor();
    await row('busy').getByText('2 running').waitFor();
    await row('busy').getByText('ago').or(row('busy').getByText('just now')).first().waitFor();
    expect(await page.getByRole('grid', { name: 'Experiments' }).getAttribute('aria-rowcount')).toBe('2');
  });

  it('is made, starred, noted, renamed, deleted and brought back', async () => {
    const page = await visit('/experiments');
    await page.getByRole('button', { name: 'New experiment' }).click();
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('sweep');
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await page.getByRole('dialog').getByRole('alert').getByText('already exists').waitFor();
    open.problems.length = 0;
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('fresh');
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await page.getByRole('heading', { name: 'fresh', level: 1 }).waitFor();
    await page.goBack();
    await row('fresh').waitFor();
    await page.getByRole('button', { name: 'Star fresh' }).click();
    await expect.poll(async () => (await page.getByRole('rowheader').allInnerTexts())[0], PATIENCE).toBe('fresh');
    await choose('fresh', 'Edit the note');
    await page.getByRole('textbox', { name: 'Note, in Markdown' }).fill('what it is for');
    await page.getByRole('button', { name: 'Save' }).click();
    await row('fresh').getByText('what it is for').waitFor();
    await choose('fresh', 'Rename');
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('older');
    await page.getByRole('button', { name: 'Rename', exact: true }).click();
    await row('older').waitFor();
    await choose('older', 'Delete');
    await expect.poll(() => row('older').count(), PATIENCE).toBe(0);
    await page.getByRole('button', { name: 'Undo' }).click();
    await row('older').waitFor();
  });

  it('is found by a tag, and several lead to one table of their runs', async () => {
    const { experiment_id } = await filled.client.createExperiment({ name: 'tagged' });
    await filled.client.setExperimentTag({ experiment_id, key: 'team', value: 'vision' });
    const page = await visit('/experiments');
    await page.getByRole('button', { name: 'Tag', exact: true }).click();
    await page.getByRole('menuitemradio', { name: 'team=vision' }).click();
    await page.getByText('1 experiment', { exact: true }).waitFor();
    expect(new URL(page.url()).searchParams.get('tag')).toBe('team=vision');
    await page.getByRole('checkbox', { name: 'Select tagged' }).check();
    await page.getByRole('button', { name: 'Tag: team=vision' }).click();
    await page.getByRole('menuitemradio', { name: 'Any tag' }).click();
    await page.getByRole('checkbox', { name: 'Select sweep' }).check();
    await page.getByRole('link', { name: 'Runs of these experiments' }).click();
    await page.getByRole('heading', { name: '2 experiments', level: 1 }).waitFor();
    await page.getByRole('row', { name: /first/ }).getByRole('link', { name: 'sweep' }).waitFor();
  });

  it('is put into a folder of its prefix where there are many', async () => {
    for (let at = 0; at < 32; at++) await filled.client.createExperiment({ name: `team-${at % 2}/project ${at}` });
    const page = await visit('/experiments');
    const folder = page.getByRole('button', { name: 'team-1/ 16 experiments' });
    await folder.waitFor();
    expect(await page.getByRole('link', { name: 'project 31' }).count()).toBe(0);
    await folder.click();
    await page.getByRole('link', { name: 'team-1/ project 31' }).waitFor();
    await page.getByRole('searchbox', { name: 'Search experiments' }).fill('project 30');
    await page.getByRole('link', { name: 'project 30' }).waitFor();
  });
});

describe('the runs of an experiment', () => {
  it('have the params that differ and the metrics as columns, and the constant params not', async () => {
    const page = await visit(`/experiments/${filled.sweep}`);
    const row = page.getByRole('row', { name: /first/ });
    await row.waitFor();
    for (const name of ['Name', 'Status', 'lr', 'val/acc more is better', 'loss less is better']) {
      await page.getByRole('columnheader').getByRole('button', { name, exact: true }).waitFor();
    }
    expect(await page.getByRole('columnheader', { name: /epochs|optimizer/ }).count()).toBe(0);
    await page.getByRole('button', { name: '2 same in all: show' }).waitFor();
    for (const name of ['Finished', '0.1', 'best 0.8833']) {
      await row.getByRole('gridcell', { name, exact: true }).waitFor();
    }
    await page.getByRole('row', { name: /third/ }).getByText('Failed').waitFor();
    await page.getByText('Which rate is best').waitFor();
  });

  it('are sorted by their start, either way', async () => {
    const page = await visit(`/experiments/${filled.sweep}`);
    const names = () => page.getByRole('rowheader').allInnerTexts();
    await page.getByRole('row', { name: /first/ }).waitFor();
    expect(await names()).toEqual(['third', 'second', 'first']);
    await page
      .getByRole('columnheader', { name: 'Started' })
      .getByRole('button', { name: 'Started', exact: true })
      .click();
    await expect.poll(names, PATIENCE).toEqual(['first', 'second', 'third']);
    expect(new URL(page.url()).searchParams.get('sort')).toBe('started');
    expect(await page.getByRole('columnheader', { name: 'Started' }).getAttribute('aria-sort')).toBe('ascending');
  });

  it('that are deleted have a view of their own', async () => {
    const run = startRun({ client: filled.client, experimentId: filled.sweep, name: 'a mistake' });
    await filled.client.deleteRun({ run_id: await run.id() });
    const page = await visit(`/experiments/${filled.sweep}`);
    await page.getByRole('row', { name: /first/ }).waitFor();
    await page.getByRole('button', { name: 'State: Active' }).click();
    await page.getByRole('menuitemradio', { name: 'Deleted', exact: true }).click();
    await page.getByRole('row', { name: /a mistake/ }).waitFor();
    expect(await page.getByRole('row', { name: /first/ }).count()).toBe(0);
  });

  it('are read page by page as one scrolls, with few rows in the page', async () => {
    const { experiment_id } = await filled.client.createExperiment({ name: 'many runs' });
    for (let i = 0; i < 230; i++) {
      const tags = [{ key: 'mlflow.runName', value: `run-${String(i).padStart(3, '0')}` }];
      await filled.client.createRun({ experiment_id, start_time: 1_700_000_000_000 + i, tags });
    }
    const page = await visit(`/experiments/${experiment_id}?sort=started`);
    await page.getByRole('link', { name: 'run-000' }).waitFor();
    const grid = page.getByRole('grid', { name: 'Runs' });
    await expect
      .poll(async () => {
        await grid.press('Control+End');
        return page.getByRole('link', { name: 'run-229' }).count();
      }, PATIENCE)
      .toBe(1);
    await page.getByText('230 runs · 230 running', { exact: true }).waitFor();
    expect(await grid.getAttribute('aria-rowcount')).toBe('232');
    expect(await page.getByRole('row').count()).toBeLessThan(80);
  });

  it('that are not there yet are told how to come, with code that names this server', async () => {
    const page = await visit(`/experiments/${filled.empty}`);
    await page.getByRole('heading', { name: 'No runs yet' }).waitFor();
    for (const language of ['Python', 'TypeScript']) {
      const code = await page.getByRole('figure', { name: `${language} example` }).textContent();
      expect(code).toContain(filled.server.url);
      expect(code).toContain('nothing in it');
    }
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('button', { name: 'Copy Python' }).click();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toContain('mlflow.set_tracking_uri');
  });

  it('move by themselves while they run: only what changed is read, and new ones wait to be shown', async () => {
    const { experiment_id: experimentId } = await filled.client.createExperiment({ name: 'live' });
    const run = await startRun({ client: filled.client, experimentId, name: 'still going' });
    await run.logMetric('loss', 3, { step: 0 });
    const page = await visit(`/experiments/${experimentId}`);
    const row = page.getByRole('row', { name: /still going/ });
    await row.getByText('Running').waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    const asked: string[] = [];
    page.on('request', (request) => {
      if (request.url().endsWith('/runs/rows')) asked.push(String(request.postDataJSON().filter));
    });
    await run.logMetric('loss', 2, { step: 1 });
    await run.flush();
    await row.getByRole('gridcell', { name: '2', exact: true }).waitFor();
    await run.end();
    await row.getByText('Finished').waitFor();
    expect(new Set(asked)).toEqual(new Set([`run_id IN ('${await run.id()}')`]));
    const late = await startRun({ client: filled.client, experimentId, name: 'a late one' });
    await page.getByRole('button', { name: '1 new run · show' }).click();
    await page.getByRole('row', { name: /a late one/ }).waitFor();
    await late.end();
  });
});
