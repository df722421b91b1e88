/** The packager: ONNX models behind an HTTP server that speaks MLflow's scoring protocol, and images with that server. */
export { writeArchive } from './image/archive.js';
export { PLATFORMS, type Platform } from './image/assemble.js';
export { type BuildOptions, type BuiltImage, buildImage } from './image/build.js';
export type { Blob, Image } from './image/image.js';
export { writeLayout } from './image/layout.js';
export { type Inspection, inspect } from './inspect.js';
export { type ModelDescription, readModel } from './mlmodel.js';
export { type LocalModel, resolveModel } from './model-uri.js';
export { type PredictOptions, predict } from './predict.js';
export type { ProviderChoice } from './serving/probing/provider.js';
export { type ServeOptions, type Serving, serve } from './serving/serve.js';
