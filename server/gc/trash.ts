/** Emptying the trash of a running server: its store removes the rows some at a time, and this thread the artifacts, as listings are read here. */
import { type ErrorBody, MltrackError } from '../../api/index.js';
import { failed, type StoreResponse } from '../answer.js';
import type { Places } from '../artifacts/places.js';
import { encode } from '../encode.js';
import type { StoreEndpointName } from '../endpoints.js';
import type { Backend } from '../threads/backend.js';
import type { FrontRequest } from '../threads/thread.js';
import { artifactsOf } from './artifacts.js';
import type { TrashPlan } from './calls.js';

/** Rows of one transaction: the server's other writes wait meanwhile. */
const RUNS = 20;
const MODELS = 100;
/** How long the store may take for a part, in ms. */
const PATIENCE = 60_000;

/** A backend that empties the trash, and removes of the artifacts those that this server keeps. */
export function withTrash(backend: Backend, places: Places): Backend {
  return {
    ...backend,
    send: (request) => (request.endpoint === 'emptyTrash' ? emptied(backend, places, request) : backend.send(request)),
  };
}

async function emptied(backend: Backend, places: Places, request: FrontRequest): Promise<StoreResponse> {
  const plan = await backend.send({ ...request, endpoint: 'planTrash' });
  if (plan.status !== 200) return plan;
  try {
    const ask = askStore(backend, request.requestId);
    const removed = await removePlanned(ask, JSON.parse(Buffer.from(plan.body).toString()) as TrashPlan);
    await removeNoted(ask, places);
    return { status: 200, body: encode(removed) };
  } catch (error) {
    return failed(error);
  }
}

type Ask = <T>(endpoint: StoreEndpointName, request: Record<string, unknown>) => Promise<T>;

/** What was planned for the caller is done in the server's own name. */
function askStore(backend: Backend, requestId: string): Ask {
  return async <T>(endpoint: StoreEndpointName, request: Record<string, unknown>) => {
    const response = await backend.send({
      endpoint,
      fields: {},
      body: [encode(request)],
      requestId,
      deadline: Date.now() + PATIENCE,
      identity: 'server',
    });
    const value = JSON.parse(Buffer.from(response.body).toString());
    if (response.status === 200) return value as T;
    const { error_code, message } = value as ErrorBody;
    throw new MltrackError(error_code, message, { cause: response.failure });
  };
}

async function removePlanned(ask: Ask, plan: TrashPlan) {
  const count = { experiments: 0, runs: 0, logged_models: 0 };
  const remove = async (part: Partial<TrashPlan>) => {
    for (let unfinished = true; unfinished; ) {
      const removed = await ask<TrashPlan & { unfinished: boolean }>('removeTrash', part);
      count.experiments += removed.experiment_ids.length;
      count.runs += removed.run_ids.length;
      count.logged_models += removed.model_ids.length;
      unfinished = removed.unfinished;
    }
  };
  for (let at = 0; at < plan.run_ids.length; at += RUNS) await remove({ run_ids: plan.run_ids.slice(at, at + RUNS) });
  for (let at = 0; at < plan.model_ids.length; at += MODELS) {
    await remove({ model_ids: plan.model_ids.slice(at, at + MODELS) });
  }
  for (const id of plan.experiment_ids) await remove({ experiment_ids: [id] });
  return count;
}

/** Removes what is noted, by this call or an interrupted one. What lies elsewhere stays noted, for `mltrack gc`. */
async function removeNoted(ask: Ask, places: Places): Promise<void> {
  for (let after = ''; ; ) {
    const { artifacts } = await ask<{ artifacts: { uri: string; owner: string }[] }>('listNotedArtifacts', { after });
    const last = artifacts.at(-1);
    if (!last) return;
    after = last.uri;
    const uris: string[] = [];
    for (const { uri, owner } of artifacts) {
      const removal = artifactsOf(places, uri, owner);
      if (
        removal &&
        (await removal().then(
          () => true,
          () => false,
        ))
      )
        uris.push(uri);
    }
    if (uris.length > 0) await ask('forgetNotedArtifacts', { uris });
  }
}
