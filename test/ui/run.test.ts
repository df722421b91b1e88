/** A run's page, as a browser shows it: what it logged, its curves, its files. */
import { readFile } from 'node:fs/promises';
import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startRun } from '../../client/node/index.js';
import { closeBrowser, openPage, PATIENCE, type TestPage } from '../harness/browser.js';
import { type FilledServer, NOTES, PNG, startFilledServer } from './filled-server.js';

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

async function visitFirst(search = ''): Promise<Page> {
  open = await openPage(`${filled.server.url}/experiments/${filled.sweep}/runs/${filled.first}${search}`);
  await open.page.getByRole('heading', { name: 'first', level: 1 }).waitFor();
  return open.page;
}

/** How many pixels of a canvas have a colour that is not grey: those of the curve. */
function colouredPixels(figure: Locator): Promise<number> {
  return figure
    .locator('canvas')
    .evaluate((canvas: HTMLCanvasElement) => {
      const { data } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] };
      let coloured = 0;
      for (let at = 0; at < data.length; at += 4) {
        if (Math.abs((data[at] ?? 0) - (data[at + 2] ?? 0)) > 60) coloured++;
      }
      return coloured;
    })
    .catch(() => 0);
}

describe('the overview of a run', () => {
  it('shows metrics, params, tags, note and facts', async () => {
    const page = await visitFirst();
    expect(await page.title()).toBe('first · Run · mltrack');
    const rowsOf = (name: string) => page.getByRole('table', { name }).getByRole('row').allInnerTexts();
    expect((await rowsOf('Metrics')).join('\n')).toMatch(/val\/acc\s+0\.8833[\s\S]*29/);
    expect((await rowsOf('Params')).join('\n')).toMatch(/lr\s+0\.1[\s\S]*/);
    expect((await rowsOf('Tags')).join('\n')).toMatch(/team\s+vision/);
    await page.getByRole('region', { name: 'Note' }).getByText('The first try').waitFor();
    await page.getByRole('region', { name: 'Facts' }).getByText(filled.first).first().waitFor();
    await page.getByText('Finished', { exact: true }).waitFor();
    await page.getByRole('navigation', { name: 'Breadcrumb' }).getByRole('link', { name: 'sweep' }).waitFor();
  });

  it('links to the files of the models it logged', async () => {
    const page = await visitFirst();
    await page.getByRole('region', { name: 'Models' }).getByRole('link', { name: 'classifier' }).click();
    await page.getByRole('tree', { name: 'Model classifier' }).getByRole('treeitem', { name: 'MLmodel' }).click();
    await page.getByText('The model has no signature.').waitFor();
  });
});

describe('the curves of a run', () => {
  it('are drawn, one figure a metric, grouped by prefix', async () => {
    const page = await visitFirst();
    await page.getByRole('navigation', { name: 'Parts of the run' }).getByRole('link', { name: 'Metrics' }).click();
    for (const name of ['loss, first', 'val/acc, first']) {
      const figure = page.getByRole('figure', { name });
      await expect.poll(() => colouredPixels(figure), PATIENCE).toBeGreaterThan(100);
    }
    await page.getByRole('heading', { name: 'val', exact: true }).waitFor();
    const loss = page.getByRole('figure', { name: 'loss, first' });
    await loss.getByText('lowest 0.1 at step 29').waitFor({ state: 'attached' });
    await loss.getByText('1 NaN', { exact: true }).waitFor();
  });

  it('have a table of their values, and time for an axis', async () => {
    const page = await visitFirst('?tab=metrics');
    const choose = async (item: string) => {
      await page.getByRole('button', { name: 'Menu of loss' }).click();
      await page.getByRole('menuitem', { name: item }).click();
    };
    await choose('View as table');
    const rows = page.getByRole('table', { name: 'Values of loss' }).getByRole('row');
    const cells = (row: number) => rows.nth(row).getByRole('cell').allInnerTexts();
    expect((await cells(1)).slice(0, 2)).toEqual(['0', '3']);
    expect((await cells(11)).slice(0, 2)).toEqual(['10', 'NaN']);
    expect(await rows.count()).toBe(31);
    await choose('View as curves');
    await page.getByRole('combobox', { name: 'Horizontal axis' }).selectOption('Relative time');
    expect(new URL(page.url()).searchParams.get('x')).toBe('rel');
    await expect
      .poll(() => colouredPixels(page.getByRole('figure', { name: 'loss, first' })), PATIENCE)
      .toBeGreaterThan(100);
  });

  it('grow by themselves while the run runs', async () => {
    const run = startRun({ client: filled.client, experimentId: filled.sweep, name: 'growing' });
    run.log({ loss: 2 }, { step: 1 });
    await run.flush();
    open = await openPage(`${filled.server.url}/experiments/${filled.sweep}/runs/${await run.id()}?tab=metrics`);
    const figure = open.page.getByRole('figure', { name: 'loss, growing' });
    await figure.getByText('last 2 at step 1').waitFor({ state: 'attached' });
    run.logMetric('loss', 1, { step: 2 });
    await figure.getByText('last 1 at step 2').waitFor({ state: 'attached' });
    await run.end();
    await open.page.getByText('Finished', { exact: true }).waitFor();
    await filled.client.deleteRun({ run_id: await run.id() });
  });

  it('of hundreds of metrics are drawn only where one looks', async () => {
    const run = startRun({ client: filled.client, experimentId: filled.odd, name: 'wide' });
    run.logMetrics(Object.fromEntries(Array.from({ length: 600 }, (_, i) => [`group${i % 3}/m${i}`, i])));
    await run.end();
    open = await openPage(`${filled.server.url}/experiments/${filled.odd}/runs/${await run.id()}?tab=metrics`);
    await expect.poll(() => open.page.locator('canvas').count(), PATIENCE).toBeGreaterThan(3);
    await open.page.waitForLoadState('networkidle');
    expect(await open.page.locator('canvas').count()).toBeLessThanOrEqual(24);
    await open.page.getByRole('searchbox', { name: 'Search charts' }).fill('m599');
    await open.page.getByRole('figure', { name: 'group2/m599, wide' }).waitFor();
    expect(await open.page.getByRole('figure').count()).toBe(1);
  });
});

describe('the files of a run', () => {
  it('are a tree that the keyboard walks, and each address opens its file', async () => {
    const page = await visitFirst('?tab=artifacts');
    const tree = page.getByRole('tree', { name: 'Run files' });
    const folder = tree.getByRole('treeitem', { name: 'model', exact: true });
    await folder.focus();
    await page.keyboard.press('ArrowRight');
    const config = tree.getByRole('treeitem', { name: 'config.json' });
    await config.waitFor();
    expect(await folder.getAttribute('aria-expanded')).toBe('true');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await page.getByText('layers', { exact: true }).waitFor();
    expect(new URL(page.url()).searchParams.get('path')).toBe('model/config.json');
    await page.reload();
    await page.getByText('layers', { exact: true }).waitFor();
    expect(await config.getAttribute('aria-selected')).toBe('true');
  });

  it('are downloaded byte for byte', async () => {
    const page = await visitFirst('?tab=artifacts');
    for (const [name, bytes] of [
      ['notes.txt', Buffer.from(NOTES)],
      ['red.png', PNG],
      ['weights.bin', Buffer.from([0, 1, 2, 3])],
    ] as const) {
      await page.getByRole('treeitem', { name }).click();
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('region', { name }).getByRole('link', { name: 'Download' }).click(),
      ]);
      expect(download.suggestedFilename()).toBe(name);
      expect(await readFile(await download.path())).toEqual(bytes);
    }
  });

  it('are shown: text as it is, images drawn, bytes not at all', async () => {
    const page = await visitFirst('?tab=artifacts&path=notes.txt');
    await page.getByText('line two ünïcode').waitFor();
    await page.getByRole('treeitem', { name: 'red.png' }).click();
    const image = page.getByRole('img', { name: 'red.png' });
    await expect
      .poll(() => image.evaluate((img: HTMLImageElement) => img.naturalWidth).catch(() => 0), PATIENCE)
      .toBe(2);
    await page.getByRole('treeitem', { name: 'weights.bin' }).click();
    await page.getByText('The file is not text').waitFor();
  });
});
