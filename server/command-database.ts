/** A database as a command opens it, without a server: one transaction after the other, over either kind. */

import { existsSync } from 'node:fs';
import { settingsOf } from './config.js';
import { DatabaseError, type Db } from './db/db.js';
import { migrate, NEWEST_SCHEMA } from './db/migrate.js';
import { lockDatabase, openWriter } from './db/sqlite.js';
import { createMemory, type StoreContext, type StoreSettings } from './store/context.js';
import { createDefaultExperiment } from './store/experiments.js';
import type { StoreUri } from './threads/backend.js';

export interface Destination {
  /** All of `body`, or nothing of it. */
  transaction<T>(body: (ctx: StoreContext) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Throws DatabaseError when the database cannot be used, or a server uses it. */
export const openDestination = (uri: StoreUri, settings: StoreSettings) => open(uri, settings, true);

/** The same beside a server: transactions must be short, and the schema must be this version's. Throws DatabaseError. */
export const openBeside = (uri: StoreUri, settings: StoreSettings) => open(uri, settings, false);

async function open(uri: StoreUri, settings: StoreSettings, alone: boolean): Promise<Destination> {
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
    await pool.exclusively((db) => prepare(db, settings));
    return { transaction: (body) => pool.transaction('write', (db) => body(parts(db))), close: () => pool.close() };
  }
  if (!alone && !existsSync(uri.path)) throw new DatabaseError(`There is no database at ${uri.path}.`);
  const lock = alone ? lockDatabase(uri.path) : undefined;
  const db = openWriter(uri.path);
  const transaction = async <T>(body: (ctx: StoreContext) => Promise<T>): Promise<T> => {
    db.control('begin immediate');
    try {
      const result = await body(parts(db));
      db.control('commit');
      return result;
    } catch (error) {
      if (db.inTransaction) db.control('rollback');
      throw error;
    }
  };
  await transaction(({ db: inside }) => prepare(inside, settings));
  return {
    transaction,
    async close() {
      db.close();
      lock?.release();
    },
  };
}

async function prepare(db: Db, settings: StoreSettings): Promise<void> {
  await migrate(db, Date.now());
  await createDefaultExperiment({ db, settings, now: Date.now });
}

/** Opens the database, which brings it to this version's schema, and closes it. Answers the version. */
export async function upgradeDatabase(uri: string): Promise<number> {
  const { storeUri, ...settings } = settingsOf({ backendStoreUri: uri });
  await (await openDestination(storeUri, settings)).close();
  return NEWEST_SCHEMA;
}
