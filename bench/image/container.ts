/** A container of mltrack's image, run by runc on the machine's own network: from its start to its first right answer. */
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Connection, request } from '../load.js';
import { temporaryFolder } from '../server.js';

/** A model whose answer is known: three rows of two numbers, each multiplied by its own factor. */
export const MODEL = 'test/models/d_ort_mul_1/mlmodel';
const CASE = 'test/models/d_ort_mul_1/case.json';

interface Bundle {
  process: { terminal: boolean; args: string[]; env: string[] };
  mounts: object[];
  linux: { namespaces: { type: string }[] };
}

/** Unpacks an OCI layout into runc's bundle. `apt-get install skopeo umoci runc`. */
export function unpack(layout: string): string {
  const folder = temporaryFolder('bundle');
  const [copy, bundle] = [join(folder, 'copy'), join(folder, 'bundle')];
  const run = (command: string, ...args: string[]) => execFileSync(command, args, { stdio: ['ignore', 'ignore', 2] });
  // umoci reads none but OCI's own manifests.
  run('skopeo', 'copy', '--insecure-policy', '--quiet', '--format', 'oci', `oci:${layout}`, `oci:${copy}:image`);
  run('umoci', 'unpack', '--image', `${copy}:image`, bundle);
  return bundle;
}

const PORT = 18_080;

export interface Start {
  /** To the first 200 of /ping. */
  readonly pingMs: number;
  /** To the right answer that is asked for at once. */
  readonly answerMs: number;
}

export async function startContainer(bundle: string): Promise<Start> {
  const file = join(bundle, 'config.json');
  const text = readFileSync(file, 'utf8');
  const config: Bundle = JSON.parse(text);
  config.process.terminal = false;
  config.process.env.push(`SAGEMAKER_BIND_TO_PORT=${PORT}`);
  config.linux.namespaces = config.linux.namespaces.filter(({ type }) => type !== 'network');
  const source = join(process.cwd(), MODEL);
  config.mounts.push({ destination: '/opt/ml/model', type: 'bind', source, options: ['rbind', 'ro'] });
  writeFileSync(file, JSON.stringify(config));
  const name = `bench-${process.pid}`;
  const began = performance.now();
  const child = spawn('runc', ['--root', join(bundle, '..', 'runc'), 'run', '--bundle', bundle, name], {
    stdio: 'ignore',
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  try {
    while (!(await isUp())) {
      if (child.exitCode !== null) throw new Error(`The container ended with ${child.exitCode}`);
    }
    const pingMs = performance.now() - began;
    await expectAnswer();
    return { pingMs, answerMs: performance.now() - began };
  } finally {
    child.kill('SIGTERM');
    await ended;
    writeFileSync(file, text);
  }
}

async function isUp(): Promise<boolean> {
  try {
    const connection = await Connection.open(PORT);
    const { status } = await connection.send(request('GET', '/ping'));
    connection.close();
    return status === 200;
  } catch {
    return false;
  }
}

async function expectAnswer(): Promise<void> {
  const { cases } = JSON.parse(readFileSync(CASE, 'utf8')) as {
    cases: { feeds: { X: { b64: string } }; outputs: { Y: { b64: string } } }[];
  };
  const { feeds, outputs } = cases[0]!;
  const floats = (b64: string) => [...new Float32Array(new Uint8Array(Buffer.from(b64, 'base64')).buffer)];
  const rows = (values: number[]) => [values.slice(0, 2), values.slice(2, 4), values.slice(4)];
  const answer = await fetch(`http://127.0.0.1:${PORT}/invocations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ inputs: { X: rows(floats(feeds.X.b64)) } }),
  });
  const { predictions } = (await answer.json()) as { predictions: { Y: number[][] } | number[][] };
  const found = (Array.isArray(predictions) ? predictions : predictions.Y).flat();
  const isRight = floats(outputs.Y.b64).every((value, index) => Math.abs(value - (found[index] ?? Number.NaN)) < 1e-5);
  if (!isRight) throw new Error(`The container answered ${JSON.stringify(predictions)}`);
}
