/** Artifact listings: the store says where, the storage says what. */
import type { FileInfo } from '../../api/index.js';
import { failed, type StoreResponse } from '../answer.js';
import { encode } from '../encode.js';
import type { Backend } from '../threads/backend.js';
import type { FrontRequest } from '../threads/thread.js';
import type { Places } from './places.js';

const LISTINGS: Partial<Record<string, 'locateArtifacts' | 'locateLoggedModelArtifacts'>> = {
  listArtifacts: 'locateArtifacts',
  listLoggedModelArtifacts: 'locateLoggedModelArtifacts',
};

/** A backend that answers listings on this thread: the store's would wait for a disk or a network. */
export function withListings(backend: Backend, places: Places): Backend {
  return {
    ...backend,
    send(request) {
      const endpoint = LISTINGS[request.endpoint];
      return endpoint === undefined ? backend.send(request) : listing(backend, places, { ...request, endpoint });
    },
  };
}

async function listing(backend: Backend, places: Places, request: FrontRequest): Promise<StoreResponse> {
  const located = await backend.send(request);
  if (located.status !== 200) return located;
  const { root_uri, path } = JSON.parse(Buffer.from(located.body).toString()) as { root_uri: string; path: string };
  try {
    const root = places.locate(root_uri);
    const files = await root.repository.list(joined(root.path, path));
    const from = root.path === '' ? 0 : root.path.length + 1;
    const relative = files.map((file): FileInfo => ({ ...file, path: file.path.slice(from) }));
    return { status: 200, body: encode({ root_uri, ...(relative.length > 0 && { files: relative }) }) };
  } catch (error) {
    return failed(error);
  }
}

export const joined = (folder: string, path: string) => [folder, path].filter((part) => part !== '').join('/');
