/** Manifests as registries keep them, Docker's schema 2 and OCI's, read to the byte and checked against their digests. */
import { digestOf } from './checked.js';
import { bodyOf } from './exchange.js';
import { RegistryError } from './failure.js';
import type { Repository } from './repository.js';

/** Of one image. */
export const MANIFEST_TYPES: readonly string[] = [
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
];
/** Of one image for several platforms each. */
export const INDEX_TYPES: readonly string[] = [
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.index.v1+json',
];

export interface Manifest {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly mediaType: string;
  readonly digest: string;
}

/** The limit of registries, 4 MiB, is that of the distribution specification. */
const MAX_MANIFEST = 4 * 1024 * 1024;

/** `name` is a tag or a digest. Throws a RegistryError, also when the bytes are not what the name or the registry says. */
export function fetchManifest(repository: Repository, name: string): Promise<Manifest> {
  const doing = `Reading the manifest ${name} of ${repository.host}/${repository.name}`;
  return repository.patiently(async () => {
    const answer = await repository.ask({
      method: 'GET',
      to: `manifests/${name}`,
      headers: { accept: [...MANIFEST_TYPES, ...INDEX_TYPES].join(', ') },
      accept: [200],
      doing,
    });
    const bytes = new Uint8Array(await bodyOf(answer, MAX_MANIFEST, doing));
    const digest = digestOf(bytes);
    const said = name.startsWith('sha256:') ? name : answer.headers['docker-content-digest'];
    if (said !== undefined && said !== digest)
      throw new RegistryError(`${doing}: ${said} was expected, ${digest} came`);
    return { bytes, digest, mediaType: mediaTypeOf(answer.headers['content-type'], bytes) };
  });
}

/** The header's, without parameters; OCI lets the manifest itself name it where a proxy lost the header. */
function mediaTypeOf(header: string | undefined, bytes: Uint8Array): string {
  const type = header?.split(';')[0]?.trim().toLowerCase() ?? '';
  if (MANIFEST_TYPES.includes(type) || INDEX_TYPES.includes(type)) return type;
  const { mediaType } = jsonIn(bytes) as { mediaType?: unknown };
  return typeof mediaType === 'string' ? mediaType : type;
}

/** The JSON object in bytes, or an empty one. */
export function jsonIn(bytes: Uint8Array): object {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

/** What a tag names now, asked without its content; undefined when nothing, or when the registry does not say. */
export function digestUnder(repository: Repository, tag: string, mediaType: string): Promise<string | undefined> {
  const doing = `Looking for the tag ${tag} of ${repository.host}/${repository.name}`;
  return repository.patiently(async () => {
    const headers = { accept: mediaType };
    const answer = await repository.ask({ method: 'HEAD', to: `manifests/${tag}`, headers, accept: [200, 404], doing });
    answer.resume();
    return answer.statusCode === 200 ? answer.headers['docker-content-digest']?.toString() : undefined;
  });
}
