/** The artifact proxy before S3: streams both ways, shows nothing before it is whole, and says what S3 refuses. */
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { INSTALL_TIME } from '../harness/python.js';
import { startServer, type TestServer } from '../harness/server.js';
import { BUCKET, s3Env, startS3, type TestS3 } from './s3.js';

let s3: TestS3;
let server: TestServer;
let base: string;
beforeAll(async () => {
  s3 = await startS3();
  server = await startServer({ args: ['--artifacts-destination', `s3://${BUCKET}/some/prefix/`], env: s3.env });
  base = `${server.url}/api/2.0/mlflow-artifacts/artifacts`;
}, INSTALL_TIME);
afterAll(async () => {
  await server.stop();
  await s3.stop();
});

const put = (path: string, body: BodyInit, more: RequestInit = {}) =>
  fetch(`${base}/${path}`, { method: 'PUT', body, ...more });
const bytesOf = async (answer: Response) => Buffer.from(await answer.arrayBuffer());

interface Listed {
  path: string;
  is_dir: boolean;
  file_size?: number;
}
const list = async (path: string): Promise<Listed[]> =>
  (await (await fetch(`${base}?path=${encodeURIComponent(path)}`)).json()).files;

test('what is put is got, byte for byte: in one piece, in parts, and of unknown length', async () => {
  for (const size of [0, 1, 8 * 1024 * 1024, 8 * 1024 * 1024 + 1, 21_000_000]) {
    const bytes = randomBytes(size);
    const stored = await put(`1/${size}.bin`, bytes);
    expect([stored.status, await stored.text()]).toEqual([200, '{}']);
    const got = await bytesOf(await fetch(`${base}/1/${size}.bin`));
    expect(got.equals(bytes), String(size)).toBe(true);
  }
  const bytes = randomBytes(17_000_000);
  const stream = new Blob([bytes]).stream();
  expect((await put('1/chunked', stream, { duplex: 'half' } as RequestInit)).status).toBe(200);
  expect((await bytesOf(await fetch(`${base}/1/chunked`))).equals(bytes)).toBe(true);
  expect(await s3.keys()).toContain('some/prefix/1/chunked');
});

test('ranges and conditions are those of the object', async () => {
  const bytes = randomBytes(1000);
  await put('2/file.parquet', bytes);
  const get = (headers: Record<string, string>) => fetch(`${base}/2/file.parquet`, { headers });
  const whole = await get({});
  expect(whole.headers.get('accept-ranges')).toBe('bytes');
  const etag = whole.headers.get('etag') as string;
  const modified = whole.headers.get('last-modified') as string;
  const part = await get({ range: 'bytes=10-19' });
  expect([part.status, part.headers.get('content-range')]).toEqual([206, 'bytes 10-19/1000']);
  expect((await bytesOf(part)).equals(bytes.subarray(10, 20))).toBe(true);
  expect((await bytesOf(await get({ range: 'bytes=-5' }))).equals(bytes.subarray(995))).toBe(true);
  const beyond = await get({ range: 'bytes=1000-' });
  expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, 'bytes */1000']);
  expect((await get({ 'if-none-match': etag })).status).toBe(304);
  expect((await get({ 'if-modified-since': modified })).status).toBe(304);
  expect((await get({ range: 'bytes=0-1', 'if-range': etag })).status).toBe(206);
  expect((await get({ range: 'bytes=0-1', 'if-range': '"another"' })).status).toBe(200);
  const head = await fetch(`${base}/2/file.parquet`, { method: 'HEAD' });
  expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '1000', '']);
});

test('an upload that breaks off leaves neither an object nor parts of one', async () => {
  const abort = new AbortController();
  let sent = 0;
  const stream = new ReadableStream({
    async pull(controller) {
      if (sent++ < 40) return controller.enqueue(randomBytes(512 * 1024));
      await expect.poll(uploads, { timeout: 10_000 }).toHaveLength(1);
      abort.abort();
    },
  });
  const uploads = async () => (await s3.client.listMultipartUploads({ Bucket: BUCKET })).Uploads ?? [];
  await put('3/broken.bin', stream, { duplex: 'half', signal: abort.signal } as RequestInit).catch(() => {});
  await expect.poll(uploads, { timeout: 10_000 }).toEqual([]);
  expect((await fetch(`${base}/3/broken.bin`)).status).toBe(404);
});

test('names of every kind survive, and are listed with sizes and folders', async () => {
  const names = [
    'ünï cødé 1.txt',
    '100%.txt',
    'a+b&c=d.txt',
    '.hidden',
    '训练.json',
    "q'uo*te!(1).txt",
    'tab\there.txt',
  ];
  for (const name of names) {
    const path = `4/${encodeURIComponent(name)}`;
    expect((await put(path, name)).status, name).toBe(200);
    expect(await (await fetch(`${base}/${path}`)).text()).toBe(name);
  }
  await put('4/sub/deep/er', 'x');
  // What consoles make for an empty folder.
  await s3.client.putObject({ Bucket: BUCKET, Key: 'some/prefix/4/', Body: new Uint8Array() });
  const files = await list('4');
  expect(files.filter((file) => !file.is_dir).map((file) => file.path)).toEqual([...names].sort());
  expect(files.filter((file) => file.is_dir)).toEqual([{ path: 'sub', is_dir: true }]);
  expect(files.find((file) => file.path === '.hidden')?.file_size).toBe(7);
  expect(await list('4/sub/deep/er')).toEqual([]);
  expect(await list('nothing')).toEqual([]);
});

test('folders of more files than one answer of S3 has are listed and removed, and their neighbours stay', async () => {
  const keys = Array.from({ length: 1005 }, (_, i) => `5/many/${i}`);
  for (let at = 0; at < keys.length; at += 50) {
    await Promise.all(
      keys
        .slice(at, at + 50)
        .map((key) => s3.client.putObject({ Bucket: BUCKET, Key: `some/prefix/${key}`, Body: 'x' })),
    );
  }
  await put('5/many2', 'stays');
  expect(await list('5/many')).toHaveLength(1005);
  expect((await fetch(`${base}/5/many`, { method: 'DELETE' })).status).toBe(200);
  expect(await list('5')).toEqual([{ path: 'many2', is_dir: false, file_size: 5 }]);
  expect((await fetch(`${base}/5/nothing`, { method: 'DELETE' })).status).toBe(200);
}, 60_000);

test('a folder is no file, and what is not there is 404', async () => {
  await put('6/folder/file', 'x');
  const folder = await fetch(`${base}/6/folder`);
  expect([folder.status, (await folder.json()).message]).toEqual([
    400,
    "Artifact path refers to a directory, not a file: '6/folder'",
  ]);
  expect((await fetch(`${base}/6/folde`)).status).toBe(404);
  expect((await fetch(`${base}/6/..%2f..%2fother`)).status).toBe(400);
});

test('uploads in parts go to URLs that S3 itself would accept, and are seen when they are complete', async () => {
  const ask = (what: string, body: object) =>
    fetch(`${server.url}/api/2.0/mlflow-artifacts/mpu/${what}/7/sub`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const bytes = randomBytes(11 * 1024 * 1024);
  const path = '/home/me/model 1.bin';
  const begin = async () => (await ask('create', { path, num_parts: 2 })).json();
  const { upload_id, credentials } = await begin();
  const cut = 6 * 1024 * 1024;
  const pieces = [bytes.subarray(0, cut), bytes.subarray(cut)];
  const parts = [];
  for (const { url, part_number, headers } of credentials) {
    expect(signatureOf(url)).toBe(new URL(url).searchParams.get('X-Amz-Signature'));
    const answer = await fetch(url, {
      method: 'PUT',
      headers,
      body: pieces[part_number - 1] as Uint8Array<ArrayBuffer>,
    });
    parts.push({ part_number, etag: answer.headers.get('etag'), url });
  }
  expect(await list('7/sub')).toEqual([]);
  expect(await (await ask('complete', { path, upload_id, parts })).json()).toEqual({});
  const { url, file_size } = await (
    await fetch(`${server.url}/api/2.0/mlflow-artifacts/presigned/7/sub/model%201.bin`)
  ).json();
  expect(file_size).toBe(bytes.length);
  expect(signatureOf(url)).toBe(new URL(url).searchParams.get('X-Amz-Signature'));
  const got = await fetch(url);
  expect(got.headers.get('content-disposition')).toBe('attachment; filename="model 1.bin"');
  expect((await bytesOf(got)).equals(bytes)).toBe(true);
  const other = await begin();
  expect((await ask('abort', { path, upload_id: other.upload_id })).status).toBe(200);
  expect((await ask('create', { path, num_parts: 10_001 })).status).toBe(400);
  expect((await ask('create', { path: '', num_parts: 1 })).status).toBe(400);
  expect((await ask('create', { path: '/tmp/a#b', num_parts: 1 })).status).toBe(400);
});

/** The signature that AWS computes for a URL. Source: "Authenticating Requests: Using Query Parameters" of the S3 API reference. */
function signatureOf(url: string): string {
  const { pathname, searchParams, host } = new URL(url);
  const encode = (text: string) =>
    encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
  const query = [...searchParams]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');
  const isUpload = searchParams.has('partNumber');
  const canonical = [isUpload ? 'PUT' : 'GET', pathname, query, `host:${host}`, '', 'host', 'UNSIGNED-PAYLOAD'];
  const [, ...scope] = (searchParams.get('X-Amz-Credential') as string).split('/');
  const text = [
    'AWS4-HMAC-SHA256',
    searchParams.get('X-Amz-Date'),
    scope.join('/'),
    createHash('sha256').update(canonical.join('\n')).digest('hex'),
  ];
  const hmac = (key: string | Buffer, data: string) => createHmac('sha256', key).update(data).digest();
  const key = scope.reduce<string | Buffer>(hmac, 'AWS4test');
  return hmac(key, text.join('\n')).toString('hex');
}

test('what S3 refuses is a 4xx or 503 in its words; a bucket that is not there ends the start', async () => {
  const refusing = createServer((request, response) => {
    request.resume();
    if (request.method === 'HEAD') return void response.writeHead(403).end();
    response.writeHead(403, { 'content-type': 'application/xml' });
    response.end('<Error><Code>AccessDenied</Code><Message>User is not authorized</Message></Error>');
  });
  refusing.listen(0, '127.0.0.1');
  await once(refusing, 'listening');
  const env = s3Env(`http://127.0.0.1:${(refusing.address() as AddressInfo).port}`);
  const refused = await startServer({ args: ['--artifacts-destination', `s3://${BUCKET}`], env });
  try {
    const root = `${refused.url}/api/2.0/mlflow-artifacts/artifacts`;
    const answers = [
      await fetch(`${root}?path=x`),
      await fetch(`${root}/x/y`),
      await fetch(`${root}/x/y`, { method: 'DELETE' }),
      await fetch(`${root}/x/y`, { method: 'PUT', body: randomBytes(20_000_000) }),
    ];
    for (const answer of answers) {
      const { error_code, message } = await answer.json();
      expect([answer.status, error_code]).toEqual([403, 'PERMISSION_DENIED']);
      expect(message).toMatch(/^Cannot (list|read|remove|write) s3:\/\/mlartifacts\/x/);
    }
    refusing.close();
    refusing.closeAllConnections();
    const gone = await fetch(`${root}?path=x`);
    expect([gone.status, (await gone.json()).error_code]).toEqual([503, 'TEMPORARILY_UNAVAILABLE']);
  } finally {
    await refused.stop();
  }
  const start = startServer({ args: ['--artifacts-destination', 's3://no-such-bucket/x'], env: s3.env });
  await expect(start).rejects.toThrow(
    /ended with 1: mltrack: Cannot use s3:\/\/no-such-bucket\/x: there is no such bucket\. Make the bucket, or .*\n$/,
  );
}, 30_000);
