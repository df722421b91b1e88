/**
 * The outline of an ONNX file: the model less its nodes and weights, read without the weights ever being in memory, so that a file of
 * gigabytes costs kilobytes. What it keeps is what signature and weight files are read from (`client/onnx/graph.ts`).
 */
import { type FileHandle, open } from 'node:fs/promises';
import { GRAPH } from '../../onnx/graph.js';
import { concat, lengthDelimited } from '../../onnx/wire.js';

/** What is kept of a message: fields whole, or in part by rules of their own; fields that are not named are passed over. */
type Rules = ReadonlyMap<number, Rules | 'whole'>;

/** Name, external data and where the data lies; not the data. */
const TENSOR: Rules = new Map([8, 13, 14].map((number) => [number, 'whole']));
const GRAPH_RULES: Rules = new Map<number, Rules | 'whole'>([
  [GRAPH.initializer, TENSOR],
  [GRAPH.sparseInitializer, new Map([[1, TENSOR]])],
  [GRAPH.input, 'whole'],
  [GRAPH.output, 'whole'],
]);
const MODEL: Rules = new Map([[7, GRAPH_RULES]]);

/** Rejects with an Error when the file is no protobuf message, or cannot be read. */
export async function outlineOf(file: string): Promise<Uint8Array> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    return await outlined(new Reader(handle, size), size, MODEL);
  } finally {
    await handle.close();
  }
}

async function outlined(reader: Reader, end: number, rules: Rules): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  while (reader.at < end) {
    const tag = await reader.varint();
    const number = Math.floor(tag / 8);
    const wire = tag % 8;
    if (number === 0) throw malformed();
    if (wire === 0) await reader.varint();
    else if (wire === 2) {
      const length = await reader.varint();
      const last = reader.at + length;
      if (last > end) throw malformed();
      const rule = rules.get(number);
      if (rule === 'whole') parts.push(lengthDelimited(number, await reader.bytes(length)));
      else if (rule) parts.push(lengthDelimited(number, await outlined(reader, last, rule)));
      reader.at = last;
    } else if (wire === 1 || wire === 5) reader.at += wire === 1 ? 8 : 4;
    else throw malformed();
  }
  if (reader.at !== end) throw malformed();
  return concat(parts);
}

const malformed = () => new Error('not a protobuf message');

/** Reads ahead a window at a time; where it is passed by, what lies between is never read. */
class Reader {
  at = 0;
  #window: Buffer = Buffer.alloc(0);
  #from = 0;

  constructor(
    private readonly handle: FileHandle,
    private readonly size: number,
  ) {}

  async bytes(length: number): Promise<Uint8Array> {
    if (this.at + length > this.size) throw malformed();
    if (this.at < this.#from || this.at + length > this.#from + this.#window.length) {
      const ahead = Buffer.alloc(Math.min(Math.max(length, WINDOW), this.size - this.at));
      await readAll(this.handle, ahead, this.at);
      this.#window = ahead;
      this.#from = this.at;
    }
    const start = this.at - this.#from;
    this.at += length;
    return this.#window.subarray(start, start + length);
  }

  async varint(): Promise<number> {
    let value = 0;
    for (let scale = 1; scale < 2 ** 70; scale *= 128) {
      const [byte = 0] = await this.bytes(1);
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    throw malformed();
  }
}

const WINDOW = 64 * 1024;

async function readAll(handle: FileHandle, into: Buffer, position: number): Promise<void> {
  for (let done = 0; done < into.length; ) {
    const { bytesRead } = await handle.read(into, done, into.length - done, position + done);
    if (bytesRead === 0) throw malformed();
    done += bytesRead;
  }
}
