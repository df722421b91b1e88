/** What a first visit asks the server for: a page far away from its server waits for each of them. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Connection, connect, startRun } from '../../client/node/index.js';
import { closeBrowser, openPage, PATIENCE } from '../harness/browser.js';
import { startServer, type TestServer } from '../harness/server.js';

const MOST = 8;

let server: TestServer;
let client: Connection;

beforeAll(async () => {
  server = await startServer();
  client = connect(server.url);
});
afterAll(async () => {
  await closeBrowser();
  await server.stop();
});

it('shows the runs of an experiment, live, after eight requests at most', async () => {
  const run = startRun({ client, experiment: 'sweep', name: 'first', params: { lr: 0.1 } });
  run.logMetric('loss', 0.5);
  await run.end();
  const open = await openPage('about:blank');
  const asked: string[] = [];
  open.page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await open.page.goto(`${server.url}/experiments/${(await run.info()).experiment_id}`);
  await open.page.getByRole('gridcell', { name: '0.5' }).waitFor();
  await expect.poll(() => open.page.getByRole('banner').textContent(), PATIENCE).toContain('Live');
  await open.page.waitForLoadState('load');
  expect(asked.length, asked.join('\n')).toBeLessThanOrEqual(MOST);
  // The browser's own request for the icon is not told of: there is none.
  expect(await open.page.locator('link[rel=icon]').getAttribute('href')).toMatch(/^data:/);
  await open.close();
});
