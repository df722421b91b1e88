/** A run to write to: params, metrics, tags and artifacts, each call acknowledged by the server. */
import { type KeyValue, LIMITS, type Metric, type RunInfo, type RunStatus } from '../api/index.js';
import type { Connection } from './connect.js';

export interface RunOptions {
  /** Name of the experiment, created when missing. Default: the experiment "0", Default. */
  experiment?: string;
  experimentId?: string;
  /** Default: made up by the server. */
  name?: string;
  /** Id of the run that this one is nested in. */
  parent?: string;
  params?: Record<string, ParamValue>;
  tags?: Record<string, string>;
}

export type ParamValue = string | number | boolean | bigint;

export interface MetricOptions {
  /** Default 0. */
  step?: number | bigint;
  /** ms since the epoch. Default: now. */
  timestamp?: number;
}

export interface Run {
  readonly id: string;
  readonly info: RunInfo;
  /** Sets a param; another value for the same key later is refused with INVALID_PARAMETER_VALUE. */
  logParam(key: string, value: ParamValue): Promise<void>;
  logParams(params: Record<string, ParamValue>): Promise<void>;
  logMetric(key: string, value: number, options?: MetricOptions): Promise<void>;
  /** Several metrics of one step. */
  logMetrics(values: Record<string, number>, options?: MetricOptions): Promise<void>;
  /** Any number of values, sent in batches within MLflow's limits. */
  logHistory(values: readonly MetricValue[]): Promise<void>;
  setTag(key: string, value: string): Promise<void>;
  setTags(tags: Record<string, string>): Promise<void>;
  /** Stores bytes or text as the file `path` below the run's artifacts. */
  logBytes(content: BodyInit, path: string): Promise<void>;
  /** Ends the run. `FINISHED` unless said otherwise. */
  end(status?: RunStatus): Promise<void>;
}

export type MetricValue = Pick<Metric, 'key' | 'value'> & Partial<Pick<Metric, 'timestamp' | 'step'>>;

/** Creates a run, and its experiment when that is missing. */
export async function startRun(client: Connection, options: RunOptions = {}): Promise<Run> {
  const experiment_id = options.experimentId ?? (await experimentIdOf(client, options.experiment));
  const tags = { ...options.tags };
  if (options.parent) tags['mlflow.parentRunId'] = options.parent;
  const { run } = await client.createRun({
    experiment_id,
    run_name: options.name,
    start_time: Date.now(),
    tags: keyValues(tags),
  });
  const handle = openRun(client, run.info);
  if (options.params) await handle.logParams(options.params);
  return handle;
}

/** Runs `body` in a new run, which ends FINISHED, or FAILED when `body` throws: the error is thrown on. */
export async function withRun<T>(
  client: Connection,
  options: RunOptions,
  body: (run: Run) => Promise<T> | T,
): Promise<T> {
  return ending(await startRun(client, options), body);
}

/** Runs `body` and ends the run as it went. */
export async function ending<R extends Run, T>(run: R, body: (run: R) => Promise<T> | T): Promise<T> {
  let result: T;
  try {
    result = await body(run);
  } catch (error) {
    // The script's own error matters more than what marking the run may meet.
    await run.setTag('mltrack.error', String(error).slice(0, LIMITS.tagValueLength)).catch(() => {});
    await run.end('FAILED').catch(() => {});
    throw error;
  }
  await run.end('FINISHED');
  return result;
}

/** The handle of a run that exists. */
export function openRun(client: Connection, info: RunInfo): Run {
  const run_id = info.run_id;
  const logHistory = async (values: readonly MetricValue[]) => {
    const now = Date.now();
    const metrics = values.map((each) => ({ timestamp: now, step: 0, ...each }));
    for (let at = 0; at < metrics.length; at += LIMITS.batchMetrics) {
      await client.logBatch({ run_id, metrics: metrics.slice(at, at + LIMITS.batchMetrics) });
    }
  };
  const logMetrics = (values: Record<string, number>, options: MetricOptions = {}) =>
    logHistory(Object.entries(values).map(([key, value]) => ({ key, value, ...options })));
  const logParams = async (params: Record<string, ParamValue>) => {
    const all = Object.entries(params).map(([key, value]) => ({ key, value: String(value) }));
    for (let at = 0; at < all.length; at += LIMITS.batchParams) {
      await client.logBatch({ run_id, params: all.slice(at, at + LIMITS.batchParams) });
    }
  };
  const setTags = async (tags: Record<string, string>) => {
    const all = keyValues(tags);
    for (let at = 0; at < all.length; at += LIMITS.batchTags) {
      await client.logBatch({ run_id, tags: all.slice(at, at + LIMITS.batchTags) });
    }
  };
  return {
    id: run_id,
    info,
    logParam: (key, value) => logParams({ [key]: value }),
    logParams,
    logMetric: (key, value, options) => logMetrics({ [key]: value }, options),
    logMetrics,
    logHistory,
    setTag: (key, value) => setTags({ [key]: value }),
    setTags,
    logBytes: (content, path) => client.artifacts.put(info.artifact_uri, path, content),
    async end(status = 'FINISHED') {
      await client.updateRun({ run_id, status, end_time: Date.now() });
    },
  };
}

async function experimentIdOf(client: Connection, name: string | undefined): Promise<string> {
  if (name === undefined) return '0';
  const found = await client.getExperimentByName({ experiment_name: name }).catch((error) => {
    if (error.code === 'RESOURCE_DOES_NOT_EXIST') return undefined;
    throw error;
  });
  if (found) return found.experiment.experiment_id;
  try {
    return (await client.createExperiment({ name })).experiment_id;
  } catch (error) {
    // Another process may have been first.
    if ((error as { code?: string }).code !== 'RESOURCE_ALREADY_EXISTS') throw error;
    return (await client.getExperimentByName({ experiment_name: name })).experiment.experiment_id;
  }
}

function keyValues(record: Record<string, string>): KeyValue[] {
  return Object.entries(record).map(([key, value]) => ({ key, value }));
}
