/** Pages that follow what is written: soon, over one stream each, again after it broke off, and by asking where it does not come through. */
import { rm } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest';
import { type Connection, connect } from '../../client/connect.js';
import { closeBrowser, openPage, PATIENCE, type TestPage } from '../harness/browser.js';
import { startServer, type TestServer } from '../harness/server.js';

let server: TestServer;
let client: Connection;
let run_id: string;
let open: TestPage;

beforeEach(async () => {
  server = await startServer();
  client = connect(server.url);
  run_id = (await client.createRun({ experiment_id: '0', run_name: 'training' })).run.info.run_id;
});
afterEach(async () => {
  await open.close();
  await server.stop();
  await rm(server.cwd, { recursive: true, force: true });
});
afterAll(closeBrowser);

const runPage = () => `${server.url}/experiments/0/runs/${run_id}`;
const dot = (page: Page, text: string) => page.getByRole('status').getByText(text, { exact: true });
const metric = (page: Page, key: string) => page.getByRole('region', { name: 'Metrics' }).getByText(key).first();
const log = (key: string) => client.logMetric({ run_id, key, value: 1, timestamp: Date.now(), step: 1 });

it('a running run’s metrics appear within two seconds, over one stream for the whole page', async () => {
  open = await openPage('about:blank');
  const { page } = open;
  const streams: string[] = [];
  page.on('request', (request) => {
    if (request.url().includes('/mltrack/events')) streams.push(request.url());
  });
  await page.goto(runPage());
  await dot(page, 'Live').waitFor();
  const before = Date.now();
  await log('loss');
  await metric(page, 'loss').waitFor();
  expect(Date.now() - before).toBeLessThan(2_000);
  await client.updateRun({ run_id, status: 'FINISHED' });
  await page.getByText('Finished').first().waitFor();
  expect(streams.filter((url) => !url.includes('since='))).toHaveLength(1);
});

it('what was written while the stream was broken off appears when it is back', async () => {
  open = await openPage(runPage());
  const { page } = open;
  await dot(page, 'Live').waitFor();
  const { port } = new URL(server.url);
  await server.kill();
  await dot(page, 'Retrying').waitFor();
  server = await startServer({ cwd: server.cwd, args: ['--port', port] });
  client = connect(server.url);
  await log('meanwhile');
  await dot(page, 'Live').waitFor();
  await metric(page, 'meanwhile').waitFor();
});

it('where the stream does not come through, a running run is read every few seconds', async () => {
  open = await openPage('about:blank');
  const { page } = open;
  await page.route('**/mltrack/events*', (route) => route.fulfill({ status: 404, body: 'no' }));
  await page.goto(runPage());
  await dot(page, 'Every 5 s').waitFor(PATIENCE);
  await log('polled');
  await metric(page, 'polled').waitFor(PATIENCE);
});

it('a page that nobody looks at lets go of its stream, and hears of everything when it is looked at again', async () => {
  open = await openPage('about:blank');
  const { page } = open;
  await page.clock.install();
  await page.goto(runPage());
  await dot(page, 'Live').waitFor();
  const look = (hidden: boolean) =>
    page.evaluate((value) => {
      Object.defineProperty(document, 'hidden', { value, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    }, hidden);
  await look(true);
  await page.clock.runFor(11_000);
  await dot(page, 'Live').waitFor({ state: 'detached' });
  await log('unseen');
  await look(false);
  await page.clock.runFor(1_000);
  await metric(page, 'unseen').waitFor(PATIENCE);
});
