/**
 * An image into a registry: what is there already is not sent, every layer goes up in one request of an upload session of
 * its own, and the manifest last. ECR takes part of what the distribution specification allows; only that is used here.
 */
import { pipeline } from 'node:stream';
import type { Blob, Image } from '../image.js';
import { checked } from './checked.js';
import { RegistryError } from './failure.js';
import { digestUnder, fetchManifest } from './manifest.js';
import type { Reference } from './reference.js';
import { addressIn, openRepository, type RegistryOptions, type Repository } from './repository.js';

export interface PushProgress {
  /** Bytes of configuration and layers. */
  readonly total: number;
  /** Of these, those that the registry has or has been sent. A layer that must be sent again goes back to none. */
  readonly done: number;
  /** Bytes sent over the network, once more for each try. */
  readonly sent: number;
  /** Bytes a second, since the first was sent; 0 while none was. */
  readonly speed: number;
}

export interface PushOptions extends RegistryOptions {
  /** A repository of the same registry in which blobs may lie already; the registry then needs none of their bytes. */
  readonly mountFrom?: string | undefined;
  /** Called when bytes were sent and when a blob is done. */
  readonly onProgress?: ((progress: PushProgress) => void) | undefined;
}

export interface Pushed {
  /** The manifest's, which the registry has confirmed. */
  readonly digest: string;
  /** Bytes of the blobs that it did not have. */
  readonly pushedBytes: number;
}

/** More side by side have made ECR close connections. */
const MAX_UPLOADS = 4;

/**
 * Resolves once the tag names the image. Throws a RegistryError when the registry refuses it: a repository that is missing,
 * a tag that must not be moved; and when a blob's bytes are not those of its digest.
 */
export async function push(image: Image, reference: Reference, options: PushOptions = {}): Promise<Pushed> {
  const { tag, repository: name } = reference;
  if (tag === undefined || reference.digest !== undefined) {
    throw new RegistryError(`${reference.registry}/${name}: an image is pushed under a tag, not under a digest`);
  }
  const { mountFrom } = options;
  const scopes = [`repository:${name}:pull,push`, ...(mountFrom === undefined ? [] : [`repository:${mountFrom}:pull`])];
  // One upload that fails for good ends the others.
  const ending = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, ending.signal]) : ending.signal;
  const repository = openRepository(reference, scopes, { ...options, signal });
  const before = await digestUnder(repository, tag, image.mediaType);
  if (before === image.digest) return { digest: image.digest, pushedBytes: 0 };
  const blobs = [...new Map([image.config, ...image.layers].map((blob) => [blob.digest, blob])).values()];
  const tally = startTally(blobs, options.onProgress);
  let pushedBytes = 0;
  const waiting = [...blobs];
  const uploader = async () => {
    for (let blob = waiting.shift(); blob; blob = waiting.shift()) {
      if (await pushBlob(repository, blob, mountFrom, tally)) pushedBytes += blob.size;
    }
  };
  const uploaders = Array.from({ length: Math.min(MAX_UPLOADS, blobs.length) }, () =>
    uploader().catch((error: unknown) => {
      ending.abort(error);
      throw error;
    }),
  );
  await Promise.allSettled(uploaders);
  await Promise.all(uploaders);
  await putManifest(repository, image, tag);
  return { digest: image.digest, pushedBytes };
}

interface Tally {
  sent(count: number): void;
  /** The registry has the whole; `counted` of its bytes are in already. */
  has(blob: Blob, counted: number): void;
  /** So many of the bytes that were sent are to be sent again. */
  takeBack(count: number): void;
}

function startTally(blobs: readonly Blob[], onProgress: PushOptions['onProgress']): Tally {
  const total = blobs.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  let sent = 0;
  let first: number | undefined;
  const tell = () => {
    const seconds = first === undefined ? 0 : (performance.now() - first) / 1000;
    onProgress?.({ total, done, sent, speed: seconds > 0 ? sent / seconds : 0 });
  };
  return {
    sent(count) {
      first ??= performance.now();
      done += count;
      sent += count;
      tell();
    },
    has({ size }, counted) {
      done += size - counted;
      tell();
    },
    takeBack(count) {
      done -= count;
      tell();
    },
  };
}

/** True when its bytes were sent. Every try looks first, since the answer to an upload that succeeded may have been lost. */
async function pushBlob(repository: Repository, blob: Blob, from: string | undefined, tally: Tally): Promise<boolean> {
  let sent = false;
  await repository.patiently(async () => {
    const session = (await hasBlob(repository, blob)) ? undefined : await openSession(repository, blob, from);
    if (session === undefined) {
      tally.has(blob, 0);
      return;
    }
    sent = true;
    await upload(repository, blob, session, tally);
  });
  return sent;
}

async function hasBlob(repository: Repository, { digest }: Blob): Promise<boolean> {
  const doing = `Looking for ${digest} in ${repository.host}/${repository.name}`;
  const answer = await repository.ask({ method: 'HEAD', to: `blobs/${digest}`, accept: [200, 404], doing });
  answer.resume();
  return answer.statusCode !== 404;
}

/** Where to send a blob; undefined when the registry has mounted it. */
async function openSession(
  repository: Repository,
  { digest }: Blob,
  from: string | undefined,
): Promise<URL | undefined> {
  const doing = `Beginning the upload of ${digest} to ${repository.host}/${repository.name}`;
  const query = from === undefined ? '' : `?${new URLSearchParams({ mount: digest, from })}`;
  const to = `blobs/uploads/${query}`;
  const headers = { 'content-length': '0' };
  try {
    const answer = await repository.ask({ method: 'POST', to, headers, accept: [201, 202], doing });
    answer.resume();
    if (answer.statusCode === 201 && from !== undefined) return undefined;
    return addressIn(answer.headers.location, new URL(to, repository.root), doing);
  } catch (error) {
    throw isMissing(error) ? missingRepository(repository, error) : error;
  }
}

const isMissing = (error: unknown): error is RegistryError => error instanceof RegistryError && error.status === 404;

function missingRepository({ name, ecr }: Repository, error: RegistryError): RegistryError {
  const cure = ecr ? `: aws ecr create-repository --region ${ecr.region} --repository-name ${name}` : '';
  return new RegistryError(`${error.message} (the repository ${name} must exist before the push${cure})`, error);
}

/** One PUT with the whole: ECR loses data of sessions that go on after a first part. */
async function upload(repository: Repository, blob: Blob, session: URL, tally: Tally): Promise<void> {
  const doing = `Uploading ${blob.digest} to ${repository.host}/${repository.name}`;
  session.searchParams.set('digest', blob.digest);
  let counted = 0;
  const body = checked(blob, doing, (count) => {
    counted += count;
    tally.sent(count);
  });
  pipeline(blob.open(), body, () => {});
  const headers = { 'content-type': 'application/octet-stream', 'content-length': String(blob.size) };
  try {
    const answer = await repository.ask({
      method: 'PUT',
      to: session,
      headers,
      body,
      accept: [200, 201, 202, 204],
      doing,
    });
    answer.resume();
    tally.has(blob, counted);
  } catch (error) {
    tally.takeBack(counted);
    // The session is gone or its bytes are not where it thinks: another one will do.
    const stale = error instanceof RegistryError && (error.status === 404 || error.status === 416);
    throw stale ? new RegistryError(error.message, { status: error.status, temporary: true }) : error;
  } finally {
    body.destroy();
  }
}

async function putManifest(repository: Repository, image: Image, tag: string): Promise<void> {
  const doing = `Writing the manifest ${tag} of ${repository.host}/${repository.name}`;
  const headers = { 'content-type': image.mediaType, 'content-length': String(image.manifest.length) };
  const { manifest: body, digest, mediaType } = image;
  let said: string | undefined;
  try {
    said = await repository.patiently(async () => {
      const to = `manifests/${tag}`;
      const answer = await repository.ask({ method: 'PUT', to, headers, body, accept: [200, 201, 202], doing });
      answer.resume();
      return answer.headers['docker-content-digest']?.toString();
    });
  } catch (error) {
    if (!isImmutable(error)) throw error;
    // A first try that succeeded, its answer lost, reads the same.
    said = await digestUnder(repository, tag, mediaType);
    if (said !== digest) throw immutableTag(repository, tag, said);
  }
  const stored = said ?? (await fetchManifest(repository, tag)).digest;
  if (stored !== digest) throw new RegistryError(`${doing}: the registry stored ${stored}, not ${digest}`);
}

/** ECR's API says ImageTagAlreadyExistsException, its registry TAG_INVALID with a text about immutability. */
function isImmutable(error: unknown): boolean {
  return error instanceof RegistryError && /ImageTagAlreadyExists|immutable/i.test(error.message);
}

function immutableTag({ host, name }: Repository, tag: string, before: string | undefined): RegistryError {
  return new RegistryError(
    `The tag ${tag} of ${host}/${name} is another image's${before ? ` (${before})` : ''}, and tags of this repository are immutable: push under another tag`,
  );
}
