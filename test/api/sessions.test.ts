/** Browsers that are signed in: the cookie, what it is good for, and when it ends. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Connection, connect } from '../../client/connect.js';
import { listen } from '../harness/listener.js';
import { startServer, type TestServer } from '../harness/server.js';
import { createDatabase } from '../harness/store.js';

const password = 'correct horse battery';
const other = 'another horse battery';

let server: TestServer;
let admin: Connection;
let number = 0;

beforeAll(async () => {
  server = await startServer({ args: ['--app-name', 'basic-auth'], env: { MLTRACK_ADMIN_PASSWORD: password } });
  admin = connect(server.url, { username: 'admin', password });
});
afterAll(async () => void (await server.stop()));

const as = (headers: Record<string, string>, url = server.url) => connect(url, { headers, retries: 0 });

async function newUser(): Promise<string> {
  const username = `user${++number}`;
  await admin.createUser({ username, password });
  return username;
}

interface SignedIn {
  /** What a page of the UI sends. */
  headers: Record<string, string>;
  cookie: string;
  setCookie: string;
}

async function signIn(username: string, extra: Record<string, string> = {}, url = server.url): Promise<SignedIn> {
  const answer = await fetch(`${url}/ajax-api/2.0/mltrack/session/create`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...extra },
    body: JSON.stringify({ username, password }),
  });
  expect(answer.status).toBe(200);
  const setCookie = answer.headers.get('set-cookie') ?? '';
  const cookie = setCookie.split(';')[0] ?? '';
  return { headers: { cookie, 'x-requested-with': 'mltrack-ui' }, cookie, setCookie };
}

describe('a session', () => {
  it('is a cookie that scripts and other sites do not get', async () => {
    const { setCookie } = await signIn('admin');
    const { port } = new URL(server.url);
    expect(setCookie).toMatch(
      new RegExp(`^mltrack_session_${port}=mls_[\\w-]{43}; Path=/; Max-Age=2592000; HttpOnly; SameSite=Strict$`),
    );
    const { origin } = new URL(server.url);
    expect((await signIn('admin', { origin: origin.replace('http:', 'https:') })).setCookie).toMatch(/; Secure$/);
    expect((await signIn('admin', { 'x-forwarded-proto': 'https' })).setCookie).toMatch(/; Secure$/);
  });

  it('says who asks, and does for a password what that did', async () => {
    const username = await newUser();
    expect(await as({}).getSession({})).toEqual({ auth_enabled: true });
    const { headers } = await signIn(username);
    const page = as(headers);
    expect(await page.getSession({})).toEqual({ auth_enabled: true, username, is_admin: false, is_session: true });
    await page.createRun({ experiment_id: (await page.createExperiment({ name: username })).experiment_id });
    await expect(page.createUser({ username: 'x', password })).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
    expect(await connect(server.url, { username, password }).getSession({})).toEqual({
      auth_enabled: true,
      username,
      is_admin: false,
      is_session: false,
    });
  });

  it('makes and ends tokens', async () => {
    const page = as((await signIn(await newUser())).headers);
    const { secret, token } = await page.createToken({ name: 'nightly' });
    const script = connect(server.url, { token: secret, retries: 0 });
    await script.searchExperiments({});
    expect((await page.listTokens({})).tokens).toEqual([token]);
    await page.revokeToken({ token_id: token.token_id });
    await expect(script.searchExperiments({})).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it('ends when it is signed out of, here or everywhere', async () => {
    const username = await newUser();
    const [first, second, third] = [await signIn(username), await signIn(username), await signIn(username)];
    const stream = await listen(server.url, '', { cookie: first.cookie });
    await stream.until(({ event }) => event === 'ready');
    await as(first.headers).deleteSession({});
    await stream.ended;
    await expect(as(first.headers).searchExperiments({})).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    await as(second.headers).searchExperiments({});
    await as(second.headers).deleteSession({ everywhere: true });
    for (const { headers } of [second, third]) {
      await expect(as(headers).searchExperiments({})).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
      expect(await as(headers).getSession({})).toEqual({ auth_enabled: true });
    }
    const gone = await fetch(`${server.url}/api/2.0/mltrack/session/delete`, {
      method: 'DELETE',
      headers: third.headers,
    });
    expect(gone.status).toBe(401);
  });

  it('ends with the password and with the user', async () => {
    const [one, two] = [await newUser(), await newUser()];
    const [first, second] = [await signIn(one), await signIn(two)];
    await admin.updateUserPassword({ username: one, password: other });
    await admin.deleteUser({ username: two });
    for (const { headers } of [first, second]) {
      await expect(as(headers).searchExperiments({})).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    }
  });

  it('holds on every server of a database', async () => {
    const database = await createDatabase();
    const start = () =>
      startServer({
        args: ['--app-name', 'basic-auth', '--backend-store-uri', database],
        env: { MLTRACK_ADMIN_PASSWORD: password },
      });
    const [one, two] = [await start(), await start()];
    const { cookie } = await signIn('admin', {}, one.url);
    // The cookie's name has the port, which is the proxy's where there is one.
    const headers = { cookie: cookie.replace(new URL(one.url).port, new URL(two.url).port), 'x-requested-with': 'x' };
    expect(await as(headers, two.url).getSession({})).toMatchObject({ username: 'admin' });
    await as(headers, two.url).deleteSession({});
    await expect(as({ cookie, 'x-requested-with': 'x' }, one.url).searchExperiments({})).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    });
    await Promise.all([one.stop(), two.stop()]);
  });
});

describe('a sign-in that fails', () => {
  const create = (body: string, headers = {}) =>
    fetch(`${server.url}/api/2.0/mltrack/session/create`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    });

  it('says so, makes no browser ask, and may not be repeated at will', async () => {
    const username = await newUser();
    const wrong = JSON.stringify({ username, password: 'wrong horse battery' });
    const answer = await create(wrong);
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBeNull();
    expect(answer.headers.get('set-cookie')).toBeNull();
    expect(await answer.json()).toEqual({
      error_code: 'UNAUTHENTICATED',
      message: 'The user name or the password is wrong.',
    });
    const statuses = [];
    for (let i = 0; i < 6; i++) statuses.push((await create(wrong)).status);
    expect(statuses.at(-1)).toBe(429);
  });

  it.each(['', '{}', '{"username":"a"}', '{"username":1,"password":2}', '[]', '{'])('for %s says why', async (body) => {
    const answer = await create(body);
    expect(answer.status).toBe(400);
    expect((await answer.json()).error_code).toMatch(/INVALID_PARAMETER_VALUE|BAD_REQUEST/);
  });

  it('does not come from another site', async () => {
    const body = JSON.stringify({ username: 'admin', password });
    expect((await create(body, { origin: 'https://evil.example' })).status).toBe(403);
    expect((await create(body, { 'content-type': 'text/plain' })).status).toBe(400);
  });
});

describe('what a browser sends by itself', () => {
  it('changes nothing for pages of other ports or sites', async () => {
    const { headers, cookie } = await signIn(await newUser());
    const post = (extra: Record<string, string>) =>
      fetch(`${server.url}/api/2.0/mlflow/experiments/create`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', cookie, ...extra },
        body: JSON.stringify({ name: `csrf ${++number}` }),
      });
    expect((await post({})).status).toBe(403);
    expect((await post({ ...headers, origin: 'http://127.0.0.1:1' })).status).toBe(403);
    expect((await post({ ...headers, 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await post(headers)).status).toBe(200);
  });

  it('is challenged where a client asks, and not where a page of ours does', async () => {
    const get = (headers: Record<string, string>) =>
      fetch(`${server.url}/api/2.0/mlflow/experiments/get?experiment_id=0`, { headers });
    const events = await listen(server.url, '', { accept: 'text/event-stream' });
    expect([events.status, events.headers.get('www-authenticate')]).toEqual([401, null]);
    for (const [headers, challenged] of [
      [{}, true],
      [{ cookie: 'mltrack_session=mls_x' }, true],
      [{ 'x-requested-with': 'mltrack-ui' }, false],
      [{ 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'no-cors' }, false],
      [{ 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' }, true],
    ] as const) {
      const answer = await get(headers);
      expect([answer.status, answer.headers.has('www-authenticate')]).toEqual([401, challenged]);
    }
  });
});

it('a server says what it is to whoever may ask', async () => {
  await expect(as({}).getServerFacts({})).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  const facts = await as((await signIn(await newUser())).headers).getServerFacts({});
  expect(facts).toMatchObject({ store: 'SQLite', auth_enabled: true, default_permission: 'READ' });
  expect(facts.default_artifact_root).toBe('mlflow-artifacts:/');
  expect(await (await fetch(`${server.url}/version`)).text()).toBe(facts.version);
});

it('a server without users has no sessions', async () => {
  const open = await startServer();
  const client = connect(open.url, { retries: 0 });
  expect(await client.getSession({})).toEqual({ auth_enabled: false });
  await expect(client.createSession({ username: 'a', password })).rejects.toMatchObject({ code: 'ENDPOINT_NOT_FOUND' });
  await expect(client.deleteSession({})).rejects.toMatchObject({ code: 'ENDPOINT_NOT_FOUND' });
  await open.stop();
});
