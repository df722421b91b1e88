/** Signing in with a browser, and the settings: a real Chromium before a server with users, and one without. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Connection, connect } from '../../client/connect.js';
import { violationsOf } from '../harness/axe.js';
import { closeBrowser, openPage, type PageOptions, type TestPage } from '../harness/browser.js';
import { startServer, type TestServer } from '../harness/server.js';

const password = 'correct horse battery';

let server: TestServer;
let open: TestServer;
let admin: Connection;
let pages: TestPage[] = [];

beforeAll(async () => {
  const env = { MLTRACK_ADMIN_PASSWORD: password };
  [server, open] = await Promise.all([startServer({ args: ['--app-name', 'basic-auth'], env }), startServer()]);
  admin = connect(server.url, { username: 'admin', password });
  await admin.createUser({ username: 'ana', password });
});
afterAll(async () => {
  await closeBrowser();
  await Promise.all([server.stop(), open.stop()]);
});
afterEach(async () => {
  for (const { close } of pages) await close();
  pages = [];
});

async function visit(url: string, options: PageOptions = {}) {
  const visited = await openPage(url, options);
  pages.push(visited);
  return visited;
}

async function signedIn(path: string, options: PageOptions = {}) {
  const visited = await visit(server.url + path, options);
  const { page } = visited;
  await page.getByLabel('User name').fill('ana');
  await page.getByLabel('Password').fill(password);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Signed in as ana' }).waitFor();
  return visited;
}

describe('who has not signed in', () => {
  it('is asked by a page of ours, says what is wrong beside the field, and goes on to where he wanted to', async () => {
    const { page, foreign } = await visit(`${server.url}/experiments?q=def`);
    await page.getByRole('heading', { name: 'Sign in to mltrack' }).waitFor();
    expect(new URL(page.url()).searchParams.get('next')).toBe('/experiments?q=def');
    expect(await page.getByLabel('User name').getAttribute('autocomplete')).toBe('username');
    expect(await page.getByLabel('Password').getAttribute('autocomplete')).toBe('current-password');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').filter({ hasText: 'Say who you are.' }).waitFor();
    await page.getByLabel('User name').fill('ana');
    await page.getByLabel('Password').fill('wrong horse battery');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').filter({ hasText: 'The user name or the password is wrong.' }).waitFor();
    expect(await page.evaluate(() => document.activeElement?.getAttribute('name'))).toBe('password');
    expect(await violationsOf(page)).toEqual([]);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL('**/experiments?q=def');
    await page.getByRole('link', { name: 'Default' }).waitFor();
    await page.reload();
    await page.getByRole('button', { name: 'Signed in as ana' }).waitFor();
    expect(foreign).toEqual([]);
  });

  it('is not led to another site', async () => {
    for (const next of ['https://evil.example/x', '//evil.example', '/\\evil.example', 'javascript:alert(1)', '']) {
      const { page } = await signedIn(`/login?next=${encodeURIComponent(next)}`);
      await page.getByRole('link', { name: 'Default' }).waitFor();
      expect(new URL(page.url()).origin).toBe(server.url);
      await pages.pop()?.close();
    }
  });

  it('is asked again after signing out', async () => {
    const { page } = await signedIn('/experiments');
    await page.getByRole('button', { name: 'Signed in as ana' }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in to mltrack' }).waitFor();
    await page.goto(`${server.url}/experiments`);
    await page.getByRole('heading', { name: 'Sign in to mltrack' }).waitFor();
  });
});

describe('tokens', () => {
  it('are made with their secret shown once, listed, and revoked after a question', async () => {
    const { page, problems } = await signedIn('/settings');
    const panel = page.getByRole('region', { name: 'API tokens' });
    await panel.getByText('No token yet.').waitFor();
    await panel.getByRole('button', { name: 'Create token' }).click();
    await panel.getByRole('alert').filter({ hasText: 'A token needs a name.' }).waitFor();
    await panel.getByLabel('Name').fill('nightly');
    await panel.getByLabel('Expires').selectOption('in 30 days');
    await panel.getByRole('button', { name: 'Create token' }).click();
    const secret = (await panel.locator('code', { hasText: 'mlt_' }).textContent()) ?? '';
    const script = connect(server.url, { token: secret, retries: 0 });
    const { tokens } = await script.listTokens({});
    expect(tokens.map(({ name }) => name)).toEqual(['nightly']);
    const days = ((tokens[0]?.expiration_time ?? 0) - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(29);
    expect(days).toBeLessThanOrEqual(30);
    expect(await violationsOf(page)).toEqual([]);
    await panel.getByRole('button', { name: 'Done' }).click();
    await page.getByText(secret).waitFor({ state: 'detached' });
    await panel.getByRole('button', { name: 'Revoke nightly' }).click();
    const dialog = page.getByRole('dialog', { name: 'Revoke nightly?' });
    expect(await violationsOf(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Revoke' }).click();
    await panel.getByText('No token yet.').waitFor();
    await expect(script.listTokens({})).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    // A question that is answered 401 is noted by the browser itself.
    expect(problems.filter((each) => !each.includes('401'))).toEqual([]);
  });
});

describe('the settings of a server without users', () => {
  it('are about the browser, and stay', async () => {
    const { page, problems } = await visit(`${open.url}/settings`);
    await page.getByText('SQLite, schema').waitFor();
    expect(await page.getByRole('region', { name: 'API tokens' }).count()).toBe(0);
    const theme = () => page.evaluate(() => document.documentElement.dataset.theme);
    const group = (name: string) => page.getByRole('group', { name });
    expect(await theme()).toBe('light');
    await group('Theme').getByText('Dark').click();
    expect(await theme()).toBe('dark');
    await group('Rows of tables').getByText('Cosy').click();
    await group('Single-key shortcuts').getByText('Off').click();
    await page.reload();
    expect(await group('Theme').getByLabel('Dark').isChecked()).toBe(true);
    expect(await group('Rows of tables').getByLabel('Cosy').isChecked()).toBe(true);
    expect(await group('Single-key shortcuts').getByLabel('Off').isChecked()).toBe(true);
    expect(await theme()).toBe('dark');
    expect(problems).toEqual([]);
  });

  it('bring deleted things back, and remove them for good after a question', async () => {
    const client = connect(open.url);
    const { experiment_id } = await client.createExperiment({ name: 'old experiment' });
    const runs = [];
    for (const run_name of ['kept', 'gone']) {
      const { run } = await client.createRun({ experiment_id: '0', run_name });
      await client.deleteRun({ run_id: run.info.run_id });
      runs.push(run.info.run_id);
    }
    await client.deleteExperiment({ experiment_id });
    const { page, problems } = await visit(`${open.url}/settings`);
    const panel = page.getByRole('region', { name: 'Trash' });
    await panel.getByText('3 things').waitFor();
    await panel.getByRole('button', { name: 'Restore kept' }).click();
    await panel.getByText('2 things').waitFor();
    expect((await client.getRun({ run_id: runs[0] as string })).run.info.lifecycle_stage).toBe('active');
    await panel.getByRole('button', { name: 'Remove gone for good' }).click();
    await page.getByRole('dialog', { name: 'Remove gone for good?' }).getByRole('button', { name: 'Cancel' }).click();
    await panel.getByRole('button', { name: 'Remove gone for good' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove for good' }).click();
    await panel.getByText('1 thing', { exact: true }).waitFor();
    await expect(client.getRun({ run_id: runs[1] as string })).rejects.toMatchObject({
      code: 'RESOURCE_DOES_NOT_EXIST',
    });
    await panel.getByRole('button', { name: 'Empty the trash' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove for good' }).click();
    await panel.getByText('Nothing is deleted.').waitFor();
    expect(problems).toEqual([]);
  });

  it.each([
    ['light', 1440],
    ['dark', 1440],
    ['light', 390],
    ['dark', 390],
  ] as const)('are for everybody (%s, %i px)', async (colorScheme, width) => {
    const client = connect(open.url);
    const { run } = await client.createRun({
      experiment_id: '0',
      run_name: 'a run with a name that is rather long '.repeat(4),
    });
    await client.deleteRun({ run_id: run.info.run_id });
    const { page } = await visit(`${open.url}/settings`, { colorScheme, viewport: { width, height: 844 } });
    await page.getByText('SQLite, schema').waitFor();
    await page.getByRole('button', { name: 'Empty the trash' }).waitFor();
    expect(await violationsOf(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    const { page: login } = await visit(`${server.url}/login`, { colorScheme, viewport: { width, height: 844 } });
    await login.getByRole('button', { name: 'Sign in' }).waitFor();
    expect(await violationsOf(login)).toEqual([]);
  });
});
