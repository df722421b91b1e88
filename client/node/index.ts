/** The client SDK in Node: the browser-safe part, the tracking URI from the environment, and files. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Connection } from '../connect.js';
import { contentFunctions } from '../content-run.js';
import type { StoredContent } from '../entries.js';
import { inMemory, type Scope, tracking } from '../fluent.js';
import type { RunOptions as AnyRunOptions } from '../run.js';
import { type AccompanyOptions, accompany, withContext } from './accompany.js';
import { connect } from './connect.js';
import { storeContent } from './files.js';
import { Run } from './run.js';
import { discard, Staging } from './staging.js';

export * from '../index.js';
export { downloadArtifacts, type Listed, type ListFiles, type Transfer, uploadFile, uploadFolder } from './files.js';
export { connect, Run };

/** As in a browser, and what goes along with a run in Node. */
export interface RunOptions extends AnyRunOptions, AccompanyOptions {}

const storage = new AsyncLocalStorage<Scope<Run>>();

const tracked = tracking<Run, RunOptions>({
  connect,
  defaults: () => {
    const { MLFLOW_EXPERIMENT_NAME: experiment, MLFLOW_EXPERIMENT_ID: experimentId } = process.env;
    if (experimentId) return { experimentId };
    return experiment ? { experiment } : {};
  },
  open: (given, options) => {
    const parts = { ...given, start: withContext(given.start, options) };
    const run = new Run({ ...parts, journal: inMemory(parts, storeAndDiscard), staging: new Staging() });
    accompany(run, options);
    return run;
  },
  scopes: {
    current: () => storage.getStore(),
    within: (scope, body) => storage.run(scope, body),
  },
});

async function storeAndDiscard(
  client: Connection,
  rootUri: string,
  path: string,
  content: StoredContent,
): Promise<void> {
  await storeContent(client, rootUri, path, content);
  if (!(content instanceof Uint8Array)) await discard(content.file);
}

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

/** Logs a file to the active run. */
export const logArtifact = (file: string, folder?: string): void => tracked.currentRun().logArtifact(file, folder);

/** Logs every file below a directory to the active run. */
export const logArtifacts = (directory: string, folder?: string): void =>
  tracked.currentRun().logArtifacts(directory, folder);
