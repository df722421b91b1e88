/**
 * What an event file says: scalars, and the parameters of the hparams plugin. Field numbers are those of `event.proto`, `summary.proto`
 * and `tensor.proto` of TensorFlow, and of `plugin_data.proto` of TensorBoard's hparams plugin.
 */
import { Message } from './message.js';

export interface Scalar {
  readonly tag: string;
  readonly value: number;
  readonly step: number;
  /** ms since the epoch. */
  readonly timestamp: number;
}

/** What is read of a folder's events, one after the other. */
export interface EventSink {
  scalar(scalar: Scalar): void;
  param(key: string, value: string): void;
  /** How the session ended, as the hparams plugin says. */
  ended(isFailure: boolean): void;
  /** Something that is no scalar: an image, a histogram, text. */
  other(kind: string): void;
}

/** `DataType` of `types.proto`: how a scalar lies in `tensor_content`, and the field of `TensorProto` it may lie in instead. */
const DATA_TYPES: Partial<Record<number, readonly [field: number, kind: 'float' | 'double' | 'varint', read: Read]>> = {
  1: [5, 'float', (view) => view.getFloat32(0, true)],
  2: [6, 'double', (view) => view.getFloat64(0, true)],
  3: [7, 'varint', (view) => view.getInt32(0, true)],
  4: [7, 'varint', (view) => view.getUint8(0)],
  5: [7, 'varint', (view) => view.getInt16(0, true)],
  6: [7, 'varint', (view) => view.getInt8(0)],
  9: [10, 'varint', (view) => Number(view.getBigInt64(0, true))],
  10: [11, 'varint', (view) => view.getUint8(0)],
  14: [13, 'varint', (view) => bfloat16(view.getUint16(0, true))],
  17: [7, 'varint', (view) => view.getUint16(0, true)],
  19: [13, 'varint', (view) => half(view.getUint16(0, true))],
  22: [16, 'varint', (view) => view.getUint32(0, true)],
  23: [17, 'varint', (view) => Number(view.getBigUint64(0, true))],
};
type Read = (view: DataView) => number;
const BFLOAT16 = 14;
const HALF = 19;

/** Reads the events of one folder: the plugin of a tag is said with its first value only. */
export class Events {
  readonly #plugins = new Map<string, string>();

  constructor(private readonly sink: EventSink) {}

  /** Throws an Error when the bytes are no event. */
  read(record: Uint8Array): void {
    const event = new Message(record);
    let wallTime = 0;
    let step = 0;
    let summary: Message | undefined;
    while (event.next()) {
      if (event.field === 1) wallTime = event.number();
      else if (event.field === 2) step = event.number();
      else if (event.field === 5) summary = event.message();
    }
    while (summary?.next()) if (summary.field === 1) this.#value(summary.message(), step, Math.round(wallTime * 1000));
  }

  #value(value: Message, step: number, timestamp: number): void {
    let tag = '';
    let simple: number | undefined;
    let tensor: Message | undefined;
    let metadata: Message | undefined;
    let kind: string | undefined;
    while (value.next()) {
      if (value.field === 1) tag = value.text();
      else if (value.field === 2) simple = value.number();
      else if (value.field === 8) tensor = value.message();
      else if (value.field === 9) metadata = value.message();
      else kind = OTHERS[value.field] ?? kind;
    }
    if (metadata) this.#metadata(metadata, tag);
    const plugin = this.#plugins.get(tag);
    const isScalar = plugin === undefined || plugin === '' || plugin === 'scalars';
    const number = simple ?? (tensor && isScalar ? scalarOf(tensor) : undefined);
    if (number !== undefined) this.sink.scalar({ tag, value: number, step, timestamp });
    else if (plugin !== 'hparams' && (tensor || kind)) this.sink.other(plugin || (kind ?? 'tensors'));
  }

  #metadata(metadata: Message, tag: string): void {
    while (metadata.next()) {
      if (metadata.field !== 1) continue;
      const plugin = metadata.message();
      let name = '';
      let content: Message | undefined;
      while (plugin.next()) {
        if (plugin.field === 1) name = plugin.text();
        else if (plugin.field === 2) content = plugin.message();
      }
      this.#plugins.set(tag, name);
      if (name === 'hparams' && content) this.#hparams(content);
    }
  }

  #hparams(data: Message): void {
    while (data.next()) {
      const session = data.message();
      if (data.field === 3) {
        while (session.next()) if (session.field === 1) this.#hparam(session.message());
      } else if (data.field === 4) {
        while (session.next()) if (session.field === 1) this.sink.ended(session.number() === STATUS_FAILURE);
      }
    }
  }

  #hparam(entry: Message): void {
    let key = '';
    let value = '';
    while (entry.next()) {
      if (entry.field === 1) key = entry.text();
      else if (entry.field === 2) value = valueText(entry.message());
    }
    if (key !== '') this.sink.param(key, value);
  }
}

const STATUS_FAILURE = 2;

/** Of `Summary.Value`. */
const OTHERS: Partial<Record<number, string>> = { 3: 'histograms', 4: 'images', 5: 'histograms', 6: 'audio' };

/** A `google.protobuf.Value`. */
function valueText(value: Message): string {
  let text = '';
  while (value.next()) {
    if (value.field === 2) text = String(value.number());
    else if (value.field === 3) text = value.text();
    else if (value.field === 4) text = value.number() === 0 ? 'false' : 'true';
  }
  return text;
}

/** The one element of a tensor; undefined when it has several, or is of a type that is no number. */
function scalarOf(tensor: Message): number | undefined {
  let type = 0;
  let content = new Uint8Array(0) as Uint8Array;
  const fields = new Map<number, Message | number[]>();
  let elements = 1;
  while (tensor.next()) {
    if (tensor.field === 1) type = tensor.number();
    else if (tensor.field === 2) elements = elementsOf(tensor.message());
    else if (tensor.field === 4) content = tensor.content();
    else {
      const kind = Object.values(DATA_TYPES).find((each) => each?.[0] === tensor.field)?.[1];
      if (kind) fields.set(tensor.field, tensor.numbers(kind));
    }
  }
  const known = DATA_TYPES[type];
  if (!known || elements !== 1) return undefined;
  const [field, , read] = known;
  if (content.length > 0) return read(new DataView(content.buffer, content.byteOffset, content.byteLength));
  const [value = 0] = (fields.get(field) as number[] | undefined) ?? [];
  if (type === HALF) return half(value);
  return type === BFLOAT16 ? bfloat16(value) : value;
}

function elementsOf(shape: Message): number {
  let elements = 1;
  while (shape.next()) {
    if (shape.field !== 2) continue;
    const dimension = shape.message();
    let size = 0;
    while (dimension.next()) if (dimension.field === 1) size = dimension.number();
    elements *= size;
  }
  return elements;
}

/** IEEE 754 of 16 bits. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The upper half of a float of 32 bits. */
function bfloat16(bits: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint16(0, bits);
  return view.getFloat32(0);
}
