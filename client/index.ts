/** The client SDK, browser-safe part: runs are kept in memory until they are sent. */
import { connect } from './connect.js';
import { contentFunctions, Run } from './content-run.js';
import { inMemory, stackedScopes, tracking } from './fluent.js';
import type { RunOptions } from './run.js';
import { type Track, trackFor } from './track.js';

export {
  type ChangedRun,
  type Experiment,
  type FileInfo,
  type KeyValue,
  type Metric,
  MltrackError,
  type Run as RunEntity,
  type RunInfo,
  type RunStatus,
  type RunsEvent,
  type ServingDescription,
} from '../api/index.js';
export { type ArtifactStore, type Connection, type ConnectOptions, connect } from './connect.js';
export type { DatasetOptions } from './content/dataset.js';
export type { CanvasLike, ImageArray, ImageInput, ImageOptions } from './content/image.js';
export type { TableData } from './content/table.js';
export { experimentIdOf } from './delivery/establish.js';
export type { Content, ParamValue, RepeatableEndpoint, RunRequest, RunStart } from './entries.js';
export { type EventsWanted, eventsUrl } from './events.js';
export type { Tracking } from './fluent.js';
export type { Flushed } from './journal.js';
export type { InputExample, TensorLike } from './models/example.js';
export type { ModelDescription } from './models/folder.js';
export type { LoggedModelInfo, LogModelOptions } from './models/log-model.js';
export { type ColumnSpec, inferSignature, type ModelSignature, type TensorSpec } from './models/signature.js';
export type { OnProblem, Problem, ProblemKind } from './problems.js';
export { type RegisterOptions, registerModel } from './registry.js';
export type { MetricOptions, MetricValue, RunOptions } from './run.js';
export {
  type Search,
  searchExperiments,
  searchLoggedModels,
  searchModelVersions,
  searchRegisteredModels,
  searchRuns,
} from './searches.js';
export { describeServing, tryModel } from './serving.js';
export type { Track, TrackOptions } from './track.js';

const tracked = tracking<Run, RunOptions>({
  /** The page's own server, unless `setTrackingUri` names another. */
  connect: (uri) => connect(uri ?? globalThis.location?.origin ?? ''),
  defaults: () => ({}),
  open: (parts) => new Run({ ...parts, journal: inMemory(parts) }),
  scopes: stackedScopes(),
});

export { Run };

export const {
  setTrackingUri,
  setExperiment,
  startRun,
  withRun,
  activeRun,
  log,
  logMetric,
  logMetrics,
  logParam,
  logParams,
  setTag,
  setTags,
  logBytes,
  logText,
  logDict,
  flush,
  endRun,
} = tracked;

export const { logTable, logImage, logInput, logModel } = contentFunctions(tracked.currentRun);

/** Goes through items, and logs how far and how fast to the active run. */
export const track: Track = trackFor(tracked.activeRun);
