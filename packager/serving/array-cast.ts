/**
 * Arrays that a request gives with a type of their own to the tensor that the graph takes: as they are where the types agree,
 * else value by value, by the rules of JSON's numbers.
 */
import type { ElementType, TensorInfo } from '../../client/onnx/graph.js';
import { matches, type Reading, tensorOf, wrongShape } from './cast.js';
import { blank, fromHalf, sizeOf, type Tensor } from './tensor.js';

/** Whose every element is a JavaScript number, which a float may round. */
const NUMBERS = new Set<ElementType>(['float32', 'float64', 'int8', 'int16', 'int32', 'uint8', 'uint16', 'uint32']);
const FLOATS = new Set<ElementType>(['float32', 'float64']);

/** Throws INVALID_PARAMETER_VALUE, naming the input, for another shape, or a value that the input's type does not hold. */
export function castArray(array: Tensor, input: TensorInfo, reading: Reading): Tensor {
  const { type, dims, data } = array;
  if (!matches(dims, input.shape)) throw wrongShape(dims, input);
  if (type === input.type) return array;
  if (sizeOf(dims) === 0) return { type: input.type, dims, data: blank(input.type, 0) };
  if (!FLOATS.has(input.type) || !NUMBERS.has(type)) return tensorOf(nestedValues(array), input, reading);
  const floats = blank(input.type, data.length) as Float32Array;
  floats.set(data as Float32Array);
  return { type: input.type, dims, data: floats };
}

/** As JSON would hold the array. */
function nestedValues({ type, dims, data }: Tensor): unknown {
  let at = 0;
  const part = (axis: number): unknown => {
    if (axis < dims.length) return Array.from({ length: dims[axis] as number }, () => part(axis + 1));
    const element = data[at++];
    if (type === 'float16') return fromHalf(element as number);
    return type === 'bool' ? element === 1 : element;
  };
  return part(0);
}
