/** Training programs as processes of their own: written inline, with the built client, and what a spool and a server have of them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Connection, RunEntity } from '../../client/node/index.js';
import { CLI } from '../harness/server.js';

export const CLIENT = fileURLToPath(new URL('../../dist/client.js', import.meta.url));

export interface Place {
  readonly spool: string;
  remove(): Promise<void>;
  /** The folders of runs that are not delivered. */
  left(): Promise<string[]>;
}

export async function newPlace(): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'mltrack-spool-'));
  const spool = join(folder, 'spool');
  return {
    spool,
    remove: () => rm(folder, { recursive: true, force: true }),
    left: async () => (await readdir(spool).catch(() => [])).filter((name) => /^[0-9a-f]{32}$/.test(name)),
  };
}

/** Runs `source`, which may use all that the client exports, as a program. */
export function program(
  source: string,
  uri: string,
  place: Place,
  env: Record<string, string> = {},
  command = [process.execPath],
): ChildProcess {
  const text = `const mltrack = await import(${JSON.stringify(`file://${CLIENT}`)});
    const { startRun, withRun, log, setExperiment, flush, endRun } = mltrack;
    ${source}`;
  const [first = '', ...rest] = command;
  return spawn(first, [...rest, '--input-type=module', '--eval', text], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, MLTRACK_TRACKING_URI: uri, MLTRACK_SPOOL_DIR: place.spool, ...env },
  });
}

/** `mltrack sync` on a place. */
export function sync(uri: string, place: Place, ...flags: string[]): ChildProcess {
  return spawn(process.execPath, [CLI, 'sync', place.spool, '--tracking-uri', uri, ...flags], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Resolves with the first line that a program prints. */
export function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout?.on('data', (chunk) => {
      text += chunk;
      if (text.includes('\n')) resolve(text.split('\n')[0] ?? '');
    });
    child.once('close', () => reject(new Error('It ended without a line.')));
  });
}

/** The only run of an experiment. */
export async function onlyRun(client: Connection, experiment_name: string): Promise<RunEntity> {
  const { experiment } = await client.getExperimentByName({ experiment_name });
  const { runs = [] } = await client.searchRuns({ experiment_ids: [experiment.experiment_id] });
  if (runs.length !== 1) throw new Error(`${runs.length} runs in ${experiment_name}`);
  return runs[0] as RunEntity;
}

export const tagOf = ({ data }: RunEntity, key: string) => data.tags?.find((tag) => tag.key === key)?.value;

/** The steps of a metric, in order. */
export async function stepsOf(client: Connection, run_id: string, metric_key: string): Promise<number[]> {
  const { metrics = [] } = await client.getMetricHistory({ run_id, metric_key });
  return metrics.map(({ step }) => Number(step)).sort((a, b) => a - b);
}
