/** The try-it page in a real browser: it sends what it shows, and shows what comes back. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Locator } from 'playwright-core';
import { afterAll, expect, test } from 'vitest';
import { closeBrowser, openPage, PATIENCE, type TestPage } from '../../harness/browser.js';
import { type ModelServer, modelFolder, modelPath, serveModel } from '../model-server.js';
import { writeModel } from '../onnx-writer.js';

const run = promisify(execFile);

const opened: TestPage[] = [];
const servers: ModelServer[] = [];

afterAll(async () => {
  for (const { problems, foreign, close } of opened) {
    expect({ problems: problems.filter((each) => !/status of 400/.test(each)), foreign }).toEqual({
      problems: [],
      foreign: [],
    });
    await close();
  }
  await closeBrowser();
  for (const server of servers) await server.stop();
});

async function open(uri: string, options: Parameters<typeof openPage>[1] = {}) {
  const server = await serveModel(uri, { args: ['-w', '1'] });
  servers.push(server);
  const opening = await openPage(`${server.url}/`, options);
  opened.push(opening);
  return { server, page: opening.page };
}

const textOf = async (place: Locator) => (await place.textContent()) ?? '';

test('the body is there, Send shows the predictions with status and time, and the curl line gives the same', async () => {
  const { page } = await open(modelPath('d_iris_zipmap'));
  await expect(page.title()).resolves.toBe('mlmodel · mltrack');
  await expect(page.getByRole('table', { name: 'Inputs' }).textContent()).resolves.toMatch(/Xfloat32\(-1, 4\)/);
  await expect(page.getByRole('table', { name: 'Outputs' }).textContent()).resolves.toMatch(/maps of 0, 1, 2/);
  await page.getByRole('button', { name: 'Send' }).click();
  const status = page.getByRole('status').first();
  await expect.poll(() => status.textContent(), PATIENCE).toMatch(/^200 OK in [\d.]+ ms$/);
  const reply = await textOf(page.getByRole('region', { name: 'Answer' }));
  expect(JSON.parse(reply)).toEqual({
    predictions: { output_label: [expect.any(Number)], output_probability: [expect.any(Object)] },
  });
  const { stdout } = await run('sh', ['-c', await textOf(page.locator('#curl'))]);
  expect(stdout).toBe(reply);
});

test('every form has a body that is answered, and an edited body stays with its form', async () => {
  const { page } = await open(modelPath('d_cars_columns'));
  const forms = page.getByLabel('Written as');
  const body = page.getByLabel('Body of POST /invocations');
  const status = page.getByRole('status').first();
  const names = await forms
    .locator('option')
    .evaluateAll((options) => options.map((each) => each.getAttribute('value')));
  expect(names).toContain('csv');
  for (const name of names) {
    await forms.selectOption(name);
    await page.getByRole('button', { name: 'Send' }).click();
    await expect.poll(() => status.textContent(), PATIENCE).toMatch(/^200/);
    const reply = await textOf(page.getByRole('region', { name: 'Answer' }));
    const { stdout } = await run('sh', ['-c', await textOf(page.locator('#curl'))]);
    expect(stdout).toBe(reply);
    await body.fill(`not ${name}`);
  }
  for (const name of names) {
    await forms.selectOption(name);
    await expect(body.inputValue()).resolves.toBe(`not ${name}`);
    await expect(page.locator('#curl').textContent()).resolves.toContain(`--data-raw 'not ${name}'`);
  }
});

test('from the keyboard: a refused body shows why', async () => {
  const { page } = await open(modelPath('d_mlp_small'), { viewport: { width: 390, height: 844 }, colorScheme: 'dark' });
  await page.getByLabel('Body of POST /invocations').fill('{"inputs": {"x": [[1, 2]]}}');
  await page.keyboard.press('Control+Enter');
  await expect.poll(() => page.getByRole('status').first().textContent(), PATIENCE).toMatch(/^400 Bad Request/);
  await expect(page.getByRole('region', { name: 'Answer' }).textContent()).resolves.toContain("Shape of input 'x'");
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(wider).toBeLessThanOrEqual(0);
});

test('the line is copied', async () => {
  const { page, server } = await open(modelPath('d_ort_mul_1'));
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: server.url });
  await page.getByRole('button', { name: 'Copy' }).click();
  await expect.poll(() => page.getByRole('status').last().textContent(), PATIENCE).toBe('Copied');
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toBe(await textOf(page.locator('#curl')));
});

test('names of the model are text, whatever they look like', async () => {
  const name = `</textarea><script>document.title='owned'</script><img src=x onerror="document.title='owned'">'"&`;
  const folder = await modelFolder({
    'model.onnx': writeModel({
      nodes: [{ operator: 'Abs', inputs: [name], outputs: ['y'] }],
      inputs: [{ name, type: 'float', shape: ['n', 900] }],
      outputs: [{ name: 'y', type: 'float', shape: ['n', 900] }],
    }),
  });
  const { page, server } = await open(folder.path);
  await expect(page.title()).resolves.toContain('mltrack-test-');
  await expect(page.getByRole('table', { name: 'Inputs' }).textContent()).resolves.toContain(name);
  const body = page.getByLabel('Body of POST /invocations');
  expect(Object.keys(JSON.parse(await body.inputValue()).inputs)).toEqual([name]);
  await page.getByRole('button', { name: 'Send' }).click();
  await expect.poll(() => page.getByRole('status').first().textContent(), PATIENCE).toMatch(/^200/);
  await expect(page.locator('#curl').textContent()).resolves.toContain(`curl -s ${server.url}/example | curl`);
  const policy = (await fetch(server.url)).headers.get('content-security-policy');
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toContain('unsafe');
  await folder.remove();
});
