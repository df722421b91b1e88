/**
 * What an ONNX file says of itself: versions, who made it, operators, weights, and inputs and outputs of any kind.
 * Field numbers are those of `onnx.proto3` (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3).
 */
import { fedInputs, find, GRAPH, graphOf, valueName } from '../../client/onnx/graph.js';
import { fields, int64s, text } from '../../client/onnx/wire.js';

export interface ModelSummary {
  readonly irVersion: number;
  /** Name and version of what wrote the file; empty when it does not say. */
  readonly producer: string;
  readonly opsets: readonly { readonly domain: string; readonly version: number }[];
  readonly inputs: readonly ValueSummary[];
  readonly outputs: readonly ValueSummary[];
  /** The most frequent first, those of subgraphs and functions included; with a domain unless it is ONNX's own. */
  readonly operators: readonly { readonly name: string; readonly count: number }[];
  /** Elements of the initializers, and their bytes; strings count no bytes. */
  readonly parameters: { readonly count: number; readonly bytes: number };
}

export interface ValueSummary {
  readonly name: string;
  /** An element type, or `seq(…)`, `map(…)`, `optional(…)`, `sparse(…)` around one. */
  readonly type: string;
  /** A tensor's: a free axis by its name, or -1; undefined when the rank is not known, and for what is no tensor. */
  readonly shape: readonly (number | string)[] | undefined;
}

const MODEL = { irVersion: 1, producerName: 2, producerVersion: 3, opset: 8, function: 25 } as const;
const OPSET = { domain: 1, version: 2 } as const;
const FUNCTION_NODE = 7;
const NODE = { operator: 4, attribute: 5, domain: 7 } as const;
const ATTRIBUTE = { graph: 6, graphs: 11 } as const;
const TENSOR = { dims: 1, type: 2 } as const;
const TYPE = { tensor: 1, sequence: 4, map: 5, sparse: 8, optional: 9 } as const;

/** `TensorProto.DataType`: names as numpy and ml_dtypes have them, and the bits of an element. */
const DATA_TYPES: Partial<Record<number, readonly [name: string, bits: number]>> = {
  1: ['float32', 32],
  2: ['uint8', 8],
  3: ['int8', 8],
  4: ['uint16', 16],
  5: ['int16', 16],
  6: ['int32', 32],
  7: ['int64', 64],
  8: ['string', 0],
  9: ['bool', 8],
  10: ['float16', 16],
  11: ['float64', 64],
  12: ['uint32', 32],
  13: ['uint64', 64],
  14: ['complex64', 64],
  15: ['complex128', 128],
  16: ['bfloat16', 16],
  17: ['float8_e4m3fn', 8],
  18: ['float8_e4m3fnuz', 8],
  19: ['float8_e5m2', 8],
  20: ['float8_e5m2fnuz', 8],
  21: ['uint4', 4],
  22: ['int4', 4],
  23: ['float4_e2m1fn', 4],
  24: ['float8_e8m0fnu', 8],
};

/** Throws an Error when the bytes are no ONNX model. */
export function summarize(model: Uint8Array): ModelSummary {
  const graph = graphOf(model).bytes;
  const tally: Tally = { operators: new Map(), elements: 0, bits: 0 };
  countGraph(graph, tally);
  for (const { bytes } of children(model, MODEL.function)) {
    for (const node of children(bytes, FUNCTION_NODE)) countNode(node.bytes, tally);
  }
  const operators = [...tally.operators].map(([name, count]) => ({ name, count }));
  return {
    irVersion: numberIn(model, MODEL.irVersion),
    producer: [MODEL.producerName, MODEL.producerVersion]
      .map((field) => textIn(model, field))
      .join(' ')
      .trim(),
    opsets: children(model, MODEL.opset).map(({ bytes }) => ({
      domain: textIn(bytes, OPSET.domain) || 'ai.onnx',
      version: numberIn(bytes, OPSET.version),
    })),
    inputs: fedInputs(graph).map(valueSummary),
    outputs: children(graph, GRAPH.output).map(({ bytes }) => valueSummary(bytes)),
    operators: operators.sort((one, other) => other.count - one.count || (one.name < other.name ? -1 : 1)),
    parameters: { count: tally.elements, bytes: Math.ceil(tally.bits / 8) },
  };
}

const children = (message: Uint8Array, number: number) =>
  [...fields(message)].filter((field) => field.number === number);

function textIn(message: Uint8Array, number: number): string {
  const field = find(message, number);
  return field ? text(field) : '';
}

const numberIn = (message: Uint8Array, number: number) => Number(find(message, number)?.value ?? 0n);

interface Tally {
  readonly operators: Map<string, number>;
  elements: number;
  bits: number;
}

function countGraph(graph: Uint8Array, tally: Tally): void {
  for (const { number, bytes } of fields(graph)) {
    if (number === GRAPH.node) countNode(bytes, tally);
    if (number === GRAPH.initializer) countTensor(bytes, tally);
    if (number === GRAPH.sparseInitializer) {
      const values = find(bytes, 1);
      if (values) countTensor(values.bytes, tally);
    }
  }
}

function countNode(node: Uint8Array, tally: Tally): void {
  const domain = textIn(node, NODE.domain);
  const operator = textIn(node, NODE.operator);
  const name = domain === '' || domain === 'ai.onnx' ? operator : `${domain}.${operator}`;
  tally.operators.set(name, (tally.operators.get(name) ?? 0) + 1);
  for (const attribute of children(node, NODE.attribute)) {
    for (const { number, bytes } of fields(attribute.bytes)) {
      if (number === ATTRIBUTE.graph || number === ATTRIBUTE.graphs) countGraph(bytes, tally);
    }
  }
}

function countTensor(tensor: Uint8Array, tally: Tally): void {
  const dims = children(tensor, TENSOR.dims).flatMap(int64s).map(Number);
  const elements = dims.reduce((size, length) => size * length, 1);
  const [, bits] = DATA_TYPES[numberIn(tensor, TENSOR.type)] ?? ['', 0];
  tally.elements += elements;
  tally.bits += elements * bits;
}

function valueSummary(valueInfo: Uint8Array): ValueSummary {
  const type = find(valueInfo, 2)?.bytes;
  const tensor = type && find(type, TYPE.tensor);
  const shape = tensor && find(tensor.bytes, 2);
  return { name: valueName(valueInfo), type: type ? typeText(type) : 'unknown', shape: shape && axes(shape.bytes) };
}

/** Of a `TypeProto`. */
function typeText(type: Uint8Array): string {
  for (const { number, bytes } of fields(type)) {
    const inner = () => find(bytes, number === TYPE.map ? 2 : 1)?.bytes ?? new Uint8Array(0);
    if (number === TYPE.tensor) return dataType(bytes);
    if (number === TYPE.sparse) return `sparse(${dataType(bytes)})`;
    if (number === TYPE.sequence) return `seq(${typeText(inner())})`;
    if (number === TYPE.optional) return `optional(${typeText(inner())})`;
    if (number === TYPE.map) return `map(${dataType(bytes)}, ${typeText(inner())})`;
  }
  return 'unknown';
}

/** Of a message whose first field is a data type: a tensor's elements, a map's keys. */
function dataType(message: Uint8Array): string {
  const code = numberIn(message, 1);
  return DATA_TYPES[code]?.[0] ?? `type ${code}`;
}

function axes(shape: Uint8Array): (number | string)[] {
  return [...fields(shape)].map(({ bytes }) => {
    const length = find(bytes, 1);
    return length && length.value > 0n ? Number(length.value) : textIn(bytes, 2) || -1;
  });
}
