/** Files by what they belong to (runs, versions of registered models, logged models), from a folder and from S3, and who may read which location. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Connection, connect } from '../../client/node/index.js';
import { INSTALL_TIME } from '../harness/python.js';
import { startServer, type TestServer } from '../harness/server.js';
import { BUCKET, startS3, type TestS3 } from './s3.js';

let s3: TestS3;
let folder: string;
beforeAll(async () => {
  s3 = await startS3();
  folder = await mkdtemp(join(tmpdir(), 'mltrack-files-'));
}, INSTALL_TIME);
afterAll(async () => {
  await s3.stop();
  await rm(folder, { recursive: true });
});

const STORAGES: [string, () => string[]][] = [
  ['a served folder', () => []],
  ['a served bucket', () => ['--artifacts-destination', `s3://${BUCKET}/served`]],
  ['a folder that clients write to', () => ['--no-serve-artifacts', '--artifacts-destination', join(folder, 'own')]],
  ['a bucket that clients write to', () => ['--default-artifact-root', `s3://${BUCKET}/root`]],
];

async function newRun(client: Connection, experiment_id = '0') {
  const { info } = (await client.createRun({ experiment_id })).run;
  return { id: info.run_id, uri: info.artifact_uri };
}

/** The path as it is: fetch would tidy it up. */
function rawGet(url: string, path: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const sent = request({ hostname, port, path }, async (response) => {
      let body = '';
      for await (const chunk of response) body += chunk;
      resolve({ status: response.statusCode ?? 0, body });
    });
    sent.on('error', reject).end();
  });
}

describe.each(STORAGES)('%s', (_name, args) => {
  let server: TestServer;
  let client: Connection;
  beforeAll(async () => {
    server = await startServer({ args: args(), env: s3.env });
    client = connect(server.url);
  });
  afterAll(async () => {
    await server.stop();
  });

  const upload = (run: string, path: string, body: string | Uint8Array<ArrayBuffer>) =>
    fetch(`${server.url}/ajax-api/2.0/mlflow/upload-artifact?run_uuid=${run}&path=${encodeURIComponent(path)}`, {
      method: 'POST',
      body,
    });

  test('a run’s files are uploaded, listed, and got with their types', async () => {
    const run = await newRun(client);
    expect((await upload(run.id, 'plots/a b.PNG', 'picture')).status).toBe(200);
    expect((await upload(run.id, 'MLmodel', 'flavors: {}')).status).toBe(200);
    expect((await client.listArtifacts({ run_id: run.id })).files).toEqual([
      { path: 'MLmodel', is_dir: false, file_size: 11 },
      { path: 'plots', is_dir: true },
    ]);
    expect(await client.listArtifacts({ run_id: run.id, path: 'plots' })).toEqual({
      root_uri: run.uri,
      files: [{ path: 'plots/a b.PNG', is_dir: false, file_size: 7 }],
    });
    const got = await fetch(`${server.url}/get-artifact?run_uuid=${run.id}&path=plots/a%20b.PNG`);
    expect([got.status, await got.text()]).toEqual([200, 'picture']);
    expect(got.headers.get('content-type')).toBe('image/png');
    expect(got.headers.get('content-disposition')).toBe('attachment; filename="a b.PNG"');
    const part = await fetch(`${server.url}/get-artifact?run_id=${run.id}&path=MLmodel`, {
      headers: { range: 'bytes=0-6' },
    });
    expect([part.status, part.headers.get('content-type'), await part.text()]).toEqual([206, 'text/plain', 'flavors']);
    expect((await rawGet(server.url, `//get-artifact?run_id=${run.id}&path=MLmodel`)).body).toBe('flavors: {}');
  });

  test('what is not there, not a file, or not asked for rightly is refused', async () => {
    const run = await newRun(client);
    await upload(run.id, 'folder/file', 'x');
    const get = async (query: string) => (await fetch(`${server.url}/get-artifact?${query}`)).status;
    expect(await get(`run_id=${run.id}&path=folder/none`)).toBe(404);
    expect(await get(`run_id=${run.id}&path=folder`)).toBe(400);
    expect(await get(`run_id=${run.id}`)).toBe(400);
    expect(await get('path=x')).toBe(400);
    expect(await get(`run_id=${'0'.repeat(32)}&path=x`)).toBe(404);
    for (const path of ['../x', '..%252fx', '/etc/passwd', 'a%5cb', 'a%00b', 'file:///etc/passwd', 'a%23b', 'c:/x']) {
      expect(await get(`run_id=${run.id}&path=${path.includes('%') ? path : encodeURIComponent(path)}`), path).toBe(
        400,
      );
    }
    const said = async (answer: Promise<Response>) => (await (await answer).json()).message;
    const post = (query: string, body = '') =>
      fetch(`${server.url}/ajax-api/2.0/mlflow/upload-artifact?${query}`, { method: 'POST', body });
    expect(await said(post('path=x', 'x'))).toBe('Request must specify run_uuid.');
    expect(await said(post(`run_uuid=${run.id}`, 'x'))).toBe('Request must specify path.');
    expect(await said(post(`run_uuid=${run.id}&path=x`))).toBe('Request must specify data.');
    expect(await said(post(`run_uuid=${run.id}&path=../x`, 'x'))).toBe('Invalid path');
    const limit = 10 * 1024 * 1024;
    expect((await upload(run.id, 'large', new Uint8Array(limit))).status).toBe(200);
    expect(await said(upload(run.id, 'larger', new Uint8Array(limit + 1)))).toBe(
      'Artifact size is too large. Max size is 10MB.',
    );
  });

  test('files of logged models and of registered versions', async () => {
    const run = await newRun(client);
    await upload(run.id, 'model/MLmodel', 'of the run');
    await client.createRegisteredModel({ name: `m-${run.id}` });
    const source = `${run.uri}/model`;
    await client.createModelVersion({ name: `m-${run.id}`, source, run_id: run.id });
    const ofVersion = await fetch(`${server.url}/model-versions/get-artifact?name=m-${run.id}&version=1&path=MLmodel`);
    expect([ofVersion.status, await ofVersion.text()]).toEqual([200, 'of the run']);
    const none = await fetch(`${server.url}/model-versions/get-artifact?name=m-${run.id}&version=2&path=MLmodel`);
    expect(none.status).toBe(404);
    const { model } = await client.createLoggedModel({ experiment_id: '0' });
    const id = model.info.model_id;
    const root = `${server.url}/ajax-api/2.0/mlflow/logged-models/${id}/artifacts/files`;
    expect(await (await fetch(root)).json()).toEqual({
      error_code: 'BAD_REQUEST',
      message: 'Request must include the "artifact_file_path" query parameter.',
    });
    expect((await fetch(`${root}?artifact_file_path=none`)).status).toBe(404);
    expect((await client.listLoggedModelArtifacts({ model_id: id })).root_uri).toBe(model.info.artifact_uri);
  });

  test('a folder comes as a zip', async () => {
    const run = await newRun(client);
    const bytes = randomBytes(1_000_000);
    await upload(run.id, 'model/deep/er.bin', bytes);
    await upload(run.id, 'model/MLmodel', 'x');
    await upload(run.id, 'else', 'x');
    const zip = await fetch(`${server.url}/api/2.0/mltrack/artifacts/archive?run_id=${run.id}&path=model`);
    expect(zip.headers.get('content-disposition')).toBe('attachment; filename=model.zip');
    const file = join(folder, `${run.id}.zip`);
    await writeFile(file, new Uint8Array(await zip.arrayBuffer()));
    const script = 'import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extractall(sys.argv[2])';
    await promisify(execFile)('python3', ['-c', script, file, join(folder, run.id)]);
    expect((await readFile(join(folder, run.id, 'deep/er.bin'))).equals(bytes)).toBe(true);
    expect(await readFile(join(folder, run.id, 'MLmodel'), 'utf8')).toBe('x');
    const none = await fetch(`${server.url}/api/2.0/mltrack/artifacts/archive?run_id=${run.id}&path=nothing`);
    expect(none.status).toBe(404);
  });

  test('locations that the server was not set up with are read by nobody', async () => {
    const secret = join(folder, 'secret');
    await mkdir(join(secret, 'x'), { recursive: true });
    await writeFile(join(secret, 'file'), 'secret');
    await s3.client.putObject({ Bucket: BUCKET, Key: 'secret/file', Body: 'secret' });
    const locations = [
      secret,
      pathToFileURL(secret).href,
      `file://localhost${secret}`,
      `s3://${BUCKET}/secret`,
      `s3://${BUCKET}/root/../secret`,
      `s3://${BUCKET}/rooted`,
      `s3://${BUCKET}`,
      `${folder}/own/../secret`,
      'http://169.254.169.254/latest/meta-data',
      'mlflow-artifacts:/../secret',
      'dbfs:/secret',
    ];
    for (const artifact_location of locations) {
      const name = `e ${artifact_location}`;
      const made = await client.createExperiment({ name, artifact_location }).catch(() => undefined);
      if (!made) continue;
      const run = await newRun(client, made.experiment_id);
      const ask = [`/get-artifact?run_id=${run.id}&path=file`, `/api/2.0/mlflow/artifacts/list?run_id=${run.id}`];
      for (const path of [...ask, `/api/2.0/mltrack/artifacts/archive?run_id=${run.id}`]) {
        const answer = await fetch(server.url + path);
        expect([400, 404], `${artifact_location} ${path}`).toContain(answer.status);
        expect(await answer.text()).not.toContain('"secret"');
      }
      expect((await upload(run.id, 'written', 'x')).status, artifact_location).toBe(400);
    }
  });
});

test('clients of runs in S3 get URLs to store and fetch by', async () => {
  const env = { ...s3.env, MLFLOW_S3_UPLOAD_EXTRA_ARGS: '{"ServerSideEncryption":"AES256"}' };
  const server = await startServer({ args: ['--default-artifact-root', `s3://${BUCKET}/signed`], env });
  const proxied = await startServer();
  try {
    const run = await newRun(connect(server.url));
    const ask = async (url: string, way: string, body: object) => {
      const answer = await fetch(`${url}/api/2.0/mlflow/artifacts/presigned-${way}-url`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      return { status: answer.status, ...(await answer.json()) };
    };
    const up = await ask(server.url, 'upload', { run_id: run.id, path: 'a/b c.txt' });
    expect(up.headers).toEqual({ 'x-amz-server-side-encryption': 'AES256' });
    expect(new URL(up.presigned_url).searchParams.get('X-Amz-Expires')).toBe('900');
    expect((await fetch(up.presigned_url, { method: 'PUT', headers: up.headers, body: 'hello' })).status).toBe(200);
    const down = await ask(server.url, 'download', { run_id: run.id, path: 'a/b c.txt', expiration: 60 });
    expect([down.status, down.file_size]).toEqual([200, 5]);
    expect(await (await fetch(down.presigned_url)).text()).toBe('hello');
    expect((await ask(server.url, 'download', { run_id: run.id, path: 'none' })).status).toBe(404);
    expect((await ask(server.url, 'download', { run_id: run.id, path: 'a', expiration: 604_801 })).message).toBe(
      'expiration must be between 1 and 604800 seconds (got 604801).',
    );
    expect((await ask(server.url, 'upload', { path: 'a' })).message).toBe(
      'Exactly one of run_id and model_id must be provided.',
    );
    const other = await newRun(connect(proxied.url));
    expect((await ask(proxied.url, 'upload', { run_id: other.id, path: 'a' })).message).toBe(
      'Presigned upload is not supported for proxied artifact storage (artifact URI scheme: mlflow-artifacts). This endpoint requires a direct cloud storage artifact URI.',
    );
  } finally {
    await server.stop();
    await proxied.stop();
  }
});

test('a URL of the proxy as root is the destination', async () => {
  const server = await startServer({ env: { MLFLOW_ALLOWED_HOST_ADDRESSED_ARTIFACT_SCHEMES: 'http' } });
  try {
    const client = connect(server.url);
    const artifact_location = `${server.url}/api/2.0/mlflow-artifacts/artifacts/shared`;
    const { experiment_id } = await client.createExperiment({ name: 'url', artifact_location });
    const run = await newRun(client, experiment_id);
    await fetch(`${run.uri}/file.txt`, { method: 'PUT', body: 'x' });
    expect((await client.listArtifacts({ run_id: run.id })).files).toEqual([
      { path: 'file.txt', is_dir: false, file_size: 1 },
    ]);
    expect(await (await fetch(`${server.url}/get-artifact?run_id=${run.id}&path=file.txt`)).text()).toBe('x');
  } finally {
    await server.stop();
  }
});

test('--artifacts-only serves artifacts, opens no database, and says what it is not', async () => {
  const server = await startServer({
    args: ['--artifacts-only', '--backend-store-uri', 'sqlite:////no/such/place.db'],
  });
  try {
    const artifact = `${server.url}/api/2.0/mlflow-artifacts/artifacts/a/b`;
    expect((await fetch(artifact, { method: 'PUT', body: 'x' })).status).toBe(200);
    expect(await (await fetch(artifact)).text()).toBe('x');
    for (const path of [
      '/api/2.0/mlflow/runs/get?run_id=x',
      '/get-artifact?run_id=x&path=y',
      '/ajax-api/2.0/mlflow/no',
    ]) {
      const answer = await fetch(server.url + path);
      expect([answer.status, answer.headers.get('content-type')]).toEqual([503, 'text/plain; charset=utf-8']);
      expect(await answer.text()).toContain('`--artifacts-only` mode');
    }
    expect(await (await fetch(`${server.url}/health`)).text()).toBe('OK');
  } finally {
    await server.stop();
  }
});

test('server-info says whether clients may go past the server, and a folder knows no parts', async () => {
  const server = await startServer();
  try {
    for (const prefix of ['api', 'ajax-api']) {
      expect(await (await fetch(`${server.url}/${prefix}/3.0/mlflow/server-info`)).json()).toEqual({
        store_type: 'SqlStore',
        workspaces_enabled: false,
        trace_archival_enabled: false,
        multipart_uploads_enabled: false,
        multipart_downloads_enabled: false,
        presigned_upload_run_id_supported: true,
        presigned_upload_model_id_supported: true,
        features_enabled: { gateway: false },
      });
    }
    const answer = await fetch(`${server.url}/api/2.0/mlflow-artifacts/mpu/create/x`, {
      method: 'POST',
      body: JSON.stringify({ path: 'f', num_parts: 1 }),
    });
    expect([answer.status, await answer.json()]).toEqual([
      501,
      {
        error_code: 'NOT_IMPLEMENTED',
        message: 'Multipart upload is not supported for the current artifact repository',
      },
    ]);
  } finally {
    await server.stop();
  }
});
