/** Models as they lie in the server's storage: where, what their MLmodel says, and whether they can be tried. */
import { text } from 'node:stream/consumers';
import { MltrackError, type ServingDescription } from '../../api/index.js';
import { joined } from '../artifacts/listings.js';
import type { Owners } from '../artifacts/owners.js';
import { checkPath } from '../artifacts/paths.js';
import type { Place } from '../artifacts/places.js';
import type { ReadModel, ServingEngine } from './engine.js';
import { parseModelUri } from './model-uri.js';

/** Larger ones are not what MLflow writes. */
const MOST_BYTES = 1024 * 1024;

/** A model, or why there is none to be tried. */
export type Found =
  | { readonly place: Place; readonly model: ReadModel; readonly etag: string }
  | { readonly whyNot: string };

/** Throws RESOURCE_DOES_NOT_EXIST for a run, version or logged model that is not there, INVALID_PARAMETER_VALUE for another URI. */
export async function findModel(owners: Owners, engine: ServingEngine, uri: string): Promise<Found> {
  const place = await placeOf(owners, uri);
  if ('whyNot' in place) return place;
  const file = await readSmall(place, 'MLmodel');
  if (!file) return { whyNot: `There is no MLmodel at ${uri}.` };
  try {
    return { place, model: await engine.read(file.content, uri), etag: file.etag };
  } catch (error) {
    return { whyNot: `${(error as Error).message}.` };
  }
}

async function placeOf(owners: Owners, uri: string): Promise<Place | { whyNot: string }> {
  const parsed = parseModelUri(uri);
  const path = parsed.kind === 'run' ? checkPath(parsed.path) : '';
  try {
    if (parsed.kind === 'version') return await owners.ofVersion(parsed.name, parsed.version);
    if (parsed.kind === 'logged') return await owners.ofModel(parsed.model_id);
    const root = await owners.ofRun(parsed.run_id);
    return { ...root, path: joined(root.path, path) };
  } catch (error) {
    // Files that lie where this server does not look.
    if (!(error instanceof MltrackError) || error.code !== 'INVALID_PARAMETER_VALUE') throw error;
    return { whyNot: error.message };
  }
}

export async function describe(uri: string, found: Found, isRunning: boolean): Promise<ServingDescription> {
  if ('whyNot' in found) {
    const unknown = { flavors: [], inputs: [], outputs: [], params: [] };
    return { model_uri: uri, ...unknown, can_try: false, why_not: found.whyNot, is_running: false };
  }
  const { flavors, inputs, outputs, params, refusal } = found.model;
  const input_example = await exampleOf(found.place, found.model);
  return {
    model_uri: uri,
    flavors,
    inputs: inputs ?? [],
    outputs: outputs ?? [],
    params,
    ...(input_example !== undefined && { input_example }),
    can_try: refusal === undefined,
    ...(refusal !== undefined && { why_not: refusal }),
    is_running: isRunning,
  };
}

/** Undefined for a file that is not there, is too large, or is no JSON. */
async function exampleOf(place: Place, { example }: ReadModel): Promise<unknown> {
  if (!example) return undefined;
  try {
    const file = await readSmall(place, checkPath(example.path));
    if (!file) return undefined;
    const content: unknown = JSON.parse(file.content);
    return example.wrappedIn === undefined ? content : { [example.wrappedIn]: content };
  } catch {
    return undefined;
  }
}

/** Undefined for a file that is not there, or too large to be what it should be. */
async function readSmall(
  { repository, path }: Place,
  name: string,
): Promise<{ content: string; etag: string } | undefined> {
  try {
    const file = await repository.open(joined(path, name));
    if (file.size > 0 && file.size <= MOST_BYTES) return { content: await text(await file.read()), etag: file.etag };
    await file.close();
    return undefined;
  } catch (error) {
    const code = error instanceof MltrackError ? error.code : undefined;
    if (code === 'RESOURCE_DOES_NOT_EXIST' || code === 'INVALID_PARAMETER_VALUE') return undefined;
    throw error;
  }
}
