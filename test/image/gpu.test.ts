/** `--gpu`: the CUDA provider out of a file that the user names goes beside onnxruntime's libraries. That it runs on a GPU is not tried here. */
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { build, digestOf, emptyCache, scratch, tool, unpack } from '../harness/image.js';

const LIBRARIES = ['libonnxruntime_providers_shared.so', 'libonnxruntime_providers_cuda.so'];

let folder: Awaited<ReturnType<typeof scratch>>;
let cache: string;
let base: string;
beforeAll(async () => {
  folder = await scratch();
  cache = await emptyCache(folder.path);
  base = `oci:${join(folder.path, 'base')}`;
  await digestOf({ cache, args: ['--output', base] });
}, 300_000);
afterAll(() => folder.remove());

/** An archive as onnxruntime's project releases it, and its hash. */
async function release(libraries: readonly string[]): Promise<{ path: string; sha256: string }> {
  const name = `release-${libraries.length}`;
  const lib = join(folder.path, name, 'onnxruntime-linux-x64-gpu/lib');
  await mkdir(lib, { recursive: true });
  for (const library of libraries) await writeFile(join(lib, library), `the bytes of ${library}`);
  const path = join(folder.path, `${name}.tgz`);
  await tool('tar', '-czf', path, '-C', join(folder.path, name), '.');
  return {
    path,
    sha256: createHash('sha256')
      .update(await readFile(path))
      .digest('hex'),
  };
}

test('the libraries are in the image, and its environment asks for the driver', async () => {
  const { path, sha256 } = await release(LIBRARIES);
  const output = join(folder.path, 'gpu.tar');
  await digestOf({ cache, args: ['--base', base, '--gpu', path, '--gpu-sha256', sha256, '--output', output] });
  const { Env } = JSON.parse(await tool('skopeo', 'inspect', `docker-archive:${output}`));
  expect(Env).toEqual(
    expect.arrayContaining(['NVIDIA_VISIBLE_DEVICES=all', 'NVIDIA_DRIVER_CAPABILITIES=compute,utility']),
  );
  const bundle = await unpack(output, folder.path);
  for (const library of LIBRARIES) {
    const file = join(bundle, 'rootfs/opt/mltrack/onnxruntime', library);
    expect(await readFile(file, 'utf8')).toBe(`the bytes of ${library}`);
  }
}, 300_000);

test('what is missing, or another file, is said in one line', async () => {
  const { path, sha256 } = await release(LIBRARIES);
  const half = await release(LIBRARIES.slice(1));
  const none = join(folder.path, 'none.tgz');
  const cases: [string[], string][] = [
    [['--gpu', path], '--gpu and --gpu-sha256 go together'],
    [['--gpu', path, '--gpu-sha256', 'abc'], 'it must be 64 hexadecimal digits'],
    [['--gpu', path, '--gpu-sha256', sha256], '--gpu needs --base'],
    [['--gpu', path, '--gpu-sha256', sha256, '--base', base, '--platform', 'linux/arm64'], 'linux/a'],
    [['--gpu', path, '--gpu-sha256', half.sha256, '--base', base], 'not the one that --gpu-sha256 names'],
    [['--gpu', half.path, '--gpu-sha256', half.sha256, '--base', base], `has no ${LIBRARIES[0]}`],
    [['--gpu', none, '--gpu-sha256', 'f'.repeat(64), '--base', base], `Cannot read --gpu ${none}`],
  ];
  for (const [args, message] of cases) {
    const { code, stderr } = await build({ cache, args });
    expect([args, code, stderr]).toEqual([args, 1, expect.stringContaining(message)]);
    expect(stderr).not.toMatch(/^\s+at /m);
  }
}, 300_000);
