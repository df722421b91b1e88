/** An example of a model's input, in the two files that MLflow keeps it in. Source: `_Example` in `mlflow/models/utils.py`. */
import { type TableData, tableOf } from '../content/table.js';
import { invalid } from '../content/target.js';

/** A tensor: values one after the other, and how they lie. */
export interface TensorLike {
  readonly data: { readonly length: number; readonly [at: number]: unknown };
  readonly shape?: readonly number[];
  readonly dims?: readonly number[];
}

type Nested = readonly unknown[];

/**
 * Rows or columns of a frame, with `{ columns, data }` as pandas splits them; else one tensor (nested lists, or values with a shape), or
 * one for each input by name: `{ tensors: { x: … } }`.
 */
export type InputExample =
  | TableData
  | { readonly columns: readonly string[]; readonly data: readonly (readonly unknown[])[] }
  | { readonly tensors: Readonly<Record<string, TensorLike | Nested>> }
  | { readonly tensor: TensorLike | Nested };

export interface ExampleFiles {
  /** `saved_input_example_info` of the MLmodel. */
  readonly info: Readonly<Record<string, string>>;
  readonly files: readonly { readonly path: string; readonly content: string }[];
}

const EXAMPLE = 'input_example.json';
const SERVING_INPUT = 'serving_input_example.json';

/** Throws INVALID_PARAMETER_VALUE when a tensor's values do not fill its shape, or a table is none. */
export function exampleFiles(example: InputExample): ExampleFiles {
  if ('tensors' in example && isRecord(example.tensors)) {
    const tensors = Object.entries(example.tensors).map(([name, tensor]) => [
      name,
      nested(tensor as TensorLike | Nested),
    ]);
    return filesOf('ndarray', Object.fromEntries(tensors), 'inputs');
  }
  if ('tensor' in example && isTensor(example.tensor)) return filesOf('ndarray', nested(example.tensor), 'inputs');
  return filesOf('dataframe', isSplit(example) ? example : tableOf(example as TableData), 'dataframe_split');
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
const isTensor = (value: unknown): value is TensorLike | Nested =>
  Array.isArray(value) || (isRecord(value) && 'data' in value);

function isSplit(example: object): boolean {
  const { columns, data } = example as { columns?: unknown; data?: unknown };
  return (
    Array.isArray(columns) && Array.isArray(data) && Object.keys(example).length === 2 && data.every(Array.isArray)
  );
}

function filesOf(type: 'ndarray' | 'dataframe', value: unknown, key: string): ExampleFiles {
  return {
    info: {
      artifact_path: EXAMPLE,
      ...(type === 'dataframe' && { pandas_orient: 'split' }),
      serving_input_path: SERVING_INPUT,
      type,
    },
    files: [
      { path: EXAMPLE, content: JSON.stringify(value) },
      { path: SERVING_INPUT, content: JSON.stringify({ [key]: value }, null, 2) },
    ],
  };
}

/** Lists in lists, as numpy's `tolist`. */
function nested(tensor: TensorLike | Nested): unknown {
  if (!isRecord(tensor)) return tensor;
  const { data } = tensor as TensorLike;
  const shape = (tensor as TensorLike).shape ?? (tensor as TensorLike).dims ?? [data.length];
  const size = shape.reduce((product, length) => product * length, 1);
  if (size !== data.length) throw invalid(`A tensor of shape [${shape}] has ${size} values, not ${data.length}`);
  const build = (axis: number, from: number): unknown => {
    if (axis === shape.length) return plain(data[from]);
    const step = shape.slice(axis + 1).reduce((product, length) => product * length, 1);
    return Array.from({ length: shape[axis]! }, (_, at) => build(axis + 1, from + at * step));
  };
  return build(0, 0);
}

const plain = (value: unknown) => (typeof value === 'bigint' ? Number(value) : value);
