/** What a browser has to load: few bytes, charts apart, no schema library, and all of it in few requests. */
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, startRun } from '../../client/node/index.js';
import { closeBrowser, openPage, PATIENCE } from '../harness/browser.js';
import { startServer, type TestServer } from '../harness/server.js';

const FOLDER = fileURLToPath(new URL('../../dist/ui/assets/', import.meta.url));
/** What a page of runs loads in all, with its curves; and the part of it that every page begins with. */
const LIMIT = 200_000;
const FIRST_LIMIT = 140_000;

let scripts: { name: string; text: string; size: number }[];

beforeAll(async () => {
  const names = (await readdir(FOLDER)).filter((name) => name.endsWith('.js'));
  scripts = await Promise.all(
    names.map(async (name) => {
      const bytes = await readFile(FOLDER + name);
      return { name, text: bytes.toString(), size: gzipSync(bytes, { level: 9 }).length };
    }),
  );
});

const sizeOf = (loaded: typeof scripts) => loaded.reduce((sum, { size }) => sum + size, 0);

/** The scripts of these beginnings of names, and all that they import before they run. */
function loadedWith(beginnings: string[]): typeof scripts {
  const loaded = scripts.filter(({ name }) => beginnings.some((beginning) => name.startsWith(beginning)));
  for (const { text } of loaded) {
    const names = [...text.matchAll(/(?:from|import) ?["`']\.\/([^"`']+)["`']/g)].map(([, name]) => name);
    loaded.push(...scripts.filter((script) => names.includes(script.name) && !loaded.includes(script)));
  }
  return loaded;
}

describe('the scripts of the UI', () => {
  it('are 140 kB at most, compressed, of which every page begins with, and 200 kB with the curves of a page of runs', () => {
    const first = loadedWith(['index-']);
    expect(sizeOf(first)).toBeLessThan(FIRST_LIMIT);
    expect(sizeOf(loadedWith(['index-', 'ChartsView-', 'Plot-']))).toBeLessThan(LIMIT);
  });

  it('leave the drawing of curves to a file of its own', () => {
    const drawing = scripts.filter(({ text }) => text.includes('u-cursor-x'));
    expect(drawing.map(({ name }) => name.replace(/-.*/, ''))).toEqual(['Plot']);
  });

  it('hold no schema library', () => {
    expect(scripts.filter(({ text }) => /ZodError|\$ZodType/.test(text)).map(({ name }) => name)).toEqual([]);
  });
});

describe('a first visit', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(async () => {
    await closeBrowser();
    await server.stop();
  });

  it('shows the runs of an experiment, live, after eight requests at most', async () => {
    const run = startRun({ client: connect(server.url), experiment: 'sweep', name: 'first', params: { lr: 0.1 } });
    run.logMetric('loss', 0.5);
    await run.end();
    const open = await openPage('about:blank');
    const asked: string[] = [];
    open.page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await open.page.goto(`${server.url}/experiments/${(await run.info()).experiment_id}`);
    await open.page.getByRole('gridcell', { name: '0.5' }).waitFor();
    await expect.poll(() => open.page.getByRole('banner').textContent(), PATIENCE).toContain('Live');
    await open.page.waitForLoadState('load');
    expect(asked.length, asked.join('\n')).toBeLessThanOrEqual(8);
    // The browser's own request for the icon is not told of: there is none.
    expect(await open.page.locator('link[rel=icon]').getAttribute('href')).toMatch(/^data:/);
    await open.close();
  });
});
