/** The packager: ONNX models behind an HTTP server that speaks MLflow's scoring protocol, images with that server, and endpoints of them. */

export type { Credentials } from './image/registry/credentials.js';
export { RegistryError } from './image/registry/failure.js';
export { type PullOptions, pull } from './image/registry/pull.js';
export { type Pushed, type PushOptions, type PushProgress, push } from './image/registry/push.js';
export {
  type EcrRegistry,
  ecrRegistry,
  parseReference,
  type Reference,
  registryUrl,
} from './image/registry/reference.js';
export * from './images.js';
export { type Inspection, inspect } from './inspect.js';
export { type ModelDescription, readModel } from './mlmodel.js';
export { type LocalModel, resolveModel } from './model-uri.js';
export { type PredictOptions, predict } from './predict.js';
export * from './sagemaker/index.js';
export type { ProviderChoice } from './serving/probing/provider.js';
export { type ServeOptions, type Serving, serve } from './serving/serve.js';
