/** The layers of what runs in a container: Node, onnxruntime's libraries, and mltrack's own code for serving. */
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Platform } from './assemble.js';
import { digestOf } from './blob.js';
import { stripped } from './elf.js';
import type { Recipe } from './layer.js';
import { packageFile } from './packages.js';
import { NODE, ONNXRUNTIME, type PinnedFile, type PinnedPackage } from './runtime-lock.js';
import type { Component } from './sbom.js';
import { type Entry, tar } from './tar.js';
import { untar } from './untar.js';

/** Where all of it lies, without the leading slash that an archive's paths lack. */
const HOME = 'opt/mltrack';
export const PROGRAM = [`/${HOME}/bin/node`, `/${HOME}/container.js`];

/** Without symbols, which are a sixth of the file and of no use there. */
export function nodeLayer(platform: Platform, tell: (text: string) => void): Recipe {
  const pinned = NODE[platform];
  return fromPackage(pinned, ['stripped'], async (file) => {
    const bytes = await packageFile(pinned, file, tell);
    if (file.path === 'LICENSE') return { kind: 'file', path: `${HOME}/licenses/node.txt`, content: bytes };
    return { kind: 'file', path: `${HOME}/bin/node`, content: stripped(bytes), executable: true };
  });
}

export function onnxruntimeLayer(platform: Platform, tell: (text: string) => void): Recipe {
  const pinned = ONNXRUNTIME[platform];
  return fromPackage(pinned, [], async (file) => ({
    kind: 'file',
    path: `${HOME}/onnxruntime/${file.path.slice(file.path.lastIndexOf('/') + 1)}`,
    content: await packageFile(pinned, file, tell),
  }));
}

/** A file with libraries that mltrack may not carry, and what it must be. */
export interface NamedArchive {
  readonly path: string;
  /** Of the file, in hexadecimal digits. */
  readonly sha256: string;
}

const CUDA_LIBRARIES = ['libonnxruntime_providers_shared.so', 'libonnxruntime_providers_cuda.so'];

/**
 * onnxruntime's CUDA provider beside its libraries, out of the `.tgz` that its project releases. Its `tar` throws an Error of
 * one line when the file is another, or has no such libraries.
 */
export function cudaLayer({ path, sha256 }: NamedArchive): Recipe {
  return {
    title: `onnxruntime's CUDA provider out of ${basename(path)}`,
    key: ['cuda', sha256],
    async *tar() {
      const archive = await readFile(path).catch((error: Error) => {
        throw new Error(`Cannot read --gpu ${path}: ${error.message}`);
      });
      const found = digestOf(archive);
      if (found !== `sha256:${sha256}`) throw new Error(`${path} is ${found}, not the one that --gpu-sha256 names`);
      const unpacked: Uint8Array = await promisify(gunzip)(archive).catch(() => {
        throw new Error(`${path} is no .tgz`);
      });
      const files = new Map([...untar(unpacked)].map((entry) => [basename(entry.path), entry]));
      const entries = CUDA_LIBRARIES.map((name): Entry => {
        const file = files.get(name);
        if (file?.kind !== 'file') throw new Error(`${path} has no ${name}`);
        return { kind: 'file', path: `${HOME}/onnxruntime/${name}`, content: file.bytes };
      });
      yield* tar(entries);
    },
  };
}

function fromPackage(
  { name, version, files }: PinnedPackage,
  how: readonly string[],
  entry: (file: PinnedFile) => Promise<Entry>,
): Recipe {
  return {
    title: `${name} ${version}`,
    key: [name, ...how, ...files.map(({ path, sha256 }) => `${path} ${sha256}`)],
    async *tar() {
      // One after the other: both may be in the same archive of the registry.
      const entries: Entry[] = [];
      for (const file of files) entries.push(await entry(file));
      yield* tar(entries);
    },
  };
}

/** What is inside besides the base and the model. */
export async function runtimeComponents(platform: Platform): Promise<Component[]> {
  const bundled: { name: string; version: string; license: string }[] = JSON.parse(
    await readFile(join(CONTAINER, 'packages.json'), 'utf8'),
  );
  const pinned = [NODE[platform], ONNXRUNTIME[platform]].map(({ name, version }) => ({
    name,
    version,
    license: 'MIT',
  }));
  const others = bundled.filter(({ name }) => pinned.every((each) => each.name !== name));
  return [...pinned, ...others].map((each) => ({ ...each, purl: npmUrl(each.name, each.version) }));
}

/** A package of npm in a bill of materials. */
export const npmUrl = (name: string, version: string) => `pkg:npm/${name.replace('@', '%40')}@${version}`;

/** The code, the licences of what is bundled in it, the SBOM, and the folders that SageMaker mounts. */
export async function servingLayer(version: string, sbom: Uint8Array): Promise<Recipe> {
  const names = await readdir(CONTAINER, { recursive: true, withFileTypes: true });
  const files = await Promise.all(
    names
      .filter((each) => each.isFile())
      .map(async ({ parentPath, name }) => {
        const file = join(parentPath, name);
        const path = file.slice(CONTAINER.length).replaceAll('\\', '/');
        return { path: `${HOME}/${path}`, content: await readFile(file) };
      }),
  );
  const all = [...files, { path: `${HOME}/sbom.spdx.json`, content: sbom }];
  const entries: Entry[] = [
    ...all.map((file): Entry => ({ kind: 'file', ...file })),
    { kind: 'directory', path: 'opt/ml/model' },
  ];
  return {
    title: `mltrack ${version}`,
    key: ['serving', ...all.map(({ path, content }) => `${path} ${digestOf(content)}`).sort()],
    tar: () => tar(entries),
  };
}

/** Built, this module lies in `dist`, beside the folder that the build makes for containers. */
const CONTAINER = fileURLToPath(new URL('./container/', import.meta.url));
