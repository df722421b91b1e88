/**
 * Outputs as strict JSON: integers with all their digits, floats with a point (`1.0`, as Python writes them, so that a typed
 * client reads a float), NaN and ±Infinity as null.
 */
import { fromHalf, type NumericArray, type Output, sizeOf, type Tensor } from '../tensor.js';

/** Each element of a tensor, in row-major order, as JSON. */
export function elements({ type, data }: Tensor): string[] {
  switch (type) {
    case 'string':
      return (data as string[]).map((value) => JSON.stringify(value));
    case 'bool':
      return Array.from(data as Uint8Array, (value) => (value ? 'true' : 'false'));
    case 'float16':
      return Array.from(data as Uint16Array, (bits) => real(fromHalf(bits)));
    case 'float32':
    case 'float64':
      return Array.from(data as Float64Array, real);
    default:
      return Array.from<number | bigint, string>(data as Exclude<NumericArray, Float32Array>, String);
  }
}

function real(value: number): string {
  if (!Number.isFinite(value)) return 'null';
  if (!Number.isInteger(value)) return String(value);
  if (Object.is(value, -0)) return '-0.0';
  const text = String(value);
  return text.includes('e') ? text : `${text}.0`;
}

/** Elements as nested lists; a 0-d tensor is its one element. */
export function nested(texts: readonly string[], dims: readonly number[]): string {
  let at = 0;
  const write = (axis: number): string => {
    if (axis === dims.length) return texts[at++] as string;
    const parts = new Array<string>(dims[axis] as number);
    for (let index = 0; index < parts.length; index++) parts[index] = write(axis + 1);
    return `[${parts.join(',')}]`;
  };
  return write(0);
}

/** One object a row from a tensor [N, K] (or [K], one row) and its K labels. Throws an Error when they are not K. */
export function maps({ name, tensor }: Output, labels: readonly string[]): string[] {
  const width = tensor.dims.at(-1) ?? 1;
  if (width !== labels.length) throw new Error(`Output '${name}' has ${width} columns for ${labels.length} labels`);
  const texts = elements(tensor);
  const keys = labels.map((label) => JSON.stringify(label));
  return Array.from({ length: sizeOf(tensor.dims) / width }, (_, row) => {
    return `{${keys.map((key, index) => `${key}:${texts[row * width + index]}`).join(',')}}`;
  });
}

export const object = (entries: readonly (readonly [string, string])[]): string =>
  `{${entries.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(',')}}`;
