/** An endpoint and its configuration: found, made, waited for, and taken back. */
import type { DescribeEndpointOutput, ProductionVariant } from '@aws-sdk/client-sagemaker';
import { deleted } from './aws/bucket.js';
import type { Aws } from './aws/clients.js';
import { lastLines } from './aws/container-log.js';
import { isMissing, isPassing } from './aws/failures.js';
import type { DeploymentConfig } from './deployment-config.js';
import { resourceName } from './names.js';
import { pause } from './pause.js';
import type { Undo } from './undo.js';

export type Endpoint = DescribeEndpointOutput;

/** Undefined when it is not there. */
export async function findEndpoint(aws: Aws, app: string): Promise<Endpoint | undefined> {
  try {
    return await aws.sagemaker.describeEndpoint({ EndpointName: app });
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Throws an Error that names the application and the region when there is no such endpoint. */
export async function requireEndpoint(aws: Aws, app: string): Promise<Endpoint> {
  const endpoint = await findEndpoint(aws, app);
  if (endpoint) return endpoint;
  throw new Error(`There is no endpoint ${app} in ${aws.region}`);
}

export interface EndpointConfig {
  readonly variants: readonly ProductionVariant[];
  readonly asyncInference: DeploymentConfig['async_inference_config'];
  readonly dataCapture: DeploymentConfig['data_capture_config'];
  readonly kmsKeyId: string | undefined;
}

/** Undefined when it is not there. */
export async function findConfig(aws: Aws, name: string | undefined): Promise<EndpointConfig | undefined> {
  if (name === undefined) return undefined;
  try {
    const found = await aws.sagemaker.describeEndpointConfig({ EndpointConfigName: name });
    return {
      variants: found.ProductionVariants ?? [],
      asyncInference: found.AsyncInferenceConfig,
      dataCapture: found.DataCaptureConfig,
      kmsKeyId: found.KmsKeyId,
    };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

export const removeConfig = (aws: Aws, name: string) =>
  deleted(aws.sagemaker.deleteEndpointConfig({ EndpointConfigName: name }));

/** The variant of a new model. `weight`: its share of the requests. */
export function variantOf(model: string, config: DeploymentConfig, weight: number): ProductionVariant {
  const { variant_name = model, serverless_config, instance_type = 'ml.m4.xlarge', instance_count = 1 } = config;
  return {
    VariantName: variant_name,
    ModelName: model,
    InitialVariantWeight: weight,
    ...(serverless_config
      ? { ServerlessConfig: serverless_config }
      : { InitialInstanceCount: instance_count, InstanceType: instance_type as ProductionVariant['InstanceType'] }),
  };
}

/** Resolves to its name. */
export async function createConfig(aws: Aws, app: string, config: EndpointConfig, undo: Undo): Promise<string> {
  const name = resourceName(app, 'config');
  undo.add(`endpoint configuration ${name}`, () => removeConfig(aws, name));
  await aws.sagemaker.createEndpointConfig({
    EndpointConfigName: name,
    ProductionVariants: [...config.variants],
    ...(config.asyncInference && { AsyncInferenceConfig: config.asyncInference }),
    ...(config.dataCapture && { DataCaptureConfig: config.dataCapture }),
    ...(config.kmsKeyId !== undefined && { KmsKeyId: config.kmsKeyId }),
    Tags: [{ Key: 'app_name', Value: app }],
  });
  return name;
}

const POLL_FIRST_MS = 250;
const POLL_MS = 5000;
const SAY_MS = 20_000;
/** How often in a row a look at the endpoint may fail. */
const FAILED_LOOKS = 5;
const SETTLED = /^(InService|Failed|OutOfService|UpdateRollbackFailed)$/;

export const isSettled = (endpoint: Endpoint) => SETTLED.test(endpoint.EndpointStatus ?? '');

interface Seen {
  /** In ms. */
  readonly waited: number;
  /** Whether something was seen to happen to the endpoint. */
  readonly moved: boolean;
}

export interface Wait {
  /** In seconds. */
  readonly timeout: number;
  readonly progress: (line: string) => void;
  /** Whether an endpoint that is settled, or gone, is what was waited for. Default: it is. */
  readonly done?: (endpoint: Endpoint | undefined, seen: Seen) => boolean;
}

/** Waits until nothing happens to the endpoint any more. Undefined: it is gone. Throws an Error when that takes too long. */
export async function settled(aws: Aws, app: string, { timeout, progress, done }: Wait): Promise<Endpoint | undefined> {
  const start = performance.now();
  let said = start;
  let failures = 0;
  let moved = false;
  let status: string | undefined;
  for (let delay = POLL_FIRST_MS; ; delay = Math.min(delay * 1.5, POLL_MS)) {
    const now = performance.now();
    const endpoint = await look();
    if (endpoint !== 'unknown') {
      failures = 0;
      if (endpoint?.EndpointStatus !== status || now - said > SAY_MS) {
        status = endpoint?.EndpointStatus;
        said = now;
        progress(`endpoint ${app}: ${status ?? 'gone'} (${Math.round((now - start) / 1000)} s)`);
      }
      const rests = !endpoint || isSettled(endpoint);
      moved ||= !rests;
      if (rests && (done?.(endpoint, { waited: now - start, moved }) ?? true)) return endpoint;
    }
    if (now - start + delay > timeout * 1000) {
      throw new Error(`The endpoint ${app} is still ${status ?? 'not seen'} after ${timeout} s`);
    }
    await pause(delay, aws.signal);
  }

  async function look(): Promise<Endpoint | undefined | 'unknown'> {
    try {
      return await findEndpoint(aws, app);
    } catch (error) {
      failures++;
      if (failures > FAILED_LOOKS || !isPassing(error)) throw error;
      return 'unknown';
    }
  }
}

/** Waits until a new endpoint serves. Throws an Error with SageMaker's reason and the container's last lines when it fails. */
export async function inService(aws: Aws, app: string, wait: Wait): Promise<Endpoint> {
  const endpoint = await settled(aws, app, wait);
  if (endpoint?.EndpointStatus === 'InService') return endpoint;
  throw new Error(await whyFailed(aws, app, endpoint));
}

export async function whyFailed(aws: Aws, app: string, endpoint: Endpoint | undefined): Promise<string> {
  const reason = endpoint?.FailureReason ?? 'SageMaker gives no reason';
  const lines = await lastLines(aws, app);
  const log =
    lines.length > 0
      ? `the container's last lines:\n${lines.map((line) => `  ${line}`).join('\n')}`
      : `the container's log, if it came so far, is /aws/sagemaker/Endpoints/${app} in CloudWatch`;
  return `The endpoint ${app} is ${endpoint?.EndpointStatus ?? 'gone'}: ${reason}\n${log}`;
}

/** How long an endpoint may take to settle before it is taken back, in seconds: SageMaker gives a container 8 minutes. */
const SETTLE_S = 900;

/** Removes an endpoint if it was made with `config`, and waits until it is gone. */
export async function takeBack(
  aws: Aws,
  app: string,
  config: string,
  progress: (line: string) => void,
): Promise<boolean> {
  const endpoint = await findEndpoint(aws, app);
  if (endpoint?.EndpointConfigName !== config) return false;
  const remove = () => deleted(aws.sagemaker.deleteEndpoint({ EndpointName: app }));
  try {
    await remove();
  } catch (error) {
    if (isSettled(endpoint)) throw error;
    progress(`the endpoint ${app} is ${endpoint.EndpointStatus} and can be removed when that is over`);
    await settled(aws, app, { timeout: SETTLE_S, progress });
    await remove();
  }
  await gone(aws, app, { timeout: SETTLE_S, progress });
  return true;
}

/** Gives an endpoint that has, or is getting, the configuration `ours` the one it had `before`. */
export async function switchBack(
  aws: Aws,
  app: string,
  { ours, before }: { ours: string; before: string },
  progress: (line: string) => void,
): Promise<boolean> {
  let endpoint = await findEndpoint(aws, app);
  if (endpoint && !isSettled(endpoint)) endpoint = await settled(aws, app, { timeout: SETTLE_S, progress });
  if (endpoint?.EndpointConfigName !== ours) return false;
  await aws.sagemaker.updateEndpoint({ EndpointName: app, EndpointConfigName: before });
  await settled(aws, app, { timeout: SETTLE_S, progress, done: switchedTo(before) });
  return true;
}

/** Waits until there is no such endpoint. */
export const gone = (aws: Aws, app: string, wait: Wait) =>
  settled(aws, app, { ...wait, done: (endpoint) => endpoint === undefined || endpoint.EndpointStatus === 'Failed' });

/** How long an update may take to be seen, in ms: MLflow waits as long. */
const UNSEEN_MS = 20_000;

/** An update is over when the endpoint has its configuration, or has gone back to another. */
export const switchedTo =
  (config: string): NonNullable<Wait['done']> =>
  (endpoint, { waited, moved }) =>
    endpoint?.EndpointConfigName === config || endpoint === undefined || moved || waited > UNSEEN_MS;
