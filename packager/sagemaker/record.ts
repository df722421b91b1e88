/**
 * Where a model is deployed, as tags of its run, logged model or version in the registry: `mltrack.sagemaker.REGION.APP`, whose value is a JSON
 * object of a deployment's names. A tracking server that cannot be reached fails no deployment.
 */
import { type Connection, connect } from '../../client/node/index.js';
import type { Aws } from './aws/clients.js';
import type { Deployment } from './deploy.js';

const tagOf = (region: string, app: string) => `mltrack.sagemaker.${region}.${app}`;

type Owner = { run_id: string } | { model_id: string } | { name: string; version: string };

/** What a URI names that has tags. */
function ownerOf(modelUri: string | undefined): Owner | undefined {
  const run_id = /^runs:\/+([^/]+)\/+./.exec(modelUri ?? '')?.[1];
  if (run_id !== undefined) return { run_id };
  const model_id = /^models:\/+(m-[^/@]+)\/*$/.exec(modelUri ?? '')?.[1];
  if (model_id !== undefined) return { model_id };
  const [, name, version] = /^models:\/+([^/]+)\/(\d+)\/*$/.exec(modelUri ?? '') ?? [];
  return name === undefined || version === undefined ? undefined : { name, version };
}

/** Whether two models have their deployments in the tags of one thing. */
export function isRecordedWith(one: string | undefined, other: string | undefined): boolean {
  const owner = ownerOf(one);
  return owner !== undefined && JSON.stringify(owner) === JSON.stringify(ownerOf(other));
}

type Progress = (line: string) => void;

export async function recordDeployment(aws: Aws, modelUri: string, deployment: Deployment, progress: Progress) {
  const owner = ownerOf(modelUri);
  if (!owner) return;
  const { endpoint, region, model, config, image } = deployment;
  const key = tagOf(region, endpoint);
  const value = JSON.stringify({ endpoint, region, model, config, image });
  const act: Act = (client) => {
    if ('run_id' in owner) return client.setTag({ ...owner, key, value });
    if ('model_id' in owner) return client.setLoggedModelTags({ ...owner, tags: [{ key, value }] });
    return client.setModelVersionTag({ ...owner, key, value });
  };
  await attempt(aws, { operation: 'SetTag', input: { ...owner, key, value } }, act, progress);
}

/** Removes the tag that `recordDeployment` set for an endpoint. */
export async function forgetDeployment(aws: Aws, modelUri: string | undefined, endpoint: string, progress: Progress) {
  const owner = ownerOf(modelUri);
  if (!owner) return;
  const key = tagOf(aws.region, endpoint);
  const act: Act = (client) => {
    if ('run_id' in owner) return client.deleteTag({ ...owner, key });
    if ('model_id' in owner) return client.deleteLoggedModelTag({ ...owner, tag_key: key });
    return client.deleteModelVersionTag({ ...owner, key });
  };
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
