/** The signature of a model in MLflow's JSON forms, and how it follows from an ONNX graph. Source: `mlflow/types/schema.py`. */
import { fedInputs, find, GRAPH, graphOf, valueName } from '../onnx/graph.js';
import { fields } from '../onnx/wire.js';

/** `-1` in a shape is an axis of any length. */
export interface TensorSpec {
  name?: string;
  type: 'tensor';
  'tensor-spec': { dtype: string; shape: readonly number[] };
}

export interface ColumnSpec {
  name?: string;
  type: 'boolean' | 'integer' | 'long' | 'float' | 'double' | 'string' | 'binary' | 'datetime' | 'any';
  required?: boolean;
}

export interface ParamSpec {
  name: string;
  type: string;
  default: unknown;
  shape?: readonly number[] | null;
}

export interface ModelSignature {
  inputs?: readonly (TensorSpec | ColumnSpec)[];
  outputs?: readonly (TensorSpec | ColumnSpec)[];
  params?: readonly ParamSpec[];
}

/** `TensorProto.DataType` to numpy's names; what numpy has not is not here. */
const DTYPES: Partial<Record<number, string>> = {
  1: 'float32',
  2: 'uint8',
  3: 'int8',
  4: 'uint16',
  5: 'int16',
  6: 'int32',
  7: 'int64',
  8: 'str',
  9: 'bool',
  10: 'float16',
  11: 'float64',
  12: 'uint32',
  13: 'uint64',
  14: 'complex64',
  15: 'complex128',
};

/**
 * What the graph takes and gives. Inputs that an initializer fills are none. A side with something that is no tensor of numpy's (a list
 * of maps, bfloat16, an unknown rank) is left out, as MLflow has no words for it. Throws an Error when the bytes are no ONNX model.
 */
export function inferSignature(model: Uint8Array): ModelSignature {
  const graph = graphOf(model).bytes;
  const given = [...fields(graph)].filter(({ number }) => number === GRAPH.output).map(({ bytes }) => bytes);
  const inputs = specs(fedInputs(graph));
  const outputs = specs(given);
  return { ...(inputs && { inputs }), ...(outputs && { outputs }) };
}

function specs(values: readonly Uint8Array[]): TensorSpec[] | undefined {
  const all = values.map(tensorSpec);
  return all.length > 0 && all.every((spec) => spec !== undefined) ? all : undefined;
}

function tensorSpec(value: Uint8Array): TensorSpec | undefined {
  const type = find(value, 2);
  const tensor = type && find(type.bytes, 1);
  const dtype = tensor && DTYPES[Number(find(tensor.bytes, 1)?.value ?? 0n)];
  const shape = tensor && find(tensor.bytes, 2);
  if (!dtype || !shape) return undefined;
  return { name: valueName(value), type: 'tensor', 'tensor-spec': { dtype, shape: axes(shape.bytes) } };
}

function axes(shape: Uint8Array): number[] {
  return [...fields(shape)].map(({ bytes }) => {
    const length = find(bytes, 1);
    return length && length.value > 0n ? Number(length.value) : -1;
  });
}
