/** Tensors between a request and the graph: typed elements in row-major order, and IEEE 754 half precision, which Node 20 lacks. */
import type { ElementType } from '../../client/onnx/graph.js';

export type NumericArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array;

export interface Tensor {
  readonly type: ElementType;
  readonly dims: readonly number[];
  /** float16 as its bits, bool as 0 and 1, string as text. */
  readonly data: NumericArray | string[];
}

/** A tensor that a model gives, as its author named it. */
export interface OutputTensorInfo {
  readonly name: string;
  readonly type: ElementType;
  /** One entry per axis, -1 where its length is free. Empty for a scalar, and where the graph does not say. */
  readonly shape: readonly number[];
  /** For an output that is a list of maps: the maps' keys, one per column of the tensor. */
  readonly labels: readonly string[] | undefined;
}

/** One output of an inference. */
export interface Output {
  readonly name: string;
  readonly tensor: Tensor;
  /** For an output that is a list of maps: the maps' keys, one per column of the tensor. */
  readonly labels: readonly string[] | undefined;
}

interface ArrayType {
  new (length: number): NumericArray;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): NumericArray;
  readonly BYTES_PER_ELEMENT: number;
}

export type NumericType = Exclude<ElementType, 'string'>;

const ARRAYS: Record<NumericType, ArrayType> = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  bool: Uint8Array,
};

/** Elements to be filled in: zeros, or empty strings. */
export function blank(type: ElementType, size: number): NumericArray | string[] {
  return type === 'string' ? new Array<string>(size).fill('') : new ARRAYS[type](size);
}

/** Bytes of an element. */
export const itemSize = (type: NumericType): number => ARRAYS[type].BYTES_PER_ELEMENT;

/** The elements that little-endian bytes hold, as many as fill them. They share the bytes' memory where its alignment allows. */
export function elementsIn(type: NumericType, bytes: Uint8Array): NumericArray {
  const size = itemSize(type);
  const { buffer, byteOffset, byteLength } = bytes.byteOffset % size === 0 ? bytes : bytes.slice();
  return new ARRAYS[type](buffer, byteOffset, byteLength / size);
}

/** The little-endian bytes of elements, in their memory. */
export const bytesOf = ({ buffer, byteOffset, byteLength }: NumericArray): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

export const sizeOf = (dims: readonly number[]): number => dims.reduce((size, length) => size * length, 1);

/** As Python writes a shape: `(-1, 30)`, `(3,)`, `()`. */
export function shapeText(dims: readonly number[]): string {
  return dims.length === 1 ? `(${dims[0]},)` : `(${dims.join(', ')})`;
}

/** The bits of the nearest half-precision number, ties to even. */
export function toHalf(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (size >= 65520) return sign | 0x7c00;
  if (size < 2 ** -14) return sign | roundToEven(size * 2 ** 24);
  let exponent = Math.floor(Math.log2(size));
  if (2 ** exponent > size) exponent--;
  if (2 ** (exponent + 1) <= size) exponent++;
  return sign | (((exponent + 15) << 10) + roundToEven((size / 2 ** exponent - 1) * 1024));
}

export function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function roundToEven(value: number): number {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 === 1 ? rounded - 1 : rounded;
}
