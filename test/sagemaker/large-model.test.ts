/** A model too large for one request goes to S3 in parts: whole, again where one was lost, and taken back where it fails. */
import { randomBytes } from 'node:crypto';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { mltrack, modelPath } from '../packager/model-server.js';
import { denied, NOTHING, ROLE, startAws, type TestAws, throttled } from './aws.js';
import { commandsWith, lastJson } from './command.js';

let aws: TestAws;
let folder: string;
let version: string;
beforeAll(async () => {
  [aws, folder] = await Promise.all([startAws(), mkdtemp(join(tmpdir(), 'mltrack-test-'))]);
  await cp(modelPath('d_mlp_small'), folder, { recursive: true });
  // No compressor makes it smaller.
  await writeFile(join(folder, 'weights.bin'), randomBytes(70e6));
  version = (await mltrack(['--version'])).stdout.trim();
}, 900_000);
afterAll(async () => {
  await Promise.all([aws.stop(), rm(folder, { recursive: true })]);
});
beforeEach(async () => {
  await aws.reset();
  await aws.putImage(version);
});

const { done, refused, started } = commandsWith(() => aws.env);
const push = () => ['push-model', '-n', 'large', '-m', folder, '-e', ROLE];
const LOST = 2;

test('it is sent in parts, one of them three times, and is whole and tagged', async () => {
  aws.refuse('UploadPart', throttled, LOST);
  const { modelDataUrl = '' } = lastJson(await done(...push(), '--json'));
  const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/(.+)$/.exec(modelDataUrl) ?? [];
  expect((await aws.object(bucket, key)).length).toBeGreaterThan(70e6);
  expect(aws.calls.filter((call) => call === 'UploadPart').length).toBe(2 + LOST);
  expect(aws.calls).not.toContain('PutObject');
  expect((await aws.left()).s3).toEqual([bucket, `${bucket}/${key}`]);
}, 60_000);

test('a part that is refused takes back what was sent', async () => {
  aws.refuse('UploadPart', denied('s3:PutObject'));
  expect(await refused(...push())).toMatch(/S3 refused UploadPart .*not authorized/);
  expect(aws.calls).toContain('AbortMultipartUpload');
  expect(await aws.left()).toEqual(NOTHING);
}, 60_000);

test('Ctrl-C between the parts takes back what was sent', async () => {
  const command = started(...push());
  await aws.made('UploadPart');
  command.signal('SIGINT');
  const { code, stderr } = await command.ended;
  expect(code, stderr).toBe(130);
  expect(await aws.left()).toEqual(NOTHING);
}, 60_000);
