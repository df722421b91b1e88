/**
 * JSON bytes to values without a text in between, for what requests mostly are: objects whose values are lists of numbers, of all
 * the same shape. Anything else is left to `read-json.ts`, which reads all of JSON, and knows why a body is none.
 */
import { Numbers, Records } from '../numbers.js';
import { DecimalReader } from './decimal.js';

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Deeper lists are no tensor. */
const MAX_RANK = 64;
/** Objects in objects: inputs by name, a frame's parts, tensors with their parameters. */
const MAX_DEPTH = 4;
/** Names are short; a longer text is not what is meant to be fast here. */
const MAX_TEXT = 1024;

/** Thrown to give up: the body is not of the plain kind. */
const NOT_PLAIN = new Error('not plain');

/** The value, with `Numbers` and `Records` for lists; undefined for a body that is not of the plain kind. */
export function scanJson(bytes: Uint8Array): unknown {
  try {
    return new Scanner(bytes).whole();
  } catch (error) {
    if (error === NOT_PLAIN) return undefined;
    throw error;
  }
}

/** Where numbers are gathered; kept from body to body, as a thread reads one at a time. */
let room = new Float64Array(4096);

class Scanner {
  readonly #bytes: Uint8Array;
  readonly #decimals: DecimalReader;
  #at = 0;
  #count = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#decimals = new DecimalReader(bytes);
  }

  whole(): unknown {
    const value = this.#value(0);
    if (this.#peek() !== undefined) throw NOT_PLAIN;
    return value;
  }

  /** The next byte that is no white space; undefined at the end. */
  #peek(): number | undefined {
    const bytes = this.#bytes;
    for (; this.#at < bytes.length; this.#at++) {
      const byte = bytes[this.#at] as number;
      if (byte > 0x20 || !(byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09)) return byte;
    }
    return undefined;
  }

  #take(byte: number): void {
    if (this.#peek() !== byte) throw NOT_PLAIN;
    this.#at++;
  }

  /** Whether the list or object goes on after an element. */
  #more(close: number): boolean {
    const byte = this.#peek();
    this.#at++;
    if (byte === COMMA) return true;
    if (byte === close) return false;
    throw NOT_PLAIN;
  }

  #object(depth: number): Record<string, unknown> {
    const found: Record<string, unknown> = {};
    this.#take(OPEN_OBJECT);
    do {
      const key = this.#text();
      // Of a key given twice the last value counts, and `__proto__` must become a key as JSON.parse makes it one.
      if (Object.hasOwn(found, key) || key === '__proto__') throw NOT_PLAIN;
      this.#take(COLON);
      found[key] = this.#value(depth + 1);
    } while (this.#more(CLOSE_OBJECT));
    return found;
  }

  #value(depth: number): unknown {
    const byte = this.#peek();
    if (byte === OPEN_LIST) return this.#list(depth);
    if (byte === OPEN_OBJECT && depth < MAX_DEPTH) return this.#object(depth);
    if (byte === QUOTE) return this.#text();
    return this.#scalar();
  }

  /** A short string of printable ASCII, without escapes. */
  #text(): string {
    this.#take(QUOTE);
    const bytes = this.#bytes;
    const start = this.#at;
    for (let byte = bytes[this.#at]; byte !== QUOTE; byte = bytes[++this.#at]) {
      if (byte === undefined || byte === BACKSLASH || byte < 0x20 || byte >= 0x80) throw NOT_PLAIN;
      if (this.#at - start > MAX_TEXT) throw NOT_PLAIN;
    }
    return String.fromCharCode(...bytes.subarray(start, this.#at++));
  }

  #list(depth: number): unknown {
    const start = this.#at++;
    const first = this.#peek();
    this.#at = start;
    this.#count = 0;
    if (first === QUOTE) return this.#texts();
    if (first !== OPEN_OBJECT) return this.#numbers();
    try {
      return this.#records();
    } catch (error) {
      if (error !== NOT_PLAIN || depth >= MAX_DEPTH) throw error;
      this.#at = start;
      return this.#objects(depth);
    }
  }

  #objects(depth: number): unknown[] {
    const objects: unknown[] = [];
    this.#take(OPEN_LIST);
    do objects.push(this.#object(depth));
    while (this.#more(CLOSE_LIST));
    return objects;
  }

  #texts(): string[] {
    const texts: string[] = [];
    this.#take(OPEN_LIST);
    do texts.push(this.#text());
    while (this.#more(CLOSE_LIST));
    return texts;
  }

  #scalar(): number {
    this.#peek();
    const value = this.#decimals.read(this.#at);
    if (Number.isNaN(value)) throw NOT_PLAIN;
    this.#at = this.#decimals.end;
    return value;
  }

  #number(): void {
    const value = this.#scalar();
    if (this.#count === room.length) grow();
    room[this.#count++] = value;
  }

  #gathered(dims: readonly number[]): Numbers {
    return new Numbers(dims, room.slice(0, this.#count));
  }

  #numbers(): Numbers {
    const dims: number[] = [];
    while (this.#peek() === OPEN_LIST) {
      this.#at++;
      if (dims.push(0) > MAX_RANK) throw NOT_PLAIN;
    }
    this.#innermost(dims);
    /** Lists that were ended at each depth. */
    const ended = dims.map(() => 0);
    for (let axis = dims.length - 2; axis >= 0; ) {
      ended[axis] = (ended[axis] as number) + 1;
      if (this.#more(CLOSE_LIST)) {
        // The next part: as deep as the first.
        for (; axis < dims.length - 1; axis++) this.#take(OPEN_LIST);
        this.#innermost(dims);
        axis = dims.length - 2;
      } else {
        this.#endAxis(dims, ended, axis);
        axis--;
      }
    }
    return this.#gathered(dims);
  }

  /** Numbers up to the end of their list. */
  #innermost(dims: number[]): void {
    const before = this.#count;
    do this.#number();
    while (this.#more(CLOSE_LIST));
    const axis = dims.length - 1;
    if (dims[axis] === 0) dims[axis] = this.#count - before;
    else if (dims[axis] !== this.#count - before) throw NOT_PLAIN;
  }

  #endAxis(dims: number[], ended: number[], axis: number): void {
    if (dims[axis] === 0) dims[axis] = ended[axis] as number;
    else if (dims[axis] !== ended[axis]) throw NOT_PLAIN;
    ended[axis] = 0;
  }

  #records(): Records {
    const keys: string[] = [];
    /** The bytes of the first record's keys, quotes included, which the others must repeat. */
    const names: Uint8Array[] = [];
    this.#take(OPEN_LIST);
    this.#take(OPEN_OBJECT);
    do {
      this.#peek();
      const start = this.#at;
      const key = this.#text();
      if (keys.includes(key)) throw NOT_PLAIN;
      keys.push(key);
      names.push(this.#bytes.subarray(start, this.#at));
      this.#take(COLON);
      this.#number();
    } while (this.#more(CLOSE_OBJECT));
    let rows = 1;
    for (; this.#more(CLOSE_LIST); rows++) {
      this.#take(OPEN_OBJECT);
      for (const [index, name] of names.entries()) {
        if (index > 0) this.#take(COMMA);
        this.#same(name);
        this.#take(COLON);
        this.#number();
      }
      this.#take(CLOSE_OBJECT);
    }
    return new Records(keys, this.#gathered([rows, keys.length]));
  }

  #same(expected: Uint8Array): void {
    this.#peek();
    const bytes = this.#bytes;
    for (let index = 0; index < expected.length; index++) {
      if (bytes[this.#at + index] !== expected[index]) throw NOT_PLAIN;
    }
    this.#at += expected.length;
  }
}

function grow(): void {
  const larger = new Float64Array(room.length * 2);
  larger.set(room);
  room = larger;
}
