/** Small ONNX models for tests, written field by field (`onnx.proto3`), where no real model has what a test needs. */
import { concat, lengthDelimited, stringField, varintField } from '../../client/onnx/wire.js';

/** `TensorProto.DataType`. */
export const TYPE = {
  float: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  double: 11,
  uint32: 12,
  uint64: 13,
} as const;

export interface Value {
  name: string;
  type: keyof typeof TYPE;
  /** A text names a free axis. */
  shape: (number | string)[];
}

export interface Node {
  operator: string;
  inputs: string[];
  outputs: string[];
  domain?: string;
  attributes?: Uint8Array[];
}

export interface Graph {
  nodes: Node[];
  inputs: Value[];
  /** A value, or the bytes of a `ValueInfoProto`. */
  outputs: (Value | Uint8Array)[];
  /** `TensorProto`s. */
  initializers?: Uint8Array[];
}

export function writeModel(graph: Graph): Uint8Array {
  const opset = (domain: string, version: number) =>
    lengthDelimited(8, concat([stringField(1, domain), varintField(2, version)]));
  return concat([varintField(1, 8), opset('', 17), opset('ai.onnx.ml', 1), lengthDelimited(7, graphProto(graph))]);
}

function graphProto({ nodes, inputs, outputs, initializers = [] }: Graph): Uint8Array {
  return concat([
    ...nodes.map((node) => lengthDelimited(1, nodeProto(node))),
    stringField(2, 'test'),
    ...initializers.map((tensor) => lengthDelimited(5, tensor)),
    ...inputs.map((value) => lengthDelimited(11, valueInfo(value))),
    ...outputs.map((value) => lengthDelimited(12, value instanceof Uint8Array ? value : valueInfo(value))),
  ]);
}

function nodeProto({ operator, inputs, outputs, domain = '', attributes = [] }: Node): Uint8Array {
  return concat([
    ...inputs.map((name) => stringField(1, name)),
    ...outputs.map((name) => stringField(2, name)),
    stringField(4, operator),
    ...attributes.map((attribute) => lengthDelimited(5, attribute)),
    stringField(7, domain),
  ]);
}

function valueInfo({ name, type, shape }: Value): Uint8Array {
  const axes = shape.map((axis) =>
    lengthDelimited(1, typeof axis === 'number' ? varintField(1, axis) : stringField(2, axis)),
  );
  const tensor = concat([varintField(1, TYPE[type]), lengthDelimited(2, concat(axes))]);
  return concat([stringField(1, name), lengthDelimited(2, lengthDelimited(1, tensor))]);
}

/** An output of `seq(map(string, float))`, as ZipMap makes it. */
export function mapsInfo(name: string): Uint8Array {
  const float = lengthDelimited(1, varintField(1, TYPE.float));
  const map = lengthDelimited(5, concat([varintField(1, TYPE.string), lengthDelimited(2, float)]));
  return concat([stringField(1, name), lengthDelimited(2, lengthDelimited(4, lengthDelimited(1, map)))]);
}

/** An attribute that is a list of strings. */
export function stringsAttribute(name: string, values: string[]): Uint8Array {
  return concat([stringField(1, name), ...values.map((value) => stringField(9, value)), varintField(20, 8)]);
}

/** An attribute that is a list of numbers. */
export function intsAttribute(name: string, values: number[]): Uint8Array {
  return concat([stringField(1, name), ...values.map((value) => varintField(8, value)), varintField(20, 7)]);
}

export function intAttribute(name: string, value: number): Uint8Array {
  return concat([stringField(1, name), varintField(3, value), varintField(20, 2)]);
}

/** An attribute that is a subgraph. */
export function graphAttribute(name: string, graph: Graph): Uint8Array {
  return concat([stringField(1, name), lengthDelimited(6, graphProto(graph)), varintField(20, 5)]);
}

/** A float tensor with its values. */
export function floatTensor(name: string, dims: number[], values: number[]): Uint8Array {
  return concat([
    ...dims.map((length) => varintField(1, length)),
    varintField(2, TYPE.float),
    stringField(8, name),
    lengthDelimited(9, new Uint8Array(Float32Array.from(values).buffer)),
  ]);
}

/** A float tensor whose values lie in a file beside the model. */
export function externalTensor(name: string, dims: number[], location: string): Uint8Array {
  const entry = (key: string, value: string) =>
    lengthDelimited(13, concat([stringField(1, key), stringField(2, value)]));
  return concat([
    ...dims.map((length) => varintField(1, length)),
    varintField(2, TYPE.float),
    stringField(8, name),
    entry('location', location),
    varintField(14, 1),
  ]);
}

/** A model whose inference takes as long as its input says: [n, n] makes an n by n matrix and multiplies it `times` over. */
export function slowModel(times: number): Uint8Array {
  const products = Array.from({ length: times }, (_, at) => ({
    operator: 'MatMul',
    inputs: [at === 0 ? 'a' : `p${at - 1}`, 'a'],
    outputs: [`p${at}`],
  }));
  return writeModel({
    nodes: [
      { operator: 'ConstantOfShape', inputs: ['dims'], outputs: ['a'] },
      ...products,
      { operator: 'ReduceMax', inputs: [`p${times - 1}`], outputs: ['y'] },
    ],
    inputs: [{ name: 'dims', type: 'int64', shape: [2] }],
    outputs: [{ name: 'y', type: 'float', shape: [1, 1] }],
  });
}

/** A model that answers what it is asked: an input [n, m] of each type, named as its type, and its copy `TYPE_out`. */
export function echoModel(types: Value['type'][]): Uint8Array {
  const value = (name: string, type: Value['type']): Value => ({ name, type, shape: ['n', 'm'] });
  return writeModel({
    nodes: types.map((type) => ({ operator: 'Identity', inputs: [type], outputs: [`${type}_out`] })),
    inputs: types.map((type) => value(type, type)),
    outputs: types.map((type) => value(`${type}_out`, type)),
  });
}

/** A model that answers its two floats a row as maps with the keys yes and no. */
export function mapsModel(): Uint8Array {
  return writeModel({
    nodes: [
      {
        operator: 'ZipMap',
        inputs: ['x'],
        outputs: ['p'],
        domain: 'ai.onnx.ml',
        attributes: [stringsAttribute('classlabels_strings', ['yes', 'no'])],
      },
    ],
    inputs: [{ name: 'x', type: 'float', shape: ['n', 2] }],
    outputs: [mapsInfo('p')],
  });
}
