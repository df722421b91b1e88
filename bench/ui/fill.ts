/** What the pages show: a sweep of many runs, and long curves with one spike; the same at every server. */
import { Connection, drive, request } from '../load.js';
import { noise } from '../queries/fill.js';

export interface Sweep {
  experiment: string;
  /** The newest, which stands first. */
  last: { id: string; name: string };
}

const epoch = 1_767_225_600_000;
const api = (path: string, body: unknown) => request('POST', `/api/2.0/mlflow${path}`, body);
const CONNECTIONS = 4;

async function createRun(control: Connection, experiment_id: string, run_name: string, i: number): Promise<string> {
  const { run } = await control.ask<{ run: { info: { run_id: string } } }>('POST', '/runs/create', {
    experiment_id,
    run_name,
    user_id: 'bench',
    start_time: epoch + i * 60_000,
  });
  return run.info.run_id;
}

const createExperiment = async (control: Connection, name: string) =>
  (await control.ask<{ experiment_id: string }>('POST', '/experiments/create', { name })).experiment_id;

/** `count` finished runs of 30 params (one in three varies) and 40 metrics of 20 steps. */
export async function fillSweep(port: number, name: string, count: number, params = 30, metrics = 40): Promise<Sweep> {
  const control = await Connection.open(port);
  const experiment = await createExperiment(control, name);
  const streams = Array.from({ length: CONNECTIONS }, () => [] as Buffer[]);
  let last = { id: '', name: '' };
  for (let i = 0; i < count; i++) {
    const run_name = `${name}-${String(i).padStart(5, '0')}`;
    const run_id = await createRun(control, experiment, run_name, i);
    last = { id: run_id, name: run_name };
    const points = Array.from({ length: metrics * 20 }, (_, at) => ({
      key: keyOf(at % metrics),
      value: noise(i, at),
      timestamp: epoch + i * 60_000 + Math.floor(at / metrics) * 1000,
      step: Math.floor(at / metrics),
    }));
    streams[i % CONNECTIONS]?.push(
      api('/runs/log-batch', {
        run_id,
        params: Array.from({ length: params }, (_, key) => ({
          key: `param_${key}`,
          value: key % 3 === 0 ? `${(i * (key + 1)) % 50}` : 'fixed',
        })),
        metrics: points,
      }),
      api('/runs/update', { run_id, status: 'FINISHED', end_time: epoch + i * 60_000 + 20_000 }),
    );
  }
  control.close();
  await drive(port, streams);
  return { experiment, last };
}

const keyOf = (key: number) => (key === 0 ? 'val/acc' : key === 1 ? 'val/loss' : `layer${key}/mean`);

/** `count` runs with a metric `loss` of `points` steps each. */
export async function fillCurves(port: number, name: string, count: number, points: number): Promise<string> {
  const control = await Connection.open(port);
  const experiment = await createExperiment(control, name);
  const ids: string[] = [];
  for (let i = 0; i < count; i++) ids.push(await createRun(control, experiment, `${name}-${i}`, i));
  control.close();
  // A few runs at a time: the requests of all of them would not fit into memory.
  for (let from = 0; from < count; from += CONNECTIONS) {
    const streams = ids.slice(from, from + CONNECTIONS).map((run_id, at) => historyOf(run_id, from + at, points));
    await drive(port, streams);
  }
  return experiment;
}

function historyOf(run_id: string, seed: number, points: number): Buffer[] {
  return Array.from({ length: points / 1000 }, (_, batch) =>
    api('/runs/log-batch', {
      run_id,
      metrics: Array.from({ length: 1000 }, (_, i) => {
        const step = batch * 1000 + i;
        const value = 2.5 / (1 + step / (2000 + seed * 300)) ** 0.7 + noise(step, seed) * 0.05;
        return { key: 'loss', value, timestamp: epoch + step * 250, step };
      }),
    }),
  );
}
