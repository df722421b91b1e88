/**
 * Execution providers: which one is chosen, that a named one which does not work is refused, and that WebGPU, on a GPU in
 * software, gives what the CPU gives. CUDA needs a GPU and is not run here.
 */
import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { softwareGpu } from '../harness/chromium.js';
import {
  casesOf,
  expectClose,
  MODEL_NAMES,
  type ModelServer,
  mltrack,
  modelFolder,
  modelPath,
  type ServeSetup,
  serveModel,
} from './model-server.js';
import { floatTensor, writeModel } from './onnx-writer.js';

const NO_GPU = { VK_DRIVER_FILES: undefined, VK_ICD_FILENAMES: undefined, MLTRACK_PROVIDER: undefined };
let gpu: Record<string, string>;
beforeAll(async () => {
  gpu = await softwareGpu();
});

const ends: (() => Promise<unknown>)[] = [];
afterAll(() => Promise.all(ends.map((end) => end())));

async function serving(uri: string, setup: ServeSetup): Promise<ModelServer> {
  const server = await serveModel(uri, { ...setup, env: { ...NO_GPU, ...setup.env } });
  ends.push(() => server.stop());
  return server;
}

/** What the metrics say, which must be what the log says; and the log's reason. */
async function provider(server: ModelServer): Promise<[string, string]> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  const [, name = ''] = /^mltrack_execution_provider\{provider="(.*)"\} 1$/m.exec(text) ?? [];
  const [, logged, reason = ''] = /execution provider: (\S+) \((.*)\)$/m.exec(server.log()) ?? [];
  expect(logged).toBe(name);
  return [name, reason];
}

const GPU_CLOSE = { part: 1e-4, least: 1e-6 };

test.each(MODEL_NAMES)('%s: WebGPU gives what the CPU gives', { timeout: 120_000 }, async (name) => {
  const server = await serving(modelPath(name), { args: ['--provider', 'webgpu'], env: gpu });
  expect(await provider(server)).toEqual(['webgpu', 'as asked; agrees with cpu']);
  for (const { inputs, outputs } of casesOf(name)) {
    expectClose(await server.predict({ inputs }), { predictions: outputs }, name, GPU_CLOSE);
  }
  await server.stop();
});

test('WebGPU has one worker, whatever is asked', async () => {
  const server = await serving(modelPath('d_ort_mul_1'), { args: ['--provider', 'webgpu', '-w', '3'], env: gpu });
  expect(server.log()).toContain('workers: 1, ');
  const cases = casesOf('d_ort_mul_1');
  const body = { inputs: cases[0]?.inputs };
  const answers = await Promise.all(Array.from({ length: 64 }, () => server.predict(body)));
  for (const answer of answers) expectClose(answer, { predictions: cases[0]?.outputs }, 'reply', GPU_CLOSE);
});

/** The sine of numbers so large that a GPU's short way to it is wrong. */
const HUGE_SINE = writeModel({
  nodes: [
    { operator: 'Mul', inputs: ['x', 'large'], outputs: ['angle'] },
    { operator: 'Sin', inputs: ['angle'], outputs: ['y'] },
  ],
  inputs: [{ name: 'x', type: 'float', shape: ['n', 2] }],
  outputs: [{ name: 'y', type: 'float', shape: ['n', 2] }],
  initializers: [floatTensor('large', [1], [1e7])],
});

describe('auto', () => {
  test('is the CPU, at once, where there is no GPU', async () => {
    const server = await serving(modelPath('d_mlp_small'), {});
    const [name, reason] = await provider(server);
    const device = ['/dev/dri', '/dev/nvidiactl', '/dev/dxg'].some((path) => existsSync(path));
    expect([name, reason]).toEqual(device ? [name, reason] : ['cpu', 'no GPU device']);
  });

  test('takes WebGPU where it agrees with the CPU', async () => {
    const server = await serving(modelPath('d_ort_sigmoid'), { env: gpu });
    const [name, reason] = await provider(server);
    expect([name, reason]).toEqual(['webgpu', expect.stringMatching(/^agrees with cpu; cuda: /)]);
  });

  test('is the CPU where a driver shows no GPU, and says why', async () => {
    const env = { ...gpu, VK_DRIVER_FILES: '/nowhere.json' };
    const [name, reason] = await provider(await serving(modelPath('d_mlp_small'), { env }));
    expect([name, reason]).toEqual(['cpu', expect.stringMatching(/^cuda: .*; webgpu: Failed to get a WebGPU adapter/)]);
  });

  test('is the CPU where another provider answers otherwise', async () => {
    const folder = await modelFolder({ 'model.onnx': HUGE_SINE });
    ends.push(folder.remove);
    const [name, reason] = await provider(await serving(folder.path, { env: gpu }));
    expect([name, reason]).toEqual(['cpu', expect.stringMatching(/; webgpu: output 'y' differs from cpu's$/)]);
  });

  test.each([
    ['CUDAExecutionProvider, CPUExecutionProvider', 'webgpu', /^agrees with cpu; cuda: /],
    ['CPUExecutionProvider', 'cpu', /^the MLmodel asks for it$/],
    ['CPUExecutionProvider, CUDAExecutionProvider', 'cpu', /^the MLmodel asks for it$/],
    ['WebGpuExecutionProvider, CPUExecutionProvider', 'webgpu', /^agrees with cpu$/],
    ['CUDAExecutionProvider', 'cpu', /^cuda: [^;]*$/],
  ])('with %s in the MLmodel is %s', async (providers, expected, why) => {
    const folder = await modelFolder({
      'model.onnx': readFileSync(`${modelPath('d_ort_mul_1')}/model.onnx`),
      MLmodel: `flavors: {onnx: {data: model.onnx, providers: [${providers}]}}`,
    });
    ends.push(folder.remove);
    const [name, reason] = await provider(await serving(folder.path, { env: gpu }));
    expect([name, reason]).toEqual([expected, expect.stringMatching(why)]);
  });
});

describe('a named provider', () => {
  const refusal = async (args: string[], env: Record<string, string>, model = modelPath('d_mlp_small')) => {
    const { code, stderr } = await mltrack(['models', 'serve', '-p', '0', '-m', model, ...args], env);
    expect(code).toBe(1);
    return stderr;
  };

  test('that is not there is refused in one line', async () => {
    expect(await refusal(['--provider', 'cuda'], {})).toMatch(
      /^mltrack: The execution provider cuda does not work here: Failed to load shared library\n$/,
    );
    expect(await refusal([], { ...gpu, VK_DRIVER_FILES: '/nowhere.json', MLTRACK_PROVIDER: 'webgpu' })).toMatch(
      /^mltrack: The execution provider webgpu does not work here: Failed to get a WebGPU adapter: .*\n$/,
    );
  });

  test('that answers otherwise than the CPU is refused', async () => {
    const folder = await modelFolder({ 'model.onnx': HUGE_SINE });
    ends.push(folder.remove);
    expect(await refusal(['--provider', 'webgpu'], gpu, folder.path)).toBe(
      "mltrack: The execution provider webgpu does not work here: output 'y' differs from cpu's\n",
    );
  });

  test('that does not exist is refused', async () => {
    expect(await refusal([], { MLTRACK_PROVIDER: 'tpu' })).toBe(
      "mltrack: MLTRACK_PROVIDER is 'tpu': it must be one of auto, cpu, cuda, webgpu\n",
    );
    expect(await refusal(['--provider', 'tpu'], {})).toContain('Choices: "auto", "cpu", "cuda", "webgpu"');
  });

  test('of the command line comes before the environment’s', async () => {
    const server = await serving(modelPath('d_mlp_small'), {
      args: ['--provider', 'cpu'],
      env: { ...gpu, MLTRACK_PROVIDER: 'webgpu' },
    });
    expect(await provider(server)).toEqual(['cpu', 'as asked']);
  });
});
