/** The layers of what runs in a container: Node, onnxruntime's libraries, and mltrack's own code for serving. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Platform } from './assemble.js';
import { digestOf } from './blob.js';
import { stripped } from './elf.js';
import type { Recipe } from './layer.js';
import { packageFile } from './packages.js';
import { NODE, ONNXRUNTIME, type PinnedFile, type PinnedPackage } from './runtime-lock.js';
import type { Component } from './sbom.js';
import { type Entry, tar } from './tar.js';

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
