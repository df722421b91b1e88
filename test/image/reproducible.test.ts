/** An image is the same to the byte wherever and however it is built, and its layers hold what went in. */
import { chmod, cp, mkdir, readFile, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { digestOf, emptyCache, scratch, tool } from '../harness/image.js';
import { modelPath } from '../packager/model-server.js';

let folder: Awaited<ReturnType<typeof scratch>>;
/** Has the layers of the runtime once the first image is built. */
let cache: string;
beforeAll(async () => {
  folder = await scratch();
  cache = await emptyCache(folder.path);
}, 300_000);
afterAll(() => folder.remove());

test('the digest does not depend on folder, umask, time zone, locale, cores or cache', async () => {
  const first = await digestOf({ cache });
  expect(first).toMatch(/^sha256:/);
  expect(await digestOf({ cache })).toBe(first);
  const elsewhere = join(folder.path, 'elsewhere');
  await mkdir(elsewhere);
  const other = await digestOf({
    cache: await emptyCache(folder.path),
    cwd: elsewhere,
    umask: '077',
    under: ['/usr/bin/taskset', '-c', '0'],
    env: { TZ: 'Asia/Kathmandu', LC_ALL: 'tr_TR.UTF-8', LANG: 'tr_TR.UTF-8', HOME: elsewhere, PATH: '/nowhere' },
  });
  expect(other).toBe(first);
}, 300_000);

const LONG = 'a-name-of-more-than-a-hundred-characters-'.repeat(4);
const FILES: Record<string, string> = {
  'weights/small.bin': 'x',
  'weights/none.bin': '',
  'weights/block.bin': 'b'.repeat(512),
  'extra/Ünïcödé 日本.txt': 'names beyond ASCII',
  [`extra/${LONG}.txt`]: 'a long name',
  [`extra/${LONG}/${LONG}/deep.txt`]: 'a long path',
};

/** The model of a test, with files whose names and sizes are at the format's limits. */
async function makeModel(name: string): Promise<string> {
  const model = join(folder.path, name);
  await cp(modelPath('d_mlp_small'), model, { recursive: true });
  for (const [file, text] of Object.entries(FILES)) {
    await mkdir(join(model, file, '..'), { recursive: true });
    await writeFile(join(model, file), text);
  }
  // More than a compressor's block, and not repetitive.
  const random = Uint32Array.from({ length: 800_001 }, (_, index) => Math.imul(index ^ (index >>> 3), 2654435761));
  await writeFile(join(model, 'weights/large.bin'), random);
  await symlink('small.bin', join(model, 'weights/link.bin'));
  return model;
}

test('the model’s layer holds its files, with one time, owner and mode', async () => {
  const model = await makeModel('model');
  const output = join(folder.path, 'with-model.tar');
  const digest = await digestOf({ cache, args: ['--with-model', model, '--output', output] });

  const out = join(folder.path, 'out');
  await mkdir(out);
  await tool('tar', '-xf', output, '-C', out);
  const [{ Layers }] = JSON.parse(await readFile(join(out, 'manifest.json'), 'utf8'));
  const layer = join(out, Layers.at(-1));
  await tool('sh', '-c', 'gzip -t <"$1"', 'sh', layer);
  await tool('tar', '-xzf', layer, '-C', out, '--no-same-owner');
  await tool('diff', '-r', model, join(out, 'opt/ml/model'));
  const lines = (await tool('tar', '--full-time', '-tvzf', layer)).trim().split('\n');
  expect(lines.length).toBeGreaterThan(15);
  for (const line of lines) {
    expect(line).toMatch(/^(drwxr-xr-x|-rw-r--r--) 0\/0 +\d+ 1970-01-01 00:00:00 /);
  }

  const copy = await makeModel('model-again');
  await chmod(join(copy, 'model.onnx'), 0o600);
  await utimes(join(copy, 'model.onnx'), 1, 1);
  // The path is in the image's labels: only the layers are compared.
  const again = join(folder.path, 'again.tar');
  expect(await digestOf({ cache: await emptyCache(folder.path), args: ['--with-model', copy, '-o', again] })).not.toBe(
    digest,
  );
  const [listed] = JSON.parse(await tool('tar', '-xOf', again, 'manifest.json'));
  expect(listed.Layers).toEqual(Layers);
}, 300_000);
