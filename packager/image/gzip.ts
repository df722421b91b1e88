/**
 * gzip over several threads, with the same result whatever their number: blocks of 1 MiB are deflated side by side, each after
 * the last 32 KiB of the one before, as pigz does (https://zlib.net/pigz/). The result is one gzip member.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { crc32 } from 'node:zlib';
import type { Block } from './gzip-worker.js';

const BLOCK = 2 ** 20;
const WINDOW = 2 ** 15;
/** No name, no time, an unknown system. */
const HEADER = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff);
/** The end of a deflate stream: a last block that is empty. */
const LAST = Uint8Array.of(3, 0);

interface Waiting {
  readonly block: Block;
  resolve(deflated: Uint8Array): void;
  reject(reason: Error): void;
}

/** Threads that compress for several streams at once; they start when they are first needed. */
export class Compressor {
  readonly #most = availableParallelism();
  readonly #free: Worker[] = [];
  readonly #all: Worker[] = [];
  readonly #queue: Waiting[] = [];

  /** The chunks of a gzip file. Throws what `source` throws. */
  async *gzip(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const running: Promise<Uint8Array>[] = [];
    let before = new Uint8Array(0);
    let checksum = 0;
    let size = 0;
    yield HEADER;
    for await (const bytes of blocks(source)) {
      checksum = crc32(bytes, checksum);
      size += bytes.length;
      const next = bytes.slice(-WINDOW);
      const deflated = this.#deflate({ bytes, before });
      // One that fails is thrown when its turn comes.
      deflated.catch(() => {});
      running.push(deflated);
      before = next;
      if (running.length > 2 * this.#most) yield await (running.shift() as Promise<Uint8Array>);
    }
    for (const deflated of running) yield await deflated;
    const trailer = Buffer.alloc(8);
    trailer.writeUInt32LE(checksum, 0);
    trailer.writeUInt32LE(size % 2 ** 32, 4);
    yield Buffer.concat([LAST, trailer]);
  }

  /** Ends the threads. What still runs is lost. */
  async close(): Promise<void> {
    await Promise.all(this.#all.map((worker) => worker.terminate()));
  }

  #deflate(block: Block): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ block, resolve, reject });
      const worker = this.#free.pop() ?? this.#start();
      if (worker) this.#next(worker);
    });
  }

  #start(): Worker | undefined {
    if (this.#all.length >= this.#most) return undefined;
    const worker = new Worker(WORKER_FILE);
    this.#all.push(worker);
    return worker;
  }

  #next(worker: Worker): void {
    const waiting = this.#queue.shift();
    if (!waiting) {
      this.#free.push(worker);
      return;
    }
    const failed = (reason: Error) => waiting.reject(reason);
    worker.once('error', failed);
    worker.once('message', (deflated: Uint8Array) => {
      worker.off('error', failed);
      waiting.resolve(deflated);
      this.#next(worker);
    });
    worker.postMessage(waiting.block, [waiting.block.bytes.buffer]);
  }
}

/** The source cut at every MiB, each block in memory of its own. */
async function* blocks(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let block = new Uint8Array(BLOCK);
  let filled = 0;
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length; ) {
      const part = chunk.subarray(at, at + BLOCK - filled);
      block.set(part, filled);
      filled += part.length;
      at += part.length;
      if (filled === BLOCK) {
        yield block;
        block = new Uint8Array(BLOCK);
        filled = 0;
      }
    }
  }
  if (filled > 0) yield block.slice(0, filled);
}

/** Built, this module lies in `dist`, as the worker's bundle does. */
const WORKER_FILE = new URL('./gzip-worker.js', import.meta.url);
