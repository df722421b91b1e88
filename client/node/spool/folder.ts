/**
 * A run's folder in the spool: `run.json` (how it begins, and for which server), `records-POSITION` (segments, named by the position
 * that they begin at), `position` (how far the server has them), `created.json` (the run on the server), `files/` and `lock`.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { RunInfo } from '../../../api/index.js';
import type { RunStart } from '../../entries.js';
import { crc32 } from './record.js';

/** A folder without a run that has not changed for so long will have none, in ms. */
const STILLBORN = 60_000;

/** Of a folder that is being removed. */
const GONE = '.gone';

/** What `run.json` says. */
export interface SpooledRun {
  readonly start: RunStart;
  /** The server; none when the run was recorded offline. */
  readonly uri?: string;
}

export class RunFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  get localId(): string {
    return basename(this.path);
  }

  get files(): string {
    return join(this.path, 'files');
  }

  get lock(): string {
    return join(this.path, 'lock');
  }

  /** Beside the folder: it stays when the run is delivered. */
  get refused(): string {
    return `${this.path}.refused`;
  }

  create(): void {
    if (mkdirSync(dirname(this.path), { recursive: true })) {
      // A spool in a repository is no part of it.
      writeFileSync(join(dirname(this.path), '.gitignore'), '*\n');
    }
    mkdirSync(this.path);
  }

  setRun(run: SpooledRun): void {
    writeDurably(join(this.path, 'run.json'), JSON.stringify(run));
  }

  /** Undefined when there is no readable run: the folder is another program's, or its first write was cut off. */
  read(): SpooledRun | undefined {
    return readJson<SpooledRun>(join(this.path, 'run.json'));
  }

  created(): RunInfo | undefined {
    return readJson<RunInfo>(join(this.path, 'created.json'));
  }

  setCreated(info: RunInfo): void {
    writeDurably(join(this.path, 'created.json'), JSON.stringify(info));
  }

  segment(position: number): string {
    return join(this.path, `records-${String(position).padStart(15, '0')}`);
  }

  /** The positions at which segments begin, in order. */
  segments(): number[] {
    const names = readdirSync(this.path).filter((name) => /^records-\d+$/.test(name));
    return names.map((name) => Number(name.slice('records-'.length))).sort((a, b) => a - b);
  }

  /** At once for all who look: nobody finds half of it. */
  remove(): void {
    const gone = `${this.path}${GONE}`;
    renameSync(this.path, gone);
    rmSync(gone, { recursive: true, force: true });
  }

  /** Whether its program died before it had logged anything. */
  isStillborn(): boolean {
    try {
      return this.segments().length === 0 && Date.now() - statSync(this.path).mtimeMs > STILLBORN;
    } catch {
      return false;
    }
  }

  exists(): boolean {
    return existsSync(this.path);
  }
}

/** The position up to which the server has the records. Losing its last writes only sends again what is known there already. */
export class PositionFile {
  readonly #fd: number;
  readonly #bytes = Buffer.alloc(12);

  constructor(folder: RunFolder) {
    const path = join(folder.path, 'position');
    this.#fd = openSync(path, existsSync(path) ? 'r+' : 'w+');
  }

  static read(folder: RunFolder): number {
    try {
      const bytes = readFileSync(join(folder.path, 'position'));
      return bytes.length === 12 && bytes.readUInt32LE(8) === crc32(bytes, 0, 8) ? bytes.readDoubleLE(0) : 0;
    } catch {
      return 0;
    }
  }

  write(position: number): void {
    this.#bytes.writeDoubleLE(position, 0);
    this.#bytes.writeUInt32LE(crc32(this.#bytes, 0, 8), 8);
    writeSync(this.#fd, this.#bytes, 0, 12, 0);
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/** The folders of a spool, those of runs that began first before others. */
export function foldersIn(directory: string): RunFolder[] {
  let names: string[];
  try {
    names = readdirSync(directory);
  } catch {
    return [];
  }
  const found: { folder: RunFolder; began: number }[] = [];
  for (const name of names) {
    if (name.endsWith(GONE)) rmSync(join(directory, name), { recursive: true, force: true });
    if (!/^[0-9a-f]{32}$/.test(name)) continue;
    const folder = new RunFolder(join(directory, name));
    const began = folder.read()?.start.start_time;
    if (began !== undefined) found.push({ folder, began });
    else if (folder.isStillborn()) folder.remove();
  }
  return found.sort((a, b) => a.began - b.began).map(({ folder }) => folder);
}

function writeDurably(path: string, text: string): void {
  const beside = `${path}.new`;
  const fd = openSync(beside, 'w');
  try {
    writeFileSync(fd, text);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(beside, path);
}

function readJson<T>(path: string): T | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T;
  } catch {
    return undefined;
  }
}
