/** The files of a run in a browser: each kind has its viewer, nothing in a file reaches the page, and odd and many names work. */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Connection, connect, type RunInfo, startRun } from '../../client/node/index.js';
import { closeBrowser, openPage, PATIENCE, type TestPage } from '../harness/browser.js';
import { startServer, type TestServer } from '../harness/server.js';
import { PNG } from './filled-server.js';

const ATTACK = `<!doctype html><h1>Report</h1><p id="said">waiting</p><script>
  document.title = 'PWNED';
  parent.postMessage('PWNED', '*');
  const said = document.getElementById('said');
  said.textContent = '';
  try { parent.document.title = 'PWNED'; } catch (error) { said.textContent += 'no page '; }
  try { localStorage.length; } catch (error) { said.textContent += 'no storage '; }
  fetch('/api/2.0/mlflow/experiments/search?max_results=1').then(
    () => parent.postMessage('PWNED', '*'), () => { said.textContent += 'no API'; });
</script>`;
const ODD = ['ünï cödé 日本語.txt', 'مرحبا.txt', "quote's & <b>bold<b>.txt", 'a+b=c;d.txt', 'no extension'];
const LINES = 20_000;

let server: TestServer;
let client: Connection;
let info: RunInfo;
let open: TestPage;

beforeAll(async () => {
  server = await startServer();
  client = connect(server.url);
  const run = startRun({ client, experiment: 'files', name: 'with files' });
  info = await run.info();
  run.logBytes(ATTACK, 'report.html');
  run.logBytes('<svg xmlns="http://www.w3.org/2000/svg"><script>document.title="PWNED"</script></svg>', 'a.svg');
  run.logBytes('name,score\nb,10\na,9\nc,NaN\n', 'scores.csv');
  run.logBytes('{"columns":["prompt","score"],"data":[["<b>hi</b>",0.5]]}', 'eval.json');
  run.logBytes('{"layers":[{"kind":"dense"}],"big":12345678901234567890}', 'config.json');
  run.logBytes('# Card\n\n**bold** <img src=x onerror="document.title=1"> [out](https://example.com)', 'README.md');
  run.logBytes('def f(x):\n    return x  # same\n', 'f.py');
  const lines = Array.from({ length: LINES }, (_, i) => (i === 12_345 ? '\u001b[31mneedle\u001b[0m' : `line ${i}`));
  run.logBytes(`${lines.join('\n')}\n`, 'logs/stdout.txt');
  run.logBytes('', 'empty.txt');
  for (const name of ODD) run.logBytes(`this is ${name}`, `odd/${name}`);
  for (let i = 0; i < 300; i++) run.logBytes(`part ${i}`, `many/part-${i}.txt`);
  for (const step of [0, 10]) {
    const end = `timestamp%17000000000${step}%00000000-0000-0000-0000-0000000000${10 + step}.png`;
    run.logBytes(PNG, `images/pred%step%${step}%${end}`);
  }
  await run.end();
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

async function visit(path: string): Promise<Page> {
  const query = new URLSearchParams({ tab: 'artifacts', path });
  open = await openPage(`${server.url}/experiments/${info.experiment_id}/runs/${info.run_id}?${query}`);
  await open.page.getByRole('tree', { name: 'Run files' }).waitFor();
  return open.page;
}

describe('a page among the artifacts', () => {
  it('runs in a frame that reads neither the app nor the API', async () => {
    const page = await visit('README.md');
    await page.evaluate(() => {
      window.addEventListener('message', ({ data }) => {
        document.body.dataset.heard = `${document.body.dataset.heard ?? ''}${data}`;
      });
    });
    await page.getByRole('treeitem', { name: 'report.html' }).click();
    const frame = page.frameLocator('iframe[title="report.html"]');
    await frame.getByText('no page no storage no API').waitFor();
    expect(await page.title()).toBe('with files · Run · mltrack');
    // The message that any frame may send came, and the one that needs the API did not.
    expect(await page.evaluate(() => document.body.dataset.heard)).toBe('PWNED');
    expect(await page.locator('iframe').getAttribute('sandbox')).toBe('allow-scripts');
    // The browser says what the policy refused; nothing else went wrong.
    expect(open.problems.splice(0).every((problem) => /Content Security Policy/i.test(problem))).toBe(true);
  });

  it('and its like are attachments unless they are asked for as shown, and then sandboxed', async () => {
    const page = await visit('a.svg');
    await page.locator('iframe[title="a.svg"]').waitFor();
    const url = `${server.url}/get-artifact?run_id=${info.run_id}&path=`;
    const headersOf = async (rest: string) => (await fetch(url + rest)).headers;
    const saved = await headersOf('report.html');
    expect(saved.get('content-disposition')).toMatch(/^attachment/);
    expect(saved.get('content-security-policy')).toBe("sandbox; default-src 'none'");
    for (const name of ['report.html', 'a.svg']) {
      const shown = await headersOf(`${name}&view=inline`);
      expect(shown.get('content-disposition')).toBe('inline');
      expect(shown.get('content-security-policy')).toBe(
        "sandbox allow-scripts; default-src 'unsafe-inline' data: blob:",
      );
    }
    const other = await headersOf('scores.csv&view=inline');
    expect(other.get('content-disposition')).toMatch(/^attachment/);
    expect(await page.title()).toBe('with files · Run · mltrack');
  });
});

describe('the viewers', () => {
  it('show a table that sorts by its columns, numbers as numbers and NaN last', async () => {
    const page = await visit('scores.csv');
    const table = page.getByRole('grid', { name: 'scores.csv' });
    const names = () => table.getByRole('rowheader').allTextContents();
    await expect.poll(names, PATIENCE).toEqual(['b', 'a', 'c']);
    await table.getByRole('button', { name: 'score' }).click();
    await expect.poll(names, PATIENCE).toEqual(['a', 'b', 'c']);
    await page.getByText('3 rows · 2 columns').waitFor();
  });

  it('show what log_table wrote as a table, with text that stays text', async () => {
    const page = await visit('eval.json');
    const table = page.getByRole('grid', { name: 'eval.json' });
    await table.getByRole('rowheader', { name: '<b>hi</b>', exact: true }).waitFor();
    await page.getByText('Raw', { exact: true }).click();
    await page.getByText('{"columns":').waitFor();
  });

  it('show JSON as a tree that keeps every digit', async () => {
    const page = await visit('config.json');
    await page.getByText('"12345678901234567890"').waitFor();
    await page.getByText('kind').waitFor({ state: 'detached' });
    await page.getByText('0', { exact: true }).first().click();
    await page.getByText('"dense"').waitFor();
  });

  it('show Markdown without anything that runs or is elsewhere', async () => {
    const page = await visit('README.md');
    await page.getByRole('heading', { name: 'Card' }).waitFor();
    expect(await page.locator('main img, main script').count()).toBe(0);
    const link = page.getByRole('link', { name: 'out' });
    expect(await link.getAttribute('rel')).toBe('noopener noreferrer');
    await page.getByRole('button', { name: 'Source' }).click();
    await page.getByText('# Card').waitFor();
  });

  it('show code in colours, and an empty file as empty', async () => {
    const page = await visit('f.py');
    await expect.poll(() => page.locator('.hljs-keyword').allInnerTexts(), PATIENCE).toEqual(['def', 'return']);
    await page.getByRole('treeitem', { name: 'empty.txt' }).click();
    await page.getByRole('heading', { name: 'The file is empty' }).waitFor();
  });

  it('show the pictures of a series by step', async () => {
    const page = await visit('images/pred%step%0%timestamp%170000000000%00000000-0000-0000-0000-000000000010.png');
    const slider = page.getByRole('slider', { name: /^pred/ });
    await slider.focus();
    await page.keyboard.press('ArrowRight');
    await page.getByText('step 10', { exact: true }).waitFor();
    expect(new URL(page.url()).searchParams.get('path')).toContain('%step%10%');
    await page.getByRole('button', { name: '100 %' }).click();
    await page.getByText('2 × 2 px · 100 %').waitFor();
  });
});

describe('a log of 20,000 lines', () => {
  it('is searched, and only the lines that are seen are in the page', async () => {
    const page = await visit('logs/stdout.txt');
    await page.getByText(`${LINES.toLocaleString('en')} lines`).waitFor();
    await page.getByRole('searchbox', { name: 'Search the log' }).fill('needle');
    await page.getByText('1 of 1 line').waitFor();
    const lines = page.getByRole('region', { name: 'Lines of logs/stdout.txt' });
    await expect.poll(() => lines.locator('mark').textContent(), PATIENCE).toBe('needle');
    expect(await lines.locator('.log-line').count()).toBeLessThan(200);
  });

  it('is read to its end while it is followed', async () => {
    const live = startRun({ client, experiment: 'files', name: 'live' });
    live.logBytes('first line\n', 'output.log');
    await live.flush();
    const query = '?tab=artifacts&path=output.log';
    open = await openPage(`${server.url}/experiments/${info.experiment_id}/runs/${await live.id()}${query}`);
    await open.page.getByText('first line').waitFor();
    expect(await open.page.getByRole('checkbox', { name: 'Follow' }).isChecked()).toBe(true);
    live.logBytes('first line\nsecond line ünï\n', 'output.log');
    await open.page.getByText('second line ünï').waitFor();
    await live.end();
  });
});

describe('the tree', () => {
  it('opens files of any name', async () => {
    const page = await visit('README.md');
    await page.getByRole('treeitem', { name: 'odd', exact: true }).click();
    for (const name of ODD) {
      await page.getByRole('treeitem', { name, exact: true }).click();
      await page.getByText(`this is ${name}`).waitFor();
      await page.getByRole('region', { name, exact: true }).waitFor();
    }
  });

  it('of 300 files keeps few rows in the page, and the keyboard reaches the last', async () => {
    const page = await visit('many/part-7.txt');
    await page.getByText('part 7', { exact: true }).waitFor();
    const tree = page.getByRole('tree', { name: 'Run files' });
    const chosen = tree.getByRole('treeitem', { name: 'part-7.txt' });
    await chosen.focus();
    await page.keyboard.press('End');
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent), PATIENCE).toMatch(/scores\.csv/);
    expect(await tree.getByRole('treeitem').count()).toBeLessThan(150);
    await page.getByRole('searchbox', { name: 'Filter files' }).fill('part-299');
    await tree.getByRole('treeitem', { name: 'many/part-299.txt' }).click();
    await page.getByText('part 299', { exact: true }).waitFor();
  });

  it('has a zip of every folder', async () => {
    const page = await visit('odd');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download zip' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('odd.zip');
    await page.getByRole('link', { name: 'no extension' }).click();
    await page.getByText('this is no extension').waitFor();
  });
});
