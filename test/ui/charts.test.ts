/** Charts of many runs, as a browser shows them: nothing is lost between the points, and no more is read than is needed. */
import { readFile } from 'node:fs/promises';
import type { Page, Request } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Connection, connect } from '../../client/node/index.js';
import { violationsOf } from '../harness/axe.js';
import { closeBrowser, openPage, PATIENCE, type PageOptions, type TestPage } from '../harness/browser.js';
import { startServer, type TestServer } from '../harness/server.js';

const STEPS = 20_000;
const SPIKE = { step: 12_345, value: 1234.5 };
const START = 1_760_000_000_000;

let server: TestServer;
let client: Connection;
let open: TestPage;
/** The experiment of the runs "spiky", "holes" and "calm", each with 20,000 values of `loss` and a param. */
let long: string;
/** The experiment of 25 short runs of two groups. */
let many: string;
let wide: string;

beforeAll(async () => {
  server = await startServer();
  client = connect(server.url);
  long = (await client.createExperiment({ name: 'long' })).experiment_id;
  many = (await client.createExperiment({ name: 'many' })).experiment_id;
  const smooth = (step: number) => 0.2 + 2 / (1 + step / 500);
  await longRun('calm', smooth);
  await longRun('holes', (step) => {
    if (step === 5_000) return Number.POSITIVE_INFINITY;
    return step >= 8_000 && step < 8_050 ? Number.NaN : smooth(step) + 0.1;
  });
  await longRun('spiky', (step) => (step === SPIKE.step ? SPIKE.value : smooth(step) + 0.2));
  for (let run = 0; run < 25; run++) {
    const id = await createRun(many, `short-${run}`, { half: run % 2 === 0 ? 'even' : 'odd' }, START + run);
    const metrics = Array.from({ length: 10 }, (_, step) => ({
      key: 'acc',
      value: run + step,
      step,
      timestamp: START,
    }));
    await client.logBatch({ run_id: id, metrics });
    await client.updateRun({ run_id: id, status: 'FINISHED', end_time: START + 1 });
  }
  wide = await createRun(many, 'wide', {});
  const metrics = Array.from({ length: 2_000 }, (_, at) => ({
    key: `group${Math.floor(at / 100)}/m${at}`,
    value: at,
    step: 0,
    timestamp: START,
  }));
  await logAll(wide, metrics);
  await client.updateRun({ run_id: wide, status: 'FINISHED', end_time: START + 1 });
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

async function createRun(
  experiment_id: string,
  run_name: string,
  params: Record<string, string>,
  start_time = START,
): Promise<string> {
  const { run } = await client.createRun({ experiment_id, run_name, start_time });
  const { run_id } = run.info;
  await client.logBatch({ run_id, params: Object.entries(params).map(([key, value]) => ({ key, value })) });
  return run_id;
}

async function logAll(run_id: string, metrics: Parameters<Connection['logBatch']>[0]['metrics'] = []): Promise<void> {
  for (let at = 0; at < metrics.length; at += 1_000) {
    await client.logBatch({ run_id, metrics: metrics.slice(at, at + 1_000) });
  }
}

async function longRun(name: string, valueAt: (step: number) => number): Promise<string> {
  const id = await createRun(long, name, { kind: name });
  const values = Array.from({ length: STEPS }, (_, step) => ({
    key: 'loss',
    value: valueAt(step),
    step,
    timestamp: START + step * 100,
  }));
  await logAll(id, values);
  await client.updateRun({ run_id: id, status: 'FINISHED', end_time: START + STEPS * 100 });
  return id;
}

interface CurvesRequest {
  run_ids: string[];
  metric_keys: string[];
  start_step?: number;
  end_step?: number;
}

/** The page, and what it has asked for in curves so far. */
async function visit(path: string, options?: PageOptions): Promise<{ page: Page; asked: CurvesRequest[] }> {
  open = await openPage(`${server.url}/health`, options);
  const asked: CurvesRequest[] = [];
  open.page.on('request', (request: Request) => {
    if (request.url().endsWith('/metrics/curves')) asked.push(request.postDataJSON());
  });
  await open.page.goto(server.url + path);
  return { page: open.page, asked };
}

const lossOf = (page: Page, runs = 'loss, 3 runs') => page.getByRole('figure', { name: runs });

/** Waits for the drawing, and says where its plane is. */
async function planeOf(page: Page, figure = 'loss, 3 runs') {
  const plane = lossOf(page, figure).locator('.u-over');
  await plane.waitFor();
  const box = await plane.boundingBox();
  if (!box) throw new Error('There is no drawing.');
  return box;
}

describe('a chart of long histories', () => {
  it('shows a spike of one step at full zoom-out, and says its value where one points at it', async () => {
    const { page } = await visit(`/experiments/${long}?view=charts`);
    const plane = await planeOf(page);
    await lossOf(page)
      .getByText(/^spiky: .*highest 1234\.5 at step/)
      .waitFor({ state: 'attached' });
    const x = plane.x + (plane.width * SPIKE.step) / (STEPS - 1);
    await page.mouse.move(x, plane.y + 12);
    await lossOf(page).locator('.chart-tip').getByText('– 1234.5').waitFor();
    const hasInk = await lossOf(page)
      .locator('canvas')
      .evaluate(
        (canvas: HTMLCanvasElement, [left, top]) => {
          const box = canvas.getBoundingClientRect();
          const ratio = canvas.width / box.width;
          const at = [(left as number) - box.left - 4, (top as number) - box.top].map((each) =>
            Math.round(each * ratio),
          );
          const { data } = canvas.getContext('2d')?.getImageData(at[0] ?? 0, at[1] ?? 0, 9, 1) ?? { data: [] };
          const greys = Array.from({ length: 9 }, (_, pixel) =>
            Math.abs((data[pixel * 4] ?? 0) - (data[pixel * 4 + 2] ?? 0)),
          );
          return Math.max(...greys) > 30;
        },
        [x, plane.y + 40],
      );
    expect(hasInk).toBe(true);
  });

  it('counts what is not finite, in a note and in its table', async () => {
    const { page } = await visit(`/experiments/${long}?view=charts`);
    await lossOf(page).getByText('50 NaN, 1 +∞ in holes').waitFor();
    await page.getByRole('button', { name: 'Menu of loss' }).click();
    await page.getByRole('menuitem', { name: 'View as table' }).click();
    const row = page.getByRole('table', { name: 'Values of loss' }).getByRole('row', { name: /holes/ });
    expect(await row.textContent()).toContain('50 NaN, 1 +∞');
  });

  it('reads only the window that one zooms to, and nothing when one zooms out', async () => {
    const { page, asked } = await visit(`/experiments/${long}?view=charts`);
    const plane = await planeOf(page);
    expect(asked.map(({ start_step, end_step }) => [start_step, end_step])).toEqual([[undefined, undefined]]);
    await page.mouse.move(plane.x + plane.width * 0.5, plane.y + 40);
    await page.mouse.down();
    await page.mouse.move(plane.x + plane.width * 0.55, plane.y + 50, { steps: 4 });
    await page.mouse.up();
    await expect.poll(() => asked.length, PATIENCE).toBe(2);
    const { start_step = 0, end_step = 0, metric_keys } = asked[1] as CurvesRequest;
    expect(metric_keys).toEqual(['loss']);
    expect(Math.abs(start_step - STEPS * 0.5)).toBeLessThan(100);
    expect(Math.abs(end_step - STEPS * 0.55)).toBeLessThan(100);
    expect(new URL(page.url()).searchParams.get('xr')).toMatch(/^\d+(\.\d+)?-\d+(\.\d+)?$/);
    await page.mouse.dblclick(plane.x + plane.width * 0.5, plane.y + 40);
    await expect.poll(() => new URL(page.url()).searchParams.get('xr'), PATIENCE).toBe(null);
    await page.getByRole('slider', { name: /Smoothing/ }).fill('0.9');
    await expect.poll(() => new URL(page.url()).searchParams.get('smooth'), PATIENCE).toBe('0.9');
    expect(asked.length).toBe(2);
  });

  it('is read by arrow keys, and its keys change scale, smoothing and size', async () => {
    const { page } = await visit(`/experiments/${long}?view=charts`);
    await planeOf(page);
    const plot = page.getByRole('group', { name: /^Curves of loss/ });
    await plot.focus();
    await page.keyboard.press('End');
    const spoken = plot.locator('[aria-live]');
    await expect.poll(() => spoken.textContent(), PATIENCE).toMatch(/^step 19,999, .*spiky 0\.\d+/);
    await page.keyboard.press('Escape');
    await page.keyboard.press('y');
    expect(new URL(page.url()).searchParams.get('logy')).toContain('loss');
    await page.keyboard.press('s');
    expect(new URL(page.url()).searchParams.get('smooth')).toBe('0.6');
    await page.keyboard.press('+');
    await expect.poll(() => new URL(page.url()).searchParams.get('xr'), PATIENCE).not.toBe(null);
    await page.keyboard.press('0');
    await expect.poll(() => new URL(page.url()).searchParams.get('xr'), PATIENCE).toBe(null);
    await page.keyboard.press('f');
    await page.getByRole('dialog', { name: 'loss' }).getByRole('figure').waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('dialog').count(), PATIENCE).toBe(0);
  });

  it('goes into files: a picture, and values', async () => {
    const { page } = await visit(`/experiments/${long}?view=charts`);
    await planeOf(page);
    const save = async (item: string) => {
      await page.getByRole('button', { name: 'Menu of loss' }).click();
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('menuitem', { name: item }).click(),
      ]);
      return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
    };
    const picture = await save('Save as PNG');
    expect(picture.name).toBe('loss.png');
    expect(picture.bytes.subarray(1, 4).toString()).toBe('PNG');
    const values = await save('Save as CSV');
    const [head, ...rows] = values.bytes.toString().trim().split('\n');
    expect(head).toMatch(/^run_id,name,metric,step/);
    expect(rows.some((row) => row.includes(',spiky,loss,') && row.includes('1234.5'))).toBe(true);
  });

  it('grows by its tail while a run runs', async () => {
    const id = await createRun(long, 'growing', {});
    const point = (step: number, value: number) => ({ key: 'loss', value, step, timestamp: START + step });
    await logAll(
      id,
      Array.from({ length: 3_000 }, (_, step) => point(step, 1)),
    );
    const { page, asked } = await visit(`/experiments/${long}/runs/${id}?tab=metrics`);
    const figure = page.getByRole('figure', { name: 'loss, growing' });
    await figure.getByText('last 1 at step 2999').waitFor({ state: 'attached' });
    const before = asked.length;
    await client.logBatch({ run_id: id, metrics: [point(3_000, 0.5)] });
    await figure.getByText('last 0.5 at step 3000').waitFor({ state: 'attached' });
    const tails = asked.slice(before);
    expect(tails.length).toBeGreaterThan(0);
    for (const { start_step = 0 } of tails) expect(start_step).toBeGreaterThan(2_900);
    await client.deleteRun({ run_id: id });
  });
});

describe('the charts of many runs', () => {
  it('show the first twenty, more on demand, and read no more for hiding some', async () => {
    const filter = encodeURIComponent("attributes.run_name LIKE 'short-%'");
    const { page, asked } = await visit(`/experiments/${many}?view=charts&filter=${filter}`);
    await page.getByRole('figure', { name: 'acc, 20 runs' }).waitFor();
    await page.getByText('Showing 20 of 25').waitFor();
    await page.getByRole('button', { name: 'show more' }).click();
    await page.getByRole('figure', { name: 'acc, 25 runs' }).waitFor();
    await expect.poll(() => asked.at(-1)?.run_ids.length, PATIENCE).toBe(5);
    const before = asked.length;
    await page.getByRole('button', { name: 'Show short-3', exact: true }).click();
    await page.getByRole('figure', { name: 'acc, 24 runs' }).waitFor();
    expect(asked.length).toBe(before);
  });

  it('follow the server: new metrics come by themselves, new runs when one asks, and no colour changes', async () => {
    const { experiment_id } = await client.createExperiment({ name: 'followed' });
    const first = await createRun(experiment_id, 'first', {});
    const point = { value: 1, step: 0, timestamp: START };
    await client.logBatch({ run_id: first, metrics: [{ ...point, key: 'acc' }] });
    const { page } = await visit(`/experiments/${experiment_id}?view=charts`);
    await page.getByRole('figure', { name: 'acc, first' }).waitFor();
    const colour = () => page.getByLabel('Colour of first').inputValue();
    const before = await colour();
    await client.logBatch({ run_id: first, metrics: [{ ...point, key: 'val/late' }] });
    await page.getByRole('figure', { name: 'val/late, first' }).waitFor();
    const second = await createRun(experiment_id, 'second', {}, START + 1);
    await client.logBatch({ run_id: second, metrics: [{ ...point, key: 'acc' }] });
    await page.getByText('1 new run').waitFor();
    await page.getByRole('button', { name: 'show', exact: true }).click();
    await page.getByRole('figure', { name: 'acc, 2 runs' }).waitFor();
    expect(await colour()).toBe(before);
    expect(await page.getByLabel('Colour of second').inputValue()).not.toBe(before);
    await page.getByRole('button', { name: 'Menu of acc' }).click();
    await page.getByRole('menuitem', { name: 'Pin to the top' }).click();
    await page.getByRole('heading', { name: 'Pinned' }).waitFor();
    expect(new URL(page.url()).searchParams.get('pin')).toBe('acc');
    for (const run_id of [first, second]) await client.updateRun({ run_id, status: 'FINISHED', end_time: START + 2 });
  });

  it('are one line a group, with how many runs it is of, which unfolds', async () => {
    const filter = encodeURIComponent("attributes.run_name LIKE 'short-%'");
    const { page } = await visit(`/experiments/${many}?view=charts&group=params.half&filter=${filter}`);
    const figure = page.getByRole('figure', { name: /^acc/ });
    const even = figure.getByRole('button', { name: /half even n=10/ });
    await even.waitFor();
    await figure.getByText(/^half odd: last/).waitFor({ state: 'attached' });
    await even.click();
    await figure.getByText(/^short-24: last/).waitFor({ state: 'attached' });
    await figure.getByRole('button', { name: 'Fold half even' }).click();
    await even.waitFor();
  });

  it('of a run with 2,000 metrics are at most 24 at a time, and are found by a regular expression', async () => {
    const { page } = await visit(`/experiments/${many}/runs/${wide}?tab=metrics`);
    await page.getByText('2,000 metrics').waitFor();
    await page.getByRole('figure', { name: 'group0/m0, wide' }).waitFor();
    await expect.poll(() => page.locator('canvas').count(), PATIENCE).toBeGreaterThan(3);
    expect(await page.getByRole('figure').count()).toBeLessThanOrEqual(24);
    await page.getByRole('searchbox', { name: 'Search charts' }).fill('/m1?99$/');
    await page.getByText('2,000 metrics · 2 shown').waitFor();
    await page.getByRole('figure', { name: 'group1/m199, wide' }).waitFor();
    await page.getByRole('searchbox', { name: 'Search charts' }).fill('/(/');
    await page.getByText(/Not a regular expression/).waitFor();
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`are usable by all in ${colorScheme}: pointed at, zoomed, grouped, as a table, with the menu open`, async () => {
      const { page } = await visit(`/experiments/${long}?view=charts&xr=100-9000`, { colorScheme });
      const plane = await planeOf(page);
      await page.mouse.move(plane.x + 50, plane.y + 50);
      await lossOf(page).locator('.chart-tip').waitFor();
      expect(await violationsOf(page)).toEqual([]);
      await page.getByRole('button', { name: 'Menu of loss' }).click();
      expect(await violationsOf(page)).toEqual([]);
      await page.getByRole('menuitem', { name: 'View as table' }).click();
      await page.getByRole('combobox', { name: 'Group', exact: true }).selectOption('kind');
      await page.getByRole('button', { name: /kind spiky n=1/ }).waitFor();
      expect(await violationsOf(page)).toEqual([]);
    });

    it(`have colours that differ and stand out in ${colorScheme}`, async () => {
      const { page } = await visit(`/experiments/${many}?view=charts`, { colorScheme });
      await page.getByRole('figure').first().waitFor();
      const { page: ground, runs } = await page.evaluate(() => {
        const style = getComputedStyle(document.documentElement);
        const read = (name: string) => style.getPropertyValue(name).trim();
        return { page: read('--page'), runs: [1, 2, 3, 4, 5, 6, 7, 8].map((place) => read(`--run-${place}`)) };
      });
      expect(new Set(runs).size).toBe(8);
      for (const colour of runs) expect(contrast(colour, ground), colour).toBeGreaterThanOrEqual(3);
    });
  }
});

/** WCAG's ratio of two colours given as `#aabbcc` or `#abc`. */
function contrast(a: string, b: string): number {
  const light = (given: string) => {
    const colour = given.length === 4 ? given.replace(/[^#]/g, '$&$&') : given;
    const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
      const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05;
  };
  const [high = 1, low = 1] = [light(a), light(b)].sort((x, y) => y - x);
  return high / low;
}
