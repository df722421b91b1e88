/** Reads a run's records in order, behind the process that writes them or after it. */
import { closeSync, fdatasync, openSync, readSync, rmSync } from 'node:fs';
import type { Source, Waiting } from '../../delivery/delivery.js';
import { LINGER } from '../../journal.js';
import { PositionFile, type RunFolder } from './folder.js';
import { crc32, decode, decodeKey, HEADER, LONGEST_RECORD } from './record.js';

const CHUNK = 256 * 1024;
/** How often what was written is put on the disk itself, in ms: a power cut loses no more. */
const SYNC = 1000;

export interface ReaderOptions {
  /** Whether a process may still be writing: then a record that is not whole is waited for. */
  readonly live: boolean;
  acknowledged(at: number): void;
  /** Records that cannot be read are skipped, and told. */
  damaged(message: string): void;
}

export class SpoolReader implements Source {
  readonly #folder: RunFolder;
  readonly #options: ReaderOptions;
  readonly #position: PositionFile;
  #keys: string[] = [];
  /** Where the open segment begins. */
  #segment = 0;
  #fd: number | undefined;
  #bytes = Buffer.allocUnsafe(CHUNK);
  /** What of `#bytes` is not parsed yet. */
  #from = 0;
  #to = 0;
  /** The position of `#from`. */
  #at = 0;
  /** Segments that were read to their end, which may not be acknowledged yet. */
  readonly #passed: { start: number; end: number }[] = [];
  #urgent = 0;
  #closed = false;
  #finished = false;
  #wake: (() => void) | undefined;
  #syncedAt = Date.now();
  #unsynced = false;

  constructor(folder: RunFolder, options: ReaderOptions) {
    this.#folder = folder;
    this.#options = options;
    const position = PositionFile.read(folder);
    this.#position = new PositionFile(folder);
    const segments = folder.segments();
    const first = segments.findLast((start) => start <= position) ?? segments[0];
    for (const start of segments) if (first !== undefined && start < first) this.#remove(start);
    if (first !== undefined) this.#open(first);
    while (this.#at < position && this.#skip()) {}
  }

  next(): Waiting | undefined {
    for (;;) {
      const length = this.#whole();
      if (length === undefined) {
        if (this.#nextSegment()) continue;
        return undefined;
      }
      const from = this.#from + HEADER;
      const to = from + length;
      this.#from = to;
      this.#at += HEADER + length;
      if (this.#bytes.readUInt32LE(from - 4) !== crc32(this.#bytes, from, to)) {
        this.#options.damaged(`A record in ${this.#folder.path} is damaged and was skipped.`);
        continue;
      }
      try {
        const entry = decode(this.#bytes, from, to, this.#keys);
        if (entry) return { entry, at: this.#at };
      } catch (error) {
        this.#options.damaged(`A record in ${this.#folder.path} cannot be read: ${(error as Error).message}.`);
      }
    }
  }

  async more(): Promise<boolean> {
    if (!this.#options.live || this.#finished || this.#closed) return false;
    this.#syncNowAndThen();
    // Looking is one read that finds nothing: so little that nobody has to tell of each record.
    await new Promise<void>((resolve) => {
      // Where there is no thread it must not keep the program.
      const timer = setTimeout(resolve, this.#urgent === 0 ? LINGER : 1).unref();
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
    return !this.#closed;
  }

  /** While someone waits, nothing is gathered first. */
  setUrgent(urgent: boolean): void {
    this.#urgent += urgent ? 1 : -1;
    this.#wake?.();
  }

  acknowledge(at: number): void {
    this.#position.write(at);
    for (let [first] = this.#passed; first && first.end <= at; [first] = this.#passed) {
      this.#remove(first.start);
      this.#passed.shift();
    }
    this.#options.acknowledged(at);
  }

  #nextSegment(): boolean {
    const at = this.#at;
    const segments = this.#folder.segments();
    const next = segments.find((start) => start > this.#segment && start >= at);
    if (next === undefined || (this.#options.live && next !== at)) return false;
    if (this.#from < this.#to) this.#options.damaged(`The end of a segment in ${this.#folder.path} is damaged.`);
    this.#passed.push({ start: this.#segment, end: at });
    this.#open(next);
    return true;
  }

  #remove(segment: number): void {
    rmSync(this.#folder.segment(segment), { force: true });
  }

  /** Nothing more will be written. */
  finish(): void {
    this.#finished = true;
    this.#wake?.();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#wake?.();
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
    this.#position.close();
  }

  #open(start: number): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = openSync(this.#folder.segment(start), 'r');
    this.#segment = start;
    this.#at = start;
    this.#from = 0;
    this.#to = 0;
    this.#keys = [];
  }

  #skip(): boolean {
    const length = this.#whole();
    if (length === undefined) return this.#nextSegment();
    decodeKey(this.#bytes, this.#from + HEADER, this.#from + HEADER + length, this.#keys);
    this.#from += HEADER + length;
    this.#at += HEADER + length;
    return true;
  }

  /** The length of the next payload, when the record is there as a whole. */
  #whole(): number | undefined {
    if (this.#to - this.#from < HEADER && !this.#read(HEADER)) return undefined;
    const length = this.#bytes.readUInt32LE(this.#from);
    if (length === 0 || length > LONGEST_RECORD) return undefined;
    if (this.#to - this.#from < HEADER + length && !this.#read(HEADER + length)) return undefined;
    return length;
  }

  #read(wanted: number): boolean {
    if (this.#fd === undefined) {
      const [first] = this.#folder.segments();
      if (first === undefined) return false;
      this.#open(first);
    }
    this.#bytes.copyWithin(0, this.#from, this.#to);
    this.#to -= this.#from;
    this.#from = 0;
    if (wanted > this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes], wanted + CHUNK);
    while (this.#to < wanted) {
      const at = this.#at - this.#segment + this.#to;
      const read = readSync(this.#fd as number, this.#bytes, this.#to, this.#bytes.length - this.#to, at);
      if (read === 0) return false;
      this.#to += read;
      this.#unsynced = true;
    }
    return true;
  }

  #syncNowAndThen(): void {
    if (!this.#unsynced || this.#fd === undefined || Date.now() - this.#syncedAt < SYNC) return;
    this.#unsynced = false;
    this.#syncedAt = Date.now();
    fdatasync(this.#fd, () => {});
  }
}
