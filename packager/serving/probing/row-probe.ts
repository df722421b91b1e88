/**
 * Finds out whether requests may share a run. That axis 0 is free proves nothing: a mean over it, a recurrent state or a
 * sort mixes the rows. So some rows are run alone and together, and must give the same.
 */
import type { TensorInfo } from '../../../client/onnx/graph.js';
import { type Feeds, type Run, rowsOf, slice } from '../engine/batch.js';
import { blank, fromHalf, type Output, sizeOf, type Tensor, toHalf } from '../tensor.js';

/** Whether requests are joined, and why or why not. */
export interface Batching {
  readonly on: boolean;
  readonly reason: string;
}

export interface Probed {
  readonly inputs: readonly TensorInfo[];
  /** Names of outputs whose axis 0 the graph fixes. */
  readonly fixedOutputs: readonly string[];
  /** The model's input example as the graph takes it. */
  readonly example: Feeds | undefined;
}

/** More rows than the widest block of a matrix kernel, and not a multiple of one. */
const ROWS = 9;
/** For a model whose one inference takes longer than this, milliseconds: the probe is part of its start. */
const SLOW_RUN = 50;
const ROWS_OF_SLOW = 3;
/** Lengths for free axes below axis 0: sequences, then images. The first that the graph takes is used. */
const FREE_LENGTHS = [4, 32, 224];
/** Rows of several sizes: some functions are flat beyond 10, and some trees split at hundreds. */
const SCALES = [1, 100, 0.1, 10];

export async function probeRows({ inputs, fixedOutputs, example }: Probed, run: Run): Promise<Batching> {
  const fixed = inputs.find(({ shape }) => shape?.[0] !== -1);
  if (fixed) return off(`the first axis of input '${fixed.name}' is not free`);
  if (fixedOutputs.length > 0) return off(`the first axis of output '${fixedOutputs[0]}' is not free`);
  if (example && (rowsOf(example) ?? 1) > 1) {
    return compare(example, Math.min(rowsOf(example) as number, ROWS), run, 'the rows of the input example');
  }
  const discrete = inputs.find(({ type }) => !isContinuous(type));
  if (discrete) {
    return off(
      `random values are no valid ${discrete.type} input '${discrete.name}', and no input example has more rows`,
    );
  }
  for (const length of freeLengths(inputs)) {
    const start = performance.now();
    const first = await run(randomRows(inputs, 1, length)).catch(() => undefined);
    if (!first) continue;
    const rows = performance.now() - start > SLOW_RUN ? ROWS_OF_SLOW : ROWS;
    return compare(randomRows(inputs, rows, length), rows, run, 'random rows');
  }
  return off('the graph refuses random rows');
}

/** Whether any value of the type is likely valid. */
export const isContinuous = (type: string) => /^(float|bool)/.test(type);

const off = (reason: string): Batching => ({ on: false, reason });

/** Lengths worth trying for the inputs' free axes below axis 0. */
export const freeLengths = (inputs: readonly TensorInfo[]) =>
  inputs.some(({ shape }) => shape?.includes(-1, 1)) ? FREE_LENGTHS : FREE_LENGTHS.slice(0, 1);

async function compare(feeds: Feeds, rows: number, run: Run, which: string): Promise<Batching> {
  try {
    const together = await run(part(feeds, 0, rows));
    const alone: Output[][] = [];
    for (let row = 0; row < rows; row++) alone.push(await run(part(feeds, row, row + 1)));
    for (const [index, { name, tensor }] of together.entries()) {
      if (tensor.dims[0] !== rows) return off(`output '${name}' does not have one row for each row of the inputs`);
      const own = alone.map((outputs) => (outputs[index] as Output).tensor);
      if (!own.every((each, row) => isSame(each, slice(tensor, row, row + 1)))) {
        return off(`output '${name}' differs between ${which} run together and alone`);
      }
    }
    const telling = together.some((_, index) => {
      const [first, ...others] = alone.map((outputs) => (outputs[index] as Output).tensor);
      return others.some((other) => !isSame(other, first as Tensor));
    });
    return telling
      ? { on: true, reason: `${which} give the same together and alone` }
      : off(`${which} all give the same: that shows nothing`);
  } catch {
    return off(`the graph refuses ${which}`);
  }
}

function part(feeds: Feeds, start: number, end: number): Feeds {
  return Object.fromEntries(Object.entries(feeds).map(([name, tensor]) => [name, slice(tensor, start, end)]));
}

/** How far floats may be apart: a part of the second's size, and a part of the largest in its tensor. */
export interface Tolerance {
  readonly relative: number;
  readonly ofLargest: number;
}

const STRICT: Tolerance = { relative: 1e-6, ofLargest: 0 };

/** Floats within the tolerance (by default 1e-6 of their size), everything else exactly. */
export function isSame(one: Tensor, other: Tensor, { relative, ofLargest }: Tolerance = STRICT): boolean {
  if (one.dims.join() !== other.dims.join()) return false;
  const read = one.type === 'float16' ? (bits: unknown) => fromHalf(bits as number) : (value: unknown) => value;
  const exact = !one.type.startsWith('float');
  const slack = ofLargest * (exact || ofLargest === 0 ? 0 : largest(other, read));
  for (let at = 0; at < one.data.length; at++) {
    const a = read(one.data[at]);
    const b = read(other.data[at]);
    if (Object.is(a, b) || a === b) continue;
    if (exact || !(Math.abs((a as number) - (b as number)) <= relative * Math.abs(b as number) + slack)) return false;
  }
  return true;
}

/** The size of a tensor's largest finite number. */
function largest({ data }: Tensor, read: (value: unknown) => unknown): number {
  let size = 0;
  for (const each of data) {
    const value = Math.abs(read(each) as number);
    if (value > size && value < Number.POSITIVE_INFINITY) size = value;
  }
  return size;
}

/**
 * Random numbers for every input, its free axes of these lengths. They are the same for every start of a model: whether it
 * batches must not be chance. Of integers and texts, of which few are valid, all are 0 and empty.
 */
export function randomRows(inputs: readonly TensorInfo[], rows: number, freeLength: number): Feeds {
  const random = generator();
  return Object.fromEntries(
    inputs.map(({ name, type, shape = [] }) => {
      const dims = shape.map((length, axis) => (length !== -1 ? length : axis === 0 ? rows : freeLength));
      const blanks = blank(type, sizeOf(dims));
      if (!isContinuous(type)) return [name, { type, dims, data: blanks }];
      const data = blanks as Float32Array;
      const width = data.length / (dims[0] ?? 1);
      for (let at = 0; at < data.length; at++) {
        const value = (random() * 4 - 2) * (SCALES[Math.floor(at / width) % SCALES.length] as number);
        data[at] = type === 'bool' ? Number(value > 0) : type === 'float16' ? toHalf(value) : value;
      }
      return [name, { type, dims, data }];
    }),
  );
}

/** Numbers from 0 to 1 (the linear congruence of Numerical Recipes). */
function generator(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
