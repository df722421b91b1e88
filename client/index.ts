/** The client SDK, browser-safe part. */
export {
  type Experiment,
  type FileInfo,
  type KeyValue,
  type Metric,
  MltrackError,
  type Run as RunEntity,
  type RunInfo,
  type RunStatus,
} from '../api/index.js';
export { type ArtifactStore, type Connection, type ConnectOptions, connect } from './connect.js';
export type { InputExample, TensorLike } from './models/example.js';
export type { ModelDescription } from './models/folder.js';
export type { LoggedModelInfo, LogModelOptions } from './models/log-model.js';
export { type ColumnSpec, inferSignature, type ModelSignature, type TensorSpec } from './models/signature.js';
export { type RegisterOptions, registerModel } from './registry.js';
export {
  type MetricOptions,
  type MetricValue,
  openRun,
  type ParamValue,
  type Run,
  type RunOptions,
  startRun,
  withRun,
} from './run.js';
export {
  type Search,
  searchExperiments,
  searchLoggedModels,
  searchModelVersions,
  searchRegisteredModels,
  searchRuns,
} from './searches.js';
