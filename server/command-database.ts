/** A database as a command opens it, without a server: one transaction after the other, over either kind. */

import { settingsOf } from './config.js';
import type { Db } from './db/db.js';
import { NEWEST_SCHEMA } from './db/migrate.js';
import { lockDatabase, openWriter } from './db/sqlite.js';
import { createMemory, type StoreContext, type StoreSettings } from './store/context.js';
import { prepareStore } from './store/prepare.js';
import type { StoreUri } from './threads/backend.js';

export interface Destination {
  /** All of `body`, or nothing of it. */
  transaction<T>(body: (ctx: StoreContext) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Throws DatabaseError when the database cannot be used, or a server uses it. */
export async function openDestination(uri: StoreUri, settings: StoreSettings): Promise<Destination> {
  const parts = (db: Db): StoreContext => ({
    db,
    settings,
    memory: createMemory(false),
    now: Date.now,
    appended: () => {},
    enqueued: () => {},
    checkDeadline: () => {},
  });
  if (uri.kind === 'postgres') {
    const { openPool } = await import('./db/postgres.js');
    const pool = await openPool(uri.uri, 1);
    await pool.exclusively((db) => prepareStore(db, settings));
    return { transaction: (body) => pool.transaction('write', (db) => body(parts(db))), close: () => pool.close() };
  }
  const lock = lockDatabase(uri.path);
  const db = openWriter(uri.path);
  await db.transaction(() => prepareStore(db, settings));
  return {
    transaction: (body) => db.transaction(() => body(parts(db))),
    async close() {
      db.close();
      lock.release();
    },
  };
}

/** Opens the database, which brings it to this version's schema, and closes it. Answers the version. */
export async function upgradeDatabase(uri: string): Promise<number> {
  const { storeUri, ...settings } = settingsOf({ backendStoreUri: uri });
  await (await openDestination(storeUri, settings)).close();
  return NEWEST_SCHEMA;
}
