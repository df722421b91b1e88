/** Users, passwords, tokens and permissions of a server that was started with --app-name basic-auth. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Connection, connect } from '../../client/connect.js';
import { CLI, startServer, type TestServer } from '../harness/server.js';
import { createDatabase } from '../harness/store.js';

const password = 'correct horse battery';
const other = 'another horse battery';

let server: TestServer;
let admin: Connection;
beforeAll(async () => {
  server = await startServer({ args: ['--app-name', 'basic-auth'], env: { MLTRACK_ADMIN_PASSWORD: password } });
  admin = as('admin');
});
afterAll(async () => void (await server.stop()));

const as = (username: string, secret = password) => connect(server.url, { username, password: secret, retries: 0 });
let number = 0;
/** A new user, with nothing but the default permission. */
async function newUser(): Promise<{ username: string; client: Connection }> {
  const username = `user${++number}`;
  await admin.createUser({ username, password });
  return { username, client: as(username) };
}
const denied = { code: 'PERMISSION_DENIED' };

describe('users', () => {
  it('are created, shown, made admins and removed by admins', async () => {
    const { username, client } = await newUser();
    expect(await client.getCurrentUser({})).toMatchObject({ user: { username, is_admin: false }, is_basic_auth: true });
    expect((await client.getUser({ username })).user).toMatchObject({ scorer_permissions: [] });
    await expect(client.getUser({ username: 'admin' })).rejects.toMatchObject(denied);
    await expect(client.listUsers({})).rejects.toMatchObject(denied);
    await expect(admin.createUser({ username, password })).rejects.toMatchObject({ code: 'RESOURCE_ALREADY_EXISTS' });
    await admin.updateUserAdmin({ username, is_admin: true });
    expect((await client.listUsers({})).users.map((user) => user.username)).toContain(username);
    await admin.deleteUser({ username });
    await expect(client.getCurrentUser({})).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it('keep an admin among them', async () => {
    await expect(admin.updateUserAdmin({ username: 'admin', is_admin: false })).rejects.toThrow('The last admin');
    await expect(admin.deleteUser({ username: 'admin' })).rejects.toThrow('Users cannot delete their own account');
  });

  it.each(['', 'a:b', 'a\nb', 'x'.repeat(256)])('are not called %j', async (username) => {
    await expect(admin.createUser({ username, password })).rejects.toMatchObject({ code: 'INVALID_PARAMETER_VALUE' });
  });

  it('change their own password with the old one, which is void at once', async () => {
    const { username, client } = await newUser();
    const change = (request: object) => client.updateUserPassword({ username, password: other, ...request });
    await expect(change({})).rejects.toThrow('Current password is required when changing your own password.');
    await expect(change({ current_password: other })).rejects.toThrow('Current password does not match.');
    await expect(change({ current_password: password, password })).rejects.toThrow('New password must differ');
    await expect(change({ current_password: password, password: 'short' })).rejects.toThrow('at least 12 characters');
    await change({ current_password: password });
    await expect(client.getCurrentUser({})).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    expect((await as(username, other).getCurrentUser({})).user.username).toBe(username);
    await expect(client.updateUserPassword({ username: 'admin', password })).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    });
  });

  it('do not come in by guessing, and others do not notice', async () => {
    const { username, client } = await newUser();
    await client.getCurrentUser({});
    const codes: string[] = [];
    for (let i = 0; i < 8; i++) {
      await as(username, `wrong password ${i}`)
        .getCurrentUser({})
        .catch((error: { code: string }) => codes.push(error.code));
    }
    expect(codes.slice(0, 5)).toEqual(Array(5).fill('UNAUTHENTICATED'));
    expect(codes.at(-1)).toBe('REQUEST_LIMIT_EXCEEDED');
    expect((await client.getCurrentUser({})).user.username).toBe(username);
  });
});

describe('permissions', () => {
  it('are what the creator has, and gives', async () => {
    const [owner, guest] = [await newUser(), await newUser()];
    const { experiment_id } = await owner.client.createExperiment({ name: 'owned' });
    expect((await owner.client.getUser({ username: owner.username })).user.experiment_permissions).toMatchObject([
      { experiment_id, permission: 'MANAGE' },
    ]);
    const address = { experiment_id, username: guest.username };
    await expect(guest.client.createRun({ experiment_id })).rejects.toMatchObject(denied);
    await expect(guest.client.createExperimentPermission({ ...address, permission: 'MANAGE' })).rejects.toMatchObject(
      denied,
    );
    await owner.client.createExperimentPermission({ ...address, permission: 'EDIT' });
    const { run } = await guest.client.createRun({ experiment_id });
    await guest.client.logParam({ run_id: run.info.run_id, key: 'a', value: '1' });
    await expect(guest.client.deleteRun({ run_id: run.info.run_id })).rejects.toMatchObject(denied);
    await expect(guest.client.deleteExperiment({ experiment_id })).rejects.toMatchObject(denied);
    await owner.client.updateExperimentPermission({ ...address, permission: 'NO_PERMISSIONS' });
    await expect(guest.client.getRun({ run_id: run.info.run_id })).rejects.toMatchObject(denied);
    expect(await guest.client.searchRuns({ experiment_ids: [experiment_id] })).toEqual({});
    expect((await owner.client.getExperimentPermission(address)).experiment_permission.permission).toBe(
      'NO_PERMISSIONS',
    );
    await owner.client.deleteExperimentPermission(address);
    expect((await guest.client.getRun({ run_id: run.info.run_id })).run.info.run_id).toBe(run.info.run_id);
    await owner.client.deleteRun({ run_id: run.info.run_id });
  });

  it('on registered models follow their names', async () => {
    const [owner, guest] = [await newUser(), await newUser()];
    await owner.client.createRegisteredModel({ name: 'm' });
    const address = { name: 'm', username: guest.username };
    await owner.client.createRegisteredModelPermission({ ...address, permission: 'EDIT' });
    await guest.client.renameRegisteredModel({ name: 'm', new_name: 'n' });
    await guest.client.setRegisteredModelTag({ name: 'n', key: 'k', value: 'v' });
    await owner.client.updateRegisteredModelPermission({ ...address, name: 'n', permission: 'NO_PERMISSIONS' });
    await expect(guest.client.getRegisteredModel({ name: 'n' })).rejects.toMatchObject(denied);
    await expect(
      guest.client
        .createRegisteredModel({ name: 'mine' })
        .then(() => guest.client.createModelVersion({ name: 'mine', source: 'models:/n/1' })),
    ).rejects.toMatchObject(denied);
    expect(
      (await owner.client.getRegisteredModelPermission({ ...address, name: 'n' })).registered_model_permission,
    ).toMatchObject({ name: 'n', permission: 'NO_PERMISSIONS' });
    await owner.client.deleteRegisteredModelPermission({ ...address, name: 'n' });
    await owner.client.deleteRegisteredModel({ name: 'n' });
  });

  it('are granted and told in the newer way too', async () => {
    const { username, client } = await newUser();
    const address = { username, resource_type: 'experiment', resource_id: '0' };
    expect(await client.getUserPermission(address)).toEqual({ allowed: false, permission: 'READ' });
    await admin.grantUserPermission({ ...address, permission: 'MANAGE' });
    expect(await client.getUserPermission(address)).toEqual({ allowed: true, permission: 'MANAGE' });
    await client.revokeUserPermission(address);
    await expect(client.grantUserPermission({ ...address, permission: 'MANAGE' })).rejects.toMatchObject(denied);
    await expect(admin.grantUserPermission({ ...address, resource_type: 'x', permission: 'READ' })).rejects.toThrow(
      "Invalid resource type 'x'",
    );
  });

  it('leave the pages of a search whole', async () => {
    const { username, client } = await newUser();
    for (let i = 0; i < 6; i++) {
      const { experiment_id } = await admin.createExperiment({ name: `paged ${i}` });
      if (i % 2 === 0)
        await admin.createExperimentPermission({ experiment_id, username, permission: 'NO_PERMISSIONS' });
    }
    const names: string[] = [];
    for (let page_token: string | undefined; ; ) {
      const page = await client.searchExperiments({
        max_results: 2,
        filter: "name like 'paged%'",
        ...(page_token && { page_token }),
      });
      names.push(...(page.experiments ?? []).map((each) => each.name));
      expect(page.experiments?.length).toBe(names.length === 3 ? 1 : 2);
      page_token = page.next_page_token;
      if (!page_token) break;
    }
    expect(names).toEqual(['paged 5', 'paged 3', 'paged 1']);
  });
});

describe('tokens', () => {
  it('stand for their user until they are revoked, whatever becomes of the password', async () => {
    const { username, client } = await newUser();
    const { token, secret } = await client.createToken({ name: 'ci' });
    const script = connect(server.url, { token: secret, retries: 0 });
    expect((await script.getCurrentUser({})).user.username).toBe(username);
    await admin.updateUserPassword({ username, password: other });
    expect((await script.listTokens({})).tokens).toEqual([token]);
    await expect(admin.revokeToken({ token_id: token.token_id })).rejects.toMatchObject({
      code: 'RESOURCE_DOES_NOT_EXIST',
    });
    await script.revokeToken({ token_id: token.token_id });
    await expect(script.getCurrentUser({})).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it('expire, though they were in use', async () => {
    const { client } = await newUser();
    await client.getCurrentUser({});
    const { secret } = await client.createToken({ name: 'short', expiration_time: Date.now() + 3000 });
    const script = connect(server.url, { token: secret, retries: 0 });
    await script.getCurrentUser({});
    await expect
      .poll(
        () =>
          script.getCurrentUser({}).then(
            () => '',
            (error) => error.code,
          ),
        { timeout: 15_000 },
      )
      .toBe('UNAUTHENTICATED');
  });
});

describe('the command line', () => {
  const mltrack = (args: string[], input = '', env: Record<string, string> = {}) =>
    new Promise<string>((resolve, reject) => {
      const credentials = {
        MLFLOW_TRACKING_URI: server.url,
        MLFLOW_TRACKING_USERNAME: 'admin',
        MLFLOW_TRACKING_PASSWORD: password,
      };
      const child = execFile(
        process.execPath,
        [CLI, ...args],
        { env: { ...process.env, ...credentials, ...env } },
        (error, out, err) => (error ? reject(new Error(err)) : resolve(out)),
      );
      child.stdin?.end(input);
    });

  it('manages users and tokens', async () => {
    expect(await mltrack(['users', 'create', 'carol'], `${password}\n`)).toBe('Created user carol\n');
    expect(await mltrack(['users', 'set-admin', 'carol'])).toBe('carol is an admin\n');
    expect(await mltrack(['users', 'list'])).toContain('carol\tadmin\n');
    expect(await mltrack(['users', 'grant', 'carol', '--experiment', '0', '--permission', 'EDIT'])).toContain('EDIT');
    expect(await mltrack(['users', 'set-password', 'carol'], `${other}\n`)).toContain('carol');
    const env = { MLFLOW_TRACKING_USERNAME: 'carol', MLFLOW_TRACKING_PASSWORD: other };
    const secret = (await mltrack(['tokens', 'create', 'ci', '--expires-in', '1'], '', env)).trim();
    expect(secret).toMatch(/^mlt_[\w-]{43}$/);
    const [id] = (await mltrack(['tokens', 'list'], '', { ...env, MLFLOW_TRACKING_TOKEN: secret })).split('\t');
    await mltrack(['tokens', 'revoke', String(id)], '', env);
    await expect(mltrack(['tokens', 'list'], '', { MLFLOW_TRACKING_TOKEN: secret })).rejects.toThrow(
      'not authenticated',
    );
    expect(await mltrack(['users', 'delete', 'carol'])).toBe('Deleted carol\n');
    await expect(mltrack(['users', 'create', 'dave'])).rejects.toThrow('read from stdin, which had none');
  });
});

describe('the first start', () => {
  const start = (env: Record<string, string>, cwd?: string) =>
    startServer({ args: ['--app-name', 'basic-auth'], env, ...(cwd && { cwd }) });

  it('tells a password that it made up, once', async () => {
    const cwd = await mkdtemp(join(tmpdir(), 'mltrack-auth-'));
    try {
      const first = await start({}, cwd);
      await expect
        .poll(() => first.log())
        .toMatch(/created the admin admin with password \S+ \(it is not shown again\)/);
      const [, made = ''] = /with password (\S+)/.exec(first.log()) ?? [];
      expect((await connect(first.url, { username: 'admin', password: made }).getCurrentUser({})).user.is_admin).toBe(
        true,
      );
      await first.stop();
      const second = await start({}, cwd);
      await connect(second.url, { username: 'admin', password: made }).getCurrentUser({});
      await second.stop();
      expect(second.log()).not.toContain('password');
    } finally {
      await rm(cwd, { recursive: true });
    }
  });

  it.each([
    ['admin_password = password1234', 'the one that older versions of MLflow gave everybody'],
    ['admin_password = short', 'needs 12 characters'],
    ['default_permission = WRITE', 'must be one of NO_PERMISSIONS, READ'],
    ['database_uri = sqlite:///basic_auth.db', 'users are kept in the tracking store'],
    ['authorization_function = my.module:f', 'is Python, which cannot run here'],
  ])('refuses a file with %s', async (line, message) => {
    const cwd = await mkdtemp(join(tmpdir(), 'mltrack-auth-'));
    await writeFile(join(cwd, 'auth.ini'), `# comment\n[mlflow]\n${line}\n`);
    await expect(start({ MLFLOW_AUTH_CONFIG_PATH: join(cwd, 'auth.ini') }, cwd)).rejects.toThrow(message);
    await rm(cwd, { recursive: true });
  });

  it('takes the admin and the default from a file', async () => {
    const cwd = await mkdtemp(join(tmpdir(), 'mltrack-auth-'));
    const lines = [
      '[mlflow]',
      'default_permission: NO_PERMISSIONS',
      'admin_username = root',
      `admin_password = ${password}`,
    ];
    await writeFile(join(cwd, 'auth.ini'), lines.join('\n'));
    const strict = await start({ MLFLOW_AUTH_CONFIG_PATH: join(cwd, 'auth.ini') }, cwd);
    try {
      const root = connect(strict.url, { username: 'root', password });
      await root.createUser({ username: 'u', password });
      const user = connect(strict.url, { username: 'u', password });
      await expect(user.getExperiment({ experiment_id: '0' })).rejects.toMatchObject(denied);
      expect(await user.searchExperiments({})).toEqual({});
      const { experiment_id } = await user.createExperiment({ name: 'own' });
      expect((await user.searchExperiments({})).experiments).toMatchObject([{ experiment_id }]);
      await user.createRun({ experiment_id });
    } finally {
      await strict.stop();
      await rm(cwd, { recursive: true });
    }
  });
});

it('has the same users, permissions and tokens on PostgreSQL', async () => {
  const args = ['--app-name', 'basic-auth', '--backend-store-uri', await createDatabase()];
  const onPostgres = await startServer({ args, env: { MLTRACK_ADMIN_PASSWORD: password } });
  try {
    const root = connect(onPostgres.url, { username: 'admin', password });
    await root.createUser({ username: 'u', password });
    await expect(root.createUser({ username: 'u', password })).rejects.toMatchObject({
      code: 'RESOURCE_ALREADY_EXISTS',
    });
    const { experiment_id } = await root.createExperiment({ name: 'hidden' });
    await root.createExperimentPermission({ experiment_id, username: 'u', permission: 'NO_PERMISSIONS' });
    await root.createRegisteredModel({ name: 'hidden' });
    await root.grantUserPermission({
      username: 'u',
      resource_type: 'registered_model',
      resource_id: 'hidden',
      permission: 'NO_PERMISSIONS',
    });
    const user = connect(onPostgres.url, { username: 'u', password });
    const { secret } = await user.createToken({ name: 'ci' });
    const script = connect(onPostgres.url, { token: secret });
    expect((await script.searchExperiments({})).experiments).toHaveLength(1);
    expect(await script.searchRegisteredModels({})).toEqual({});
    await expect(script.createRun({ experiment_id })).rejects.toMatchObject(denied);
    await root.deleteUser({ username: 'u' });
    await expect(script.searchExperiments({})).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  } finally {
    await onPostgres.stop();
  }
});

it('has no users where it was started without them', async () => {
  const open = await startServer();
  try {
    const client = connect(open.url);
    await expect(client.createUser({ username: 'a', password })).rejects.toMatchObject({ code: 'ENDPOINT_NOT_FOUND' });
    await expect(client.listUsers({})).rejects.toMatchObject({ code: 'ENDPOINT_NOT_FOUND' });
    await expect(client.createToken({ name: 'a' })).rejects.toMatchObject({ code: 'ENDPOINT_NOT_FOUND' });
  } finally {
    await open.stop();
  }
});
