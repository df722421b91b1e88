/** What the queries find: runs as a sweep leaves them, and long histories. The same at every server. */
import { Connection, drive, request } from '../load.js';

export interface Filled {
  experiment: string;
  /** Run ids, in the order in which they were made. */
  runs: string[];
}

const PARAMS = 20;
const METRICS = 20;

const api = (path: string, body: unknown) => request('POST', `/api/2.0/mlflow${path}`, body);
const epoch = 1_767_225_600_000;

/** A number between 0 and 1 that looks random and is not. */
export function noise(run: number, key: number): number {
  const wave = Math.sin(run * 12.9898 + key * 78.233) * 43_758.5453;
  return wave - Math.floor(wave);
}

/** `count` finished runs of 20 params, 20 metrics and 5 tags in an experiment of their own. */
export async function fillRuns(port: number, name: string, count: number, connections: number): Promise<Filled> {
  const control = await Connection.open(port);
  const { experiment_id } = await control.ask<{ experiment_id: string }>('POST', '/experiments/create', { name });
  const runs: string[] = [];
  for (let i = 0; i < count; i++) runs.push(await createRun(control, experiment_id, i));
  control.close();
  const streams = Array.from({ length: connections }, () => [] as Buffer[]);
  runs.forEach((run_id, i) => {
    streams[i % connections]!.push(
      api('/runs/log-batch', {
        run_id,
        params: Array.from({ length: PARAMS }, (_, key) => ({ key: `param_${key}`, value: `${(i * (key + 1)) % 50}` })),
        metrics: Array.from({ length: METRICS }, (_, key) => ({
          key: `metric_${key}`,
          value: noise(i, key),
          timestamp: epoch + i,
          step: 0,
        })),
        tags: ['host', 'team', 'stage'].map((key) => ({ key, value: `${key}-${i % 40}` })),
      }),
    );
  });
  await drive(port, streams);
  return { experiment: experiment_id, runs };
}

export async function createRun(connection: Connection, experiment_id: string, i: number): Promise<string> {
  const { run } = await connection.ask<{ run: { info: { run_id: string } } }>('POST', '/runs/create', {
    experiment_id,
    user_id: 'bench',
    run_name: `run-${i}`,
    start_time: epoch + i * 1000,
    tags: [
      { key: 'mlflow.user', value: 'bench' },
      { key: 'mlflow.source.name', value: `train_${i % 7}.py` },
    ],
  });
  return run.info.run_id;
}

/** One run with a metric `loss` of `points` steps. */
export async function fillHistory(port: number, experiment: string, points: number): Promise<string> {
  const control = await Connection.open(port);
  const run_id = await createRun(control, experiment, points);
  control.close();
  const batches = Array.from({ length: points / 1000 }, (_, batch) =>
    api('/runs/log-batch', {
      run_id,
      metrics: Array.from({ length: 1000 }, (_, i) => {
        const step = batch * 1000 + i;
        return { key: 'loss', value: noise(step, 0), timestamp: epoch + step * 100 + (step % 17), step };
      }),
    }),
  );
  await drive(port, [batches]);
  return run_id;
}
