/**
 * Where a run's model is deployed, as tags of the run or logged model: `mltrack.sagemaker.REGION.APP`, whose value is a JSON
 * object of a deployment's names. A tracking server that cannot be reached fails no deployment.
 */
import { type Connection, connect } from '../../client/node/index.js';
import type { Aws } from './aws/clients.js';
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

export async function recordDeployment(aws: Aws, modelUri: string, deployment: Deployment, progress: Progress) {
  const owner = ownerOf(modelUri);
  if (!owner) return;
  const { endpoint, region, model, config, image } = deployment;
  const key = tagOf(region, endpoint);
  const value = JSON.stringify({ endpoint, region, model, config, image });
  const act: Act = (client) =>
    'run_id' in owner
      ? client.setTag({ ...owner, key, value })
      : client.setLoggedModelTags({ ...owner, tags: [{ key, value }] });
  await attempt(aws, { operation: 'SetTag', input: { ...owner, key, value } }, act, progress);
}

/** Removes the tag that `recordDeployment` set for an endpoint. */
export async function forgetDeployment(aws: Aws, modelUri: string | undefined, endpoint: string, progress: Progress) {
  const owner = ownerOf(modelUri);
  if (!owner) return;
  const key = tagOf(aws.region, endpoint);
  const act: Act = (client) =>
    'run_id' in owner ? client.deleteTag({ ...owner, key }) : client.deleteLoggedModelTag({ ...owner, tag_key: key });
  await attempt(aws, { operation: 'DeleteTag', input: { ...owner, key } }, act, progress);
}

type Act = (client: Connection) => Promise<unknown>;

interface TagCall {
  readonly operation: 'SetTag' | 'DeleteTag';
  readonly input: Readonly<Record<string, string>> & { readonly key: string };
}

async function attempt(aws: Aws, { operation, input }: TagCall, act: Act, progress: Progress): Promise<void> {
  const make = () => act(connect(undefined, { retries: 0, timeout: 10_000 }));
  try {
    await aws.change({ service: 'Tracking', operation, input }, make, undefined);
  } catch (error) {
    const what = operation === 'SetTag' ? 'set' : 'remove';
    progress(`the tracking server did not ${what} the tag ${input.key}: ${(error as Error).message}`);
  }
}
