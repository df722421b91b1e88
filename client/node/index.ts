/** The client SDK in Node: the browser-safe part, the tracking URI from the environment, and files. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { contentFunctions } from '../content-run.js';
import { type Scope, type Tracking, tracking } from '../fluent.js';
import { type Track, trackFor } from '../track.js';
import { type AccompanyOptions, accompany, withContext } from './accompany.js';
import { connect } from './connect.js';
import { watchExit } from './exit.js';
import { Run } from './run.js';
import { openJournal, type SpoolRunOptions } from './spool/open.js';

export * from '../index.js';
export { downloadArtifacts, type Listed, type ListFiles, type Transfer, uploadFile, uploadFolder } from './files.js';
export { type SyncedRun, type SyncOptions, syncSpool } from './spool/sync.js';
export { connect, Run };

/** As in a browser; where a run is kept, and what goes along with it, in Node. */
export interface RunOptions extends SpoolRunOptions, AccompanyOptions {}

const storage = new AsyncLocalStorage<Scope<Run>>();

const tracked: Tracking<Run, RunOptions> = tracking<Run, RunOptions>({
  connect,
  defaults: () => {
    const { MLFLOW_EXPERIMENT_NAME: experiment, MLFLOW_EXPERIMENT_ID: experimentId } = process.env;
    if (experimentId) return { experimentId };
    return experiment ? { experiment } : {};
  },
  open: (given, options) => {
    const parts = { ...given, start: withContext(given.start, options) };
    const run = new Run({ ...parts, ...openJournal(parts, options) });
    watchExit(tracked.unsettledRuns);
    accompany(run, options);
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

export const { logTable, logImage, logInput, logModel } = contentFunctions(tracked.currentRun);

/** Goes through items, and logs how far and how fast to the active run; in a terminal there is a line that says so, too. */
export const track: Track = trackFor(tracked.activeRun);

/** Logs a file to the active run. */
export const logArtifact = (file: string, folder?: string): void => tracked.currentRun().logArtifact(file, folder);

/** Logs every file below a directory to the active run. */
export const logArtifacts = (directory: string, folder?: string): void =>
  tracked.currentRun().logArtifacts(directory, folder);
