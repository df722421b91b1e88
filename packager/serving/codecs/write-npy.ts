/** A tensor as numpy's file of one array, version 1.0; texts in a fixed width of code points. `npy.ts` names the source. */
import { MltrackError } from '../../../api/errors.js';
import { bytesOf, type NumericArray, type NumericType, shapeText, type Tensor } from '../tensor.js';

const DESCRIPTIONS: Record<NumericType, string> = {
  bool: '|b1',
  int8: '|i1',
  int16: '<i2',
  int32: '<i4',
  int64: '<i8',
  uint8: '|u1',
  uint16: '<u2',
  uint32: '<u4',
  uint64: '<u8',
  float16: '<f2',
  float32: '<f4',
  float64: '<f8',
};

/** The elements begin at a multiple of this. */
const ALIGNMENT = 64;
/** Magic, version and the length of the header. */
const PRELUDE = 10;

/** More code points than this are no sensible file: one long text makes all elements as long. */
const MAX_POINTS = 2 ** 26;

/** Throws BAD_REQUEST when texts need too much room. */
export function writeNpy({ type, dims, data }: Tensor): Uint8Array<ArrayBuffer> {
  if (type !== 'string') return fileOf(DESCRIPTIONS[type], dims, bytesOf(data as NumericArray));
  const texts = (data as string[]).map((text) => Array.from(text, (character) => character.codePointAt(0) as number));
  const length = texts.reduce((longest, codes) => Math.max(longest, codes.length), 1);
  if (texts.length * length > MAX_POINTS) {
    throw new MltrackError(
      'BAD_REQUEST',
      `${texts.length} texts of up to ${length} characters: accept application/json.`,
    );
  }
  const points = new Uint32Array(texts.length * length);
  for (const [index, codes] of texts.entries()) points.set(codes, index * length);
  return fileOf(`<U${length}`, dims, bytesOf(points));
}

function fileOf(descr: string, dims: readonly number[], elements: Uint8Array): Uint8Array<ArrayBuffer> {
  const header = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${shapeText(dims)}, }`;
  const start = Math.ceil((PRELUDE + header.length + 1) / ALIGNMENT) * ALIGNMENT;
  const file = new Uint8Array(start + elements.length);
  const text = `\x93NUMPY\x01\x00\x00\x00${header.padEnd(start - PRELUDE - 1)}\n`;
  for (let at = 0; at < start; at++) file[at] = text.charCodeAt(at);
  new DataView(file.buffer).setUint16(PRELUDE - 2, start - PRELUDE, true);
  file.set(elements, start);
  return file;
}
