/** A model server process for a test (`mltrack models serve` from dist, on a free port), and the recorded cases it must answer. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Finished, finished } from '../harness/finished.js';
import { CLI } from '../harness/server.js';

export interface ServeSetup {
  args?: string[];
  /** An undefined one is unset. */
  env?: Record<string, string | undefined>;
  /** The `-p` of the command line, which undefined leaves out. Default: 0. */
  port?: number | undefined;
}

export interface ModelServer {
  readonly url: string;
  readonly process: ChildProcess;
  readonly exited: Promise<number | null>;
  log(): string;
  /** POST /invocations; a value that is not text is sent as JSON. */
  post(body: unknown, contentType?: string): Promise<{ status: number; type: string; text: string }>;
  /** The JSON of a reply that must be 200. */
  predict(body: unknown, contentType?: string): Promise<unknown>;
  /** SIGTERM, and the exit code. */
  stop(): Promise<number | null>;
}

/** Runs `mltrack` to its end. */
export function mltrack(args: string[], env: Record<string, string> = {}): Promise<Finished> {
  return finished(spawn(process.execPath, [CLI, ...args], { env: { ...process.env, ...env } }));
}

export async function serveModel(uri: string | undefined, setup: ServeSetup = {}): Promise<ModelServer> {
  const { args = [], env = {}, port } = { port: 0, ...setup };
  const flags = [
    ...(uri === undefined ? [] : ['-m', uri]),
    ...(port === undefined ? [] : ['-p', String(port)]),
    ...args,
  ];
  const child = spawn(process.execPath, [CLI, 'models', 'serve', ...flags], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const url = await new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      log += chunk;
      const found = /Serving .* at (http:\/\/\S+)/.exec(log);
      if (found) resolve(found[1] as string);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    exited.then((code) => reject(new Error(`The model server ended with ${code}: ${log}`)));
  });
  const post: ModelServer['post'] = async (body, contentType = 'application/json') => {
    const answer = await fetch(`${url}/invocations`, {
      method: 'POST',
      headers: { 'content-type': contentType },
      body: typeof body === 'string' || body instanceof Uint8Array ? (body as BodyInit) : JSON.stringify(body),
    });
    return { status: answer.status, type: answer.headers.get('content-type') ?? '', text: await answer.text() };
  };
  return {
    url,
    process: child,
    exited,
    log: () => log,
    post,
    async predict(body, contentType) {
      const { status, text } = await post(body, contentType);
      if (status !== 200) throw new Error(`${status}: ${text}`);
      return JSON.parse(text);
    },
    stop() {
      child.kill('SIGTERM');
      return exited;
    },
  };
}

/** What `GET /metrics` says of a name without labels; NaN when it says nothing. */
export async function metric(server: ModelServer, name: string): Promise<number> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
}

/** A folder with a bare `model.onnx` and perhaps other files; removed by `remove`. */
export async function modelFolder(files: Record<string, Uint8Array | string>) {
  const path = await mkdtemp(join(tmpdir(), 'mltrack-test-'));
  for (const [name, content] of Object.entries(files)) await writeFile(join(path, name), content);
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

const MODELS = fileURLToPath(new URL('../models/', import.meta.url));

export const MODEL_NAMES = [
  'd_bc_mlp',
  'd_bc_xgb',
  'd_cars_columns',
  'd_iris_zipmap',
  'd_mlp_small',
  'd_ort_logreg_iris',
  'd_ort_mul_1',
  'd_ort_sigmoid',
  'd_strings',
  'd_two_inputs',
];

/** With a signature, and without one. */
export const VARIANTS = ['mlmodel', 'mlmodel_nosig'] as const;

export const modelPath = (name: string, variant: (typeof VARIANTS)[number] = 'mlmodel') => join(MODELS, name, variant);

interface RecordedTensor {
  t: string;
  s: number[];
  b64?: string;
  v?: unknown[];
}

export interface RecordedCase {
  /** Nested lists by input name. */
  inputs: Record<string, unknown>;
  /** Nested lists, or lists of objects, by output name. */
  outputs: Record<string, unknown>;
}

/** What Python's onnxruntime was fed and answered. */
export function casesOf(name: string): RecordedCase[] {
  const file = JSON.parse(readFileSync(join(MODELS, name, 'case.json'), 'utf8')) as {
    cases: { feeds: Record<string, RecordedTensor>; outputs: Record<string, RecordedTensor> }[];
  };
  const values = (tensors: Record<string, RecordedTensor>) =>
    Object.fromEntries(Object.entries(tensors).map(([key, tensor]) => [key, recorded(tensor)]));
  return file.cases.map((each) => ({ inputs: values(each.feeds), outputs: values(each.outputs) }));
}

function recorded({ t, s, b64 = '', v = [] }: RecordedTensor): unknown {
  if (t === 'seq') return (v as { k: unknown[]; v: unknown[] }[]).map((map) => zip(map.k, map.v));
  const bytes = Uint8Array.from(Buffer.from(b64, 'base64'));
  const flat: Record<string, () => unknown[]> = {
    float32: () => [...new Float32Array(bytes.buffer)],
    int64: () => [...new BigInt64Array(bytes.buffer)].map(Number),
    string: () => v,
  };
  return nest((flat[t] as () => unknown[])(), s);
}

const zip = (keys: unknown[], values: unknown[]) => Object.fromEntries(keys.map((key, at) => [key, values[at]]));

function nest(flat: unknown[], shape: number[]): unknown {
  const [length = 1, ...inner] = shape;
  if (inner.length === 0) return flat;
  const size = flat.length / length;
  return Array.from({ length }, (_, at) => nest(flat.slice(at * size, (at + 1) * size), inner));
}

const CLOSE = { part: 1e-6, least: 1e-12 };

/** Throws, naming the place, where two values differ by more than a part of their size (by default 1e-6). */
export function expectClose(actual: unknown, expected: unknown, place = 'reply', close = CLOSE): void {
  if (typeof expected === 'number' && typeof actual === 'number') {
    if (Math.abs(actual - expected) > close.part * Math.abs(expected) + close.least) {
      throw new Error(`${place}: ${actual} is not ${expected}`);
    }
  } else if (typeof expected === 'object' && expected !== null && typeof actual === 'object' && actual !== null) {
    const keys = Object.keys(expected);
    if (Array.isArray(actual) !== Array.isArray(expected) || Object.keys(actual).join() !== keys.join()) {
      throw new Error(`${place}: has [${Object.keys(actual)}], not [${keys}]`);
    }
    for (const key of keys) {
      expectClose(
        (actual as Record<string, unknown>)[key],
        (expected as Record<string, unknown>)[key],
        `${place}.${key}`,
        close,
      );
    }
  } else if (actual !== expected)
    throw new Error(`${place}: ${JSON.stringify(actual)} is not ${JSON.stringify(expected)}`);
}
