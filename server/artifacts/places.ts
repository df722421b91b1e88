/**
 * Which storage an artifact URI belongs to. Only what the server was set up with is ever read: an experiment may name any
 * location, and its owner must not thereby read the server's files, or buckets that only the server may read.
 */
import { resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { invalid } from '../../api/index.js';
import { localRepository } from './local.js';
import { checkPath } from './paths.js';
import type { ArtifactRepository } from './repository.js';
import { parseS3Uri, type S3Location } from './s3/client.js';
import { s3Repository } from './s3/s3.js';

/** A storage that the server was set up with. */
export type Storage = { readonly kind: 'folder'; readonly path: string } | ({ readonly kind: 's3' } & S3Location);

export interface ArtifactSettings {
  /** What the proxy serves; undefined when artifacts are not served. */
  readonly destination: Storage | undefined;
  /** Where clients of new experiments write by themselves, when they do. */
  readonly root: Storage | undefined;
}

export interface Place {
  readonly repository: ArtifactRepository;
  /** Of the URI in it; empty for its root. */
  readonly path: string;
}

export interface Places {
  readonly destination: ArtifactRepository | undefined;
  /** Throws INVALID_PARAMETER_VALUE for a URI that this server does not read. */
  locate(uri: string): Place;
}

/** The storage of a folder's path, a `file:` or an `s3:` URI; undefined for other schemes. Throws an Error that says what is wrong. */
export function storageOf(location: string): Storage | undefined {
  const s3 = parseS3Uri(location);
  if (s3) return { kind: 's3', ...s3 };
  const path = localPath(location);
  return path === undefined ? undefined : { kind: 'folder', path };
}

export function openPlaces({ destination, root }: ArtifactSettings): Places {
  const open = (storage: Storage) => ({ storage, repository: repositoryOf(storage) });
  const served = destination && open(destination);
  const known = [served, root && open(root)].filter((each) => each !== undefined);
  return {
    destination: served?.repository,
    locate(uri) {
      const proxied = proxiedPath(uri);
      if (proxied !== undefined && served) return { repository: served.repository, path: checkPath(proxied) };
      for (const { storage, repository } of known) {
        const path = pathIn(storage, uri);
        if (path !== undefined) return { repository, path: checkPath(path) };
      }
      throw invalid(`The artifacts are at ${uri}, which this server does not serve: list and read them there.`);
    },
  };
}

function repositoryOf(storage: Storage): ArtifactRepository {
  return storage.kind === 's3' ? s3Repository(storage) : localRepository(storage.path);
}

/** Source: `_get_proxied_run_artifact_destination_path` in `mlflow/server/handlers.py`. */
function proxiedPath(uri: string): string | undefined {
  const [, scheme = '', path = ''] = /^(mlflow-artifacts|https?):(?:\/\/[^/?#]*)?([^?#]*)/i.exec(uri) ?? [];
  if (scheme.toLowerCase() === 'mlflow-artifacts') return path.replace(/^\/+/, '');
  const anchor = '/api/2.0/mlflow-artifacts/artifacts/';
  const at = `${path}/`.indexOf(anchor);
  return at < 0 ? undefined : path.slice(at + anchor.length).replace(/^\/+/, '');
}

/** The path of a URI in a storage, or undefined when it lies elsewhere. */
function pathIn(storage: Storage, uri: string): string | undefined {
  if (storage.kind === 's3') {
    const match = /^s3:\/\/([^/?#]*)\/*([^?#]*)/i.exec(uri);
    return match?.[1] === storage.bucket ? below(storage.prefix, match[2] ?? '', '/') : undefined;
  }
  const path = localPath(uri);
  return path === undefined ? undefined : below(storage.path, path, sep)?.split(sep).join('/');
}

function below(folder: string, path: string, separator: string): string | undefined {
  const bare = path.endsWith(separator) ? path.slice(0, -1) : path;
  if (folder === '' || bare === folder) return bare.slice(folder.length);
  const start = folder.endsWith(separator) ? folder : folder + separator;
  return bare.startsWith(start) ? bare.slice(start.length) : undefined;
}

/** A path without a scheme, or a `file:` URI of this machine, as an absolute path without `..`. */
function localPath(uri: string): string | undefined {
  if (!/^[a-z][a-z0-9+.-]+:/i.test(uri)) return resolve(uri);
  if (!/^file:/i.test(uri)) return undefined;
  try {
    return fileURLToPath(uri.replace(/^file:(\/\/(localhost|127\.0\.0\.1|\.)?(?=\/))?\/*/i, 'file:///'));
  } catch {
    // Malformed encoding, or another machine.
    return undefined;
  }
}
