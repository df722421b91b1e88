/** The database that garbage is removed from, beside a server that may be running: short transactions, each of its own. */
import { existsSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { DatabaseError, type Db } from '../db/db.js';
import { checkSchema } from '../db/migrate.js';
import { openWriter, sqliteCode } from '../db/sqlite.js';
import type { StoreUri } from '../threads/backend.js';

export interface GarbageDatabase {
  /** All of `body`, or nothing of it. */
  transaction<T>(body: (db: Db) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** How long a busy server may keep its database from being written, in ms. */
const PATIENCE = 60_000;
/** Between transactions, in ms: the server's writer must come in between. */
const PAUSE = 5;

/** Throws DatabaseError when there is none, or its schema is another. Takes no lock: a server may run. */
export async function openGarbageDatabase(uri: StoreUri): Promise<GarbageDatabase> {
  const database = uri.kind === 'postgres' ? await postgres(uri.uri) : sqlite(uri.path);
  try {
    await database.transaction(checkSchema);
  } catch (error) {
    await database.close();
    if (error instanceof DatabaseError) throw error;
    throw new DatabaseError(`This is no database of mltrack: ${(error as Error).message}.`, { cause: error });
  }
  return database;
}

async function postgres(uri: string): Promise<GarbageDatabase> {
  const { openPool } = await import('../db/postgres.js');
  const pool = await openPool(uri, 1);
  return { transaction: (body) => pool.transaction('write', body), close: () => pool.close() };
}

function sqlite(path: string): GarbageDatabase {
  if (!existsSync(path)) throw new DatabaseError(`There is no database at ${path}.`);
  const db = openWriter(path);
  const begin = async () => {
    await wait(PAUSE);
    for (const end = Date.now() + PATIENCE; ; ) {
      try {
        db.control('begin immediate');
        return;
      } catch (error) {
        if (!sqliteCode(error).startsWith('SQLITE_BUSY') || Date.now() > end) throw error;
      }
    }
  };
  return {
    transaction: (body) => db.transaction(() => body(db), begin),
    close: async () => db.close(),
  };
}
