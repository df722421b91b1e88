/** Models on Amazon SageMaker: a file for each verb of `mltrack sagemaker`. */
export type { DryRun, PlannedCall } from './aws/dry-run.js';
export { type DeleteOptions, deleteDeployment } from './delete.js';
export { type Deployment, type DeployOptions, deploy, update } from './deploy.js';
export { type DeploymentConfig, MODES, type Mode, readConfig } from './deployment-config.js';
export { describeEndpoint, type EndpointDescription, type VariantDescription } from './describe.js';
export { type ListedEndpoint, listEndpoints } from './list.js';
export type { CreatedModel } from './model.js';
export { type Invocation, type InvokeOptions, Predictor, type PredictorOptions } from './predictor.js';
export { type PushedImage, type PushImageOptions, pushImage, type RepositorySettings } from './push-image.js';
export { type PushModelOptions, pushModel } from './push-model.js';
export { containerProgram, engineArguments, type LocalContainer, layOut, localImage } from './run-local.js';
export type { Conversation } from './undo.js';
