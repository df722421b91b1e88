/** The client SDK, browser-safe part: runs are kept in memory until they are sent. */
import { connect } from './connect.js';
import { inMemory, stackedScopes, tracking } from './fluent.js';
import { Run, type RunOptions } from './run.js';

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
export { experimentIdOf } from './delivery/establish.js';
export type { Content, ParamValue, RepeatableEndpoint, RunRequest, RunStart } from './entries.js';
export type { Tracking } from './fluent.js';
export type { Flushed } from './journal.js';
export type { OnProblem, Problem, ProblemKind } from './problems.js';
export { type MetricOptions, type MetricValue, Run, type RunOptions } from './run.js';

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
} = tracking<Run, RunOptions>({
  /** The page's own server, unless `setTrackingUri` names another. */
  connect: (uri) => connect(uri ?? globalThis.location?.origin ?? ''),
  defaults: () => ({}),
  open: (parts) => new Run({ ...parts, journal: inMemory(parts) }),
  scopes: stackedScopes(),
});
