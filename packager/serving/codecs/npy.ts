/**
 * `application/x-npy` in: numpy's file of one array, versions 1.0 to 3.0. Arrays of Python objects are refused: they are pickles.
 * Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
import { MltrackError } from '../../../api/errors.js';
import type { ElementType } from '../../../client/onnx/graph.js';
import {
  elementsIn,
  itemSize,
  type NumericArray,
  type NumericType,
  shapeText,
  sizeOf,
  type Tensor,
} from '../tensor.js';
import type { Codec } from './codec.js';
import type { Dialect } from './dialect.js';
import { mlflowJson } from './mlflow-json.js';

const bad = (reason: string) =>
  new MltrackError('BAD_REQUEST', `Invalid input. Ensure that input is a file of numpy.save: ${reason}.`);

export const npy: Codec<Extract<Dialect, { codec: 'npy' }>> = {
  decode: (body) => ({ kind: 'array', array: readNpy(body) }),
  encode: mlflowJson.encode,
};

/** Throws BAD_REQUEST with the reason. Numbers in this machine's order share the file's memory. */
function readNpy(file: Uint8Array): Tensor {
  const { descr, fortran, shape, end } = readHeader(file);
  const dtype = dtypeOf(descr);
  const bytes = file.subarray(end);
  const expected = sizeOf(shape) * dtype.size;
  if (bytes.length !== expected) {
    throw bad(
      `its header says shape ${shapeText(shape)} of '${descr}', which is ${expected} bytes, and ${bytes.length} follow`,
    );
  }
  const data = dtype.read(bytes);
  return { type: dtype.type, dims: shape, data: fortran && shape.length > 1 ? rowMajor(data, shape) : data };
}

interface Header {
  /** The element type as numpy writes it: `<f4`. */
  readonly descr: string;
  /** Whether the first axis varies fastest. */
  readonly fortran: boolean;
  readonly shape: readonly number[];
  /** Where the elements begin. */
  readonly end: number;
}

/** The headers of arrays are shorter, and numpy reads no longer one either. */
const MAX_HEADER = 10_000;
const MAX_RANK = 64;
const MAGIC = [0x93, ...new TextEncoder().encode('NUMPY')];

function readHeader(file: Uint8Array): Header {
  if (!MAGIC.every((byte, at) => file[at] === byte)) throw bad('it does not begin with the bytes \\x93NUMPY');
  const [major = 0, minor = 0] = file.subarray(6, 8);
  if (major < 1 || major > 3 || minor !== 0) throw bad(`its version is ${major}.${minor}, known are 1.0, 2.0 and 3.0`);
  const start = major === 1 ? 10 : 12;
  if (file.length < start) throw bad('it ends within its header');
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const end = start + (major === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (end > file.length)
    throw bad(`its header is ${end - start} bytes long, of which ${file.length - start} are there`);
  if (end - start > MAX_HEADER) throw bad(`its header is ${end - start} bytes long, at most ${MAX_HEADER} are read`);
  return { ...parseHeader(new TextDecoder('latin1').decode(file.subarray(start, end))), end };
}

/** One `'key': value` of the Python dictionary that a header is, as `numpy.save` writes them. */
const ENTRY = /\s*(?:'(\w+)'|"(\w+)")\s*:\s*(?:'([^'\\]*)'|"([^"\\]*)"|(True|False)|\(([\d,\s]*)\))\s*(?:,|(?=\}))/y;
const FORM = "a dictionary with 'descr' (text), 'fortran_order' (True or False) and 'shape' (a tuple)";

function parseHeader(text: string): Omit<Header, 'end'> {
  const malformed = () => bad(`its header is not ${FORM}: ${JSON.stringify(text.trim().slice(0, 200))}`);
  const dictionary = text.trim();
  if (!dictionary.startsWith('{') || !dictionary.endsWith('}')) throw malformed();
  const values = new Map<string, string | boolean | readonly number[]>();
  ENTRY.lastIndex = 1;
  while (dictionary.slice(ENTRY.lastIndex).trim() !== '}') {
    const found = ENTRY.exec(dictionary);
    if (!found) throw malformed();
    const [, single, double, one, two, truth, tuple] = found;
    const value = truth ? truth === 'True' : (one ?? two ?? tupleOf(tuple as string));
    if (value !== undefined) values.set((single ?? double) as string, value);
  }
  const descr = values.get('descr');
  const fortran = values.get('fortran_order');
  const shape = values.get('shape');
  if (values.size !== 3 || typeof descr !== 'string' || typeof fortran !== 'boolean' || !Array.isArray(shape)) {
    throw malformed();
  }
  if (shape.length > MAX_RANK) throw bad(`its shape has ${shape.length} axes, at most ${MAX_RANK} are read`);
  if (!Number.isSafeInteger(sizeOf(shape)) || !shape.every(Number.isSafeInteger)) {
    throw bad(`its shape ${shapeText(shape)} is too large`);
  }
  return { descr, fortran, shape };
}

const TUPLE = /^\s*(?:|\d+\s*,|\d+\s*(?:,\s*\d+\s*)+,?)\s*$/;

function tupleOf(text: string): number[] | undefined {
  return TUPLE.test(text) ? (text.match(/\d+/g) ?? []).map(Number) : undefined;
}

interface Dtype {
  readonly type: ElementType;
  /** Bytes of an element. */
  readonly size: number;
  read(bytes: Uint8Array): NumericArray | string[];
}

const NUMERIC: Partial<Record<string, NumericType>> = {
  b1: 'bool',
  i1: 'int8',
  i2: 'int16',
  i4: 'int32',
  i8: 'int64',
  u1: 'uint8',
  u2: 'uint16',
  u4: 'uint32',
  u8: 'uint64',
  f2: 'float16',
  f4: 'float32',
  f8: 'float64',
};

function dtypeOf(descr: string): Dtype {
  const [, order, kind = '', length = ''] = /^([<>|=])([A-Za-z])(\d{0,9})$/.exec(descr) ?? [];
  const swapped = order === '>';
  const type = NUMERIC[kind + length];
  if (type) return { type, size: Number(length), read: (bytes) => readNumbers(type, bytes, swapped) };
  const size = Number(length);
  if (kind === 'S' && size > 0) return { type: 'string', size, read: (bytes) => readByteTexts(bytes, size) };
  if (kind === 'U' && size > 0) {
    return { type: 'string', size: size * 4, read: (bytes) => readTexts(bytes, size, swapped) };
  }
  if (kind === 'O')
    throw bad("its elements are Python objects ('|O'), which are not read: save them as numbers or text");
  throw bad(`its element type is '${descr}', known are bool, int, uint and float of up to 64 bits, 'S' and 'U'`);
}

function readNumbers(type: NumericType, bytes: Uint8Array, swapped: boolean): NumericArray {
  const data = elementsIn(type, swapped ? byteSwapped(bytes, itemSize(type)) : bytes);
  if (type === 'bool' && (data as Uint8Array).some((byte) => byte > 1)) throw bad('a bool is neither 0 nor 1');
  return data;
}

function byteSwapped(bytes: Uint8Array, size: number): Uint8Array {
  const copy = Buffer.from(bytes.slice().buffer);
  if (size === 2) return copy.swap16();
  if (size === 4) return copy.swap32();
  return size === 8 ? copy.swap64() : copy;
}

/** Elements of a fixed number of bytes, filled up with NUL. */
function readByteTexts(bytes: Uint8Array, size: number): string[] {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  return Array.from({ length: bytes.length / size }, (_, index) => {
    const element = bytes.subarray(index * size, (index + 1) * size);
    let end = size;
    while (end > 0 && element[end - 1] === 0) end--;
    try {
      return decoder.decode(element.subarray(0, end));
    } catch {
      throw bad(`the text of element ${index} is not UTF-8`);
    }
  });
}

/** Elements of a fixed number of code points, each in 4 bytes, filled up with NUL. */
function readTexts(bytes: Uint8Array, length: number, swapped: boolean): string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length / (length * 4) }, (_, index) => {
    let text = '';
    for (let at = 0; at < length; at++) {
      const code = view.getUint32((index * length + at) * 4, !swapped);
      if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
        throw bad(`the text of element ${index} has no Unicode character at ${at}`);
      text += String.fromCodePoint(code);
    }
    return text.replace(/\0+$/, '');
  });
}

/** Elements whose first axis varies fastest to elements whose last does. */
function rowMajor(data: NumericArray | string[], shape: readonly number[]): NumericArray | string[] {
  const strides = shape.map((_, axis) => sizeOf(shape.slice(0, axis)));
  const ordered = data.slice() as string[];
  let at = 0;
  const copy = (axis: number, from: number): void => {
    for (let index = 0; index < (shape[axis] as number); index++) {
      const source = from + index * (strides[axis] as number);
      if (axis < shape.length - 1) copy(axis + 1, source);
      else ordered[at++] = data[source] as string;
    }
  };
  copy(0, 0);
  return ordered;
}
