/** What a program writes to stdout and stderr while a run is open, kept within bounds. It still goes where it went. */

/** Bytes that are kept of the beginning and of the end. */
const HEAD = 1024 * 1024;
const TAIL = 4 * 1024 * 1024;

/** The beginning and the end of a text that may be long. */
class Excerpt {
  readonly #head: Buffer[] = [];
  #headSize = 0;
  #tail: Buffer[] = [];
  #tailSize = 0;
  #left = 0;

  add(chunk: Buffer): void {
    const room = HEAD - this.#headSize;
    const first = chunk.subarray(0, room);
    if (first.length > 0) this.#head.push(first);
    this.#headSize += first.length;
    const rest = chunk.subarray(first.length);
    if (rest.length === 0) return;
    this.#tail.push(rest);
    this.#tailSize += rest.length;
    while (this.#tailSize - this.#tail[0]!.length >= TAIL) {
      const gone = this.#tail.shift()!;
      this.#tailSize -= gone.length;
      this.#left += gone.length;
    }
  }

  bytes(): Buffer<ArrayBuffer> {
    const gap = this.#left > 0 ? [Buffer.from(`\n[… ${this.#left} bytes left out …]\n`)] : [];
    return Buffer.concat([...this.#head, ...gap, ...this.#tail]);
  }
}

type Write = typeof process.stdout.write;

const captures = new Set<Excerpt>();
let restore: (() => void) | undefined;

/** Begins to keep both streams. The function that is answered ends that and gives what was kept, 5 MB at most. */
export function captureOutput(): () => Buffer<ArrayBuffer> {
  const excerpt = new Excerpt();
  captures.add(excerpt);
  restore ??= watchStreams();
  return () => {
    captures.delete(excerpt);
    if (captures.size === 0) {
      restore?.();
      restore = undefined;
    }
    return excerpt.bytes();
  };
}

function watchStreams(): () => void {
  const undo = [process.stdout, process.stderr].map((stream) => {
    const before = stream.write;
    const write = ((...args: Parameters<Write>) => {
      keep(args[0], args[1]);
      return Reflect.apply(before, stream, args);
    }) as Write;
    stream.write = write;
    return () => {
      // Somebody may have wrapped it once more: what is theirs stays, and ours passes on.
      if (stream.write === write) stream.write = before;
    };
  });
  return () => {
    for (const each of undo) each();
  };
}

function keep(chunk: Uint8Array | string, encoding: unknown): void {
  const text = typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8';
  const bytes = typeof chunk === 'string' ? Buffer.from(chunk, text) : Buffer.from(chunk);
  for (const capture of captures) capture.add(bytes);
}
