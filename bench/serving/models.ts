/** The models that are served, made by models.py on first use, with rows to send and what onnxruntime itself answers to them. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { cache, fromPyPI } from '../python.js';

export const modelNames = ['small', 'medium', 'xgboost'] as const;
export type ModelName = (typeof modelNames)[number];

export interface Model {
  name: ModelName;
  /** As MLflow saves a model. */
  folder: string;
  onnx: string;
  /** A file of doubles, row by row. */
  rows: string;
  /** Values of a row. */
  width: number;
}

/** Rows that go into one request. Each value is a double with few digits, and its nearest float32 is what the model gets. */
export interface Batch {
  values: Float64Array;
  shape: [rows: number, width: number];
}

/** Numbers in row order, by output. */
export type Outputs = Record<string, number[]>;

const widths: Record<ModelName, number> = { small: 30, medium: 784, xgboost: 30 };
/** The rows that models.py writes. */
const rowCount = 1024;
/** So many distinct requests of one row; their answers are all compared. */
const singles = 64;

/** MLflow with what makes the models; its server is one of the peers. */
export function mlflow(program: 'mlflow' | 'python'): string {
  const requirements = ['mlflow==3.17.2', 'onnx==1.23.2', 'onnxruntime==1.32.0'];
  const makers = ['onnxmltools==1.16.0', 'skl2onnx==1.20.0', 'xgboost-cpu==3.2.0'];
  return fromPyPI([...requirements, ...makers], program, [], 'mlflow-serving-3.17.2');
}

/** Makes the models where they are not there yet. */
export function readModels(): Record<ModelName, Model> {
  const script = 'bench/serving/models.py';
  const version = createHash('sha256').update(readFileSync(script)).digest('hex').slice(0, 12);
  const folder = join(cache, `models-${version}`);
  if (!existsSync(folder)) {
    process.stderr.write('making the models\n');
    rmSync(`${folder}.part`, { recursive: true, force: true });
    execFileSync(mlflow('python'), [script, `${folder}.part`], { stdio: ['ignore', 2, 2] });
    renameSync(`${folder}.part`, folder);
  }
  const entries = modelNames.map((name) => {
    const at = (path: string) => join(folder, name, path);
    return [
      name,
      { name, folder: at('model'), onnx: at('model/model.onnx'), rows: at('rows.f64'), width: widths[name] },
    ];
  });
  return Object.fromEntries(entries) as Record<ModelName, Model>;
}

/** Different batches of so many rows. */
export function batchesOf({ rows, width }: Model, size: number): Batch[] {
  const bytes = readFileSync(rows);
  const count = size === 1 ? singles : rowCount / size;
  return Array.from({ length: count }, (_, index) => ({
    values: new Float64Array(bytes.buffer, bytes.byteOffset + index * size * width * 8, size * width),
    shape: [size, width],
  }));
}

/** What onnxruntime answers to each batch. */
export async function answersTo(model: Model, batches: Batch[]): Promise<Outputs[]> {
  const session = await InferenceSession.create(model.onnx, { intraOpNumThreads: 1 });
  const answers: Outputs[] = [];
  for (const { values, shape } of batches) {
    const results = await session.run({
      [session.inputNames[0]!]: new Tensor('float32', Float32Array.from(values), shape),
    });
    const outputs = Object.entries(results).map(([name, { data }]) => [
      name,
      Array.from(data as Float32Array | BigInt64Array, Number),
    ]);
    answers.push(Object.fromEntries(outputs));
  }
  await session.release();
  return answers;
}
