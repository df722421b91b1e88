/** Every page is free of what axe finds wrong, in both themes and with its dialogs open. Pages are added to the table below. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { closeBrowser, openPage, type TestPage } from '../harness/browser.js';
import { type FilledServer, startFilledServer } from './filled-server.js';

interface PageToLookAt {
  name: string;
  path: (filled: FilledServer) => string;
  /** When it is all there, and what is opened on it. */
  ready: (page: Page) => Promise<unknown>;
}

const row = (page: Page) => page.getByRole('row', { name: /first/ }).waitFor();
const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
const sweep = ({ sweep }: FilledServer) => `/experiments/${sweep}`;
const analysis = (filled: FilledServer) => `${sweep(filled)}?view=analysis`;
const first = (filled: FilledServer) => `${sweep(filled)}/runs/${filled.first}`;

const PAGES: PageToLookAt[] = [
  {
    name: 'the experiments',
    path: () => '/experiments',
    ready: (page) => page.getByRole('link', { name: 'sweep' }).waitFor(),
  },
  {
    name: 'a new experiment',
    path: () => '/experiments',
    ready: (page) => press(page, 'New experiment'),
  },
  {
    name: 'an experiment’s menu',
    path: () => '/experiments',
    ready: (page) => press(page, 'More for sweep'),
  },
  { name: 'a table of runs', path: sweep, ready: row },
  {
    name: 'an experiment without runs',
    path: ({ empty }) => `/experiments/${empty}`,
    ready: (page) => page.getByRole('heading', { name: 'No runs yet' }).waitFor(),
  },
  {
    name: 'selected runs and a peek',
    path: sweep,
    ready: async (page) => {
      await row(page);
      for (const key of ['j', 'x', 'j', 'x', 'p']) await page.keyboard.press(key);
      await page.getByRole('complementary', { name: 'Peek' }).getByText('Params').waitFor();
    },
  },
  {
    name: 'grouped runs',
    path: (filled) => `${sweep(filled)}?group=params.lr`,
    ready: (page) => page.getByRole('row', { name: /0\.01/ }).waitFor(),
  },
  {
    name: 'the dialog of columns',
    path: sweep,
    ready: async (page) => {
      await row(page);
      await press(page, 'Columns');
      await page.getByRole('checkbox', { name: 'epochs' }).waitFor();
    },
  },
  {
    name: 'a filter that is written',
    path: sweep,
    ready: async (page) => {
      await row(page);
      await page.getByRole('combobox', { name: 'Filter runs' }).pressSequentially('params.');
      await page.getByRole('option').first().waitFor();
      await page.keyboard.press('ArrowDown');
    },
  },
  {
    name: 'a filter with a mistake',
    path: (filled) => `${sweep(filled)}?filter=metrics.loss+%3E+'x'`,
    ready: (page) => page.getByRole('alert').waitFor(),
  },
  {
    name: 'the palette',
    path: sweep,
    ready: async (page) => {
      await row(page);
      await page.keyboard.press('Control+k');
      await page.getByRole('option').first().waitFor();
    },
  },
  {
    name: 'the help',
    path: sweep,
    ready: async (page) => {
      await row(page);
      await page.keyboard.press('?');
      await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    },
  },
  { name: 'runs of several experiments', path: ({ sweep, odd }) => `/runs?exp=${sweep},${odd}`, ready: row },
  {
    name: 'the analysis of runs',
    path: (filled) => `${sweep(filled)}?view=analysis&target=metrics.loss&brush=params.lr~0.001~0.05`,
    ready: (page) => page.getByRole('button', { name: 'Clear brush lr' }).waitFor(),
  },
  {
    name: 'the menu of an axis',
    path: analysis,
    ready: async (page) => {
      await page.getByRole('button', { name: 'Axis lr' }).click();
      await page.getByRole('menuitem', { name: 'Brush…' }).waitFor();
    },
  },
  {
    name: 'the dialog of a brush',
    path: analysis,
    ready: async (page) => {
      await page.getByRole('button', { name: 'Axis lr' }).click();
      await page.getByRole('menuitem', { name: 'Brush…' }).click();
    },
  },
  { name: 'the dialog of axes', path: analysis, ready: (page) => press(page, 'Axes…') },
  {
    name: 'the values of analysed runs',
    path: analysis,
    ready: async (page) => {
      await press(page, 'View as table');
      await page.getByRole('grid', { name: 'Values of the runs' }).getByRole('rowheader').first().waitFor();
    },
  },
  {
    name: 'runs side by side',
    path: ({ first, hostile, long }) => `/compare?runs=${first},${hostile},${long}&base=${first}`,
    ready: (page) => page.getByRole('row', { name: /^lr/ }).waitFor(),
  },
  { name: 'a run', path: first, ready: (page) => page.getByRole('row', { name: /^loss.*at step.*at step/ }).waitFor() },
  {
    name: 'a run that is edited',
    path: first,
    ready: async (page) => {
      for (const name of ['Edit note', 'Add tag', 'Rename']) await press(page, name);
    },
  },
  { name: 'a run’s menu', path: first, ready: (page) => press(page, 'Run menu') },
  {
    name: 'the code for a run',
    path: first,
    ready: async (page) => {
      await press(page, 'Run menu');
      await page.getByRole('menuitem', { name: 'Code for this run' }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'a run without logs',
    path: (filled) => `${first(filled)}?tab=logs`,
    ready: (page) => page.getByRole('heading', { name: 'No logs' }).waitFor(),
  },
  ...['notes.txt', 'red.png', 'weights.bin', 'model/config.json'].map((file) => ({
    name: `the file ${file}`,
    path: (filled: FilledServer) => `${first(filled)}?tab=artifacts&path=${file}`,
    ready: (page: Page) => page.getByRole('region', { name: file.replace(/.*\//, ''), exact: true }).waitFor(),
  })),
  { name: 'the models', path: () => '/models', ready: (page) => page.getByRole('link', { name: 'classes' }).waitFor() },
  { name: 'a new model', path: () => '/models', ready: (page) => press(page, 'New model') },
  {
    name: 'a model with two versions compared',
    path: () => '/models/classes?compare=1,2',
    ready: (page) => page.getByRole('region', { name: 'Version 1 and version 2' }).waitFor(),
  },
  {
    name: 'a model that may be deleted',
    path: () => '/models/classes',
    ready: async (page) => {
      await press(page, 'Model menu');
      await page.getByRole('menuitem', { name: 'Delete' }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'a version',
    path: () => '/models/classes/versions/1',
    ready: (page) => page.getByRole('region', { name: 'Lineage' }).getByRole('link', { name: 'first' }).waitFor(),
  },
  {
    name: 'a version that cannot be tried',
    path: () => '/models/classes/versions/1?tab=try',
    ready: (page) => page.getByRole('heading', { name: 'This model cannot be tried here' }).waitFor(),
  },
  { name: 'what is missing', path: () => '/experiments/424242', ready: (page) => page.getByRole('alert').waitFor() },
];

let filled: FilledServer;
let open: TestPage;
let axe: string;

beforeAll(async () => {
  axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  filled = await startFilledServer();
  await filled.client.createRegisteredModel({ name: 'classes', tags: [{ key: 'owner', value: 'mira' }] });
  for (const folder of ['model', 'other']) {
    const version = { name: 'classes', run_id: filled.first, source: `runs:/${filled.first}/${folder}` };
    await filled.client.createModelVersion(version);
  }
  await filled.client.setRegisteredModelAlias({ name: 'classes', alias: 'champion', version: '1' });
});
afterAll(async () => {
  await closeBrowser();
  await filled.server.stop();
});
afterEach(() => open.close());

interface Finding {
  id: string;
  help: string;
  nodes: { html: string }[];
}

/** What axe finds by the rules of WCAG 2.0 to 2.2, A and AA. */
async function findings(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const violations: Finding[] = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run: (options: object) => Promise<{ violations: Finding[] }> } };
    const values = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
    return (await axe.run({ runOnly: { type: 'tag', values } })).violations;
  });
  return violations.map(({ id, help, nodes }) => `${id}: ${help}\n${nodes.map(({ html }) => html).join('\n')}`);
}

describe.each(['light', 'dark'] as const)('in %s', (colorScheme) => {
  it.each(PAGES.map((each) => [each.name, each] as const))(
    '%s has nothing that axe finds wrong',
    async (_, { path, ready }) => {
      open = await openPage(filled.server.url + path(filled), { colorScheme });
      await ready(open.page);
      expect(await findings(open.page)).toEqual([]);
    },
  );
});
