/** Brings a database to this version's schema: numbered, append-only steps, each recorded in the table `migrations`. */
import { DatabaseError, type Db } from './db.js';
import { tracking } from './migrations/001-tracking.js';
import { search } from './migrations/002-search.js';
import { registry } from './migrations/003-registry.js';
import { webhooks } from './migrations/004-webhooks.js';
import { auth } from './migrations/005-auth.js';
import { inputs } from './migrations/006-inputs.js';
import { garbage } from './migrations/007-garbage.js';
import { traces } from './migrations/008-traces.js';
import { views } from './migrations/009-views.js';
import { metricLevels } from './migrations/010-metric-levels.js';
import { sessions } from './migrations/011-sessions.js';
import { clientIds } from './migrations/012-client-ids.js';
import { olderChunks } from './migrations/013-older-chunks.js';
import { heartbeats } from './migrations/014-heartbeats.js';
import { raw, sql } from './sql.js';

const MIGRATIONS: readonly { version: number; name: string; text: string }[] = [
  { version: 1, name: 'tracking', text: tracking },
  { version: 2, name: 'search', text: search },
  { version: 3, name: 'registry', text: registry },
  { version: 4, name: 'webhooks', text: webhooks },
  { version: 5, name: 'auth', text: auth },
  { version: 6, name: 'inputs', text: inputs },
  { version: 7, name: 'garbage', text: garbage },
  { version: 8, name: 'traces', text: traces },
  { version: 9, name: 'views', text: views },
  { version: 10, name: 'metric-levels', text: metricLevels },
  { version: 11, name: 'sessions', text: sessions },
  { version: 12, name: 'client-ids', text: clientIds },
  { version: 13, name: 'older-chunks', text: olderChunks },
  { version: 14, name: 'heartbeats', text: heartbeats },
];

/** The version of the schema that this program works with. */
export const NEWEST_SCHEMA = MIGRATIONS.at(-1)?.version ?? 0;

/** Runs inside one transaction of `db`. Throws DatabaseError when a newer version has written the database. */
export async function migrate(db: Db, now: number): Promise<void> {
  const { int, text } = db.dialect.tokens;
  await db.run(
    raw(
      `create table if not exists migrations (version ${int} primary key, name ${text} not null, applied_at ${int} not null)`,
    ),
  );
  const applied = new Set(
    (await db.all<{ version: number }>(sql`select version from migrations`)).map((row) => row.version),
  );
  const current = Math.max(0, ...applied);
  if (current > NEWEST_SCHEMA) {
    throw new DatabaseError(
      `The database has schema version ${current}, this mltrack knows ${NEWEST_SCHEMA}: upgrade mltrack, or open another database.`,
    );
  }
  for (const migration of MIGRATIONS) {
    if (applied.has(migration.version)) continue;
    for (const statement of statements(migration.text, db.dialect.tokens)) await db.run(raw(statement));
    await db.run(
      sql`insert into migrations (version, name, applied_at) values (${migration.version}, ${migration.name}, ${now})`,
    );
  }
}

/** Throws DatabaseError when the database does not have this version's schema. Changes nothing. */
export async function checkSchema(db: Db): Promise<void> {
  const applied = new Set(
    (await db.all<{ version: number }>(sql`select version from migrations`)).map((row) => row.version),
  );
  if (Math.max(0, ...applied) > NEWEST_SCHEMA) throw new DatabaseError('The database is newer: upgrade mltrack.');
  if (MIGRATIONS.every(({ version }) => applied.has(version))) return;
  throw new DatabaseError(
    'The database is older than this mltrack: run "mltrack db upgrade", or start its server once.',
  );
}

/** The statements of a migration in a database's own words. */
export function statements(text: string, tokens: Record<string, string>): string[] {
  return text
    .replace(/\{\{(\w+)\}\}/g, (_, token: string) => {
      const spelling = tokens[token];
      if (spelling === undefined) throw new Error(`Unknown token {{${token}}} in a migration`);
      return spelling;
    })
    .split(';')
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}
