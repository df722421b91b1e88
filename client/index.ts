/** The client SDK, browser-safe part. */
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
} from '../api/index.js';
export { type ArtifactStore, type Connection, type ConnectOptions, connect } from './connect.js';
export { type EventsWanted, eventsUrl } from './events.js';
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
