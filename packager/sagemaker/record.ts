/**
 * Where a run's model is deployed, as tags of the run or logged model: `mltrack.sagemaker.REGION.APP`, whose value is a JSON
 * object of a deployment's names. A tracking server that cannot be reached fails no deployment.
 */
import { type Connection, connect } from '../../client/node/index.js';
import type { Deployment } from './deploy.js';

const tagOf = (region: string, app: string) => `mltrack.sagemaker.${region}.${app}`;

/** The run or logged model that a URI names. */
function ownerOf(modelUri: string | undefined): { run_id: string } | { model_id: string } | undefined {
  const run_id = /^runs:\/+([^/]+)\/+./.exec(modelUri ?? '')?.[1];
  if (run_id !== undefined) return { run_id };
  const model_id = /^models:\/+(m-[^/@]+)\/*$/.exec(modelUri ?? '')?.[1];
  return model_id === undefined ? undefined : { model_id };
}

type Progress = (line: string) => void;

export async function recordDeployment(modelUri: string, deployment: Deployment, progress: Progress): Promise<void> {
  const owner = ownerOf(modelUri);
  if (!owner) return;
  const { endpoint, region, model, config, image } = deployment;
  const key = tagOf(region, endpoint);
  const value = JSON.stringify({ endpoint, region, model, config, image });
  await attempt(`set the tag ${key}`, progress, (client) =>
    'run_id' in owner
      ? client.setTag({ ...owner, key, value })
      : client.setLoggedModelTags({ ...owner, tags: [{ key, value }] }),
  );
}

/** Removes the tag that `recordDeployment` set. */
export async function forgetDeployment(
  modelUri: string | undefined,
  { region, endpoint }: { region: string; endpoint: string },
  progress: Progress,
): Promise<void> {
  const owner = ownerOf(modelUri);
  if (!owner) return;
  const key = tagOf(region, endpoint);
  await attempt(`remove the tag ${key}`, progress, (client) =>
    'run_id' in owner ? client.deleteTag({ ...owner, key }) : client.deleteLoggedModelTag({ ...owner, tag_key: key }),
  );
}

async function attempt(what: string, progress: Progress, act: (client: Connection) => Promise<unknown>): Promise<void> {
  try {
    await act(connect(undefined, { retries: 0, timeout: 10_000 }));
  } catch (error) {
    progress(`the tracking server did not ${what}: ${(error as Error).message}`);
  }
}
