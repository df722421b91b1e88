/** The packager: ONNX models behind an HTTP server that speaks MLflow's scoring protocol. */
export { type Inspection, inspect } from './inspect.js';
export { type ModelDescription, readModel } from './mlmodel.js';
export { type LocalModel, resolveModel } from './model-uri.js';
export { type PredictOptions, predict } from './predict.js';
export * from './sagemaker/index.js';
export type { ProviderChoice } from './serving/probing/provider.js';
export { type ServeOptions, type Serving, serve } from './serving/serve.js';
