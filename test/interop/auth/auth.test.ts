/** The stock MLflow client signs in, by password and by token, and manages users with its own AuthServiceClient. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { INSTALL_TIME } from '../../harness/python.js';
import { startServer, type TestServer } from '../../harness/server.js';
import { type Python, stockMlflow } from '../mlflow-python.js';

const password = 'correct horse battery';

let server: TestServer;
let python: Python;
beforeAll(async () => {
  server = await startServer({ args: ['--app-name', 'basic-auth'], env: { MLTRACK_ADMIN_PASSWORD: password } });
  python = await stockMlflow(server.url, server.cwd);
}, INSTALL_TIME);
afterAll(async () => void (await server.stop()));

test('users, permissions, passwords and tokens', async () => {
  const told = await python.script('auth/auth.py', [password, 'another horse battery']);
  // Before it MLflow names each run's page.
  const seen = JSON.parse(told.trim().split('\n').at(-1) as string);
  const denied = ['PERMISSION_DENIED', 'PERMISSION_DENIED: Permission denied'];
  const notSignedIn = [expect.any(String), expect.stringContaining('You are not authenticated.')];
  expect(seen).toEqual({
    created: [
      ['ann', false],
      ['ben', false],
    ],
    made_admin: true,
    short: ['INVALID_PARAMETER_VALUE', expect.stringContaining('Password must be at least 12 characters.')],
    twice: ['RESOURCE_ALREADY_EXISTS', expect.stringContaining('User (username=ann) already exists')],
    unknown: ['RESOURCE_DOES_NOT_EXIST', expect.stringContaining('User with username=nobody not found')],
    not_admin: denied,
    closed: [denied, 403, ['Default'], 0],
    effective: [true, 'EDIT'],
    opened: [{ m: 3 }, 'hello', denied],
    wrong: notSignedIn,
    nobody: notSignedIn,
    old: notSignedIn,
    deleted: notSignedIn,
  });
});
