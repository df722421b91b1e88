/** A sweep whose outcome is known: val/acc depends on lr (best in the middle), less on optimizer, a little on depth, and on nothing else. */
import type { Connection } from '../../client/node/index.js';
import { seededRandom } from '../harness/random.js';

export interface SweptRun {
  id: string;
  name: string;
  params: Record<string, string>;
  accuracy: number;
}

export interface Sweep {
  experimentId: string;
  runs: SweptRun[];
}

export interface SweepPoint {
  params: Record<string, string>;
  accuracy: number;
}

/** The params and the outcome of `count` runs, the same every time. */
export function sweepPoints(count: number): SweepPoint[] {
  const next = seededRandom(7);
  const pick = <T>(choices: readonly T[]) => choices[Math.floor(next() * choices.length)] as T;
  return Array.from({ length: count }, (_, place) => {
    const lr = Number((10 ** (-5 + 4 * next())).toPrecision(3));
    const optimizer = pick(['adam', 'sgd', 'lion']);
    const depth = pick([2, 4, 8, 16]);
    const noise = (next() + next() + next() - 1.5) * 0.02;
    const penalty = { adam: 0, lion: 0.02, sgd: 0.06 }[optimizer] ?? 0;
    const accuracy = 0.93 - 0.03 * (Math.log10(lr) + 3) ** 2 - penalty - 0.01 * Math.abs(Math.log2(depth) - 3) + noise;
    const params: Record<string, string> = { lr: String(lr), optimizer, depth: String(depth), seed: String(place) };
    for (let option = 0; option < 12; option++) {
      params[`option_${option}`] = option % 3 === 0 ? next().toFixed(4) : pick(['on', 'off']);
    }
    return { params, accuracy };
  });
}

export async function logSweep(client: Connection, name: string, count: number): Promise<Sweep> {
  const { experiment_id: experimentId } = await client.createExperiment({ name });
  const runs: SweptRun[] = [];
  for (const [place, { params, accuracy }] of sweepPoints(count).entries()) {
    const runName = `run-${String(place).padStart(3, '0')}`;
    const start_time = 1_700_000_000_000 + place * 60_000;
    const { run } = await client.createRun({ experiment_id: experimentId, run_name: runName, start_time });
    const run_id = run.info.run_id;
    const metric = (key: string, value: number) => ({ key, value, timestamp: start_time, step: 0 });
    await client.logBatch({
      run_id,
      params: Object.entries(params).map(([key, value]) => ({ key, value })),
      metrics: [metric('val/acc', accuracy), metric('train/loss', 2 * (1 - accuracy))],
    });
    await client.updateRun({ run_id, status: 'FINISHED', end_time: start_time + 1_000 });
    runs.push({ id: run_id, name: runName, params, accuracy });
  }
  return { experimentId, runs };
}
