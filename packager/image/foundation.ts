/** What an image stands on: the C libraries, certificates and locales of mltrack's own base, or another image. */

import { createReadStream, createWriteStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { createGunzip } from 'node:zlib';
import { architectureOf, type Platform } from './assemble.js';
import { verified } from './blob.js';
import type { Blob, Image } from './image.js';
import { blobPath, LAYER_TYPE, type Layer, type Recipe } from './layer.js';
import { readLayout } from './layout.js';
import type { Component } from './sbom.js';
import { writeWhole } from './whole-file.js';

export interface Base {
  /** From the lowest; a recipe is a layer that is to be made. */
  readonly layers: readonly (Layer | Recipe)[];
  readonly env: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** What is known to be inside. */
  readonly components: readonly Component[];
}

/**
 * `builtin`, `oci:FOLDER` (an OCI layout), or an image of a registry, whose layers are fetched into the cache. Throws an Error
 * of one line when there is no such base for the platform.
 */
export async function findBase(name: string, platform: Platform): Promise<Base> {
  if (name === 'builtin') return builtin(platform);
  const folder = /^oci:(.+)$/.exec(name)?.[1];
  if (folder !== undefined) return baseOf(await readLayout(folder, platform), name, platform);
  const [{ pull }, { parseReference }] = await Promise.all([
    import('./registry/pull.js'),
    import('./registry/reference.js'),
  ]);
  const image = await pull(parseReference(name), { platform });
  const base = await baseOf(image, name, platform);
  await Promise.all(base.layers.map((layer) => ('diffId' in layer ? fetchBlob(layer) : undefined)));
  return { ...base, layers: base.layers.map(asFetched) };
}

async function fetchBlob(blob: Blob): Promise<void> {
  const path = blobPath(blob.digest);
  if ((await stat(path).catch(() => undefined))?.size === blob.size) return;
  await writeWhole(path, async (beside) => {
    await pipeline(Readable.from(verified(blob)), createWriteStream(beside));
    return undefined;
  });
}

/** Read from the cache, where it is a layer that need not be compressed. */
function asFetched(layer: Layer | Recipe): Layer | Recipe {
  if (!('diffId' in layer)) return layer;
  return { ...layer, open: () => createReadStream(blobPath(layer.digest)) };
}

interface Contents {
  /** Of the archive before compression. */
  readonly sha256: string;
  readonly packages: readonly { readonly name: string; readonly version: string }[];
}

async function builtin(platform: Platform): Promise<Base> {
  const place = fileURLToPath(new URL(`./base/${platform.replace('/', '-')}`, import.meta.url));
  const text = await readFile(`${place}.json`, 'utf8').catch(() => {
    throw new Error(
      `This build of mltrack carries no base for ${platform}: make it with node scripts/debian-layer.mjs, or name one with --base`,
    );
  });
  const { sha256, packages }: Contents = JSON.parse(text);
  const architecture = architectureOf(platform);
  const tar = () => createReadStream(`${place}.tar.gz`).pipe(createGunzip());
  return {
    layers: [{ title: 'C libraries, certificates and locales of Debian', key: ['base', sha256], tar }],
    env: {},
    labels: {},
    components: packages.map(({ name, version }) => ({
      name,
      version,
      purl: `pkg:deb/debian/${name}@${encodeURIComponent(version)}?arch=${architecture}`,
    })),
  };
}

interface Configuration {
  readonly os?: string;
  readonly architecture?: string;
  readonly config?: { readonly Env?: readonly string[] | null; readonly Labels?: Record<string, string> | null };
  readonly rootfs?: { readonly diff_ids?: readonly string[] };
}

/** Another image as a base: its layers, environment and labels; what it would run is left behind. */
async function baseOf(image: Image, name: string, platform: Platform): Promise<Base> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of verified(image.config)) chunks.push(chunk);
  const { os, architecture, config, rootfs }: Configuration = JSON.parse(Buffer.concat(chunks).toString());
  if (`${os}/${architecture}` !== platform)
    throw new Error(`The base ${name} is for ${os}/${architecture}, not ${platform}`);
  const diffIds = rootfs?.diff_ids ?? [];
  if (diffIds.length !== image.layers.length) {
    throw new Error(`The base ${name} has ${image.layers.length} layers, its configuration names ${diffIds.length}`);
  }
  return {
    layers: image.layers.map((layer, index) => asDocker(layer, diffIds[index] as string, name)),
    env: Object.fromEntries((config?.Env ?? []).map((line) => line.split(/=(.*)/s).slice(0, 2))),
    labels: config?.Labels ?? {},
    components: [],
  };
}

/** Docker's manifest knows layers in gzip only: those stay as they are, and one without compression is compressed. */
function asDocker(blob: Blob, diffId: string, name: string): Layer | Recipe {
  const title = `layer of ${name}`;
  if (/[.+]gzip$/.test(blob.mediaType)) return { ...blob, mediaType: LAYER_TYPE, diffId, title };
  if (/\.tar$/.test(blob.mediaType)) return { title, key: ['base layer', diffId], tar: () => verified(blob) };
  throw new Error(`The base ${name} has a layer of the type ${blob.mediaType}: it must be tar, plain or with gzip`);
}
