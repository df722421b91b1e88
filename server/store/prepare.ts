/** A database made ready for the store: this version's schema, and the experiment that every store has. */
import type { Db } from '../db/db.js';
import { migrate } from '../db/migrate.js';
import type { StoreSettings } from './context.js';
import { createDefaultExperiment } from './experiments.js';

/** Runs inside one transaction of `db`. Throws DatabaseError when a newer version has written the database. */
export async function prepareStore(db: Db, settings: StoreSettings): Promise<void> {
  await migrate(db, Date.now());
  await createDefaultExperiment({ db, settings, now: Date.now });
}
