/** System metrics of the runs that are open: read once for all of them, every ten seconds, by a timer that keeps no process alive. */
import type { MetricOptions } from '../../run.js';
import { Readings } from './readings.js';

/** The part of a run's handle that is needed. */
export interface Monitored {
  log(values: Readonly<Record<string, number>>, options?: MetricOptions): void;
  /** The step to begin with. */
  firstStep(): Promise<number>;
}

const INTERVAL = 10;

interface Watched {
  step: number | undefined;
}

const runs = new Map<Monitored, Watched>();
let readings: Readings | undefined;
let timer: NodeJS.Timeout | undefined;

/** Whether system metrics are wanted, as MLflow's own variable says; they are unless it says no. */
export function wantsSystemMetrics(env = process.env): boolean {
  return !/^(0|false|no|off)$/i.test(env.MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING ?? '');
}

/** Begins to log `system/…` metrics to a run; the first come after an interval. Answers how to stop. */
export function startSystemMetrics(run: Monitored): () => void {
  runs.set(run, { step: undefined });
  readings ??= new Readings();
  timer ??= setInterval(sample, seconds() * 1000).unref();
  return () => {
    if (!runs.delete(run) || runs.size > 0) return;
    clearInterval(timer);
    readings?.stop();
    timer = undefined;
    readings = undefined;
  };
}

function seconds(): number {
  const given = Number(process.env.MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL);
  return given >= 0.1 && given <= 86_400 ? given : INTERVAL;
}

let sampling = false;

async function sample(): Promise<void> {
  // A machine that takes longer than an interval to answer is not asked again meanwhile.
  if (sampling || !readings) return;
  sampling = true;
  try {
    const timestamp = Date.now();
    const values = named(await readings.take());
    for (const [run, watched] of runs) {
      watched.step ??= await run.firstStep();
      // It may have ended while that was asked.
      if (runs.has(run)) run.log(values, { timestamp, step: watched.step++ });
    }
  } finally {
    sampling = false;
  }
}

function named(values: Record<string, number>): Record<string, number> {
  const node = process.env.MLFLOW_SYSTEM_METRICS_NODE_ID;
  const prefix = node ? `system/${node}/` : 'system/';
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [prefix + name, value]));
}
