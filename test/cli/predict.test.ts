/** `mltrack models predict`: files and pipes in and out, and the predictions that the server and MLflow's command give. */
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Finished } from '../harness/finished.js';
import { EXAMPLE_REQUIREMENTS, INSTALL_TIME, pythonWith } from '../harness/python.js';
import { CLI } from '../harness/server.js';
import { casesOf, expectClose, MODEL_NAMES, mltrack, modelPath } from '../packager/model-server.js';

const run = promisify(execFile);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mltrack-test-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(name: string, content: string): Promise<string> {
  await writeFile(join(folder, name), content);
  return join(folder, name);
}

/** With the text on standard input. */
async function piped(args: string[], text: string): Promise<Finished> {
  const child = spawn(process.execPath, [CLI, 'models', 'predict', ...args]);
  const read = async (stream: AsyncIterable<Buffer>) => {
    let all = '';
    for await (const chunk of stream) all += chunk;
    return all;
  };
  child.stdin.end(text);
  const code = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { stdout: await read(child.stdout), stderr: await read(child.stderr), code: await code };
}

const predict = (...args: string[]) => mltrack(['models', 'predict', ...args]);

test.each(MODEL_NAMES)('%s: predictions are those of the recorded case', async (name) => {
  const { inputs, outputs } = casesOf(name)[0] as ReturnType<typeof casesOf>[number];
  const input = await file(`${name}.json`, JSON.stringify({ inputs }));
  const { code, stdout, stderr } = await predict('-m', modelPath(name), '-i', input);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expectClose(JSON.parse(stdout), { predictions: outputs });
});

const IRIS = modelPath('d_iris_zipmap');
const CSV = 'a,b,c,d\n5.1,3.5,1.4,0.2\n6.9,3.1,4.9,1.5\n';

describe('where inputs come from and predictions go', () => {
  test('a file that ends in .csv is CSV, and -o is written', async () => {
    const output = join(folder, 'out.json');
    const { code, stdout } = await predict('-m', IRIS, '-i', await file('rows.csv', CSV), '-o', output);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    const { predictions } = JSON.parse(await readFile(output, 'utf8'));
    expect(predictions.map((row: { output_label: number }) => row.output_label)).toEqual([0, 1]);
  });

  test('standard input is JSON, or what -t says', async () => {
    const json = await piped(['-m', IRIS], '{"instances": [[5.1, 3.5, 1.4, 0.2]]}');
    expect([json.code, JSON.parse(json.stdout).predictions.output_label]).toEqual([0, [0]]);
    const csv = await piped(['-m', IRIS, '-i', '-', '-t', 'csv'], CSV);
    expect([csv.code, JSON.parse(csv.stdout).predictions.length]).toEqual([0, 2]);
  });

  test('-t goes before the ending of the file', async () => {
    const { code, stdout } = await predict('-m', IRIS, '-t', 'csv', '-i', await file('rows.json', CSV));
    expect([code, JSON.parse(stdout).predictions.length]).toEqual([0, 2]);
  });

  test('an ONNX file by itself is a model', async () => {
    const input = await file('one.json', '{"inputs": [[0, 0], [1, 1], [2, 2]]}');
    const { code, stdout } = await predict('-m', join(modelPath('d_ort_mul_1'), 'model.onnx'), '-i', input);
    expect([code, JSON.parse(stdout).predictions]).toEqual([0, { Y: expect.any(Array) }]);
  });
});

describe('it fails with one line', () => {
  test.each([
    ['no JSON', '{"inputs":\n\n x', [], 'valid JSON'],
    ['another shape', '{"inputs": [[1, 2]]}', [], "Shape of input 'X' (1, 2) does not match expected shape (-1, 4)"],
    ['no field', '{}', [], 'exactly one of the input fields'],
    ['ragged CSV', 'a,b,c,d\n1,2,3\n', ['-t', 'csv'], 'expected 4 fields'],
    ['nothing', '', [], 'valid JSON'],
  ])('%s on standard input', async (_, text, args, message) => {
    const { code, stdout, stderr } = await piped(['-m', IRIS, ...args], text);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  test.each([
    ['a missing file', ['-m', IRIS, '-i', '/no/such/file.json'], 'Cannot read /no/such/file.json: no such file'],
    ['a missing model', ['-m', '/no/such/model', '-i', '/dev/null'], 'No model at /no/such/model'],
  ])('%s', async (_, args, message) => {
    const { code, stdout, stderr } = await predict(...args);
    expect({ code, stdout, lines: stderr.trim().split('\n').length }).toEqual({ code: 1, stdout: '', lines: 1 });
    expect(stderr).toContain(message);
  });

  test('an output that cannot be written, and a model that does not load', async () => {
    const input = await file('rows.csv', CSV);
    expect(await predict('-m', IRIS, '-i', input, '-o', '/no/such/folder/out')).toMatchObject({
      code: 1,
      stderr: 'mltrack: Cannot write /no/such/folder/out: no such file or folder\n',
    });
    expect(await predict('-m', await file('broken.onnx', 'no protobuf'), '-i', input)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^mltrack: The model at .* does not load: .*\n$/),
    });
  });
});

/** What stands behind `mlflow models predict`, for several models in one process: MLflow takes seconds to start. */
const MLFLOW = `
import sys
from mlflow.pyfunc.scoring_server import _predict
for line in sys.argv[1:]:
    _predict(*line.split('|'))
`;

test(
  'what it writes is what MLflow writes',
  async () => {
    const python = await pythonWith(EXAMPLE_REQUIREMENTS);
    const cars = JSON.stringify({
      dataframe_records: [{ Horsepower: 130, Weight_in_lbs: 3504, Origin: 'USA' }],
    });
    const sums = JSON.stringify({ inputs: { a: [[1, 2, 3]], b: [[0.5, 1.5, 2.5]] } });
    const jobs = [
      { model: modelPath('d_cars_columns'), input: await file('cars.json', cars), type: 'json' },
      { model: modelPath('d_two_inputs'), input: await file('sums.json', sums), type: 'json' },
      { model: modelPath('d_iris_zipmap', 'mlmodel_nosig'), input: await file('rows.csv', CSV), type: 'csv' },
    ].map((job, index) => ({ ...job, theirs: join(folder, `theirs-${index}`), ours: join(folder, `ours-${index}`) }));
    const lines = jobs.map(({ model, input, theirs, type }) => [model, input, theirs, type].join('|'));
    await run(python, ['-c', MLFLOW, ...lines]);
    for (const { model, input, theirs, ours, type } of jobs) {
      expect((await predict('-m', model, '-i', input, '-o', ours, '-t', type)).stderr).toBe('');
      expectClose(JSON.parse(await readFile(ours, 'utf8')), JSON.parse(await readFile(theirs, 'utf8')));
    }
  },
  INSTALL_TIME,
);
