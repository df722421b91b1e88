/** The client SDK in Node: the browser-safe part, the tracking URI from the environment, and files. */
import { type Connection, type ConnectOptions, connect as connectTo } from '../connect.js';
import * as base from '../run.js';
import { uploadFile, uploadFolder } from './files.js';

export * from '../index.js';
export { downloadArtifacts, type Listed, type ListFiles, type Transfer, uploadFile, uploadFolder } from './files.js';

/**
 * Connects to a tracking server: `uri`, else `MLTRACK_TRACKING_URI`, else `MLFLOW_TRACKING_URI`, else http://127.0.0.1:5000.
 * Credentials not given are `MLFLOW_TRACKING_TOKEN`, or `MLFLOW_TRACKING_USERNAME` and `MLFLOW_TRACKING_PASSWORD`.
 */
export function connect(uri?: string, options: ConnectOptions = {}): Connection {
  const env = process.env;
  const found = uri || env.MLTRACK_TRACKING_URI || env.MLFLOW_TRACKING_URI || 'http://127.0.0.1:5000';
  const token = options.token ?? env.MLFLOW_TRACKING_TOKEN;
  const username = options.username ?? env.MLFLOW_TRACKING_USERNAME;
  const password = options.password ?? env.MLFLOW_TRACKING_PASSWORD;
  return connectTo(found, {
    ...options,
    ...(token !== undefined && { token }),
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
  });
}

/** A run whose artifacts may come from the file system. */
export interface Run extends base.Run {
  /** Uploads a file under its own name, into `folder` below the run's artifacts when that is given. */
  logArtifact(file: string, folder?: string): Promise<void>;
  /** Uploads every file below a directory. */
  logArtifacts(directory: string, folder?: string): Promise<void>;
}

/** Creates a run, and its experiment when that is missing. */
export async function startRun(client: Connection, options: base.RunOptions = {}): Promise<Run> {
  const run = await base.startRun(client, options);
  return {
    ...run,
    logArtifact: (file, folder) => uploadFile(client, run.info.artifact_uri, file, folder),
    logArtifacts: (directory, folder) => uploadFolder(client, run.info.artifact_uri, directory, folder),
  };
}

/** Runs `body` in a new run, which ends FINISHED, or FAILED when `body` throws: the error is thrown on. */
export async function withRun<T>(
  client: Connection,
  options: base.RunOptions,
  body: (run: Run) => Promise<T> | T,
): Promise<T> {
  return base.ending(await startRun(client, options), body);
}
