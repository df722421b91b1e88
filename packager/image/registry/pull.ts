/** An image of a registry as an `Image`: manifest and configuration for one platform at once, the layers when they are opened. */
import { pipeline, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { Blob, Image } from '../image.js';
import { checked } from './checked.js';
import { networkFailure, RegistryError } from './failure.js';
import { fetchManifest, INDEX_TYPES, jsonIn, MANIFEST_TYPES, type Manifest } from './manifest.js';
import type { Reference } from './reference.js';
import { openRepository, type RegistryOptions, type Repository } from './repository.js';

export interface PullOptions extends RegistryOptions {
  /** `linux/amd64`, or with a variant `linux/arm/v7`: which one of an image for several, and what a single one must be for. */
  readonly platform: string;
}

/**
 * Reads manifest and configuration. A layer's stream fails where the bytes are not those of its digest; one that breaks off is fetched anew
 * and goes on where it was. Throws a RegistryError when there is no such image, or none for the platform.
 */
export async function pull(reference: Reference, options: PullOptions): Promise<Image> {
  const repository = openRepository(reference, [`repository:${reference.repository}:pull`], options);
  const named = await fetchManifest(repository, reference.digest ?? reference.tag ?? 'latest');
  const manifest = INDEX_TYPES.includes(named.mediaType)
    ? await fetchManifest(repository, entryFor(named, options.platform, repository).digest)
    : named;
  const content = contentOf(manifest, repository);
  const config = blobOf(repository, content.config);
  const bytes = await buffer(config.open());
  checkPlatform(bytes, options.platform, repository);
  return {
    manifest: manifest.bytes,
    mediaType: manifest.mediaType,
    digest: manifest.digest,
    config: { ...config, open: () => Readable.from([bytes], { objectMode: false }) },
    layers: content.layers.map((layer) => blobOf(repository, layer)),
  };
}

type Descriptor = Omit<Blob, 'open'>;

interface Platform {
  readonly os?: string;
  readonly architecture?: string;
  readonly variant?: string;
}

function entryFor(index: Manifest, platform: string, repository: Repository): Descriptor {
  const { manifests } = jsonIn(index.bytes) as { manifests?: (Descriptor & { platform?: Platform })[] };
  const entries = Array.isArray(manifests) ? manifests.filter((each) => MANIFEST_TYPES.includes(each.mediaType)) : [];
  const found = entries.find((each) => isFor(each.platform ?? {}, platform));
  if (found && isDescriptor(found)) return found;
  // Builders add attestations as entries for unknown/unknown.
  const there = entries.map((each) => nameOf(each.platform ?? {})).filter((name) => !name.startsWith('unknown'));
  throw new RegistryError(
    `${repository.host}/${repository.name} has no image for ${platform}, but for ${there.join(', ') || 'none'}`,
  );
}

const nameOf = ({ os, architecture, variant }: Platform) => [os, architecture, variant].filter(Boolean).join('/');

/** A variant counts where both name one: arm64 is often listed as arm64/v8, and configurations seldom say. */
function isFor({ os, architecture, variant }: Platform, platform: string): boolean {
  const [wantedOs, wantedArchitecture, wantedVariant] = platform.split('/');
  const isVariant = variant === undefined || wantedVariant === undefined || variant === wantedVariant;
  return os === wantedOs && architecture === wantedArchitecture && isVariant;
}

function isDescriptor(value: unknown): value is Descriptor {
  const { mediaType, digest, size } = (value ?? {}) as Partial<Descriptor>;
  return (
    typeof mediaType === 'string' &&
    /^sha256:[0-9a-f]{64}$/.test(String(digest)) &&
    typeof size === 'number' &&
    Number.isSafeInteger(size) &&
    size >= 0
  );
}

/** Bytes; it is read as a whole. */
const MAX_CONFIG = 16 * 1024 * 1024;

function contentOf(manifest: Manifest, { host, name }: Repository): { config: Descriptor; layers: Descriptor[] } {
  const { config, layers } = jsonIn(manifest.bytes) as { config?: unknown; layers?: unknown };
  const isImage = MANIFEST_TYPES.includes(manifest.mediaType) && isDescriptor(config) && config.size <= MAX_CONFIG;
  if (isImage && Array.isArray(layers) && layers.every(isDescriptor)) return { config, layers };
  throw new RegistryError(
    `${host}/${name}@${manifest.digest} (${manifest.mediaType || 'without a media type'}) is no image: a manifest of Docker's schema 2 or of OCI was expected`,
  );
}

/** An image built on another machine may be for that machine; an index has said so, a single manifest has not. */
function checkPlatform(config: Uint8Array, platform: string, { host, name }: Repository): void {
  const found: Platform = jsonIn(config);
  if (found.os === undefined || found.architecture === undefined || isFor(found, platform)) return;
  throw new RegistryError(`${host}/${name} has an image for ${nameOf(found)} only, not for ${platform}`);
}

function blobOf(repository: Repository, { digest, size, mediaType }: Descriptor): Blob {
  const open = () => Readable.from(bytesOf(repository, digest, size), { objectMode: false });
  return { digest, size, mediaType, open };
}

/** Each try fetches the whole, is checked as a whole, and skips what an earlier one has passed on. */
async function* bytesOf(repository: Repository, digest: string, size: number): AsyncGenerator<Buffer> {
  const doing = `Downloading ${digest} of ${repository.host}/${repository.name}`;
  let passed = 0;
  for (let tried = 1; ; tried++) {
    try {
      const answer = await repository.ask({ method: 'GET', to: `blobs/${digest}`, accept: [200], doing });
      const check = checked({ digest, size }, doing);
      pipeline(answer, check, () => {});
      let at = 0;
      for await (const chunk of check as AsyncIterable<Buffer>) {
        const fresh = chunk.subarray(Math.max(0, passed - at));
        at += chunk.length;
        passed += fresh.length;
        if (fresh.length > 0) yield fresh;
      }
      return;
    } catch (error) {
      await repository.pauseAfter(networkFailure(error, doing), tried);
    }
  }
}
