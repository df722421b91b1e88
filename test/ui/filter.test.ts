/** The filter box, keys and the palette, as a browser shows them. */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { closeBrowser, openPage, PATIENCE, type PageOptions, type TestPage } from '../harness/browser.js';
import { type FilledServer, startFilledServer } from './filled-server.js';

let filled: FilledServer;
let open: TestPage;

beforeAll(async () => {
  filled = await startFilledServer();
  await filled.client.createRegisteredModel({ name: 'a fine classifier' });
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

async function visit(search = '', options: PageOptions = {}): Promise<Page> {
  open = await openPage(`${filled.server.url}/experiments/${filled.sweep}${search}`, options);
  await open.page.getByRole('combobox', { name: 'Filter runs' }).waitFor();
  return open.page;
}

const box = (page: Page) => page.getByRole('combobox', { name: 'Filter runs' });
const names = async (page: Page) => (await page.getByRole('rowheader').allInnerTexts()).sort();
const filterOf = (page: Page) => new URL(page.url()).searchParams.get('filter');

describe('the filter', () => {
  it('is in the address, survives a reload, and Back takes it away', async () => {
    const page = await visit();
    await page.getByRole('row', { name: /third/ }).waitFor();
    await box(page).fill("params.lr = '0.1'");
    await box(page).press('Enter');
    await expect.poll(() => names(page), PATIENCE).toEqual(['first']);
    expect(filterOf(page)).toBe("params.lr = '0.1'");
    await page.reload();
    await expect.poll(() => names(page), PATIENCE).toEqual(['first']);
    expect(await box(page).inputValue()).toBe("params.lr = '0.1'");
    await page.goBack();
    await expect.poll(() => names(page), PATIENCE).toEqual(['first', 'second', 'third']);
    expect(await box(page).inputValue()).toBe('');
  });

  it('applies by itself while one types, once it can be read', async () => {
    const page = await visit();
    await page.getByRole('row', { name: /third/ }).waitFor();
    await box(page).pressSequentially('status = failed');
    await expect.poll(() => names(page), PATIENCE).toEqual(['third']);
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  it('compares a param as a number where that is asked for, and says how where it is not', async () => {
    const page = await visit();
    await page.getByRole('row', { name: /third/ }).waitFor();
    await box(page).fill('params.lr >= 0.01');
    await box(page).press('Enter');
    await page.getByRole('alert').waitFor();
    await page.getByRole('button', { name: 'Fix' }).click();
    await expect.poll(() => names(page), PATIENCE).toEqual(['first', 'second']);
    expect(await box(page).inputValue()).toBe('number(params.lr) >= 0.01');
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  it('takes keys and values without quotes, and shows them in quotes', async () => {
    const page = await visit();
    await page.getByRole('row', { name: /third/ }).waitFor();
    await box(page).fill('metrics.val/acc > 0.8 and params.lr = 0.1');
    await box(page).press('Enter');
    await expect.poll(() => names(page), PATIENCE).toEqual(['first']);
    expect(await box(page).inputValue()).toBe("metrics.`val/acc` > 0.8 and params.lr = '0.1'");
  });

  it('keeps the rows when it is wrong, says where and why, and can put it right', async () => {
    const page = await visit();
    await page.getByRole('row', { name: /third/ }).waitFor();
    await box(page).fill('metrics.loss >');
    await box(page).press('Enter');
    const alert = page.getByRole('alert');
    await alert.getByText('Expected a value after `>`.').waitFor();
    expect(await names(page)).toEqual(['first', 'second', 'third']);
    expect(await box(page).getAttribute('aria-invalid')).toBe('true');
    expect(filterOf(page)).toBe(null);
    await alert.getByRole('button', { name: 'Fix' }).click();
    expect(await box(page).inputValue()).toBe('metrics.loss > 0');
    await box(page).press('Enter');
    await expect.poll(() => names(page), PATIENCE).toEqual(['first', 'second']);
    await expect.poll(() => page.getByRole('alert').count(), PATIENCE).toBe(0);
  });

  it.each([
    ['params.lr > 1', 'is compared by =, !=, LIKE'],
    ['loss < 1', 'there is metrics.loss'],
    ["params.lr = '0.1", 'has no end'],
    ["(params.lr = '0.1'", 'never closed'],
    ["params.lr = '0.1' AND", 'Expected a comparison after `AND`'],
    ["metrics.loss > '1'", 'compared with a number'],
    ["metrics.loss > 1 params.lr = '1'", 'Expected AND or OR'],
    ['metrics.loss == 1', 'is written `=`'],
  ])('explains what is wrong with %s', async (text, why) => {
    const page = await visit();
    await page.getByRole('row', { name: /third/ }).waitFor();
    await box(page).fill(text);
    await box(page).press('Enter');
    await page.getByRole('alert').getByText(why).waitFor();
    expect(await names(page)).toEqual(['first', 'second', 'third']);
  });

  it('looks for bare words in names, ids, params and tags', async () => {
    const page = await visit();
    await page.getByRole('row', { name: /third/ }).waitFor();
    for (const [text, found] of [
      ['seco', ['second']],
      [filled.first.slice(0, 8), ['first']],
      ['vision', ['first']],
      ['adam NOT first', ['second', 'third']],
      ['zebra', []],
    ] as const) {
      await box(page).fill(text);
      await box(page).press('Enter');
      await expect.poll(() => names(page), { ...PATIENCE, message: text }).toEqual([...found]);
    }
    await page.getByRole('heading', { name: 'No run matches the filter' }).waitFor();
    await page.getByRole('button', { name: 'Clear the filter' }).last().click();
    await page.getByRole('row', { name: /third/ }).waitFor();
  });

  it('suggests keys with examples, what they are compared by, and their values', async () => {
    const page = await visit();
    await page.getByRole('row', { name: /third/ }).waitFor();
    await box(page).click();
    await box(page).pressSequentially('lr');
    await page.getByRole('option', { name: /params\.lr.*0\.1/ }).click();
    await expect.poll(() => box(page).inputValue(), PATIENCE).toBe('params.lr ');
    await box(page).press('ArrowDown');
    await box(page).press('Enter');
    await expect.poll(() => box(page).inputValue(), PATIENCE).toBe('params.lr = ');
    await page.getByRole('option', { name: /'0\.001'/ }).waitFor();
    await box(page).pressSequentially('0.00');
    await page.getByRole('option', { name: /'0\.001'/ }).waitFor();
    await box(page).press('ArrowDown');
    await box(page).press('Enter');
    await box(page).press('Enter');
    await expect.poll(() => names(page), PATIENCE).toEqual(['third']);
  });

  it('remembers what was asked before, and views under names', async () => {
    const page = await visit();
    await page.getByRole('row', { name: /third/ }).waitFor();
    await box(page).fill('seco');
    await box(page).press('Enter');
    await expect.poll(() => names(page), PATIENCE).toEqual(['second']);
    await page.getByRole('button', { name: 'Views' }).click();
    await page.getByRole('menuitem', { name: 'Save this view…' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('only the second');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('View “only the second” saved').waitFor();
    await page.getByRole('button', { name: 'Clear the filter' }).click();
    await expect.poll(() => names(page), PATIENCE).toEqual(['first', 'second', 'third']);
    await box(page).press('ArrowUp');
    expect(await box(page).inputValue()).toBe('seco');
    await box(page).press('Escape');
    await page.getByRole('button', { name: 'Views' }).click();
    await page.getByRole('menuitem', { name: 'only the second' }).first().click();
    await expect.poll(() => names(page), PATIENCE).toEqual(['second']);
  });

  it('that is too long for an address is kept by the server', async () => {
    const page = await visit();
    await page.getByRole('row', { name: /third/ }).waitFor();
    const long = Array.from({ length: 80 }, (_, at) => `run_name = 'nobody ${at}'`).join(' OR ');
    await box(page).fill(`${long} OR run_name = 'second'`);
    await box(page).press('Enter');
    await expect.poll(() => names(page), PATIENCE).toEqual(['second']);
    await expect.poll(() => new URL(page.url()).searchParams.get('v') ?? 'new', PATIENCE).not.toMatch(/^new/);
    expect(page.url().length).toBeLessThan(200);
    await page.reload();
    await expect.poll(() => names(page), PATIENCE).toEqual(['second']);
    expect(await box(page).inputValue()).toContain("OR run_name = 'second'");
  });
});

describe('keys', () => {
  it('walk to a row, open it, and Back finds the same row with the focus', async () => {
    const page = await visit();
    await page.getByRole('row', { name: /third/ }).waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'second', level: 1 }).waitFor();
    await page.goBack();
    await page.getByRole('row', { name: /second/ }).waitFor();
    const grid = page.getByRole('grid', { name: 'Runs' });
    await expect.poll(() => grid.evaluate((element) => element === document.activeElement), PATIENCE).toBe(true);
    const active = await grid.getAttribute('aria-activedescendant');
    expect(await page.locator(`[id="${active}"]`).textContent()).toBe('second');
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'first', level: 1 }).waitFor();
  });

  it('select rows and compare them', async () => {
    const page = await visit();
    await page.getByRole('row', { name: /third/ }).waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('x');
    await page.keyboard.press('Shift+ArrowDown');
    await page.getByText('2 runs selected').waitFor();
    expect(await page.getByRole('row', { selected: true }).count()).toBe(2);
    await page.keyboard.press('c');
    await page.waitForURL('**/compare?runs=*');
  });

  it('reach the table with one stop of Tab after the toolbar', async () => {
    const page = await visit();
    await page.getByRole('row', { name: /third/ }).waitFor();
    let stops = 0;
    const isInTable = () => page.evaluate(() => document.activeElement?.getAttribute('role') === 'grid');
    while (stops < 40 && !(await isInTable())) {
      await page.keyboard.press('Tab');
      stops++;
    }
    expect(stops).toBeLessThanOrEqual(25);
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.closest('[role=grid]'))).toBe(null);
  });

  it('open the filter, the help and the palette, and go to other pages', async () => {
    const page = await visit();
    await page.getByRole('row', { name: /third/ }).waitFor();
    await page.keyboard.press('/');
    await expect.poll(() => box(page).evaluate((element) => element === document.activeElement), PATIENCE).toBe(true);
    await box(page).press('Escape');
    await page.getByRole('heading', { level: 1 }).click();
    await page.keyboard.press('?');
    const help = page.getByRole('dialog', { name: 'Keys' });
    await help.getByText('Compare the selected runs').waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+k');
    const field = page.getByRole('dialog').getByRole('combobox', { name: 'Search or jump to' });
    for (const text of ['second', 'nothing in', 'fine class', 'Order by metrics.loss']) {
      await field.fill(text);
      await page.getByRole('option', { name: new RegExp(text) }).waitFor();
    }
    await field.press('Enter');
    await expect.poll(() => new URL(page.url()).searchParams.get('sort'), PATIENCE).toBe('-metrics.loss');
    await page.keyboard.press('Control+k');
    await field.fill('second');
    await page.getByRole('option', { name: /second.*Run/ }).click();
    await page.getByRole('heading', { name: 'second', level: 1 }).waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('e');
    await page.getByRole('heading', { name: 'Experiments', level: 1 }).waitFor();
  });

  it('fold the rail, which stays so', async () => {
    const page = await visit();
    await page.keyboard.press('[');
    await page.getByRole('button', { name: 'Unfold' }).waitFor();
    await page.reload();
    await page.getByRole('button', { name: 'Unfold' }).waitFor();
  });
});
