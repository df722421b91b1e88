/** `npm run bench -- sdk`: what logging costs a training program, and its delivery to a mltrack server, beside MLflow's client for Python. */
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { cpuOf } from '../cpu.js';
import { choose, type Options, progress } from '../options.js';
import { peers } from '../peers.js';
import { cache, fromPyPI } from '../python.js';
import { type Server, startServer, temporaryFolder } from '../server.js';
import { aligned, digits, heading, isQuiet, type Machine, machine } from '../table.js';

/** Of mltrack's client, on a quiet machine of two cores. */
const targets = { p50: 4, deliveredMs: 3000 } as const;

const clients = ['mltrack', 'mlflow'] as const;

interface Ours {
  run_id: string;
  p50: number;
  p99: number;
  loggedMs: number;
  deliveredMs: number;
  cpuMs: number;
  heapMB: number;
  rssMB: number;
  serverCpuMs: number;
}

interface Theirs {
  p50: number;
  p99: number;
  callsMs: number;
  callsCpuMs: number;
  batchesMs: number;
  batchesCpuMs: number;
  rssMB: number;
  /** How many values went in batches. */
  values: number;
  calls: number;
}

export interface SdkResults {
  machine: Machine;
  values: number;
  mltrack?: Ours;
  mlflow?: Theirs;
}

export async function sdk(options: Options): Promise<SdkResults> {
  const chosen = choose(options.peers, clients);
  choose(options.only, ['sdk']);
  const values = options.quick ? 100_000 : 1_000_000;
  const results: SdkResults = { machine: machine(), values };
  const server = await startServer(peers.mltrack, temporaryFolder('sdk'));
  const uri = `http://127.0.0.1:${server.port}`;
  if (chosen.has('mltrack')) {
    progress(`mltrack's client: ${values.toLocaleString('en')} values`);
    results.mltrack = ours(server, uri, values);
    await check(uri, results.mltrack.run_id, Math.ceil(values / 3));
  }
  if (chosen.has('mlflow')) {
    progress("MLflow's client");
    results.mlflow = theirs(uri, options.quick ? 200 : 2000, values / 10);
  }
  await server.stop();
  console.log(table(results));
  return results;
}

function ours(server: Server, uri: string, values: number): Ours {
  const before = cpuOf(server.pid);
  const args = [join(cache, 'sdk/program.js'), uri, String(values), temporaryFolder('spool')];
  const text = execFileSync(process.execPath, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 2] });
  return { ...(JSON.parse(text) as Ours), serverCpuMs: cpuOf(server.pid) - before };
}

/** Every value is there, once. */
async function check(uri: string, run_id: string, wanted: number): Promise<void> {
  let found = 0;
  for (let token: string | undefined = ''; token !== undefined; ) {
    const query = new URLSearchParams({ run_id, metric_key: 'loss', max_results: '25000', page_token: token });
    const answer = await fetch(`${uri}/api/2.0/mlflow/metrics/get-history?${query}`);
    const { metrics = [], next_page_token } = (await answer.json()) as {
      metrics?: unknown[];
      next_page_token?: string;
    };
    found += metrics.length;
    token = next_page_token;
  }
  if (found !== wanted) throw new Error(`${found} of ${wanted} values have arrived.`);
}

function theirs(uri: string, calls: number, values: number): Theirs {
  const python = join(fromPyPI(['mlflow==3.17.2'], 'mlflow'), '..', 'python');
  const { status, stdout } = spawnSync(python, ['bench/sdk/program.py', uri, String(calls), String(values)], {
    encoding: 'utf8',
    env: { ...process.env, MLFLOW_DISABLE_TELEMETRY: 'true', DO_NOT_TRACK: 'true' },
    stdio: ['ignore', 'pipe', 2],
  });
  if (status !== 0) throw new Error("MLflow's client failed.");
  const last =
    stdout
      .trim()
      .split('\n')
      .find((line) => line.startsWith('{')) ?? '{}';
  return { ...(JSON.parse(last) as Theirs), values, calls };
}

function table({ machine, values, mltrack, mlflow }: SdkResults): string {
  const quiet = isQuiet(machine);
  const million = (ms: number | undefined, of: number) => (ms === undefined ? '' : digits((ms / of) * 1e6));
  const judged = (value: number | undefined, target: number, note = '') =>
    value === undefined ? '' : `${digits(value)}${note} ≤${target} ${value <= target ? 'ok' : 'MISS'}`;
  const busy = quiet ? '' : ' (busy)';
  const lines = [
    ['', 'mltrack', 'MLflow, Python'],
    ['a call with three values, p50, µs', judged(mltrack?.p50, targets.p50), of(mlflow?.p50)],
    ['a call with three values, p99, µs', of(mltrack?.p99), of(mlflow?.p99)],
    [
      'a million values logged, until the last call returns, ms',
      million(mltrack?.loggedMs, values),
      mlflow ? million(mlflow.callsMs, mlflow.calls * 3) : '',
    ],
    [
      'a million values delivered, ms',
      judged(mltrack && (mltrack.deliveredMs / values) * 1e6, targets.deliveredMs, busy),
      mlflow ? million(mlflow.callsMs, mlflow.calls * 3) : '',
    ],
    ['the same in batches of 1,000, ms', '', mlflow ? million(mlflow.batchesMs, mlflow.values) : ''],
    [
      'CPU time of the program for a million values, ms',
      million(mltrack?.cpuMs, values),
      mlflow
        ? `${million(mlflow.callsCpuMs, mlflow.calls * 3)}, in batches ${million(mlflow.batchesCpuMs, mlflow.values)}`
        : '',
    ],
    ['CPU time of the server for all this, ms', of(mltrack?.serverCpuMs), ''],
    ['heap after it, MB', of(mltrack?.heapMB), ''],
    ['memory of the program at most (RSS), MB', of(mltrack?.rssMB), of(mlflow?.rssMB)],
  ];
  return `${heading(machine)}\n\n${aligned(lines)}`;
}

const of = (value: number | undefined) => (value === undefined ? '' : digits(value));
