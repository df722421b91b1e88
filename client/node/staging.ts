/** Copies of the files that a run logs, until they are sent: what happens to the originals in the meantime does not matter. */
import { constants, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export class Staging {
  readonly #place: string | undefined;
  #folder: string | undefined;
  #count = 0;

  /** Without a place, copies lie among the system's temporary files and are gone when the process ends. */
  constructor(place?: string) {
    this.#place = place;
  }

  /** The path of the copy. */
  keep(file: string): string {
    const copy = this.#next();
    copyFileSync(file, copy, constants.COPYFILE_FICLONE);
    return copy;
  }

  write(content: Uint8Array): string {
    const copy = this.#next();
    writeFileSync(copy, content);
    return copy;
  }

  #next(): string {
    if (this.#folder === undefined) {
      this.#folder = this.#place ?? mkdtempSync(join(tmpdir(), 'mltrack-files-'));
      mkdirSync(this.#folder, { recursive: true });
      if (this.#place === undefined) removeAtExit(this.#folder);
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
