/**
 * An inference request of the Open Inference Protocol: JSON, after which the binary tensor extension puts the tensors that the
 * JSON only announces. Sources: https://github.com/kserve/open-inference-protocol (REST),
 * https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_binary_data.md
 */
import { MltrackError } from '../../../api/errors.js';
import type { ElementType } from '../../../client/onnx/graph.js';
import { tensorOf } from '../cast.js';
import { readJson } from '../codecs/read-json.js';
import { isObject, kindOf, shown } from '../frame.js';
import { Numbers, Records, unpacked } from '../numbers.js';
import { elementsIn, itemSize, shapeText, sizeOf, type Tensor } from '../tensor.js';
import { DATATYPES, elementTypeOf } from './datatype.js';

export interface InferenceRequest {
  readonly id: string | undefined;
  readonly inputs: ReadonlyMap<string, Tensor>;
  /** The outputs that are asked for; undefined: all of them. */
  readonly outputs: readonly WantedOutput[] | undefined;
  /** Whether outputs are answered as bytes where none are named. */
  readonly binary: boolean;
}

export interface WantedOutput {
  readonly name: string;
  /** Whether it is answered as bytes. */
  readonly binary: boolean;
}

const bad = (message: string) => new MltrackError('BAD_REQUEST', message);

/**
 * `headerLength`: bytes of JSON at the body's beginning; undefined: all. Throws BAD_REQUEST or INVALID_PARAMETER_VALUE,
 * naming what is wrong. Numbers that are sent as bytes share the body's memory where they are aligned.
 */
export function readInferenceRequest(body: Uint8Array, headerLength = body.length): InferenceRequest {
  if (headerLength > body.length) {
    throw bad(`Inference-Header-Content-Length is ${headerLength}, the body has ${body.length} bytes.`);
  }
  const value = readJson(body.subarray(0, headerLength));
  if (!isObject(value)) throw bad(`An inference request must be a JSON object. Got ${kindOf(value)}.`);
  const { id, outputs } = value;
  if (id !== undefined && typeof id !== 'string') throw bad(`The 'id' must be a string. Got ${kindOf(id)}.`);
  const rest = { bytes: body.subarray(headerLength) };
  const inputs = inputsOf(listed(value.inputs), rest);
  if (rest.bytes.length > 0) {
    throw bad(`${rest.bytes.length} bytes follow the inputs: more than their 'binary_data_size' parameters say.`);
  }
  const binary = flag(parametersOf(value, 'The request'), 'binary_data_output', 'the request') ?? false;
  return { id, inputs, outputs: outputsOf(listed(outputs), binary), binary };
}

/** A list as JavaScript has it, however it was read. */
const listed = (value: unknown) => (value instanceof Records || value instanceof Numbers ? unpacked(value) : value);

/** What of the body is not read yet. */
interface Rest {
  bytes: Uint8Array;
}

function inputsOf(list: unknown, rest: Rest): Map<string, Tensor> {
  if (!Array.isArray(list)) throw bad(`The 'inputs' must be a list of tensors. Got ${kindOf(list)}.`);
  const inputs = new Map<string, Tensor>();
  for (const input of list) {
    if (!isObject(input) || typeof input.name !== 'string') {
      throw bad("Each of the 'inputs' must be an object with a 'name' (a string).");
    }
    if (inputs.has(input.name)) throw bad(`The input '${input.name}' is there twice.`);
    inputs.set(input.name, tensorIn(input.name, input, rest));
  }
  return inputs;
}

function tensorIn(name: string, input: Record<string, unknown>, rest: Rest): Tensor {
  const type = elementTypeOf(input.datatype);
  if (!type) {
    const known = Object.values(DATATYPES).join(', ');
    throw bad(`The 'datatype' of input '${name}' must be one of ${known}. Got ${shown(input.datatype)}.`);
  }
  const dims = shapeOf(name, listed(input.shape));
  const size = parametersOf(input, `Input '${name}'`).binary_data_size;
  if ((size === undefined) === (input.data === undefined)) {
    throw bad(`Input '${name}' must have either 'data' or a parameter 'binary_data_size'.`);
  }
  if (size === undefined) return fromJson(name, type, dims, input.data);
  return fromBytes(name, type, dims, take(name, size, rest));
}

function shapeOf(name: string, shape: unknown): number[] {
  const isLength = (length: unknown) => Number.isSafeInteger(length) && (length as number) >= 0;
  if (!Array.isArray(shape) || !shape.every(isLength) || !Number.isSafeInteger(sizeOf(shape))) {
    throw bad(`The 'shape' of input '${name}' must be a list of lengths. Got ${shown(shape)}.`);
  }
  return shape;
}

/** `data` is flat in row-major order, or nested as the shape says. */
function fromJson(name: string, type: ElementType, dims: readonly number[], data: unknown): Tensor {
  const tensor = tensorOf(data, { name, type, shape: undefined }, 'strict');
  const flat = tensor.dims.length === 1 && tensor.data.length === sizeOf(dims);
  // Of an axis without elements, nested lists do not say how long the axes below it are.
  const empty = tensor.data.length === 0 && sizeOf(dims) === 0;
  if (!flat && !empty && tensor.dims.join() !== dims.join()) {
    throw bad(
      `The 'data' of input '${name}' has shape ${shapeText(tensor.dims)}: not ${shapeText(dims)}, nor its ${sizeOf(dims)} elements in a row.`,
    );
  }
  return { ...tensor, dims };
}

function take(name: string, size: unknown, rest: Rest): Uint8Array {
  if (!Number.isSafeInteger(size) || (size as number) < 0) {
    throw bad(`The 'binary_data_size' of input '${name}' must be a number of bytes. Got ${shown(size)}.`);
  }
  if ((size as number) > rest.bytes.length) {
    throw bad(
      `The 'binary_data_size' of input '${name}' is ${size}, and ${rest.bytes.length} bytes are left after the first Inference-Header-Content-Length bytes and other inputs.`,
    );
  }
  const taken = rest.bytes.subarray(0, size as number);
  rest.bytes = rest.bytes.subarray(size as number);
  return taken;
}

function fromBytes(name: string, type: ElementType, dims: readonly number[], bytes: Uint8Array): Tensor {
  if (type === 'string') return { type, dims, data: textsIn(name, bytes, sizeOf(dims)) };
  const expected = sizeOf(dims) * itemSize(type);
  if (bytes.length !== expected) {
    throw bad(
      `Input '${name}' of shape ${shapeText(dims)} and datatype ${DATATYPES[type]} has ${expected} bytes. Got ${bytes.length}.`,
    );
  }
  const data = elementsIn(type, bytes);
  if (type === 'bool' && (data as Uint8Array).some((byte) => byte > 1)) {
    throw bad(`Input '${name}' has a BOOL that is neither 0 nor 1.`);
  }
  return { type, dims, data };
}

/** Each text is UTF-8 after its length in 4 bytes. */
function textsIn(name: string, bytes: Uint8Array, count: number): string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const texts: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const start = at + 4;
    const end = start <= bytes.length ? start + view.getUint32(at, true) : Number.POSITIVE_INFINITY;
    if (end > bytes.length) throw bad(`Element ${texts.length} of input '${name}' is longer than its bytes.`);
    try {
      texts.push(decoder.decode(bytes.subarray(start, end)));
    } catch {
      throw bad(`Element ${texts.length} of input '${name}' is not UTF-8.`);
    }
    at = end;
  }
  if (texts.length !== count) throw bad(`Input '${name}' must have ${count} elements. Got ${texts.length}.`);
  return texts;
}

function outputsOf(list: unknown, binary: boolean): WantedOutput[] | undefined {
  if (list === undefined || (Array.isArray(list) && list.length === 0)) return undefined;
  if (!Array.isArray(list)) throw bad(`The 'outputs' must be a list of what is wanted. Got ${kindOf(list)}.`);
  const wanted = new Map<string, WantedOutput>();
  for (const output of list) {
    if (!isObject(output) || typeof output.name !== 'string') {
      throw bad("Each of the 'outputs' must be an object with a 'name' (a string).");
    }
    const { name } = output;
    if (wanted.has(name)) throw bad(`The output '${name}' is asked for twice.`);
    const own = flag(parametersOf(output, `Output '${name}'`), 'binary_data', `output '${name}'`);
    wanted.set(name, { name, binary: own ?? binary });
  }
  return [...wanted.values()];
}

function parametersOf(object: Record<string, unknown>, what: string): Record<string, unknown> {
  const { parameters = {} } = object;
  if (!isObject(parameters)) throw bad(`${what} has 'parameters' that are no object. Got ${kindOf(parameters)}.`);
  return parameters;
}

function flag(parameters: Record<string, unknown>, name: string, what: string): boolean | undefined {
  const value = parameters[name];
  if (value === undefined || typeof value === 'boolean') return value;
  throw bad(`The parameter '${name}' of ${what} must be true or false. Got ${shown(value)}.`);
}
