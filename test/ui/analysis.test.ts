/** The analysis of an experiment's runs, as a browser shows it: importance, brushing, axes, table and downloads. */
import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../client/node/index.js';
import { closeBrowser, openPage, PATIENCE, type TestPage } from '../harness/browser.js';
import { startServer, type TestServer } from '../harness/server.js';
import { logSweep, type Sweep } from './sweep.js';

let server: TestServer;
let sweep: Sweep;
let empty: string;
let open: TestPage;

beforeAll(async () => {
  server = await startServer();
  const client = connect(server.url);
  sweep = await logSweep(client, 'sweep', 150);
  empty = (await client.createExperiment({ name: 'empty' })).experiment_id;
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

const visit = async (query = '', experimentId = sweep.experimentId) => {
  open = await openPage(`${server.url}/experiments/${experimentId}?view=analysis${query}`);
  return open.page;
};

const best = () => sweep.runs.reduce((a, b) => (b.accuracy > a.accuracy ? b : a));
const field = (name: string) => new URL(open.page.url()).searchParams.get(name) ?? '';

describe('the analysis', () => {
  it('ranks the learning rate first for the metric that the runs are about', async () => {
    const page = await visit();
    expect(
      await page
        .getByRole('textbox', { name: 'Target' })
        .or(page.getByRole('combobox', { name: 'Target' }))
        .inputValue(),
    ).toBe('val/acc');
    const rows = page.getByRole('table', { name: 'Importance of params' }).getByRole('rowheader');
    await expect.poll(() => rows.first().textContent(), PATIENCE).toBe('lr');
    expect(await rows.nth(1).textContent()).toBe('optimizer');
    await page.getByRole('figure', { name: 'Parallel coordinates, 150 runs' }).waitFor();
    await page.getByRole('button', { name: 'Axis lr' }).waitFor();
    const first = page.getByRole('list', { name: 'Runs, the highest first' }).getByRole('link').first();
    expect(await first.textContent()).toBe(best().name);
  });

  it('goes by another metric and the other direction, and keeps both in the address', async () => {
    const page = await visit();
    await page.getByRole('combobox', { name: 'Target' }).fill('train/loss');
    await expect.poll(() => field('target'), PATIENCE).toBe('metrics.train/loss');
    const list = page.getByRole('list', { name: 'Runs, the lowest first' });
    expect(await list.getByRole('link').first().textContent()).toBe(best().name);
    await page.getByRole('combobox', { name: 'Which way is better' }).selectOption({ label: '↑ Higher is better' });
    await page.getByRole('list', { name: 'Runs, the highest first' }).waitFor();
    await page.reload();
    await page.getByRole('list', { name: 'Runs, the highest first' }).waitFor();
  });

  it('brushes a metric by dragging along its axis, makes that the filter, and takes it back', async () => {
    const page = await visit();
    const plot = page.getByRole('application', { name: /^Lines of 150 runs/ });
    const box = await plot.boundingBox();
    if (!box) throw new Error('The plot has no place on the page.');
    // The last axis is the metric's, the upper half its better values.
    const x = box.x + box.width - 64;
    await page.mouse.move(x, box.y + 2);
    await page.mouse.down();
    await page.mouse.move(x, box.y + box.height / 4);
    await page.mouse.move(x, box.y + box.height / 2);
    await page.mouse.up();
    await page.getByRole('button', { name: 'Clear brush val/acc' }).waitFor();
    const [, from, to] = field('brush').split('~').map(Number);
    const within = sweep.runs.filter(({ accuracy }) => accuracy >= (from ?? 0) && accuracy <= (to ?? 0)).length;
    expect(within).toBeGreaterThan(5);
    await page.getByText(`${within} of 150 runs`).waitFor();
    await page.getByRole('button', { name: 'Filter to these' }).click();
    await page.getByText(`${within} runs. Drag`).waitFor();
    expect(field('filter')).toBe(`metrics.\`val/acc\` >= ${from} AND metrics.\`val/acc\` <= ${to}`);
    expect(field('brush')).toBe('');
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText(`${within} of 150 runs`).waitFor();
    expect(field('filter')).toBe('');
  });

  it('brushes categories and numbers by keyboard alone', async () => {
    const page = await visit();
    await page.getByRole('button', { name: 'Axis optimizer' }).press('Enter');
    await page.getByRole('menuitem', { name: 'Brush…' }).press('Enter');
    const levels = page.getByRole('dialog', { name: 'Brush optimizer' });
    await levels.getByRole('checkbox', { name: 'sgd' }).press('Space');
    await levels.getByRole('checkbox', { name: 'lion' }).press('Space');
    await levels.getByRole('button', { name: 'Brush', exact: true }).press('Enter');
    const adam = sweep.runs.filter(({ params }) => params.optimizer === 'adam');
    await page.getByText(`${adam.length} of 150 runs`).waitFor();

    await page.getByRole('button', { name: 'Axis depth' }).press('Enter');
    await page.getByRole('menuitem', { name: 'Brush…' }).press('Enter');
    const range = page.getByRole('dialog', { name: 'Brush depth' });
    await range.getByRole('textbox', { name: 'From' }).fill('9');
    await range.getByRole('textbox', { name: 'to', exact: true }).fill('2');
    await range.getByRole('alert').waitFor();
    await range.getByRole('textbox', { name: 'From' }).fill('3');
    await range.getByRole('textbox', { name: 'to', exact: true }).fill('8');
    await range.getByRole('button', { name: 'Brush', exact: true }).press('Enter');
    const deep = adam.filter(({ params }) => ['4', '8'].includes(params.depth ?? ''));
    await page.getByText(`${deep.length} of 150 runs`).waitFor();
    await page.getByRole('button', { name: 'Filter to these' }).press('Enter');
    await page.getByText(`${deep.length} runs. Drag`).waitFor();
    expect(field('filter')).toBe(
      "params.optimizer = 'adam' AND number(params.depth) >= 3 AND number(params.depth) <= 8",
    );
  });

  it('walks the runs from the best by arrow keys, says each aloud and links to it', async () => {
    const page = await visit();
    const plot = page.getByRole('application', { name: /^Lines of 150 runs/ });
    await plot.press('ArrowRight');
    await page
      .getByRole('status')
      .filter({ hasText: `${best().name}: ` })
      .waitFor({ state: 'attached' });
    await plot.press('End');
    const worst = sweep.runs.reduce((a, b) => (b.accuracy < a.accuracy ? b : a));
    await page
      .getByRole('status')
      .filter({ hasText: `${worst.name}: ` })
      .waitFor({ state: 'attached' });
    await page.getByRole('button', { name: 'Select', exact: true }).click();
    await expect.poll(() => field('sel'), PATIENCE).toBe(worst.id);
    await page.getByRole('link', { name: worst.name }).click();
    await page.waitForURL(`**/runs/${worst.id}`);
  });

  it('lets axes be chosen, moved, flipped, made logarithmic and taken away', async () => {
    const page = await visit();
    const names = () =>
      page
        .getByRole('button', { name: /^Axis / })
        .evaluateAll((buttons) => buttons.map((button) => button.getAttribute('aria-label')?.replace('Axis ', '')));
    await page.getByRole('button', { name: 'Axes…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Axes' });
    await dialog.getByRole('searchbox', { name: 'Search axes' }).fill('loss');
    await dialog.getByRole('checkbox', { name: 'train/loss' }).check();
    await dialog.getByRole('button', { name: 'Close' }).click();
    await expect.poll(async () => (await names()).at(-1), PATIENCE).toBe('train/loss');
    const choose = async (axis: string, item: string) => {
      await page.getByRole('button', { name: `Axis ${axis}` }).click();
      await page
        .getByRole('menuitem', { name: item })
        .or(page.getByRole('menuitemradio', { name: item }))
        .click();
    };
    await choose('train/loss', 'Move left');
    await expect.poll(async () => (await names()).at(-2), PATIENCE).toBe('train/loss');
    await choose('train/loss', 'Flip');
    await choose('train/loss', 'Logarithmic');
    await expect.poll(() => field('axes'), PATIENCE).toContain('metrics.train/loss~lf');
    await choose('train/loss', 'Remove axis');
    await expect.poll(async () => (await names()).includes('train/loss'), PATIENCE).toBe(false);
  });

  it('shows its values as a table, and gives them as CSV and as a picture', async () => {
    const page = await visit();
    await page.getByRole('button', { name: 'View as table' }).click();
    const table = page.getByRole('grid', { name: 'Values of the runs' });
    await table.getByRole('rowheader', { name: best().name }).waitFor();
    expect(await table.getAttribute('aria-rowcount')).toBe('151');
    await page.getByRole('button', { name: 'Close' }).click();
    const save = async (item: string) => {
      const saved = page.waitForEvent('download');
      await page.getByRole('button', { name: 'Download' }).click();
      await page.getByRole('menuitem', { name: item }).click();
      return readFile(await (await saved).path());
    };
    const lines = (await save('Values as CSV')).toString().trim().split('\r\n');
    expect(lines).toHaveLength(151);
    expect(lines[0]).toMatch(/^run_id,run_name,metrics\.val\/acc,params\.depth,params\.lr/);
    const png = await save('Parallel coordinates as PNG');
    expect(png.subarray(1, 4).toString()).toBe('PNG');
  });

  it('says what is missing where no run is there, and where none matches', async () => {
    const page = await visit('', empty);
    await page.getByRole('heading', { name: 'No runs yet' }).waitFor();
    await page.goto(`${server.url}/experiments/${sweep.experimentId}?view=analysis&filter=metrics.loss+%3E+7`);
    await page.getByRole('heading', { name: 'No run matches the filter' }).waitFor();
  });
});
