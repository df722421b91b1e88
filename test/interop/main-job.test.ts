/** The main job: a training script logs a run and its ONNX model, a browser shows them, and the model is served as it predicts in Python. */
import { execFile } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Run } from '../../api/index.js';
import { type Connection, connect } from '../../client/node/index.js';
import { closeBrowser, openPage } from '../harness/browser.js';
import { INSTALL_TIME } from '../harness/python.js';
import { startServer, type TestServer } from '../harness/server.js';
import { serveModel } from '../packager/model-server.js';
import { largestDifference } from './differences.js';
import { type Python, stockMlflow } from './mlflow-python.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const STEPS = Array.from({ length: 200 }, (_, step) => step);

let server: TestServer;
let client: Connection;
let python: Python;

beforeAll(async () => {
  server = await startServer();
  client = connect(server.url);
  python = await stockMlflow(server.url, server.cwd);
}, INSTALL_TIME);

afterAll(async () => {
  await closeBrowser();
  await server.stop();
});

async function lossOf(run_id: string) {
  const { metrics = [] } = await client.getMetricHistory({ run_id, metric_key: 'loss' });
  return metrics.map(({ step, value }) => [step, value] as const);
}

async function seenFromPython(run: Run) {
  const { run_id } = run.info;
  return JSON.parse(await python.script('read_run.py', [run_id, 'loss', `runs:/${run_id}/model`]));
}

const valuesOf = (pairs: { key: string; value: string }[] = []) =>
  Object.fromEntries(pairs.map(({ key, value }) => [key, value]));

/** The run's page: what each of its tabs must show. */
async function look(run: Run, param: string, files: string[]) {
  const { run_id, experiment_id, run_name = '' } = run.info;
  const { page, problems, foreign, close } = await openPage(`${server.url}/experiments/${experiment_id}`);
  try {
    page.setDefaultTimeout(15_000);
    await page.getByRole('link', { name: run_name }).click();
    await page.getByRole('heading', { name: run_name }).waitFor();
    await page.getByText(param, { exact: true }).first().waitFor();
    await page.getByRole('link', { name: 'Metrics' }).click();
    const chart = page.getByRole('figure', { name: /^loss,/ });
    await chart.getByText(/: last .* at step 199/).waitFor({ state: 'attached' });
    await page.waitForFunction(curveIsDrawn);
    await page.getByRole('link', { name: 'Artifacts' }).click();
    for (const name of files) {
      // A file's size follows its name.
      const item = page.getByRole('treeitem', { name: new RegExp(`^${name}( |$)`) });
      await item.first().click();
    }
    await page.getByRole('region', { name: 'Flavour onnx' }).waitFor();
    expect(page.url()).toContain(run_id);
    expect(problems).toEqual([]);
    expect(foreign).toEqual([]);
  } finally {
    await close();
  }
}

/** Runs in the page: some canvas has colour on it, not only the grid's grey. */
function curveIsDrawn(): boolean {
  return [...document.querySelectorAll('canvas')].some((canvas) => {
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
    for (let at = 0; at < data.length; at += 4) {
      const [red = 0, green = 0, blue = 0, alpha = 0] = data.slice(at, at + 4);
      if (alpha > 200 && Math.max(red, green, blue) - Math.min(red, green, blue) > 60) return true;
    }
    return false;
  });
}

/** The predictions that `mltrack models serve` gives for rows of floats. */
async function served(run: Run, rows: number[][], output: string): Promise<number[][]> {
  const model = await serveModel(`runs:/${run.info.run_id}/model`, { env: { MLFLOW_TRACKING_URI: server.url } });
  try {
    const { predictions } = (await model.predict({ inputs: rows })) as { predictions: Record<string, number[][]> };
    return predictions[output] ?? [];
  } finally {
    expect(await model.stop()).toBe(0);
  }
}

describe('a Python script with the stock mlflow client', () => {
  let run: Run;
  let reference: { inputs: number[][]; probabilities: number[][] };

  beforeAll(async () => {
    const file = join(server.cwd, 'reference.json');
    const train = '../../examples/python/train.py';
    const printed = await python.script(train, ['--tracking-uri', server.url, '--reference', file]);
    reference = JSON.parse(await readFile(file, 'utf8'));
    run = (await client.getRun({ run_id: /^run (\w{32})$/m.exec(printed)?.[1] ?? printed })).run;
  }, 120_000);

  test('leaves a finished run with its name, params and metrics', async () => {
    const { experiment } = await client.getExperimentByName({ experiment_name: 'breast-cancer' });
    expect(run.info).toMatchObject({
      experiment_id: experiment.experiment_id,
      run_name: 'xgboost',
      status: 'FINISHED',
    });
    expect(valuesOf(run.data.params)).toEqual({
      dataset_path: 'breast_cancer.csv',
      dataset_shape: '(569, 30)',
      test_size: '0.2',
      random_state: '42',
      max_depth: '3',
    });
    const auc = run.data.metrics?.find(({ key }) => key === 'auc')?.value;
    expect(auc).toBeGreaterThan(0.98);
    expect(auc).toBeLessThanOrEqual(1);
    const loss = await lossOf(run.info.run_id);
    expect(loss.map(([step]) => step)).toEqual(STEPS);
    expect(loss.at(-1)?.[1]).toBeLessThan((loss[0]?.[1] ?? 0) / 3);
  });

  test('leaves a logged model with its files', async () => {
    const [output] = run.outputs?.model_outputs ?? [];
    const { model } = await client.getLoggedModel({ model_id: output?.model_id ?? '' });
    expect(model.info).toMatchObject({ name: 'model', status: 'LOGGED_MODEL_READY', source_run_id: run.info.run_id });
    const { files = [] } = await client.listLoggedModelArtifacts({ model_id: model.info.model_id });
    expect(files.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['MLmodel', 'model.onnx', 'requirements.txt']),
    );
    expect(files.find(({ path }) => path === 'model.onnx')?.file_size).toBeGreaterThan(10_000);
  });

  test('is seen by the Python client as it was logged', async () => {
    expect(await seenFromPython(run)).toMatchObject({
      name: 'xgboost',
      status: 'FINISHED',
      params: valuesOf(run.data.params),
      history: await lossOf(run.info.run_id),
      flavors: ['onnx', 'python_function'],
      inputs: ['input'],
    });
  });

  test('shows its run, curve and files in a browser', () => look(run, 'dataset_shape', ['MLmodel']));

  test('gets the probabilities of Python’s onnxruntime from `mltrack models serve`', async () => {
    expect(reference.inputs.length).toBe(114);
    const answered = await served(run, reference.inputs, 'probabilities');
    expect(largestDifference(answered, reference.probabilities)).toBeLessThan(1e-6);
  });
});

describe('a TypeScript script with our own client', () => {
  let run: Run;

  beforeAll(async () => {
    const script = await runnable('examples/typescript/train.ts');
    const { stdout } = await promisify(execFile)(process.execPath, [script, server.url]);
    await rm(script);
    run = (await client.getRun({ run_id: /^run (\w{32})$/m.exec(stdout)?.[1] ?? stdout })).run;
  }, 120_000);

  /** The script as JavaScript, for Nodes that do not read TypeScript. `mltrack` stays the package as built. */
  async function runnable(source: string): Promise<string> {
    const outfile = join(root, `.cache/example-${process.pid}.mjs`);
    await build({
      absWorkingDir: root,
      entryPoints: [source],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      external: ['mltrack'],
      tsconfigRaw: {},
      define: { 'import.meta.url': JSON.stringify(pathToFileURL(join(root, source))) },
    });
    return outfile;
  }

  test('leaves a finished run with its name, params, metrics and files', async () => {
    expect(run.info).toMatchObject({ run_name: 'logistic regression', status: 'FINISHED' });
    expect(valuesOf(run.data.params)).toEqual({
      dataset_path: 'iris.csv',
      dataset_shape: '(150, 4)',
      test_size: '0.2',
      random_state: '42',
      learning_rate: '0.5',
    });
    expect(run.data.metrics?.find(({ key }) => key === 'auc')?.value).toBeGreaterThan(0.95);
    const loss = await lossOf(run.info.run_id);
    expect(loss.map(([step]) => step)).toEqual(STEPS);
    expect(loss.at(-1)?.[1]).toBeLessThan((loss[0]?.[1] ?? 0) / 2);
    const { files = [] } = await client.listArtifacts({ run_id: run.info.run_id });
    expect(files.map(({ path, is_dir }) => [path, is_dir])).toEqual([
      ['model', true],
      ['weights.json', false],
    ]);
  });

  test('is seen by the Python client as it was logged', async () => {
    expect(await seenFromPython(run)).toMatchObject({
      name: 'logistic regression',
      status: 'FINISHED',
      params: valuesOf(run.data.params),
      history: await lossOf(run.info.run_id),
      flavors: ['onnx', 'python_function'],
      inputs: ['x'],
    });
  });

  test('shows its run, curve and files in a browser', () => look(run, 'learning_rate', ['model', 'MLmodel']));

  test('gets the probabilities of Python’s onnxruntime from `mltrack models serve`', async () => {
    const csv = await readFile(join(root, 'examples/typescript/iris.csv'), 'utf8');
    const rows = csv
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(',').slice(0, -1).map(Number));
    const file = join(server.cwd, 'iris.json');
    await writeFile(file, JSON.stringify(rows));
    const expected = JSON.parse(await python.script('predict.py', [`runs:/${run.info.run_id}/model`, file]));
    expect(expected.probability).toHaveLength(150);
    const answered = await served(run, rows, 'probability');
    expect(largestDifference(answered, expected.probability)).toBeLessThan(1e-6);
  });
});
