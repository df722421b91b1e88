/** The client SDK in Node: the browser-safe part, the tracking URI from the environment, and files. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { type Scope, type Tracking, tracking } from '../fluent.js';
import { connect } from './connect.js';
import { watchExit } from './exit.js';
import { Run } from './run.js';
import { openJournal, type SpoolRunOptions as RunOptions } from './spool/open.js';

export * from '../index.js';
export { downloadArtifacts, type Listed, type ListFiles, type Transfer, uploadFile, uploadFolder } from './files.js';
export { type SyncedRun, type SyncOptions, syncSpool } from './spool/sync.js';
export { connect, Run, type RunOptions };

const storage = new AsyncLocalStorage<Scope<Run>>();

const tracked: Tracking<Run, RunOptions> = tracking<Run, RunOptions>({
  connect,
  defaults: () => {
    const { MLFLOW_EXPERIMENT_NAME: experiment, MLFLOW_EXPERIMENT_ID: experimentId } = process.env;
    if (experimentId) return { experimentId };
    return experiment ? { experiment } : {};
  },
  open: (parts, options) => {
    const run = new Run({ ...parts, ...openJournal(parts, options) });
    watchExit(tracked.unsettledRuns);
    return run;
  },
  scopes: {
    current: () => storage.getStore(),
    within: (scope, body) => storage.run(scope, body),
  },
});

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

/** Logs a file to the active run. */
export const logArtifact = (file: string, folder?: string): void => tracked.currentRun().logArtifact(file, folder);

/** Logs every file below a directory to the active run. */
export const logArtifacts = (directory: string, folder?: string): void =>
  tracked.currentRun().logArtifacts(directory, folder);
