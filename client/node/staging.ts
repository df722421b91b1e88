/** Copies of the files that a run logs, until they are sent: what happens to the originals in the meantime does not matter. */
import { constants, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StoredContent } from '../entries.js';

export class Staging {
  readonly #place: string | undefined;
  #folder: string | undefined;
  #count = 0;
  #gaveUp = false;

  /** Without a place, copies lie among the system's temporary files and are gone when the process ends. */
  constructor(place?: string) {
    this.#place = place;
  }

  /** A copy of the file; its bytes where there is no room for one. Throws when the file cannot be read. */
  keep(file: string): StoredContent {
    if (!this.#gaveUp) {
      try {
        const copy = this.#next();
        copyFileSync(file, copy, constants.COPYFILE_FICLONE);
        return { file: copy };
      } catch {
        // Reading it tells whose fault it was.
      }
    }
    return new Uint8Array(readFileSync(file));
  }

  /** Throws when there is no room. */
  write(content: Uint8Array): string {
    const copy = this.#next();
    writeFileSync(copy, content);
    return copy;
  }

  /** No more copies are made. */
  giveUp(): void {
    this.#gaveUp = true;
  }

  #next(): string {
    if (this.#folder === undefined) {
      const folder = this.#place ?? mkdtempSync(join(tmpdir(), 'mltrack-files-'));
      mkdirSync(folder, { recursive: true });
      if (this.#place === undefined) removeAtExit(folder);
      this.#folder = folder;
    }
    return join(this.#folder, String(++this.#count));
  }
}

/** A copy that was sent. */
export async function discard(file: string): Promise<void> {
  await rm(file, { force: true }).catch(() => {});
}

const temporary = new Set<string>();

function removeAtExit(folder: string): void {
  if (temporary.size === 0) {
    process.once('exit', () => {
      for (const each of temporary) rmSync(each, { recursive: true, force: true });
    });
  }
  temporary.add(folder);
}
