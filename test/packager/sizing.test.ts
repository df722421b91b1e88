/** How many workers and threads a model gets, by rule, by flag and by environment. */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { expect, test } from 'vitest';
import { sizingOf, workersFromEnvironment } from '../../packager/serving/sizing.js';
import { metric, mltrack, modelFolder, modelPath, serveModel } from './model-server.js';

test.each([
  ['a small model', 1e6, 2, undefined, { workers: 2, intraOpThreads: 1 }],
  ['a small model on many cores', 1e6, 64, undefined, { workers: 4, intraOpThreads: 1 }],
  ['a big model', 5e7, 8, undefined, { workers: 1, intraOpThreads: 8 }],
  ['as asked, the cores are shared', 5e7, 8, 3, { workers: 3, intraOpThreads: 2 }],
  ['one that is asked for has all cores', 1e6, 8, 1, { workers: 1, intraOpThreads: 8 }],
  ['more than cores', 1e6, 2, 6, { workers: 6, intraOpThreads: 1 }],
])('%s', (_name, bytes, cores, asked, expected) => {
  expect(sizingOf(bytes, cores, asked, 'cpu')).toEqual(expected);
});

test('a GPU has one worker, and WebGPU no more even when asked', () => {
  expect(sizingOf(1e6, 8, undefined, 'cuda')).toEqual({ workers: 1, intraOpThreads: 8 });
  expect(sizingOf(1e6, 8, 2, 'cuda')).toEqual({ workers: 2, intraOpThreads: 4 });
  expect(sizingOf(1e6, 8, 2, 'webgpu')).toEqual({ workers: 1, intraOpThreads: 8 });
});

test('SageMaker’s variable comes before MLflow’s, and an empty one is not there', () => {
  expect(workersFromEnvironment({ MODEL_SERVER_WORKERS: '3', MLFLOW_MODELS_WORKERS: '5' })).toBe(3);
  expect(workersFromEnvironment({ MODEL_SERVER_WORKERS: '', MLFLOW_MODELS_WORKERS: '5' })).toBe(5);
  expect(workersFromEnvironment({})).toBeUndefined();
});

async function started(args: string[], env: Record<string, string | undefined>, path = modelPath('d_mlp_small')) {
  const unset = { MODEL_SERVER_WORKERS: undefined, MLFLOW_MODELS_WORKERS: undefined };
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
  expect(await started(['--workers', '1'], { MODEL_SERVER_WORKERS: '3' })).toContain('workers: 1, ');
});

test('the MLmodel’s session options come before the rule', async () => {
  const MLmodel = 'flavors: {onnx: {data: model.onnx, onnx_session_options: {intra_op_num_threads: 7}}}';
  const folder = await modelFolder({ MLmodel, 'model.onnx': readFileSync(`${modelPath('d_mlp_small')}/model.onnx`) });
  expect(await started([], { MODEL_SERVER_WORKERS: '1' }, folder.path)).toContain('workers: 1, threads each: 7');
  await folder.remove();
});

test.each(['MODEL_SERVER_WORKERS', 'MLFLOW_MODELS_WORKERS'])('%s must be a number', async (name) => {
  const { code, stderr } = await mltrack(['models', 'serve', '-p', '0', '-m', modelPath('d_mlp_small')], {
    [name]: 'two',
  });
  expect([code, stderr]).toEqual([1, `mltrack: ${name} is 'two': it must be a whole number above 0\n`]);
});
