/** Artifacts of what is gone: removed where they lie, and only there. */
import { stat } from 'node:fs/promises';
import { type ArtifactSettings, openPlaces, type Places, storageOf } from '../artifacts/places.js';

/** Removes the artifacts of a run or model. Throws an Error that says why it cannot. */
export type RemoveArtifacts = (uri: string, owner: string) => Promise<void>;

/** What can never be removed from here, however often it is tried. */
export class OutOfReach extends Error {
  override readonly name = 'OutOfReach';
}

/** Where `proxied` is given, what a tracking server serves is removed through that. */
export function artifactRemover(
  { destination }: ArtifactSettings,
  proxied?: (uri: string) => Promise<void>,
): RemoveArtifacts {
  const served = openPlaces({ destination, root: undefined });
  return async (uri, owner) => {
    if (!isOwn(uri, owner)) throw new OutOfReach('it is no folder of its own');
    if (/^(mlflow-artifacts|https?):/i.test(uri)) {
      if (proxied) return proxied(uri);
      if (destination?.kind === 'folder' && !(await isFolder(destination.path))) {
        throw new Error(`there is no folder ${destination.path}: give --artifacts-destination or --tracking-uri`);
      }
      return remove(served, uri);
    }
    const root = storageOf(uri.slice(0, -endOf(owner).length) || '/');
    if (!root) throw new OutOfReach('mltrack removes artifacts of this machine, of S3 and of tracking servers only');
    return remove(openPlaces({ destination: undefined, root }), uri);
  };
}

const endOf = (owner: string) => `/${owner}/artifacts`;

/** A location that somebody chose must not lead to other files. */
const isOwn = (uri: string, owner: string) => uri.endsWith(endOf(owner)) && !uri.includes('..');

/** What removes the artifacts from a storage of the server's own; undefined for those that lie elsewhere. */
export function artifactsOf(places: Places, uri: string, owner: string): (() => Promise<void>) | undefined {
  if (!isOwn(uri, owner)) return undefined;
  try {
    const { repository, path } = places.locate(uri);
    return () => repository.remove(path);
  } catch {
    return undefined;
  }
}

async function remove(places: Places, uri: string): Promise<void> {
  const { repository, path } = places.locate(uri);
  await repository.remove(path);
}

const isFolder = async (path: string) => (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
