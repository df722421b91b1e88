/** The table of runs, as a browser shows it: its columns, order, groups, selection, and ten thousand rows. */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Connection, connect } from '../../client/node/index.js';
import { closeBrowser, openPage, PATIENCE, type PageOptions, type TestPage } from '../harness/browser.js';
import { startServer, type TestServer } from '../harness/server.js';

const START = 1_760_000_000_000;
const MANY = 10_000;

let server: TestServer;
let client: Connection;
let open: TestPage;
let sweep: string;
let many: string;

interface RunOfTest {
  name: string;
  params?: Record<string, string>;
  metrics?: Record<string, number>;
  tags?: Record<string, string>;
  status?: 'FINISHED' | 'FAILED' | 'RUNNING';
}

const pairs = (from: Record<string, string> = {}) => Object.entries(from).map(([key, value]) => ({ key, value }));

let made = 0;

async function makeRun(experiment_id: string, { name, params, metrics, tags, status = 'FINISHED' }: RunOfTest) {
  const { run } = await client.createRun({
    experiment_id,
    run_name: name,
    start_time: START + ++made,
    tags: pairs(tags),
  });
  const run_id = run.info.run_id;
  const values = Object.entries(metrics ?? {}).map(([key, value]) => ({ key, value, step: 0, timestamp: START }));
  await client.logBatch({ run_id, params: pairs(params), metrics: values });
  if (status !== 'RUNNING') await client.updateRun({ run_id, status, end_time: START + made + 1_000 });
  return run_id;
}

beforeAll(async () => {
  server = await startServer();
  client = connect(server.url);
  sweep = (await client.createExperiment({ name: 'a sweep' })).experiment_id;
  for (let at = 0; at < 12; at++) {
    await makeRun(sweep, {
      name: `run-${at}`,
      params: { lr: `0.0${at}`, optimizer: at % 2 === 0 ? 'adam' : 'sgd', epochs: '20' },
      metrics: { 'val/acc': at === 7 ? Number.NaN : (at * 7) % 12, loss: 12 - at },
      status: at === 3 ? 'FAILED' : 'FINISHED',
    });
  }
  many = (await client.createExperiment({ name: 'many' })).experiment_id;
  const pending = Array.from({ length: MANY }, (_, at) => at);
  const work = async () => {
    for (let at = pending.shift(); at !== undefined; at = pending.shift()) {
      const run_name = `d-${String(MANY - 1 - at).padStart(5, '0')}`;
      await client.createRun({ experiment_id: many, run_name, start_time: START + MANY - at });
    }
  };
  await Promise.all(Array.from({ length: 24 }, work));
}, 120_000);
afterAll(async () => {
  await closeBrowser();
  await server.stop();
});
afterEach(async () => {
  expect(open.problems).toEqual([]);
  expect(open.foreign).toEqual([]);
  await open.close();
});

async function visit(path: string, options: PageOptions = {}): Promise<Page> {
  open = await openPage(server.url + path, options);
  await open.page.getByRole('grid', { name: 'Runs' }).waitFor();
  return open.page;
}

const names = (page: Page) => page.getByRole('rowheader').allInnerTexts();
const field = (page: Page, name: string) => new URL(page.url()).searchParams.get(name);

describe('the table of runs', () => {
  it('is ordered by the server: a click on a heading, NaN last both ways, Shift for a second key', async () => {
    const page = await visit(`/experiments/${sweep}`);
    const heading = page.getByRole('columnheader', { name: /val\/acc/ });
    await heading.getByRole('button', { name: /^val\/acc/ }).click();
    await expect.poll(async () => (await names(page))[0], PATIENCE).toBe('run-5');
    expect((await names(page)).at(-1)).toBe('run-7');
    expect(await heading.getAttribute('aria-sort')).toBe('descending');
    await heading.getByRole('button', { name: /^val\/acc/ }).click();
    await expect.poll(async () => (await names(page))[0], PATIENCE).toBe('run-0');
    expect((await names(page)).at(-1)).toBe('run-7');
    await page
      .getByRole('columnheader', { name: 'optimizer' })
      .getByRole('button', { name: 'optimizer' })
      .first()
      .click();
    await heading.getByRole('button', { name: /^val\/acc/ }).click({ modifiers: ['Shift'] });
    await expect.poll(() => field(page, 'sort'), PATIENCE).toBe('params.optimizer,-metrics.val/acc');
    await expect.poll(async () => (await names(page))[0], PATIENCE).toBe('run-10');
  });

  it('marks the best value of a metric whose better direction its name tells', async () => {
    const page = await visit(`/experiments/${sweep}`);
    const best = page.getByRole('row', { name: /run-11/ }).getByRole('gridcell', { name: 'best 1', exact: true });
    await best.waitFor();
    await page.getByRole('row', { name: /run-5/ }).getByRole('gridcell', { name: 'best 11', exact: true }).waitFor();
  });

  it('draws a run in the colour that was chosen for it, in the table as in the charts', async () => {
    const { experiment_id } = await client.createExperiment({ name: 'coloured' });
    await makeRun(experiment_id, { name: 'plain', metrics: { loss: 1 } });
    const tags = { 'mlflow.runColor': '#12ab34' };
    await makeRun(experiment_id, { name: 'green', metrics: { loss: 2 }, tags });
    await makeRun(experiment_id, { name: 'no colour', tags: { 'mlflow.runColor': 'red;background:url(x)' } });
    const page = await visit(`/experiments/${experiment_id}`);
    const colourOf = (name: string) =>
      page
        .getByRole('row', { name: new RegExp(name) })
        .locator('.swatch')
        .evaluate((swatch) => getComputedStyle(swatch).color);
    expect(await colourOf('green')).toBe('rgb(18, 171, 52)');
    const others = [await colourOf('plain'), await colourOf('no colour')];
    expect(new Set([...others, 'rgb(18, 171, 52)']).size).toBe(3);
    await page.getByRole('button', { name: 'Charts', exact: true }).click();
    expect(await page.getByLabel('Colour of green').inputValue()).toBe('#12ab34');
  });

  it('says how many runs there are, how they ended, and which params are the same in all', async () => {
    const page = await visit(`/experiments/${sweep}`);
    await page.getByText('12 runs · 1 failed', { exact: true }).waitFor();
    await page.getByRole('button', { name: '1 same in all: show' }).click();
    await page.getByRole('columnheader', { name: 'epochs' }).waitFor();
    expect(field(page, 'cols')).toContain('params.epochs');
    await page.getByRole('button', { name: 'Default columns' }).click();
    await expect.poll(() => page.getByRole('columnheader', { name: 'epochs' }).count(), PATIENCE).toBe(0);
  });

  it('hides, pins and aggregates columns from their menus, and finds others in a dialog', async () => {
    const page = await visit(`/experiments/${sweep}`);
    const menu = async (column: string, item: string) => {
      await page.getByRole('columnheader', { name: column }).first().hover();
      await page.getByRole('button', { name: `Column ${column}` }).click();
      await page.getByRole(item.startsWith('Show') ? 'menuitemradio' : 'menuitem', { name: item }).click();
    };
    await menu('Duration', 'Hide');
    await expect.poll(() => page.getByRole('columnheader', { name: 'Duration' }).count(), PATIENCE).toBe(0);
    await menu('loss', 'Show max');
    await page.getByRole('columnheader', { name: /max loss/ }).waitFor();
    expect(field(page, 'cols')).toContain('metrics.loss:max');
    await menu('lr', 'Pin to the left');
    expect(field(page, 'pin')).toBe('params.lr');
    await page.getByRole('button', { name: 'Columns', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Columns' });
    await dialog.getByRole('searchbox', { name: 'Search columns' }).fill('epo');
    await dialog.getByRole('checkbox', { name: 'epochs' }).check();
    await page.keyboard.press('Escape');
    await page.getByRole('columnheader', { name: 'epochs' }).waitFor();
    await page.reload();
    await page.getByRole('columnheader', { name: /max loss/ }).waitFor();
  });

  it('moves a column that is dragged onto another, and keeps a width that is dragged', async () => {
    const page = await visit(`/experiments/${sweep}`);
    const order = async () =>
      (await page.getByRole('columnheader').allInnerTexts()).filter((text) => /^(Status|Started)/.test(text));
    const label = (name: string) => page.getByRole('columnheader').getByRole('button', { name, exact: true });
    await label('Started').dragTo(label('Status'));
    await expect.poll(order, PATIENCE).toEqual(['Started', 'Status']);
    const heading = page.getByRole('columnheader', { name: 'lr' });
    const before = await heading.boundingBox();
    if (!before) throw new Error('no heading');
    await page.mouse.move(before.x + before.width - 2, before.y + 12);
    await page.mouse.down();
    await page.mouse.move(before.x + before.width + 58, before.y + 12, { steps: 4 });
    await page.mouse.up();
    await expect
      .poll(async () => Math.round((await heading.boundingBox())?.width ?? 0), PATIENCE)
      .toBeGreaterThan(before.width + 40);
    await page.reload();
    await expect
      .poll(async () => Math.round((await heading.boundingBox())?.width ?? 0), PATIENCE)
      .toBeGreaterThan(before.width + 40);
  });

  it('groups runs by a param, with the number and the mean of each group', async () => {
    const page = await visit(`/experiments/${sweep}`);
    await page.getByRole('button', { name: 'Group' }).click();
    await page.getByRole('menuitemradio', { name: 'params.optimizer' }).click();
    const adam = page.getByRole('row', { name: /adam/ });
    await adam.getByText('6 runs').waitFor();
    await adam.getByRole('gridcell', { name: 'mean 7', exact: true }).waitFor();
    await adam.getByRole('button', { name: /adam/ }).click();
    await page.getByRole('link', { name: 'run-10' }).waitFor();
    expect(await page.getByRole('link', { name: 'run-1', exact: true }).count()).toBe(0);
    expect(field(page, 'group')).toBe('params.optimizer');
  });

  it('puts children below their parent, which folds them', async () => {
    const { experiment_id } = await client.createExperiment({ name: 'families' });
    const parent = await makeRun(experiment_id, { name: 'parent' });
    for (const name of ['one', 'two']) {
      await makeRun(experiment_id, { name, tags: { 'mlflow.parentRunId': parent } });
    }
    const page = await visit(`/experiments/${experiment_id}`);
    await page.getByRole('link', { name: 'one' }).waitFor();
    expect((await names(page)).map((name) => name.trim())).toEqual(['parent', 'two', 'one']);
    await page.getByRole('button', { name: '2 child runs of parent' }).click();
    await expect.poll(() => page.getByRole('link', { name: 'one' }).count(), PATIENCE).toBe(0);
  });

  it('deletes the selected runs and takes that back, and tags them', async () => {
    const { experiment_id } = await client.createExperiment({ name: 'to be deleted' });
    for (const name of ['keep', 'drop', 'drop too']) await makeRun(experiment_id, { name });
    const page = await visit(`/experiments/${experiment_id}`);
    await page.getByRole('checkbox', { name: 'Select drop', exact: true }).check();
    await page.getByRole('checkbox', { name: 'Select drop too' }).check();
    const bar = page.getByRole('region', { name: 'Selected runs' });
    await bar.getByRole('button', { name: 'Tag' }).click();
    await page.getByRole('textbox', { name: 'Key' }).fill('team');
    await page.getByRole('textbox', { name: 'Value' }).fill('vision');
    await page.getByRole('dialog').getByRole('button', { name: 'Tag' }).click();
    await page.getByText('2 runs tagged').waitFor();
    await bar.getByRole('button', { name: 'Delete' }).click();
    await expect.poll(() => names(page), PATIENCE).toEqual(['keep']);
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => names(page), PATIENCE).toEqual(['drop too', 'drop', 'keep']);
    const { runs } = await client.searchRuns({ experiment_ids: [experiment_id], filter: "tags.team = 'vision'" });
    expect(runs?.length).toBe(2);
  });

  it('is written as CSV', async () => {
    const page = await visit(`/experiments/${sweep}`);
    await page.getByRole('button', { name: 'Export' }).click();
    const coming = page.waitForEvent('download');
    await page.getByRole('menuitem', { name: 'CSV' }).click();
    const file = await (await coming).createReadStream();
    let text = '';
    for await (const chunk of file) text += chunk;
    const lines = text.trim().split('\r\n');
    expect(lines.length).toBe(13);
    expect(lines[0]).toContain('run_id,run_name');
    expect(lines.find((line) => line.includes(',run-7,'))).toContain('NaN');
  });

  it('has an Experiment column where it is of several', async () => {
    const page = await visit(`/runs?exp=${sweep},${many}&filter=run_name+%3D+'run-3'`);
    await page.getByRole('row', { name: /run-3/ }).getByRole('link', { name: 'a sweep' }).waitFor();
    await page.getByRole('heading', { name: '2 experiments', level: 1 }).waitFor();
  });

  it('shows a run beside it, which the active row chooses', async () => {
    const page = await visit(`/experiments/${sweep}`);
    await page.getByRole('link', { name: 'run-11' }).waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('p');
    const peek = page.getByRole('complementary', { name: 'Peek' });
    await peek.getByRole('link', { name: 'run-11' }).waitFor();
    await page.keyboard.press('j');
    await peek.getByRole('link', { name: 'run-10' }).waitFor();
  });
});

describe('ten thousand runs', () => {
  it('are counted at once, and the last one is reached by scrolling', async () => {
    const page = await visit(`/experiments/${many}`);
    await page.getByText(/^10,000 runs/).waitFor();
    const grid = page.getByRole('grid', { name: 'Runs' });
    expect(await grid.getAttribute('aria-rowcount')).toBe(String(MANY + 2));
    await page.evaluate(() => {
      const tasks: number[] = [];
      new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) tasks.push(duration);
      }).observe({ type: 'longtask' });
      Object.assign(globalThis, { longTasks: tasks });
    });
    await grid.hover();
    for (let turn = 0; turn < 20; turn++) await page.mouse.wheel(0, 400);
    await grid.focus();
    await grid.press('Control+End');
    await page.getByRole('link', { name: 'd-00000' }).waitFor();
    expect(await page.getByRole('row').count()).toBeLessThan(90);
    const tasks: number[] = await page.evaluate(() => (globalThis as unknown as { longTasks: number[] }).longTasks);
    // A busy machine stretches every task; on an idle one none is longer than 50 ms.
    expect(Math.max(0, ...tasks)).toBeLessThan(500);
  });
});
