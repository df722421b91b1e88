/**
 * Trains a logistic regression on the iris data (is it virginica?) and logs it all with mltrack's own client.
 *
 *     npx tsx examples/typescript/train.ts [tracking URI]
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, withRun } from 'mltrack';
import { auc, Model, type Row, scaling } from './logistic-regression.ts';
import { onnxOf } from './onnx.ts';

const STEPS = 200;
const params = { dataset_path: 'iris.csv', test_size: 0.2, random_state: 42, learning_rate: 0.5 };

async function load(): Promise<Row[]> {
  const text = await readFile(new URL(params.dataset_path, import.meta.url), 'utf8');
  return text
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => {
      const cells = line.split(',');
      return { features: cells.slice(0, -1).map(Number), label: cells.at(-1) === 'virginica' ? 1 : 0 };
    });
}

/** The same order for the same seed (mulberry32). */
function shuffled(rows: readonly Row[], seed: number): Row[] {
  let state = seed;
  const random = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return rows
    .map((row) => ({ row, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ row }) => row);
}

/** A model folder as MLflow writes it: Python's `mlflow.onnx.load_model` and `mltrack models serve` read it. */
async function writeModelFolder(folder: string, runId: string, weights: number[], bias: number): Promise<void> {
  const input = { type: 'tensor', name: 'x', 'tensor-spec': { dtype: 'float32', shape: [-1, weights.length] } };
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'model.onnx'), onnxOf(weights, bias));
  await writeFile(
    join(folder, 'MLmodel'),
    `artifact_path: model
flavors:
  onnx:
    data: model.onnx
    onnx_version: 1.23.2
    providers: [CPUExecutionProvider]
  python_function:
    data: model.onnx
    loader_module: mlflow.onnx
run_id: ${runId}
signature:
  inputs: '${JSON.stringify([input])}'
utc_time_created: '${new Date().toISOString().replace('T', ' ').replace('Z', '')}'
`,
  );
}

const client = connect(process.argv[2]);
const rows = shuffled(await load(), params.random_state);
const held = Math.round(rows.length * params.test_size);
const scale = scaling(rows.slice(held));
const [test, train] = [rows.slice(0, held).map(scale.apply), rows.slice(held).map(scale.apply)];

await withRun({ client, experiment: 'iris', name: 'logistic regression' }, async (run) => {
  run.logParams({ ...params, dataset_shape: `(${rows.length}, ${rows[0]!.features.length})` });
  const model = new Model(rows[0]!.features.length);
  for (let step = 0; step < STEPS; step++) {
    model.step(train, params.learning_rate);
    run.log({ loss: model.loss(test) }, { step });
  }
  run.log({ auc: auc(model, test) });

  const folder = await mkdtemp(join(tmpdir(), 'model-'));
  const { weights, bias } = scale.unscaled(model);
  await writeModelFolder(folder, await run.id(), weights, bias);
  run.logArtifacts(folder, 'model');
  run.logDict({ weights, bias }, 'weights.json');
  await rm(folder, { recursive: true });
  console.log(`run ${await run.id()}`);
});
