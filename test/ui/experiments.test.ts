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

  it('appear by themselves while one of them runs', async () => {
    const { experiment_id: experimentId } = await filled.client.createExperiment({ name: 'live' });
    const run = startRun({ client: filled.client, experimentId, name: 'still going' });
    const page = await visit(`/experiments/${experimentId}`);
    await page
      .getByRole('row', { name: /still going/ })
      .getByText('Running')
      .waitFor();
    await run.end();
    await page
      .getByRole('row', { name: /still going/ })
      .getByText('Finished')
      .waitFor();
  });
});
