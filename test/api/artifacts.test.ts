/** The artifact proxy over HTTP: streams both ways, keeps to its folder, and says what it does not serve. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect, downloadArtifacts, startRun } from '../../client/node/index.js';
import { startServer, type TestServer } from '../harness/server.js';

let server: TestServer;
let base: string;
let folder: string;
beforeAll(async () => {
  server = await startServer();
  base = `${server.url}/api/2.0/mlflow-artifacts/artifacts`;
  folder = await mkdtemp(join(tmpdir(), 'mltrack-artifacts-'));
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

const put = (path: string, body: BodyInit) => fetch(`${base}/${path}`, { method: 'PUT', body });

test('what is put is got, byte for byte, also in parts', async () => {
  const bytes = randomBytes(5 * 1024 * 1024);
  const stored = await put('1/r/artifacts/big.bin', bytes);
  expect([stored.status, await stored.text()]).toEqual([200, '{}']);
  const whole = await fetch(`${base}/1/r/artifacts/big.bin`);
  expect(Buffer.from(await whole.arrayBuffer()).equals(bytes)).toBe(true);
  expect(whole.headers.get('content-disposition')).toBe('attachment; filename=big.bin');
  expect(whole.headers.get('x-content-type-options')).toBe('nosniff');
  const part = await fetch(`${base}/1/r/artifacts/big.bin`, { headers: { range: 'bytes=100-199' } });
  expect(part.status).toBe(206);
  expect(Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(100, 200))).toBe(true);
});

test('a last part that is longer than the file is the whole file', async () => {
  await put('1/r/artifacts/short.txt', Buffer.from('short'));
  const part = await fetch(`${base}/1/r/artifacts/short.txt`, { headers: { range: 'bytes=-1000' } });
  expect([part.status, part.headers.get('content-range'), await part.text()]).toEqual([206, 'bytes 0-4/5', 'short']);
});

test('HTML and SVG are shown in a sandbox where that is asked for, and all else stays an attachment', async () => {
  const headersOf = async (name: string) => {
    await put(`1/r/artifacts/${name}`, Buffer.from('<script>1</script>'));
    const { headers } = await fetch(`${base}/1/r/artifacts/${name}?view=inline`);
    return [headers.get('content-disposition'), headers.get('content-security-policy')];
  };
  const sandbox = "sandbox allow-scripts; default-src 'unsafe-inline' data: blob:";
  expect(await headersOf('page.html')).toEqual(['inline', sandbox]);
  expect(await headersOf('picture.svg')).toEqual(['inline', sandbox]);
  const closed = "sandbox; default-src 'none'";
  for (const name of ['page.txt', 'page.js', 'page.xhtml']) {
    expect(await headersOf(name)).toEqual([`attachment; filename=${name}`, closed]);
  }
});

test('a 300 MB stream goes through without being held in memory', async () => {
  const piece = randomBytes(1024 * 1024);
  const hash = createHash('sha256');
  let sent = 0;
  const stream = new ReadableStream({
    pull(controller) {
      if (sent++ === 300) return controller.close();
      hash.update(piece);
      controller.enqueue(piece);
    },
  });
  const memory = async () => {
    const status = await readFile(`/proc/${server.process.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
  };
  const before = await memory();
  const answer = await fetch(`${base}/1/r/artifacts/stream.bin`, {
    method: 'PUT',
    body: stream,
    duplex: 'half',
  } as RequestInit);
  expect(answer.status).toBe(200);
  const back = createHash('sha256');
  const got = await fetch(`${base}/1/r/artifacts/stream.bin`);
  for await (const chunk of got.body as unknown as AsyncIterable<Uint8Array>) back.update(chunk);
  expect(back.digest('hex')).toBe(hash.digest('hex'));
  expect((await memory()) - before).toBeLessThan(150);
  await fetch(`${base}/1/r/artifacts/stream.bin`, { method: 'DELETE' });
});

test('an upload that breaks off leaves nothing', async () => {
  const abort = new AbortController();
  const stream = new ReadableStream({
    pull(controller) {
      controller.enqueue(new Uint8Array(64 * 1024));
      abort.abort();
    },
  });
  await fetch(`${base}/1/broken.bin`, {
    method: 'PUT',
    body: stream,
    duplex: 'half',
    signal: abort.signal,
  } as RequestInit).catch(() => {});
  await expect.poll(async () => (await readdir(join(server.cwd, 'mlartifacts/.partial'))).length).toBe(0);
  expect((await fetch(`${base}/1/broken.bin`)).status).toBe(404);
});

test('listing names files with sizes and folders, and deleting removes them', async () => {
  await put('2/a/x.txt', 'hello');
  await put('2/a/sub/y.txt', 'y');
  await put('2/a/empty', '');
  const list = async (path: string) => (await (await fetch(`${base}?path=${encodeURIComponent(path)}`)).json()).files;
  expect(await list('2/a')).toEqual([
    { path: 'empty', is_dir: false, file_size: 0 },
    { path: 'sub', is_dir: true },
    { path: 'x.txt', is_dir: false, file_size: 5 },
  ]);
  expect(await list('2/nothing')).toEqual([]);
  expect((await fetch(`${base}/2/a/sub`, { method: 'DELETE' })).status).toBe(200);
  expect((await list('2/a')).map((file: { path: string }) => file.path)).toEqual(['empty', 'x.txt']);
});

test('names of every kind survive', async () => {
  for (const name of ['ünï cødé 1.txt', '100%.txt', 'a+b&c=d.txt', '.hidden', '训练.json', "q'uote.txt"]) {
    const path = `3/${encodeURIComponent(name)}`;
    expect((await put(path, name)).status, name).toBe(200);
    expect(await (await fetch(`${base}/${path}`)).text()).toBe(name);
  }
  const { files } = await (await fetch(`${base}?path=3`)).json();
  expect(files).toHaveLength(6);
});

test('text is sent as text, HTML as an attachment that cannot run', async () => {
  await put('4/page.html', '<script>alert(1)</script>');
  await put('4/MLmodel', 'flavors: {}');
  const page = await fetch(`${base}/4/page.html`);
  expect(page.headers.get('content-disposition')).toMatch(/^attachment/);
  expect(page.headers.get('content-security-policy')).toContain('sandbox');
  expect((await fetch(`${base}/4/MLmodel`)).headers.get('content-type')).toBe('text/plain');
});

test('paths that leave the folder are refused, however they are written', async () => {
  await writeFile(join(server.cwd, 'secret.txt'), 'secret');
  const paths = [
    '..%2fsecret.txt',
    '%2e%2e%2fsecret.txt',
    '1/..%2f..%2fsecret.txt',
    '%252e%252e%252fsecret.txt',
    '%25252e%25252e/secret.txt',
    '..%5csecret.txt',
    '%2fetc%2fpasswd',
    'c:%2fx',
    'a%23b',
    'a%00b',
  ];
  for (const path of paths) {
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const response = await fetch(`${base}/${path}`, { method, ...(method === 'PUT' && { body: 'x' }) });
      expect([400, 404], `${method} ${path}`).toContain(response.status);
    }
    const list = await fetch(`${base}?path=${path}`);
    expect(list.status, path).toBe(400);
  }
  expect(await readFile(join(server.cwd, 'secret.txt'), 'utf8')).toBe('secret');
});

test('links that lead out of the folder lead nowhere', async () => {
  const root = join(server.cwd, 'mlartifacts');
  await mkdir(join(root, '5'), { recursive: true });
  await symlink(server.cwd, join(root, '5/out'));
  expect((await fetch(`${base}/5/out/mltrack.db`)).status).toBe(404);
  expect((await put('5/out/new.txt', 'x')).status).toBe(400);
  expect((await (await fetch(`${base}?path=5/out`)).json()).files).toEqual([]);
});

test('a file where a folder must be, or the other way round, is refused', async () => {
  await put('6/file', 'x');
  expect((await put('6/file/below', 'x')).status).toBe(400);
  await put('6/folder/file', 'x');
  expect((await put('6/folder', 'x')).status).toBe(400);
  expect((await fetch(`${base}/6/folder`)).status).toBe(400);
});

test('a run’s artifacts go up and come down through the client, folders too', async () => {
  const client = connect(server.url);
  const run = startRun({ client, name: 'artifacts' });
  await mkdir(join(folder, 'model/weights'), { recursive: true });
  await writeFile(join(folder, 'model/MLmodel'), 'flavors: {}');
  await writeFile(join(folder, 'model/weights/w.bin'), randomBytes(1000));
  run.logArtifacts(join(folder, 'model'), 'model');
  run.logArtifact(join(folder, 'model/MLmodel'), 'notes');
  run.logBytes('text', 'deep/er/file.txt');
  await run.flush();
  const { run_id, artifact_uri } = await run.info();
  const list = (path?: string) => client.listArtifacts({ run_id, path });
  expect((await list()).files?.map((file) => [file.path, file.is_dir])).toEqual([
    ['deep', true],
    ['model', true],
    ['notes', true],
  ]);
  expect((await list('model')).files).toEqual([
    { path: 'model/MLmodel', is_dir: false, file_size: 11 },
    { path: 'model/weights', is_dir: true },
  ]);
  await expect(list('../..')).rejects.toThrow(/Invalid path/);
  const to = join(folder, 'down');
  await downloadArtifacts(client, artifact_uri, 'model', async (path) => (await list(path)).files ?? [], to);
  expect(await readFile(join(to, 'weights/w.bin'))).toEqual(await readFile(join(folder, 'model/weights/w.bin')));
});

test('without --serve-artifacts the proxy is 503, and clients write to the root themselves', async () => {
  const bare = await startServer({ args: ['--no-serve-artifacts'] });
  try {
    const answer = await fetch(`${bare.url}/api/2.0/mlflow-artifacts/artifacts/x`);
    expect([answer.status, await answer.text()]).toEqual([503, expect.stringContaining('--no-serve-artifacts')]);
    const run = startRun({ client: connect(bare.url) });
    const { run_id, artifact_uri } = await run.info();
    expect(artifact_uri).toBe(join(bare.cwd, 'mlartifacts/0', run_id, 'artifacts'));
    run.logArtifact(join(folder, 'model/MLmodel'));
    await run.flush();
    expect(await readFile(join(artifact_uri, 'MLmodel'), 'utf8')).toBe('flavors: {}');
  } finally {
    await bare.stop();
  }
});
