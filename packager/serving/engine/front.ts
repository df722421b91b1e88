/**
 * A small model on the thread that speaks HTTP. To wake another thread and be woken by it costs more than such a model's inference:
 * a few small requests are answered at once, and the workers are for what is bigger. Only for models whose inference is certain to
 * be short, whatever a request holds.
 */
import { readFileSync } from 'node:fs';
import type { ModelDescription } from '../../mlmodel.js';
import { summarize } from '../../onnx/summary.js';
import type { Batching } from '../probing/row-probe.js';
import { sizeOf } from '../tensor.js';
import { type Answered, answer, probeBatching } from './answer.js';
import type { Job } from './protocol.js';
import type { QueueLimits } from './queue.js';
import { infer, type LoadedModel, load, warmUp, zeros } from './session.js';

export interface Front {
  readonly model: LoadedModel;
  readonly batching: Batching;
  /** What it takes at once. */
  readonly limits: QueueLimits;
  answer(jobs: readonly Job[]): Promise<Answered>;
  close(): Promise<void>;
}

/** A larger one is neither fast to load nor to have twice. */
const SMALL_BYTES = 8_000_000;
/** Milliseconds: as long as other requests, and `/ping`, may wait. */
const LONGEST = 5;
/** One inference of a row takes no longer, milliseconds. */
const BRIEF = 0.5;
/** More are better answered together by a worker. */
const ITEMS = 4;
const BYTES = 32 * 2 ** 10;
/** The least that a number takes in a body: in a binary one, a byte. */
const BYTES_A_NUMBER = 1;
/** For the time that a further row takes. */
const MANY_ROWS = 64;

/** Operators whose work is bounded by the sizes of their inputs, and whose outputs are not larger than these by more than the model's width. */
const BOUNDED = new Set(
  [
    'Abs Add And ArgMax ArgMin BatchNormalization Cast Ceil Clip Concat Constant Div Dropout Elu Equal Erf Exp Flatten Floor Gather Gelu Gemm',
    'Greater GreaterOrEqual HardSigmoid HardSwish Identity IsInf IsNaN LayerNormalization LeakyRelu Less LessOrEqual Log LogSoftmax MatMul Max',
    'Mean Min Mod Mul Neg Not Or PRelu Pow Reciprocal ReduceMax ReduceMean ReduceMin ReduceSum Relu Reshape Round Selu Shape Sigmoid Sign Slice',
    'Softmax Softplus Split Sqrt Squeeze Sub Sum Tanh Transpose Unsqueeze Where Xor',
    'ai.onnx.ml.ArrayFeatureExtractor ai.onnx.ml.Binarizer ai.onnx.ml.CastMap ai.onnx.ml.FeatureVectorizer ai.onnx.ml.Imputer',
    'ai.onnx.ml.LabelEncoder ai.onnx.ml.LinearClassifier ai.onnx.ml.LinearRegressor ai.onnx.ml.Normalizer ai.onnx.ml.OneHotEncoder',
    'ai.onnx.ml.SVMClassifier ai.onnx.ml.SVMRegressor ai.onnx.ml.Scaler ai.onnx.ml.TreeEnsemble ai.onnx.ml.TreeEnsembleClassifier',
    'ai.onnx.ml.TreeEnsembleRegressor ai.onnx.ml.ZipMap',
  ].flatMap((names) => names.split(' ')),
);

/** Undefined for a model that is not certain to be brief. Throws an Error with the reason when it does not load. */
export async function openFront(description: ModelDescription): Promise<Front | undefined> {
  if (description.size > SMALL_BYTES || !isBounded(description.file)) return undefined;
  const model = await load(description, 'cpu', 1);
  const width = widthOf(model);
  const rows = width === undefined ? 0 : await rowsInTime(model);
  if (width === undefined || rows < 1) {
    await model.session.release();
    return undefined;
  }
  return {
    model,
    batching: await probeBatching(model, description.example),
    limits: { items: ITEMS, bytes: Math.min(BYTES, rows * width * BYTES_A_NUMBER) },
    answer: (jobs) => answer(model, jobs),
    close: () => model.session.release(),
  };
}

/** A file that cannot be read is found out by who loads it. */
function isBounded(file: string): boolean {
  try {
    return summarize(readFileSync(file)).operators.every(({ name }) => BOUNDED.has(name));
  } catch {
    return false;
  }
}

/** Numbers in a row of all inputs; undefined where a body may say how many there are. */
function widthOf({ inputs }: LoadedModel): number | undefined {
  const widths = inputs.map(({ shape }) => (shape && !shape.includes(-1, 1) ? sizeOf(shape.slice(1)) : undefined));
  return widths.reduce<number | undefined>((sum, width) => (sum && width ? sum + width : undefined), 1);
}

/** How many rows the model answers in the longest time allowed; 0 when it is not brief, or refuses zeros. */
async function rowsInTime(model: LoadedModel): Promise<number> {
  await warmUp(model);
  const one = await timeOf(model, 1);
  if (one === undefined || one > BRIEF) return 0;
  const many = await timeOf(model, MANY_ROWS);
  // Where axis 0 is not free, a request has one row.
  const further = Math.max(((many ?? one) - one) / (MANY_ROWS - 1), 1e-6);
  return 1 + (LONGEST - one) / further;
}

/** Milliseconds of the best of some inferences on zeros; undefined when the graph refuses them. */
async function timeOf(model: LoadedModel, rows: number): Promise<number | undefined> {
  const feeds = zeros(model, rows);
  let best: number | undefined;
  for (let run = 0; run < 3; run++) {
    const start = performance.now();
    if ((await infer(model, feeds).catch(() => undefined)) === undefined) return undefined;
    best = Math.min(best ?? Number.POSITIVE_INFINITY, performance.now() - start);
  }
  return best;
}
