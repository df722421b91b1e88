/**
 * Layers and settings to an image: its configuration and its manifest, which is Docker's V2 schema 2 whatever the base had,
 * since SageMaker takes no other (https://distribution.github.io/distribution/spec/manifest-v2-2/).
 */
import { blobOfBytes, digestOf } from './blob.js';
import type { Blob, Image } from './image.js';
import type { Layer } from './layer.js';

export const MANIFEST_TYPE = 'application/vnd.docker.distribution.manifest.v2+json';
const CONFIG_TYPE = 'application/vnd.docker.container.image.v1+json';

/** The same in every image: when it was built says nothing about what is inside. */
const CREATED = '1970-01-01T00:00:00Z';

export const PLATFORMS = ['linux/amd64', 'linux/arm64'] as const;
export type Platform = (typeof PLATFORMS)[number];

export const architectureOf = (platform: Platform) => platform.slice('linux/'.length) as 'amd64' | 'arm64';

export interface Settings {
  readonly platform: Platform;
  readonly env: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** Program and arguments, without a shell. */
  readonly entrypoint: readonly string[];
  /** Arguments where `docker run` names none. */
  readonly command: readonly string[];
  readonly port: number;
}

export function assemble(layers: readonly Layer[], settings: Settings): Image {
  const config = blobOfBytes(encode(configuration(layers, settings)), CONFIG_TYPE);
  const manifest = encode({
    schemaVersion: 2,
    mediaType: MANIFEST_TYPE,
    config: descriptor(config),
    layers: layers.map(descriptor),
  });
  return { manifest, mediaType: MANIFEST_TYPE, digest: digestOf(manifest), config, layers };
}

function configuration(layers: readonly Layer[], settings: Settings) {
  return {
    architecture: architectureOf(settings.platform),
    os: 'linux',
    created: CREATED,
    config: {
      Env: Object.entries(settings.env).map(([name, value]) => `${name}=${value}`),
      Entrypoint: settings.entrypoint,
      Cmd: settings.command,
      ExposedPorts: { [`${settings.port}/tcp`]: {} },
      WorkingDir: '/',
      Labels: settings.labels,
    },
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
    history: layers.map(({ title }) => ({ created: CREATED, created_by: `mltrack: ${title}` })),
  };
}

export const descriptor = ({ mediaType, size, digest }: Omit<Blob, 'open'>) => ({ mediaType, size, digest });

export const encode = (value: unknown): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(JSON.stringify(value)));
