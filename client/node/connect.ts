/** `connect` with what the environment says. */
import { type Connection, type ConnectOptions, connect as connectTo } from '../connect.js';

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
