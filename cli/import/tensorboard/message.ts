/** The fields of a protobuf message, as plain numbers and views: event files hold millions of small ones. Source: https://protobuf.dev/programming-guides/encoding */

const decoder = new TextDecoder();

/** What was read of a field last; its value is read before the next `next`. */
export class Message {
  #at = 0;
  readonly #view: DataView;
  /** The number of the current field. */
  field = 0;
  #wire = 0;
  #start = 0;
  #value = 0;

  constructor(private readonly bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Goes to the next field; false at the end. Throws an Error when the bytes are no message. */
  next(): boolean {
    if (this.#at >= this.bytes.length) return false;
    const tag = this.#varint();
    this.field = Math.floor(tag / 8);
    this.#wire = tag & 7;
    this.#start = this.#at;
    if (this.#wire === 0) this.#value = this.#varint();
    else if (this.#wire === 1) this.#at += 8;
    else if (this.#wire === 5) this.#at += 4;
    else if (this.#wire === 2) {
      const length = this.#varint();
      this.#start = this.#at;
      this.#at += length;
    } else throw malformed();
    if (this.#at > this.bytes.length) throw malformed();
    return true;
  }

  /** A number: a signed varint, a float or a double, as the wire says. */
  number(): number {
    if (this.#wire === 0) return this.#value;
    if (this.#wire === 1) return this.#view.getFloat64(this.#start, true);
    return this.#wire === 5 ? this.#view.getFloat32(this.#start, true) : Number.NaN;
  }

  /** What lies in a field with a length. */
  content(): Uint8Array {
    return this.#wire === 2 ? this.bytes.subarray(this.#start, this.#at) : new Uint8Array(0);
  }

  text(): string {
    return decoder.decode(this.content());
  }

  message(): Message {
    return new Message(this.content());
  }

  /** Numbers of a repeated field, packed or one by one; their kind is the caller's knowledge. */
  numbers(kind: 'float' | 'double' | 'varint'): number[] {
    if (this.#wire !== 2) return [this.number()];
    const packed = new Message(this.content());
    const all: number[] = [];
    while (packed.#at < packed.bytes.length) {
      if (kind === 'varint') all.push(packed.#varint());
      else {
        const size = kind === 'float' ? 4 : 8;
        if (packed.#at + size > packed.bytes.length) throw malformed();
        all.push(
          kind === 'float' ? packed.#view.getFloat32(packed.#at, true) : packed.#view.getFloat64(packed.#at, true),
        );
        packed.#at += size;
      }
    }
    return all;
  }

  /** Signed: ten bytes are a negative number in two's complement. */
  #varint(): number {
    let value = 0;
    let scale = 1;
    for (let count = 0; count < 10; count++) {
      const byte = this.bytes[this.#at++];
      if (byte === undefined) throw malformed();
      if (byte < 0x80 && count < 9) return value + byte * scale;
      if (count === 9) return negative(this.bytes.subarray(this.#at - 10, this.#at));
      value += (byte & 0x7f) * scale;
      scale *= 128;
    }
    throw malformed();
  }
}

function negative(bytes: Uint8Array): number {
  const value = bytes.reduce((sum, byte, at) => sum | (BigInt(byte & 0x7f) << BigInt(7 * at)), 0n);
  return Number(BigInt.asIntN(64, value));
}

const malformed = () => new Error('not a protobuf message');
