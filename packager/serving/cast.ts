/**
 * Values of a request (nested lists of JSON scalars, cells of CSV) to the typed tensor that the graph takes.
 * Nothing is lost in silence: a fraction for an integer, a number out of range or a ragged list is refused, where numpy would cut.
 */
import { invalid, MltrackError } from '../../api/errors.js';
import type { ElementType, TensorInfo } from '../../client/onnx/graph.js';
import { shown } from './frame.js';
import { Numbers } from './numbers.js';
import { blank, shapeText, sizeOf, type Tensor, toHalf } from './tensor.js';

/**
 * What stands for what. `strict`: JSON's own types. `casting`: as numpy casts to a signature's types, numbers as text and
 * booleans for numbers. `text`: every cell is text (CSV), and an empty one is a missing number.
 */
export type Reading = 'strict' | 'casting' | 'text';

/** Deeper lists than this are no tensor; numpy's own limit is 64. */
const MAX_RANK = 64;

/** The value as the input's tensor. Throws INVALID_PARAMETER_VALUE for another type or shape, BAD_REQUEST for a ragged list. */
export function tensorOf(value: unknown, input: TensorInfo, reading: Reading): Tensor {
  const tensor = anyShape(value, input, reading);
  if (!matches(tensor.dims, input.shape)) throw wrongShape(tensor.dims, input);
  return tensor;
}

/**
 * A column of a frame as the input's tensor: one row a cell, so that N scalars fit [N] and [N, 1],
 * and lists are laid out in the input's row shape (`_reshape_and_cast_pandas_column_values` in `mlflow/models/utils.py`).
 */
export function columnTensor(cells: readonly unknown[] | Numbers, input: TensorInfo, reading: Reading): Tensor {
  const tensor = anyShape(cells, input, reading);
  if (matches(tensor.dims, input.shape)) return tensor;
  const row = (input.shape ?? []).slice(1).map((length) => Math.max(length, 1));
  const dims = [tensor.dims[0] as number, ...row];
  if (sizeOf(dims) !== tensor.data.length || !matches(dims, input.shape)) throw wrongShape(tensor.dims, input);
  return { ...tensor, dims };
}

/** Whether the lengths are those of the shape, where that fixes them. */
export function matches(dims: readonly number[], shape: readonly number[] | undefined): boolean {
  if (!shape) return true;
  return dims.length === shape.length && shape.every((length, axis) => length === -1 || length === dims[axis]);
}

export function wrongShape(dims: readonly number[], input: TensorInfo): MltrackError {
  return invalid(
    `Shape of input '${input.name}' ${shapeText(dims)} does not match expected shape ${shapeText(input.shape ?? [])}.`,
  );
}

function anyShape(value: unknown, input: TensorInfo, reading: Reading): Tensor {
  if (value instanceof Numbers) return ofNumbers(value, input, reading);
  const dims = dimsOf(value, input.name);
  const size = sizeOf(dims);
  const data = blank(input.type, size);
  const read = CELLS[input.type];
  let at = 0;
  const fill = (part: unknown, axis: number): void => {
    if (axis < dims.length) {
      for (const each of part as unknown[]) fill(each, axis + 1);
      return;
    }
    const cell = read(part, reading);
    if (cell === undefined) throw notA(part, input, dims, at);
    data[at++] = cell;
  };
  fill(value, 0);
  return { type: input.type, dims, data };
}

function ofNumbers({ dims, values }: Numbers, input: TensorInfo, reading: Reading): Tensor {
  const { type } = input;
  if (type === 'float64') return { type, dims, data: values };
  if (type === 'float32') return { type, dims, data: new Float32Array(values) };
  const data = blank(type, values.length);
  const read = CELLS[type];
  for (let at = 0; at < values.length; at++) {
    const cell = read(values[at], reading);
    if (cell === undefined) throw notA(values[at], input, dims, at);
    data[at] = cell;
  }
  return { type, dims, data };
}

/** The lengths of a nested list's axes, the same for all its parts. */
function dimsOf(value: unknown, name: string): number[] {
  const dims: number[] = [];
  for (let part = value; Array.isArray(part); part = part[0]) {
    dims.push(part.length);
    if (dims.length > MAX_RANK) throw invalid(`Input '${name}' is a list ${MAX_RANK} levels deep: that is no tensor.`);
  }
  const check = (part: unknown, axis: number): void => {
    if (axis === dims.length) {
      if (Array.isArray(part)) throw ragged(name);
      return;
    }
    if (!Array.isArray(part) || part.length !== dims[axis]) throw ragged(name);
    for (const each of part) check(each, axis + 1);
  };
  check(value, 0);
  return dims;
}

const ragged = (name: string) =>
  new MltrackError('BAD_REQUEST', `Invalid input. The lists of '${name}' differ in length: they are no tensor.`);

function notA(cell: unknown, input: TensorInfo, dims: readonly number[], at: number): MltrackError {
  let rest = at;
  const place = dims.map((_, axis) => {
    const below = sizeOf(dims.slice(axis + 1));
    const index = Math.floor(rest / below);
    rest -= index * below;
    return index;
  });
  const where = place.length > 0 ? ` at [${place.join(', ')}]` : '';
  return invalid(`Incompatible value for input '${input.name}'${where}: ${shown(cell)} is not of type ${input.type}.`);
}

type Cell = number | bigint | string;
type ReadCell = (value: unknown, reading: Reading) => Cell | undefined;

const CELLS: Record<ElementType, ReadCell> = {
  float32: real,
  float64: real,
  float16: (value, reading) => {
    const number = real(value, reading);
    return number === undefined ? undefined : toHalf(number);
  },
  int8: integer(-(2n ** 7n), 2n ** 7n),
  int16: integer(-(2n ** 15n), 2n ** 15n),
  int32: integer(-(2n ** 31n), 2n ** 31n),
  int64: long(-(2n ** 63n), 2n ** 63n),
  uint8: integer(0n, 2n ** 8n),
  uint16: integer(0n, 2n ** 16n),
  uint32: integer(0n, 2n ** 32n),
  uint64: long(0n, 2n ** 64n),
  bool: truth,
  // No number: JSON's 1 and 1.0 are the same here, and two texts in Python.
  string: (value) => (typeof value === 'string' ? value : undefined),
};

/** What pandas takes for a missing value when it reads CSV (`pandas._libs.parsers.STR_NA_VALUES`). */
const MISSING = new Set(
  [
    '',
    '#N/A',
    '#N/A N/A',
    '#NA',
    '-1.#IND',
    '-1.#QNAN',
    '-NaN',
    '-nan',
    '1.#IND',
    '1.#QNAN',
    '<NA>',
    'N/A',
    'NA',
  ].concat(['NULL', 'NaN', 'None', 'n/a', 'nan', 'null']),
);

const DECIMAL = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*$/;
const INFINITE = /^\s*([+-]?)inf(?:inity)?\s*$/i;

/** The number a text writes, or undefined. */
export function numberOf(text: string): number | undefined {
  if (DECIMAL.test(text)) return Number(text);
  const infinite = INFINITE.exec(text);
  if (infinite) return infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return MISSING.has(text.trim()) && text.trim() !== '' ? Number.NaN : undefined;
}

function real(value: unknown, reading: Reading): number | undefined {
  if (typeof value === 'number') return value;
  if (value === null || value === undefined) return Number.NaN;
  if (typeof value === 'bigint') return Number(value);
  if (reading === 'strict') return undefined;
  if (typeof value === 'boolean') return Number(value);
  if (typeof value !== 'string') return undefined;
  return reading === 'text' && MISSING.has(value.trim()) ? Number.NaN : numberOf(value);
}

/** An integer of up to 32 bits. */
function integer(least: bigint, end: bigint): ReadCell {
  const read = long(least, end);
  const low = Number(least);
  const high = Number(end);
  return (value, reading) => {
    if (typeof value === 'number') return Number.isInteger(value) && value >= low && value < high ? value : undefined;
    const found = read(value, reading);
    return found === undefined ? undefined : Number(found);
  };
}

function long(least: bigint, end: bigint): (value: unknown, reading: Reading) => bigint | undefined {
  return (value, reading) => {
    const found = wholeNumber(value, reading);
    return found !== undefined && found >= least && found < end ? found : undefined;
  };
}

function wholeNumber(value: unknown, reading: Reading): bigint | undefined {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : undefined;
  if (typeof value === 'bigint') return value;
  if (reading === 'strict') return undefined;
  if (typeof value === 'boolean') return BigInt(value);
  if (typeof value !== 'string') return undefined;
  if (/^\s*[+-]?\d+\s*$/.test(value)) return BigInt(value.trim().replace(/^\+/, ''));
  const number = numberOf(value);
  return number !== undefined && Number.isInteger(number) ? BigInt(number) : undefined;
}

const TRUTHS: Partial<Record<string, number>> = { true: 1, false: 0, '1': 1, '0': 0 };

function truth(value: unknown, reading: Reading): number | undefined {
  if (typeof value === 'boolean') return Number(value);
  if (reading === 'strict') return undefined;
  if (value === 0 || value === 1) return value;
  return reading === 'text' && typeof value === 'string' ? TRUTHS[value.trim().toLowerCase()] : undefined;
}
