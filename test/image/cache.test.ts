/** The cache of layers has a limit: what has not been used for the longest time goes, and what is used stays. */
import { cp, mkdir, readdir, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { build, digestOf, emptyCache, scratch, tool } from '../harness/image.js';
import { modelPath } from '../packager/model-server.js';

let folder: Awaited<ReturnType<typeof scratch>>;
let cache: string;
beforeAll(async () => {
  folder = await scratch();
  cache = await emptyCache(folder.path);
}, 300_000);
afterAll(() => folder.remove());

const blobs = async () => (await readdir(join(cache, 'blobs'))).sort();

test('old layers are removed once there are too many, and made again when they are wanted', async () => {
  const model = join(folder.path, 'model');
  await cp(modelPath('d_mlp_small'), model, { recursive: true });
  const withModel = { cache, args: ['--with-model', model] };
  const first = await digestOf(withModel);
  const all = await blobs();
  const plain = await digestOf({ cache });
  expect(await blobs()).toEqual(all);

  // A week later the image without the model is built, and the limit is what it takes.
  const then = new Date(Date.now() - 7 * 86_400_000);
  for (const name of all) await utimes(join(cache, 'blobs', name), then, then);
  const { code, stderr } = await build({ cache, env: { MLTRACK_CACHE_MB: '1' } });
  expect(code).toBe(0);
  expect(stderr).not.toMatch(/remov|cache/i);
  const rest = await blobs();
  expect(rest.length).toBe(all.length - 1);
  expect(await digestOf({ cache, args: ['--output', join(folder.path, 'image.tar')] })).toBe(plain);
  expect(await digestOf(withModel)).toBe(first);
  expect(await blobs()).toEqual(all);
}, 300_000);

test('layers that another build may be reading stay, and a limit that is no size is named', async () => {
  const other = join(cache, 'blobs', 'sha256-other');
  await writeFile(other, 'a layer of another image');
  await digestOf({ cache, env: { MLTRACK_CACHE_MB: '0' } });
  expect((await stat(other)).size).toBeGreaterThan(0);
  await rm(other);
  const { code, stderr } = await build({ cache, env: { MLTRACK_CACHE_MB: 'much' } });
  expect([code, stderr]).toEqual([1, expect.stringContaining("MLTRACK_CACHE_MB is 'much'")]);
}, 300_000);

test('a label says which run logged the model inside, whatever its URI', async () => {
  const model = join(folder.path, 'logged');
  await mkdir(model);
  for (const name of await readdir(modelPath('d_mlp_small'))) {
    if (name !== 'MLmodel') await symlink(join(modelPath('d_mlp_small'), name), join(model, name));
  }
  await writeFile(
    join(model, 'MLmodel'),
    'run_id: 0123456789abcdef0123456789abcdef\nflavors:\n  onnx:\n    data: model.onnx\n',
  );
  const output = join(folder.path, 'logged.tar');
  await digestOf({ cache, args: ['--with-model', model, '--output', output] });
  const { Labels } = JSON.parse(await tool('skopeo', 'inspect', `docker-archive:${output}`));
  expect(Labels).toMatchObject({
    'mltrack.model.uri': model,
    'mltrack.model.run-id': '0123456789abcdef0123456789abcdef',
  });
}, 300_000);
