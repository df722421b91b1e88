/** The stock MLflow client stores, lists and fetches artifacts through our server, in a folder and in S3: every function of artifacts.py is one test. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BUCKET, startS3, type TestS3 } from '../api/s3.js';
import { INSTALL_TIME } from '../harness/python.js';
import { startServer, type TestServer } from '../harness/server.js';
import { type Python, stockMlflow } from './mlflow-python.js';

/** The client's sizes for going past the server, made small; S3 takes no part below 5 MiB. */
const SMALL = {
  MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE: '10000000',
  MLFLOW_MULTIPART_DOWNLOAD_CHUNK_SIZE: '5000000',
};
const FORCED = {
  ...SMALL,
  MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD: 'true',
  MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD: 'true',
};
const THROUGH = { MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD: 'false', MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD: 'false' };

let s3: TestS3;
beforeAll(async () => {
  s3 = await startS3();
}, INSTALL_TIME);
afterAll(() => s3.stop());

describe.each([
  ['a folder', [] as string[], 0],
  ['S3', ['--artifacts-destination', `s3://${BUCKET}/interop`], 1],
])('the stock MLflow client with %s', (_name, args, direct) => {
  let server: TestServer;
  let python: Python;
  beforeAll(async () => {
    server = await startServer({ args, env: s3.env });
    python = await stockMlflow(server.url, server.cwd);
  }, INSTALL_TIME);
  afterAll(() => server.stop());

  const requests = (path: string) => server.log().split(path).length - 1;

  test('folders, with a file of 200 MB', async () => {
    expect(await python.script('artifacts.py', ['folders'], THROUGH)).toMatch(/^ok folders /m);
  });

  test('parts, as the server offers them', async () => {
    expect(await python.script('artifacts.py', ['parts'], SMALL)).toMatch(/^ok parts /m);
    expect(requests('/mlflow-artifacts/mpu/complete/')).toBe(direct);
    expect(requests('/mlflow-artifacts/presigned/')).toBe(direct);
  });

  test('parts, asked for by the client', async () => {
    const before = requests('/mlflow-artifacts/mpu/complete/');
    expect(await python.script('artifacts.py', ['parts'], FORCED)).toMatch(/^ok parts /m);
    expect(requests('/mlflow-artifacts/mpu/create/') - before).toBe(1);
    expect(requests('/mlflow-artifacts/mpu/complete/') - before).toBe(direct);
  });
});
