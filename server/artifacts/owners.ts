/** Where the files lie of what they belong to: a run, a version of a registered model, a logged model. The store knows. */
import { type ErrorBody, MltrackError } from '../../api/index.js';
import type { StoreEndpointName } from '../endpoints.js';
import type { Backend } from '../threads/backend.js';
import { joined } from './listings.js';
import { checkPath } from './paths.js';
import type { Place, Places } from './places.js';

const PATIENCE = 60_000;

/** Each throws RESOURCE_DOES_NOT_EXIST, or INVALID_PARAMETER_VALUE for files that this server does not serve. */
export interface Owners {
  ofRun(run_id: string | undefined): Promise<Place>;
  ofVersion(name: string | undefined, version: string | undefined): Promise<Place>;
  ofModel(model_id: string | undefined): Promise<Place>;
}

export function ownersOf(ask: AskStore, places: Places): Owners {
  async function rootOf(uri: string): Promise<Place> {
    const [, runId, path = ''] = /^runs:\/+([^/]+)\/?(.*)$/s.exec(uri) ?? [];
    if (runId === undefined) return places.locate(uri);
    const root = await ofRun(runId);
    return { ...root, path: joined(root.path, checkPath(path)) };
  }
  const ofRun = async (run_id: string | undefined) =>
    places.locate(await ask('locateArtifacts', { run_id }, 'root_uri'));
  return {
    ofRun,
    ofVersion: async (name, version) =>
      rootOf(await ask('getModelVersionDownloadUri', { name, version }, 'artifact_uri')),
    ofModel: async (model_id) => places.locate(await ask('locateLoggedModelArtifacts', { model_id }, 'root_uri')),
  };
}

/** Asks for one text; what the store refuses is thrown as it was said. */
export type AskStore = (
  endpoint: StoreEndpointName,
  given: Record<string, string | undefined>,
  answer: string,
) => Promise<string>;

export function askStore(backend: Backend): AskStore {
  return async (endpoint, given, answer) => {
    const fields = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Record<
      string,
      string
    >;
    const deadline = Date.now() + PATIENCE;
    const response = await backend.send({ endpoint, fields, body: [], requestId: 'artifacts', deadline });
    const value = JSON.parse(Buffer.from(response.body).toString()) as Record<string, string> & ErrorBody;
    if (response.status === 200) return value[answer] as string;
    throw new MltrackError(value.error_code, value.message, { cause: response.failure });
  };
}
