/** What the pages show when things are odd: nothing there, the server gone, names that are markup, dark, narrow. */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { closeBrowser, openPage, PATIENCE, type PageOptions, type TestPage } from '../harness/browser.js';
import { startServer } from '../harness/server.js';
import { type FilledServer, HOSTILE, LONG, startFilledServer } from './filled-server.js';

let filled: FilledServer;
let open: TestPage;

beforeAll(async () => {
  filled = await startFilledServer();
});
afterAll(async () => {
  await closeBrowser();
  await filled.server.stop();
});
afterEach(() => open.close());

async function visit(path: string, options: PageOptions = {}): Promise<Page> {
  open = await openPage(filled.server.url + path, options);
  return open.page;
}

describe('what is not there', () => {
  it('is said of a run, with the server’s code, a way to try again and a way on', async () => {
    const page = await visit(`/experiments/${filled.sweep}/runs/nosuchrun`);
    const alert = page.getByRole('alert');
    await alert.getByText('RESOURCE_DOES_NOT_EXIST').waitFor();
    await alert.getByRole('button', { name: 'Retry' }).waitFor();
    await alert.getByRole('link', { name: 'Look among the deleted runs' }).click();
    await page.getByRole('heading', { name: 'sweep', level: 1 }).waitFor();
  });

  it('is said of an experiment, of a page and of a file', async () => {
    const page = await visit('/experiments/424242');
    await page.getByRole('alert').getByText('RESOURCE_DOES_NOT_EXIST').waitFor();
    await page.goto(`${filled.server.url}/nosuchpage`);
    await page.getByRole('heading', { name: 'Page not found' }).waitFor();
    await page.goto(
      `${filled.server.url}/experiments/${filled.sweep}/runs/${filled.first}?tab=artifacts&path=gone.txt`,
    );
    await page.getByRole('heading', { name: 'No such file' }).waitFor();
  });
});

describe('files that the server does not hand out', () => {
  it('are said to be elsewhere, with their address', async () => {
    const { experiment_id } = await filled.client.createExperiment({
      name: 'on S3',
      artifact_location: 's3://bucket/folder',
    });
    const { run } = await filled.client.createRun({ experiment_id });
    const page = await visit(`/experiments/${experiment_id}/runs/${run.info.run_id}?tab=artifacts`);
    await page.getByRole('heading', { name: 'The files are elsewhere' }).waitFor();
    await page.getByText('s3://bucket/folder').first().waitFor();
  });
});

describe('a server that goes away', () => {
  it('is missed, and found again without a reload', async () => {
    const first = await startServer();
    open = await openPage(`${first.url}/experiments`);
    const { page } = open;
    await page.getByRole('link', { name: 'Default' }).waitFor();
    await first.kill();
    await page.getByRole('link', { name: 'Default' }).click();
    await page.getByText('Reconnecting…').waitFor();
    await page.getByRole('alert').getByText('TEMPORARILY_UNAVAILABLE').first().waitFor();
    const second = await startServer({ cwd: first.cwd, args: ['--port', new URL(first.url).port] });
    await page.getByRole('heading', { name: 'No runs yet' }).waitFor();
    await expect.poll(() => page.getByText('Reconnecting…').count(), PATIENCE).toBe(0);
    await second.stop();
  });
});

describe('an old link of MLflow’s UI', () => {
  it.each([
    ['', 'Overview'],
    ['/model-metrics', 'Metrics'],
    ['/artifacts/notes.txt', 'Artifacts'],
  ])('with %j at its end opens the run', async (end, part) => {
    const page = await visit(`/#/experiments/${filled.sweep}/runs/${filled.first}${end}`);
    await page.getByRole('heading', { name: 'first', level: 1 }).waitFor();
    expect(new URL(page.url()).pathname).toBe(`/experiments/${filled.sweep}/runs/${filled.first}`);
    expect(await page.getByRole('link', { name: part }).getAttribute('aria-current')).toBe('page');
    expect(open.problems).toEqual([]);
  });

  it('opens the experiment', async () => {
    const page = await visit(`/#/experiments/${filled.sweep}?searchFilter=&orderByKey=x`);
    await page.getByRole('row', { name: /first/ }).waitFor();
  });
});

describe('names that are markup', () => {
  it('are text everywhere', async () => {
    const runPath = `/experiments/${filled.odd}/runs/${filled.hostile}`;
    const page = await visit('/experiments');
    const paths = [
      `/experiments/${filled.odd}`,
      runPath,
      `${runPath}?tab=metrics`,
      `${runPath}?tab=artifacts&path=page.html`,
    ];
    for (const path of ['/experiments', ...paths, `${runPath}?tab=artifacts&path=drawing.svg`]) {
      await page.goto(filled.server.url + path);
      await page.getByText('bold').first().waitFor({ state: 'attached' });
      await page.waitForLoadState('networkidle');
      expect(
        await page.locator('#pwned, main script, main img, main iframe:not([sandbox="allow-scripts"])').count(),
      ).toBe(0);
      expect(await page.title()).toMatch(/mltrack$/);
    }
    await page.getByRole('button', { name: 'Source' }).click();
    await page.getByText('<svg xmlns').waitFor();
    await page.getByRole('heading', { name: HOSTILE, level: 1, exact: true }).waitFor();
    expect(open.problems).toEqual([]);
    expect(open.foreign).toEqual([]);
  });
});

const everyPage = () => {
  const run = `/experiments/${filled.sweep}/runs/${filled.first}`;
  const long = `/experiments/${filled.odd}/runs/${filled.long}`;
  return [
    '/experiments',
    `/experiments/${filled.sweep}`,
    `/experiments/${filled.empty}`,
    `/experiments/${filled.odd}`,
    ...[run, long].flatMap((path) => [path, `${path}?tab=metrics`, `${path}?tab=artifacts`]),
    `${run}?tab=artifacts&path=notes.txt`,
    `/experiments/${filled.sweep}?view=analysis`,
    `/experiments/${filled.odd}?view=analysis`,
    `/compare?runs=${filled.first},${filled.long},${filled.hostile}&base=${filled.first}`,
    '/experiments/424242',
  ];
};

describe('every page', () => {
  it('fits a screen of 390 px without scrolling sideways', async () => {
    const page = await visit('/experiments', { viewport: { width: 390, height: 844 } });
    for (const path of everyPage()) {
      await page.goto(filled.server.url + path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.waitForLoadState('networkidle');
      const excess = await page.evaluate(() => {
        const main = document.querySelector('main') as HTMLElement;
        return Math.max(document.documentElement.scrollWidth - innerWidth, main.scrollWidth - main.clientWidth);
      });
      expect(excess, path).toBeLessThanOrEqual(0);
    }
  });

  it.each([
    ['light', 'rgb(255, 255, 255)', 'rgb(26, 29, 33)'],
    ['dark', 'rgb(20, 23, 26)', 'rgb(230, 232, 235)'],
  ] as const)('follows the system’s %s setting', async (colorScheme, background, text) => {
    const page = await visit(`/experiments/${filled.sweep}`, { colorScheme });
    await page.getByRole('row', { name: /first/ }).waitFor();
    const style = await page.evaluate(() => {
      const { backgroundColor, color } = getComputedStyle(document.body);
      return { backgroundColor, color };
    });
    expect(style).toEqual({ backgroundColor: background, color: text });
  });

  it('has one main part, a skip link that leads there, and a heading', async () => {
    const page = await visit('/experiments');
    for (const path of everyPage()) {
      await page.goto(filled.server.url + path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      expect(await page.getByRole('main').count(), path).toBe(1);
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      expect(await page.evaluate(() => document.activeElement?.tagName), path).toBe('MAIN');
    }
  });

  it('shows long names in one line, with the whole name for those who hear the page', async () => {
    const page = await visit(`/experiments/${filled.odd}`);
    const link = page.getByRole('link', { name: LONG });
    await link.waitFor();
    expect((await link.boundingBox())?.height).toBeLessThan(28);
  });
});
