/** Hosts and origins: who may speak to a server, on every kind of route, and what its answers say to browsers. */
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type TestServer } from '../harness/server.js';

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

/** As a browser's request arrives: Node's fetch would set these headers itself. */
function ask(server: TestServer, method: string, path: string, headers: Record<string, string>): Promise<Answer> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const sent = request({ host: hostname, port, method, path, headers: { host: `localhost:${port}`, ...headers } });
    sent.once('error', reject);
    sent.once('response', async (res) => {
      let text = '';
      for await (const piece of res) text += piece;
      resolve({ status: res.statusCode ?? 0, headers: res.headers, text });
    });
    sent.end();
  });
}

const ROUTES: [string, string][] = [
  ['POST', '/api/2.0/mlflow/experiments/search'],
  ['POST', '/ajax-api/2.0/mlflow/experiments/search'],
  ['PUT', '/api/2.0/mlflow-artifacts/artifacts/0/file'],
  ['DELETE', '/ajax-api/2.0/mlflow-artifacts/artifacts/0/file'],
  ['POST', '/graphql'],
  ['POST', '/'],
  ['PATCH', '/api/2.0/no/such/endpoint'],
];

describe('a server as it starts by default', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(async () => void (await server.stop()));

  const names = ['localhost', 'LocalHost:5000', '127.0.0.1', '127.1.2.3:80', '[::1]', '[::1]:5000', '0.0.0.0:5000'];
  const addresses = [
    '10.1.2.3',
    '172.16.0.1:5000',
    '172.31.9.9',
    '192.168.1.1:80',
    '169.254.0.1',
    '[fd12::1]',
    '[fe80::1]:5',
  ];
  it.each([...names, ...addresses])('answers to %s', async (host) => {
    expect((await ask(server, 'GET', '/api/2.0/mlflow/experiments/get', { host })).status).toBe(200);
  });

  const lies = [
    '10.evil.example',
    '192.168.evil.example',
    '127.0.0.1.nip.io',
    'localhost.evil.example',
    'evil.example',
  ];
  const outside = ['8.8.8.8', '172.32.0.1', '[2001:db8::1]', '10.1', 'user@localhost', 'localhost:5000:1', '*'];
  it.each([...lies, ...outside])('refuses the host "%s" on every route', async (host) => {
    for (const path of ['/', '/api/2.0/mlflow/experiments/get', '/ajax-api/2.0/mlflow-artifacts/artifacts?path=0']) {
      const answer = await ask(server, 'GET', path, { host });
      expect(answer).toMatchObject({
        status: 403,
        text: 'Invalid Host header - possible DNS rebinding attack detected',
        headers: { 'content-type': 'text/plain; charset=utf-8' },
      });
    }
    expect((await ask(server, 'GET', '/health', { host })).text).toBe('OK');
    expect((await ask(server, 'GET', '/version', { host })).status).toBe(200);
  });

  it.each(ROUTES)('refuses %s %s from another origin', async (method, path) => {
    const port = new URL(server.url).port;
    const origins = ['https://evil.example', 'null', 'http://localhost:1', `http://127.0.0.1:${port}`, 'localhost'];
    for (const origin of origins) {
      const answer = await ask(server, method, path, { origin });
      expect(answer).toMatchObject({ status: 403, text: 'Cross-origin request blocked' });
    }
    for (const site of ['cross-site', 'same-site']) {
      expect((await ask(server, method, path, { 'sec-fetch-site': site })).status).toBe(403);
    }
  });

  it('takes what its own pages and programs send', async () => {
    const path = '/api/2.0/mlflow/experiments/search';
    const own = { origin: `http://localhost:${new URL(server.url).port}`, 'sec-fetch-site': 'same-origin' };
    expect((await ask(server, 'POST', path, own)).status).toBe(200);
    expect((await ask(server, 'POST', path, {})).status).toBe(200);
    expect((await ask(server, 'OPTIONS', path, {})).status).toBe(204);
  });

  it('lets no other origin read, and refuses its preflight', async () => {
    const origin = 'https://evil.example';
    const read = await ask(server, 'GET', '/api/2.0/mlflow/experiments/get', { origin });
    expect(read.headers).not.toHaveProperty('access-control-allow-origin');
    const preflight = await ask(server, 'OPTIONS', '/api/2.0/mlflow/runs/create', { origin });
    expect(preflight.status).toBe(403);
  });

  it.each(['/health', '/', '/api/2.0/mlflow/experiments/get', '/api/none', '/none.css'])('guards %s', async (path) => {
    const { headers } = await ask(server, 'GET', path, {});
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'x-frame-options': 'SAMEORIGIN' });
  });

  it('refuses or ignores JSON of any depth, and lives on', async () => {
    const depth = 1_000_000;
    const deep = '['.repeat(depth) + ']'.repeat(depth);
    const send = (body: string) =>
      fetch(`${server.url}/api/2.0/mlflow/runs/log-batch`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      });
    for (const body of [
      deep,
      `{"run_id":"r","metrics":${deep}}`,
      `{"run_id":${deep}}`,
      `{"x":${deep}}`,
      '{"a":'.repeat(depth),
    ]) {
      const answer = await send(body);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
      await answer.text();
    }
  });
});

describe('a server with hosts and origins of its own', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({
      args: ['--allowed-hosts', 'mlflow.example.org, *.lab.example:5000,192.168.*', '--x-frame-options', 'deny'],
      env: { MLFLOW_SERVER_CORS_ALLOWED_ORIGINS: 'https://app.example.org,https://*.lab.example' },
    });
  });
  afterAll(async () => void (await server.stop()));

  it.each([
    ['mlflow.example.org', 200],
    ['mlflow.example.org:8443', 200],
    ['a.b.lab.example:5000', 200],
    ['a.lab.example', 403],
    ['192.168.3.4:5000', 200],
    ['192.168.evil.example', 403],
    ['localhost', 403],
  ])('answers %s with %d', async (host, status) => {
    expect((await ask(server, 'GET', '/api/2.0/mlflow/experiments/get', { host })).status).toBe(status);
  });

  it('lets the pages of an allowed origin in, credentials included', async () => {
    const origin = 'https://x.lab.example';
    const headers = { host: 'mlflow.example.org', origin };
    const preflight = await ask(server, 'OPTIONS', '/api/2.0/mlflow/runs/create', {
      ...headers,
      'access-control-request-headers': 'content-type',
    });
    expect(preflight).toMatchObject({
      status: 204,
      headers: {
        'access-control-allow-origin': origin,
        'access-control-allow-credentials': 'true',
        'access-control-allow-headers': 'content-type',
        vary: 'origin',
      },
    });
    const answer = await ask(server, 'POST', '/api/2.0/mlflow/experiments/search', headers);
    expect(answer).toMatchObject({
      status: 200,
      headers: { 'access-control-allow-origin': origin, 'x-frame-options': 'DENY' },
    });
    const other = await ask(server, 'POST', '/api/2.0/mlflow/experiments/search', {
      ...headers,
      origin: 'https://x.lab.example.evil.example',
    });
    expect(other.status).toBe(403);
  });
});

it('asks nothing where it is switched off', async () => {
  const server = await startServer({ args: ['--disable-security-middleware'] });
  try {
    const answer = await ask(server, 'POST', '/api/2.0/mlflow/experiments/search', {
      host: 'evil.example',
      origin: 'https://evil.example',
    });
    expect(answer.status).toBe(200);
    expect(answer.headers).not.toHaveProperty('x-frame-options');
  } finally {
    await server.stop();
  }
});

it.each([
  ['--allowed-hosts', 'x.example/path', '--allowed-hosts takes host names'],
  ['--cors-allowed-origins', 'x.example', '--cors-allowed-origins takes origins'],
  ['--x-frame-options', 'ALLOW', '--x-frame-options must be'],
])('does not start with %s %s', async (flag, value, message) => {
  await expect(startServer({ args: [flag, value] })).rejects.toThrow(message);
});
