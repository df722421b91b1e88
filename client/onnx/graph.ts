/**
 * What a graph takes and gives, read from the bytes of an ONNX model, and the files its weights lie in.
 * Field numbers are those of `onnx.proto3` (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3).
 */
import { concat, type Field, fields, lengthDelimited, text } from './wire.js';

/** Element types by `TensorProto.DataType`, named as onnxruntime's JavaScript API names them. */
const ELEMENT_TYPES = {
  1: 'float32',
  2: 'uint8',
  3: 'int8',
  4: 'uint16',
  5: 'int16',
  6: 'int32',
  7: 'int64',
  8: 'string',
  9: 'bool',
  10: 'float16',
  11: 'float64',
  12: 'uint32',
  13: 'uint64',
} as const;

export type ElementType = (typeof ELEMENT_TYPES)[keyof typeof ELEMENT_TYPES];

/** A tensor that a graph takes or gives. */
export interface TensorInfo {
  readonly name: string;
  readonly type: ElementType;
  /** One entry per axis, -1 where its length is free; undefined when the model does not say the rank. */
  readonly shape: readonly number[] | undefined;
}

/** Field numbers of the messages that are read here. */
const MODEL_GRAPH = 7;
export const GRAPH = { node: 1, initializer: 5, input: 11, output: 12, sparseInitializer: 15 } as const;
const TENSOR = { name: 8, externalData: 13 } as const;

/** The one field of a number in a message, when it is there. */
export function find(message: Uint8Array, number: number): Field | undefined {
  let found: Field | undefined;
  for (const field of fields(message)) if (field.number === number) found = field;
  return found;
}

/** The graph of a model. Throws an Error when the bytes are no ONNX model. */
export function graphOf(model: Uint8Array): Field {
  const graph = find(model, MODEL_GRAPH);
  if (!graph || graph.bytes.length === 0) throw new Error('not an ONNX model: it has no graph');
  return graph;
}

/** The model with another graph. */
export function withGraph(model: Uint8Array, graph: Uint8Array): Uint8Array {
  const parts = [...fields(model)].map((field) =>
    field.number === MODEL_GRAPH ? lengthDelimited(MODEL_GRAPH, graph) : field.raw,
  );
  return concat(parts);
}

/**
 * The tensors that must be fed, in order: graph inputs that no initializer fills.
 * Throws an Error that names an input onnxruntime-node cannot take (a sequence, bfloat16, a 4-bit type).
 */
export function graphInputs(model: Uint8Array): TensorInfo[] {
  return fedInputs(graphOf(model).bytes).map(tensorInfo);
}

/** The `ValueInfoProto`s of a graph's inputs that no initializer fills, in order. */
export function fedInputs(graph: Uint8Array): Uint8Array[] {
  const filled = new Set<string>();
  const inputs: Uint8Array[] = [];
  for (const field of fields(graph)) {
    if (field.number === GRAPH.input) inputs.push(field.bytes);
    if (field.number === GRAPH.initializer) filled.add(tensorName(field.bytes));
    if (field.number === GRAPH.sparseInitializer) filled.add(tensorName(find(field.bytes, 1)?.bytes ?? field.bytes));
  }
  return inputs.filter((valueInfo) => !filled.has(valueName(valueInfo)));
}

/** Paths of the files, relative to the model's, that hold weights too big for it (`external_data`). */
export function externalFiles(model: Uint8Array): string[] {
  const locations = new Set<string>();
  for (const field of fields(graphOf(model).bytes)) {
    if (field.number !== GRAPH.initializer) continue;
    for (const part of fields(field.bytes)) {
      if (part.number !== TENSOR.externalData) continue;
      const key = find(part.bytes, 1);
      const value = find(part.bytes, 2);
      if (key && value && text(key) === 'location') locations.add(text(value));
    }
  }
  return [...locations];
}

function tensorName(tensor: Uint8Array): string {
  const name = find(tensor, TENSOR.name);
  return name ? text(name) : '';
}

/** The name in a `ValueInfoProto`. */
export function valueName(valueInfo: Uint8Array): string {
  const name = find(valueInfo, 1);
  return name ? text(name) : '';
}

function tensorInfo(valueInfo: Uint8Array): TensorInfo {
  const name = valueName(valueInfo);
  const type = find(valueInfo, 2);
  const tensor = type && find(type.bytes, 1);
  if (!tensor) throw new Error(`the graph's input '${name}' is not a tensor`);
  const code = Number(find(tensor.bytes, 1)?.value ?? 0n);
  const element = (ELEMENT_TYPES as Partial<Record<number, ElementType>>)[code];
  if (!element) throw new Error(`the graph's input '${name}' has an element type that cannot be served (${code})`);
  const shape = find(tensor.bytes, 2);
  return { name, type: element, shape: shape && axes(shape.bytes) };
}

function axes(shape: Uint8Array): number[] {
  const lengths: number[] = [];
  for (const dimension of fields(shape)) {
    const length = find(dimension.bytes, 1);
    lengths.push(length && length.value > 0n ? Number(length.value) : -1);
  }
  return lengths;
}
