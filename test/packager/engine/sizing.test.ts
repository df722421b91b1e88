/** How many workers and threads a model gets, by rule, by flag and by environment; and what else the environment says. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { availableParallelism } from 'node:os';
import { expect, test } from 'vitest';
import { sizingOf } from '../../../packager/serving/engine/sizing.js';
import { metric, mltrack, modelFolder, modelPath, serveModel } from '../model-server.js';
import { slowModel } from '../onnx-writer.js';

test.each([
  ['a small model', 1e6, 2, undefined, { workers: 2, intraOpThreads: 1 }],
  ['a small model on many cores', 1e6, 64, undefined, { workers: 4, intraOpThreads: 1 }],
  ['a big model', 5e7, 8, undefined, { workers: 1, intraOpThreads: 8 }],
  ['as asked, the cores are shared', 5e7, 8, 3, { workers: 3, intraOpThreads: 2 }],
  ['one that is asked for has all cores', 1e6, 8, 1, { workers: 1, intraOpThreads: 8 }],
  ['more than cores', 1e6, 2, 6, { workers: 6, intraOpThreads: 1 }],
])('%s', (_name, bytes, cores, asked, expected) => {
  expect(sizingOf(bytes, cores, asked, { provider: 'cpu' })).toEqual(expected);
});

test('one of several models has one worker, unless more are asked for', () => {
  expect(sizingOf(1e6, 8, undefined, { provider: 'cpu', most: 1 })).toEqual({ workers: 1, intraOpThreads: 1 });
  expect(sizingOf(1e6, 8, 2, { provider: 'cpu', most: 1 })).toEqual({ workers: 2, intraOpThreads: 4 });
});

test('a GPU has one worker, and WebGPU no more even when asked', () => {
  expect(sizingOf(1e6, 8, undefined, { provider: 'cuda' })).toEqual({ workers: 1, intraOpThreads: 8 });
  expect(sizingOf(1e6, 8, 2, { provider: 'cuda' })).toEqual({ workers: 2, intraOpThreads: 4 });
  expect(sizingOf(1e6, 8, 2, { provider: 'webgpu' })).toEqual({ workers: 1, intraOpThreads: 8 });
});

const VARIABLES = ['SAGEMAKER_MODEL_SERVER_WORKERS', 'MODEL_SERVER_WORKERS', 'MLFLOW_MODELS_WORKERS'];

async function started(args: string[], env: Record<string, string | undefined>, path = modelPath('d_mlp_small')) {
  const unset = Object.fromEntries(VARIABLES.map((name) => [name, undefined]));
  const server = await serveModel(path, { args, env: { ...unset, ...env } });
  const workers = Number(/workers: (\d+)/.exec(server.log())?.[1]);
  await expect.poll(() => metric(server, 'mltrack_workers_ready')).toBe(workers);
  await server.stop();
  return server.log();
}

test('the log says what it came to: by rule, from the environment, from the flag', async () => {
  const byRule = Math.min(4, availableParallelism());
  expect(await started([], {})).toContain(`workers: ${byRule}, threads each: 1`);
  expect(await started([], { MLFLOW_MODELS_WORKERS: '3' })).toContain('workers: 3, ');
  expect(await started([], { MODEL_SERVER_WORKERS: '2', MLFLOW_MODELS_WORKERS: '3' })).toContain('workers: 2, ');
  const all = { SAGEMAKER_MODEL_SERVER_WORKERS: '1', MODEL_SERVER_WORKERS: '2', MLFLOW_MODELS_WORKERS: '3' };
  expect(await started([], all)).toContain('workers: 1, ');
  expect(await started([], { SAGEMAKER_MODEL_SERVER_WORKERS: '', MLFLOW_MODELS_WORKERS: '3' })).toContain(
    'workers: 3, ',
  );
  expect(await started(['--workers', '1'], { MODEL_SERVER_WORKERS: '3' })).toContain('workers: 1, ');
});

test('the MLmodel’s session options come before the rule', async () => {
  const MLmodel = 'flavors: {onnx: {data: model.onnx, onnx_session_options: {intra_op_num_threads: 7}}}';
  const folder = await modelFolder({ MLmodel, 'model.onnx': readFileSync(`${modelPath('d_mlp_small')}/model.onnx`) });
  expect(await started([], { MODEL_SERVER_WORKERS: '1' }, folder.path)).toContain('workers: 1, threads each: 7');
  await folder.remove();
});

test.each([
  ...VARIABLES.map((name): [string, string, string] => [name, 'two', 'a whole number above 0']),
  ['SAGEMAKER_BIND_TO_PORT', '0', 'a port, 1 to 65535'],
  ['SAGEMAKER_MODEL_SERVER_TIMEOUT', '-1', 'a positive number'],
  ['MLFLOW_SCORING_SERVER_REQUEST_TIMEOUT', 'long', 'a positive number'],
  ['SAGEMAKER_MAX_PAYLOAD_IN_MB', 'much', 'a positive number'],
])('%s=%s is refused: it must be %s', async (name, value, expected) => {
  const { code, stderr } = await mltrack(['models', 'serve', '-m', modelPath('d_mlp_small')], { [name]: value });
  expect([code, stderr]).toEqual([1, `mltrack: ${name} is '${value}': it must be ${expected}\n`]);
});

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

test('SageMaker’s port is taken where no flag names one', async () => {
  const port = await freePort();
  const env = { SAGEMAKER_BIND_TO_PORT: String(port) };
  const server = await serveModel(modelPath('d_mlp_small'), { env, port: undefined });
  expect(server.url).toBe(`http://127.0.0.1:${port}`);
  const other = await serveModel(modelPath('d_mlp_small'), { env });
  expect(new URL(other.url).port).not.toBe(String(port));
  await Promise.all([server.stop(), other.stop()]);
});

test('the timeout is the flag’s, else SageMaker’s, else MLflow’s', async () => {
  const folder = await modelFolder({ 'model.onnx': slowModel(20) });
  const late = async (args: string[], env: Record<string, string>) => {
    const server = await serveModel(folder.path, { args: ['-w', '1', ...args], env });
    const { status } = await server.post({ inputs: [700, 700] });
    await server.stop();
    return status === 504;
  };
  const SHORT = '0.02';
  expect(await late([], {})).toBe(false);
  expect(await late([], { MLFLOW_SCORING_SERVER_REQUEST_TIMEOUT: SHORT })).toBe(true);
  const both = { SAGEMAKER_MODEL_SERVER_TIMEOUT: '60', MLFLOW_SCORING_SERVER_REQUEST_TIMEOUT: SHORT };
  expect(await late([], both)).toBe(false);
  expect(await late(['-t', SHORT], both)).toBe(true);
  await folder.remove();
});
