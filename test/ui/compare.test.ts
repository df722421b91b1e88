/** Runs side by side, as a browser shows them; and how differences are told, in texts and in links of MLflow's own UI. */
import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Connection, connect } from '../../client/node/index.js';
import { shortened, wordDiff } from '../../ui/compare/word-diff.js';
import { closeBrowser, openPage, PATIENCE, type TestPage } from '../harness/browser.js';
import { startServer, type TestServer } from '../harness/server.js';
import { logSweep, type Sweep } from './sweep.js';

const LOREM = 'You are a careful assistant who answers in one sentence and names the source of every number.';

let server: TestServer;
let sweep: Sweep;
let trio: string[];
let open: TestPage;

beforeAll(async () => {
  server = await startServer();
  const client = connect(server.url);
  sweep = await logSweep(client, 'sweep', 12);
  trio = await logTrio(client);
});
afterAll(async () => {
  await closeBrowser();
  await server.stop();
});

const visit = async (path: string) => {
  open = await openPage(server.url + path);
  return open.page;
};

/** Three runs with one param in common, curves, a prompt and a data set. */
async function logTrio(client: Connection): Promise<string[]> {
  const { experiment_id } = await client.createExperiment({ name: 'trio' });
  const log = async (name: string, lr: string, loss: number, prompt: string) => {
    const { run } = await client.createRun({ experiment_id, run_name: name, start_time: 1_700_000_000_000 });
    const run_id = run.info.run_id;
    const curve = [0, 1, 2].map((step) => ({
      key: 'loss',
      value: loss + 2 - step,
      step,
      timestamp: 1_700_000_000_000 + step,
    }));
    await client.logBatch({
      run_id,
      metrics: [...curve, { key: 'widgets', value: loss * 10, step: 0, timestamp: 1_700_000_000_000 }],
      params: [
        { key: 'lr', value: lr },
        { key: 'batch_size', value: '64' },
        { key: 'prompt', value: prompt },
      ],
      tags: [{ key: 'team', value: name === 'third' ? 'b' : 'a' }],
    });
    await client.logInputs({
      run_id,
      datasets: [
        {
          dataset: { name: 'digits', digest: name === 'third' ? 'd2' : 'd1', source_type: 'local', source: '{}' },
          tags: [{ key: 'mlflow.data.context', value: 'train' }],
        },
      ],
    });
    await client.updateRun({ run_id, status: name === 'third' ? 'FAILED' : 'FINISHED', end_time: 1_700_000_060_000 });
    return run_id;
  };
  return [
    await log('first', '0.1', 0.5, LOREM),
    await log('second', '0.2', 0.25, LOREM.replace('one sentence', 'two sentences')),
    await log('third', '0.4', 1, LOREM),
  ];
}

describe('the comparison', () => {
  afterEach(async () => {
    expect(open.problems).toEqual([]);
    expect(open.foreign).toEqual([]);
    await open.close();
  });

  const field = (name: string) => new URL(open.page.url()).searchParams.get(name) ?? '';
  const row = (name: string) => open.page.getByRole('row', { name: new RegExp(`^${name}`) });

  it('shows only what differs, until all is asked for', async () => {
    const page = await visit(`/compare?runs=${trio.join()}`);
    await page.getByRole('heading', { name: 'Compare 3 runs', level: 1 }).waitFor();
    await row('lr').getByRole('cell', { name: '0.2' }).waitFor();
    await row('digits \\(train\\)').getByRole('cell', { name: 'd2' }).waitFor();
    await row('team').waitFor();
    await row('Status').getByRole('cell', { name: 'Failed' }).waitFor();
    expect(await row('batch_size').count()).toBe(0);
    const params = page.getByRole('row', { name: /Params.*2 differ.*1 equal row hidden/ });
    await params.getByRole('button', { name: 'show' }).click();
    await row('batch_size').waitFor();
    expect(field('diff')).toBe('0');
    await page.getByRole('checkbox', { name: 'Differences only' }).check();
    await expect.poll(() => row('batch_size').count(), PATIENCE).toBe(0);
  });

  it('marks the best of a metric whose name tells what is better, and of no other', async () => {
    await visit(`/compare?runs=${trio.join()}`);
    await row('loss').getByRole('cell', { name: 'best 0.25' }).waitFor();
    expect(await row('widgets').getByRole('cell', { name: /best/ }).count()).toBe(0);
  });

  it('gives differences and percents from a run that is chosen as the base', async () => {
    const page = await visit(`/compare?runs=${trio.join()}`);
    await page.getByRole('combobox', { name: 'Base' }).selectOption({ label: 'first' });
    await expect.poll(() => field('base'), PATIENCE).toBe(trio[0]);
    const cells = row('loss').getByRole('cell');
    await expect
      .poll(() => cells.allTextContents(), PATIENCE)
      .toEqual(['0.5', '★ best 0.25', '−0.25, better', '−50', '1', '+0.5, worse', '+100']);
    expect((await row('lr').getByRole('cell').allTextContents()).slice(2, 4)).toEqual(['+0.1', '+100']);
  });

  it('shows long texts by the words that differ', async () => {
    await visit(`/compare?runs=${trio.join()}`);
    const prompt = row('prompt');
    await prompt.getByRole('deletion').first().waitFor();
    expect(await prompt.getByRole('deletion').allTextContents()).toEqual(['one', 'sentence']);
    expect(await prompt.getByRole('insertion').allTextContents()).toEqual(['two', 'sentences']);
    await prompt.getByText('the same').waitFor();
  });

  it('folds its parts, finds rows, and keeps both in the address', async () => {
    const page = await visit(`/compare?runs=${trio.join()}`);
    await page.getByRole('button', { name: 'Params', expanded: true }).click();
    await expect.poll(() => row('prompt').count(), PATIENCE).toBe(0);
    await page.getByRole('searchbox', { name: 'Find a row' }).fill('widg');
    await expect.poll(() => row('loss').count(), PATIENCE).toBe(0);
    await page.reload();
    await row('widgets').waitFor();
    await page.getByRole('button', { name: 'Params', expanded: false }).waitFor();
  });

  it('draws the curves and the params of three runs, and takes a run out', async () => {
    const page = await visit(`/compare?runs=${trio.join()}`);
    await page.getByRole('figure', { name: /^loss/ }).waitFor();
    await page.getByRole('figure', { name: 'Parallel coordinates, 3 runs' }).waitFor();
    expect(await page.getByRole('table', { name: 'Importance of params' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Take third out' }).click();
    await page.getByRole('heading', { name: 'Compare 2 runs', level: 1 }).waitFor();
    await expect.poll(() => page.getByRole('figure', { name: /^Parallel/ }).count(), PATIENCE).toBe(0);
  });

  it('of more than eight runs has the whole analysis, and keeps only those that are brushed', async () => {
    const ids = sweep.runs.map(({ id }) => id);
    const page = await visit(`/compare?runs=${ids.join()}&brush=params.optimizer~=adam`);
    await page.getByRole('table', { name: 'Importance of params' }).waitFor();
    const kept = sweep.runs.filter(({ params }) => params.optimizer === 'adam');
    await page.getByText(`${kept.length} of 12 runs`).waitFor();
    await page.getByRole('button', { name: 'Keep only these' }).click();
    await page.getByRole('heading', { name: `Compare ${kept.length} runs`, level: 1 }).waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('heading', { name: 'Compare 12 runs', level: 1 }).waitFor();
  });

  it('can be downloaded as CSV', async () => {
    const page = await visit(`/compare?runs=${trio.join()}`);
    await row('lr').waitFor();
    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Copy' }).click();
    await page.getByRole('menuitem', { name: 'Download CSV' }).click();
    const lines = (await readFile(await (await saved).path())).toString().split('\r\n');
    expect(lines[0]).toBe(',,first,second,third');
    expect(lines).toContain('Params,lr,0.1,0.2,0.4');
    expect(lines).toContain('Metrics,loss,0.5,0.25,1');
  });

  it('says what to do when no run is named', async () => {
    const page = await visit('/compare');
    await page.getByRole('heading', { name: 'No runs to compare' }).waitFor();
    await page.getByRole('main').getByRole('link', { name: 'All experiments' }).waitFor();
  });

  it('opens for MLflow’s links to compared runs', async () => {
    const old = `/#/compare-runs?runs=${encodeURIComponent(JSON.stringify(trio))}&experiments=${encodeURIComponent('["1"]')}`;
    const page = await visit(old);
    await page.getByRole('heading', { name: 'Compare 3 runs', level: 1 }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/compare');
  });
});

describe('a comparison with runs that are gone', () => {
  it('names them, and compares the others', async () => {
    const page = await visit(`/compare?runs=${trio[0]},feedfeedfeedfeedfeedfeedfeedfeed,${trio[1]}`);
    await page.getByText('There is no run feedfeedfeedfeedfeedfeedfeedfeed').waitFor();
    await page.getByRole('row', { name: /^lr/ }).waitFor();
    // The browser itself writes down that a run was not found.
    expect(open.problems.filter((text) => !text.includes('404'))).toEqual([]);
    await open.close();
  });
});

describe('the words that differ', () => {
  const text = (parts: ReturnType<typeof wordDiff>) =>
    parts.map(({ kind, text: words }) => ({ same: words, added: `+${words}+`, removed: `-${words}-` })[kind]).join('');

  it('are found in the middle, at the ends, and where one text is empty', () => {
    expect(text(wordDiff('a b c d', 'a x c d'))).toBe('a -b-+x+ c d');
    expect(text(wordDiff('b c', 'a b c d'))).toBe('+a +b c+ d+');
    expect(text(wordDiff('', 'new'))).toBe('+new+');
    expect(text(wordDiff('same', 'same'))).toBe('same');
  });

  it('put together give both texts again, also of texts too long to be looked through', () => {
    const before = Array.from({ length: 2_000 }, (_, place) => `w${place % 7}`).join(' ');
    const after = Array.from({ length: 2_000 }, (_, place) => `w${place % 5}`).join(' ');
    const parts = wordDiff(before, after);
    expect(
      parts
        .filter(({ kind }) => kind !== 'added')
        .map((part) => part.text)
        .join(''),
    ).toBe(before);
    expect(
      parts
        .filter(({ kind }) => kind !== 'removed')
        .map((part) => part.text)
        .join(''),
    ).toBe(after);
  });

  it('stand with a little of what is around them', () => {
    const long = 'x'.repeat(100);
    expect(text(shortened(wordDiff(`${long} a ${long}`, `${long} b ${long}`), 5))).toBe('…xxxx -a-+b+ xxxx…');
  });
});
