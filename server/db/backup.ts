/** Backups of a SQLite database: taken beside a running server, put back when there is none. */
import { closeSync, copyFileSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseError } from './db.js';
import { NEWEST_SCHEMA } from './migrate.js';
import { checkDatabase, copyDatabase, lockDatabase } from './sqlite.js';

/** Writes a copy of the database at `path` to `file`, which is there whole or not at all. Throws DatabaseError. */
export async function backUp(
  path: string,
  file: string,
  progress: (done: number, total: number) => void,
): Promise<void> {
  if (!existsSync(path)) throw new DatabaseError(`There is no database at ${path}.`);
  if (existsSync(file)) throw new DatabaseError(`${file} is there already: choose another name, or remove it.`);
  const partial = `${file}.partial`;
  try {
    rmSync(partial, { force: true });
    await copyDatabase(path, partial, progress);
    sync(partial);
    renameSync(partial, file);
    sync(dirname(file));
  } catch (error) {
    rmSync(partial, { force: true });
    if (error instanceof DatabaseError) throw error;
    throw new DatabaseError(`Cannot write the backup ${file}: ${(error as Error).message}.`, { cause: error });
  }
}

/**
 * Puts a backup in the place of the database at `path`, which is kept beside it. Answers under what name, or undefined when there
 * was none. Throws DatabaseError when a server uses the database or the backup is not whole.
 */
export function restore(file: string, path: string): string | undefined {
  if (!existsSync(file)) throw new DatabaseError(`There is no backup at ${file}.`);
  const version = checkDatabase(file);
  if (version > NEWEST_SCHEMA) {
    throw new DatabaseError(
      `${file} has schema version ${version}, this mltrack knows ${NEWEST_SCHEMA}: upgrade mltrack.`,
    );
  }
  const lock = lockDatabase(path);
  try {
    const partial = `${path}.partial`;
    copyFileSync(file, partial);
    sync(partial);
    const aside = existsSync(path) ? `${path}.before-${new Date().toISOString().replaceAll(':', '')}` : undefined;
    // What SQLite keeps beside a database belongs to it alone.
    for (const suffix of aside ? ['', '-wal', '-shm'] : []) {
      if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
    }
    renameSync(partial, path);
    sync(dirname(path));
    return aside;
  } finally {
    lock.release();
  }
}

function sync(path: string): void {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
