/** `sagemaker delete`: an endpoint, and unless it is archived all that was made for it. */
import { connectAws } from './aws/clients.js';
import { findConfig, gone, removeConfig, requireEndpoint } from './endpoint.js';
import { findModel, removeModel } from './model.js';
import { forgetDeployment } from './record.js';
import type { Conversation } from './undo.js';

export interface DeleteOptions extends Conversation {
  readonly app: string;
  readonly region?: string | undefined;
  readonly assumeRoleArn?: string | undefined;
  /** Keep configuration, models and what was uploaded. */
  readonly archive?: boolean;
  /** Do not wait until it is gone; needs `archive`. */
  readonly async?: boolean;
  /** Seconds. Default: 300. */
  readonly timeout?: number | undefined;
}

const TIMEOUT_S = 300;

/** Rejects with an Error of one line when there is no such endpoint, or it is not gone in time. */
export async function deleteDeployment(options: DeleteOptions): Promise<void> {
  const { app, archive = false, async = false, timeout = TIMEOUT_S, progress } = options;
  if (async && !archive) {
    throw new Error('--async needs --archive: what the endpoint uses can be removed only when it is gone');
  }
  const aws = await connectAws(options);
  const { EndpointConfigName: config = '' } = await requireEndpoint(aws, app);
  const names = (await findConfig(aws, config))?.variants.map(({ ModelName = '' }) => ModelName) ?? [];
  const models = await Promise.all(names.map((name) => findModel(aws, name)));
  const found = models.filter((model) => model !== undefined);
  await aws.sagemaker.deleteEndpoint({ EndpointName: app });
  for (const { modelUri } of found) await forgetDeployment(aws, modelUri, app, progress);
  if (async) return;
  try {
    const rest = await gone(aws, app, { timeout, progress });
    if (rest)
      throw new Error(`The endpoint ${app} is not removed: ${rest.FailureReason ?? 'SageMaker gives no reason'}`);
    progress(`removed endpoint ${app}`);
    if (archive) return;
    if (await removeConfig(aws, config)) progress(`removed endpoint configuration ${config}`);
    for (const model of found) await removeModel(aws, model, progress);
  } catch (error) {
    if (!archive)
      progress(`what ${app} was made of is not all removed: configuration ${config}, models ${names.join(', ')}`);
    throw error;
  }
}
