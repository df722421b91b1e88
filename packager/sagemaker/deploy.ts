/** `sagemaker deploy`: from a model URI to an endpoint that serves it; and `update`, the same for an endpoint that is there. */
import type { Aws } from './aws/clients.js';
import { connectAws } from './aws/clients.js';
import { type DeploymentConfig, type Mode, whereOf } from './deployment-config.js';
import {
  createConfig,
  type Endpoint,
  type EndpointConfig,
  findConfig,
  findEndpoint,
  inService,
  isSettled,
  removeConfig,
  switchBack,
  switchedTo,
  takeBack,
  variantOf,
  type Wait,
} from './endpoint.js';
import { type CreatedModel, createModel, findModel, removeModel } from './model.js';
import { checkName, resourceName } from './names.js';
import { forgetDeployment, isRecordedWith, recordDeployment } from './record.js';
import { type Conversation, type Undo, withUndo } from './undo.js';

export interface DeployOptions extends Conversation {
  /** The endpoint's name. */
  readonly app: string;
  /** A folder, or any URI `resolveModel` understands. */
  readonly modelUri: string;
  /** `mode`: by default `create` for `deploy`, `replace` for `update`. */
  readonly config: DeploymentConfig;
  /** The tag of the image in ECR that is taken when the configuration names none. */
  readonly version: string;
}

export interface Deployment {
  readonly endpoint: string;
  /** SageMaker's, when the command ended. */
  readonly status: string;
  readonly region: string;
  readonly model: string;
  /** Name of the endpoint configuration. */
  readonly config: string;
  readonly image: string;
  readonly modelDataUrl: string;
}

const TIMEOUT_S = 1200;

/**
 * Creates an endpoint; one that is there gets the model by `mode` `replace` or `add`. Rejects with an Error of few lines when a
 * step fails or the signal is aborted, after it has removed what it had created.
 */
export async function deploy(options: DeployOptions): Promise<Deployment> {
  return run(options, options.config.mode ?? 'create', (endpoint, region) => {
    if (!endpoint || (options.config.mode ?? 'create') !== 'create') return;
    throw new Error(
      `There is an endpoint ${options.app} in ${region} already: --mode replace gives it this model, --mode add adds it as a variant`,
    );
  });
}

/** As `deploy` with `mode` `replace` or `add`, for an endpoint that must be there. */
export async function update(options: DeployOptions): Promise<Deployment> {
  const { mode = 'replace' } = options.config;
  if (mode === 'create') throw new Error('--mode must be replace or add: update changes an endpoint that is there');
  return run(options, mode, (endpoint, region) => {
    if (!endpoint) throw new Error(`There is no endpoint ${options.app} in ${region}: create it with deploy`);
  });
}

async function run(
  options: DeployOptions,
  mode: Mode,
  check: (endpoint: Endpoint | undefined, region: string) => void,
): Promise<Deployment> {
  const { app, config, signal, dryRun } = options;
  checkName(app, '--app-name');
  const aws = await connectAws({ ...whereOf(config), signal, dryRun, endpointExists: mode !== 'create' });
  return withUndo(options, aws.ignoreSignal, async (undo) => {
    const endpoint = await findEndpoint(aws, app);
    check(endpoint, aws.region);
    checkChangeable(endpoint, config, app);
    const { modelUri, version, progress } = options;
    const model = await createModel(
      aws,
      { name: resourceName(app, 'model'), modelUri, config, version },
      undo,
      progress,
    );
    const before = await findConfig(aws, endpoint?.EndpointConfigName);
    const name = await createConfig(aws, app, configOf(model, config, mode, before), undo);
    const status = await bringUp(aws, options, { endpoint, name }, undo);
    undo.keep();
    const deployment: Deployment = {
      endpoint: app,
      status,
      region: aws.region,
      model: model.name,
      config: name,
      image: model.image,
      modelDataUrl: model.modelDataUrl,
    };
    await recordDeployment(aws, model.modelUri, deployment, progress);
    if (endpoint && !config.archive) {
      await retire(aws, options, { endpoint, before, kept: mode === 'add', modelUri: model.modelUri });
    }
    return deployment;
  });
}

/** Throws an Error when an endpoint that is there cannot take the change. */
function checkChangeable(endpoint: Endpoint | undefined, { synchronous, archive }: DeploymentConfig, app: string) {
  if (!endpoint) return;
  if (synchronous === false && !archive) {
    throw new Error('--async needs --archive: what the endpoint had can be removed only when it is not used any more');
  }
  if (!isSettled(endpoint)) {
    throw new Error(`The endpoint ${app} is ${endpoint.EndpointStatus}: it can be changed when that is over`);
  }
}

function configOf(
  { name }: CreatedModel,
  config: DeploymentConfig,
  mode: Mode,
  before: EndpointConfig | undefined,
): EndpointConfig {
  // An added variant changes nothing for those that are there: it gets no requests until its weight is set.
  const kept = mode === 'add' ? before : undefined;
  return {
    variants: [...(kept?.variants ?? []), variantOf(name, config, kept ? 0 : 1)],
    asyncInference: config.async_inference_config ?? kept?.asyncInference,
    dataCapture: config.data_capture_config ?? kept?.dataCapture,
    kmsKeyId: kept?.kmsKeyId,
  };
}

/** Creates or changes the endpoint, and resolves to its status: once it serves, or at once when that is not waited for. */
async function bringUp(
  aws: Aws,
  { app, config, progress }: DeployOptions,
  { endpoint, name }: { endpoint: Endpoint | undefined; name: string },
  undo: Undo,
): Promise<string> {
  const names = { EndpointName: app, EndpointConfigName: name };
  const before = endpoint?.EndpointConfigName;
  if (before === undefined) {
    undo.add(`endpoint ${app}`, () => takeBack(aws, app, name, progress));
    await aws.sagemaker.createEndpoint({ ...names, Tags: [{ Key: 'app_name', Value: app }] });
  } else {
    undo.add(`the change of endpoint ${app}`, () => switchBack(aws, app, { ours: name, before }, progress));
    await aws.sagemaker.updateEndpoint(names);
  }
  if (config.synchronous === false) return before === undefined ? 'Creating' : 'Updating';
  const wait: Wait = { timeout: config.timeout_seconds ?? TIMEOUT_S, progress };
  const up = await inService(aws, app, before === undefined ? wait : { ...wait, done: switchedTo(name) });
  if (up.EndpointConfigName !== name) {
    throw new Error(
      `SageMaker took the update of ${app} back and serves ${up.EndpointConfigName} again: ${up.FailureReason ?? 'it gives no reason'}`,
    );
  }
  return 'InService';
}

interface Retired {
  readonly endpoint: Endpoint;
  readonly before: EndpointConfig | undefined;
  /** The models stay in use. */
  readonly kept: boolean;
  /** Of the model that replaces them. */
  readonly modelUri: string;
}

/** Removes what the endpoint does not use any more: its earlier configuration and, unless they are kept, the models in it. */
async function retire(
  aws: Aws,
  { app, progress }: DeployOptions,
  { endpoint, before, kept, modelUri }: Retired,
): Promise<void> {
  const config = endpoint.EndpointConfigName ?? '';
  const models = kept ? [] : (before?.variants ?? []).map(({ ModelName = '' }) => ModelName);
  try {
    if (await removeConfig(aws, config)) progress(`removed endpoint configuration ${config}`);
    for (const name of models) {
      const model = await findModel(aws, name);
      if (!model) continue;
      await removeModel(aws, model, progress);
      if (!isRecordedWith(model.modelUri, modelUri)) await forgetDeployment(aws, model.modelUri, app, progress);
    }
  } catch (error) {
    progress(
      `the endpoint serves the new model, but what it had is not all removed (${[config, ...models].join(', ')})`,
    );
    throw error;
  }
}
