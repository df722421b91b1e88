/** `sagemaker push-model`: a SageMaker model without an endpoint, for who makes endpoints and transform jobs by other means. */
import { connectAws } from './aws/clients.js';
import { type DeploymentConfig, whereOf } from './deployment-config.js';
import { type CreatedModel, createModel } from './model.js';
import { checkName } from './names.js';
import { type Conversation, withUndo } from './undo.js';

export interface PushModelOptions extends Conversation {
  readonly name: string;
  /** A folder, or any URI `resolveModel` understands. */
  readonly modelUri: string;
  readonly config: DeploymentConfig;
  /** The tag of the image in ECR that is taken when the configuration names none. */
  readonly version: string;
}

/** Rejects with an Error of one line when a step fails, after it has removed what it had created. */
export async function pushModel(options: PushModelOptions): Promise<CreatedModel> {
  const { name, modelUri, config, version, signal, progress, dryRun } = options;
  checkName(name, '--model-name');
  const aws = await connectAws({ ...whereOf(config), signal, dryRun });
  return withUndo(options, aws.ignoreSignal, (undo) =>
    createModel(aws, { name, modelUri, config, version }, undo, progress),
  );
}
