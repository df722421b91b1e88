/** SQLite through better-sqlite3: the only file that knows it. Statements run synchronously behind the async port. */
import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { DatabaseError, type Db, type Dialect } from './db.js';
import { joined, raw, type Sql, sql } from './sql.js';

export const sqliteDialect: Dialect = {
  name: 'sqlite',
  forShare: raw(''),
  forUpdate: raw(''),
  exact: (column) =>
    raw(
      `case when ${column} between -9007199254740991 and 9007199254740991 then ${column} else cast(${column} as text) end`,
    ),
  // One case in the other: json_type fails where json_valid does not hold.
  numberOf: (column) =>
    raw(
      `case when json_valid(${column}) then case when json_type(${column}) in ('integer', 'real') and abs(cast(${column} as real)) < 1e300 then cast(${column} as real) end end`,
    ),
  rowsOf(json, columns) {
    const selected = Object.keys(columns).map((name, i) => raw(`json_extract(value, '$[${i}]') as ${name}`));
    return sql`(select ${joined(selected)} from json_each(${json}))`;
  },
  afterGivenIds: () => undefined,
  tokens: {
    identity: 'integer primary key',
    int: 'integer',
    text: 'text',
    double: 'real',
    bytes: 'blob',
    keyed: 'without rowid',
  },
};

const CACHED_STATEMENTS = 300;

export class SqliteDb implements Db {
  readonly dialect = sqliteDialect;
  readonly #db: Database.Database;
  readonly #byTemplate = new WeakMap<readonly string[], Database.Statement>();
  readonly #byText = new Map<string, Database.Statement>();

  constructor(db: Database.Database) {
    this.#db = db;
  }

  async all<T>(query: Sql): Promise<T[]> {
    return this.#statement(query).all(...query.values) as T[];
  }

  async get<T>(query: Sql): Promise<T | undefined> {
    return this.#statement(query).get(...query.values) as T | undefined;
  }

  async run(query: Sql): Promise<number> {
    return this.#statement(query).run(...query.values).changes;
  }

  /** Transaction control, outside of what the store may do. */
  control(statement: string): void {
    this.#prepared(statement).run();
  }

  /** All of `body`, or nothing of it. `begin` must have begun a transaction when it resolves. */
  async transaction<T>(body: () => Promise<T>, begin = async () => this.control('begin immediate')): Promise<T> {
    await begin();
    try {
      const result = await body();
      this.control('commit');
      return result;
    } catch (error) {
      if (this.inTransaction) this.control('rollback');
      throw error;
    }
  }

  get inTransaction(): boolean {
    return this.#db.inTransaction;
  }

  /** Changes whenever another connection, of this process or another, has committed. */
  dataVersion(): number {
    return (this.#prepared('pragma data_version').get() as { data_version: number }).data_version;
  }

  /** Limits the file's size in pages of 4 KiB; a write past it fails with SQLITE_FULL. */
  limitPages(pages: number): void {
    this.#db.pragma(`max_page_count=${pages}`);
  }

  close(): void {
    this.#db.close();
  }

  #statement(query: Sql): Database.Statement {
    // A template without fragments is the same array each time: no text needs to be built to find its statement.
    const known = this.#byTemplate.get(query.strings);
    if (known) return known;
    const statement = this.#prepared(query.strings.join('?'));
    if (Object.isFrozen(query.strings)) this.#byTemplate.set(query.strings, statement);
    return statement;
  }

  #prepared(text: string): Database.Statement {
    const known = this.#byText.get(text);
    if (known) return known;
    const statement = this.#db.prepare(text);
    if (this.#byText.size >= CACHED_STATEMENTS) {
      const oldest = this.#byText.keys().next().value;
      if (oldest !== undefined) this.#byText.delete(oldest);
    }
    this.#byText.set(text, statement);
    return statement;
  }
}

/** Opens the one read-write connection. Throws DatabaseError when the file cannot be opened or written. */
export function openWriter(path: string): SqliteDb {
  try {
    mkdirSync(dirname(path), { recursive: true });
    const db = new Database(path, { timeout: 5000 });
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.pragma('foreign_keys = ON');
    db.pragma('case_sensitive_like = ON');
    // Checkpoints every 16 MB instead of 4: fewer pages are written twice.
    db.pragma('wal_autocheckpoint = 4000');
    return new SqliteDb(db);
  } catch (error) {
    throw unusable(path, error);
  }
}

export function openReader(path: string): SqliteDb {
  const db = new Database(path, { readonly: true, timeout: 5000 });
  db.pragma('case_sensitive_like = ON');
  return new SqliteDb(db);
}

/** Holds the database for this server until `release`: a second one is refused. The lock dies with the process. */
export function lockDatabase(path: string): { release(): void } {
  try {
    mkdirSync(dirname(path), { recursive: true });
    const lock = new Database(`${path}.lock`, { timeout: 0 });
    lock.exec('begin exclusive');
    return { release: () => lock.close() };
  } catch (error) {
    if (sqliteCode(error).startsWith('SQLITE_BUSY')) {
      throw new DatabaseError(`Another server uses ${path}: stop it, or give this one its own --backend-store-uri.`);
    }
    throw unusable(path, error);
  }
}

/** Copies a database that others may write meanwhile: a state that it had at one moment. The copy has been checked. */
export async function copyDatabase(
  from: string,
  to: string,
  progress: (done: number, total: number) => void,
): Promise<void> {
  const source = new Database(from, { readonly: true, timeout: 5000 });
  try {
    await source.backup(to, {
      progress({ totalPages, remainingPages }) {
        progress(totalPages - remainingPages, totalPages);
        return 2000;
      },
    });
  } finally {
    source.close();
  }
  checkDatabase(to);
}

/** Throws DatabaseError when the file is no whole database of mltrack. Answers its schema's version. */
export function checkDatabase(path: string): number {
  let db: Database.Database | undefined;
  try {
    db = new Database(path, { readonly: true, fileMustExist: true });
    const whole = db.pragma('integrity_check', { simple: true });
    if (whole !== 'ok') throw new DatabaseError(`${path} is damaged: ${whole}.`);
    return db.prepare('select max(version) from migrations').pluck().get() as number;
  } catch (error) {
    if (error instanceof DatabaseError) throw error;
    throw new DatabaseError(`${path} is no database of mltrack: ${(error as Error).message}.`, { cause: error });
  } finally {
    db?.close();
  }
}

function unusable(path: string, error: unknown): DatabaseError {
  const { message } = error as Error;
  if (message.includes('Could not locate the bindings file')) {
    return new DatabaseError(
      'better-sqlite3 has no binary: its install script did not run. Install again with --allow-scripts=better-sqlite3 (npm 11), or run "npm rebuild better-sqlite3".',
    );
  }
  const code = sqliteCode(error) || (error as { code?: string }).code;
  const why = existsSync(path) && code === 'SQLITE_NOTADB' ? 'it is no SQLite database' : message;
  return new DatabaseError(
    `Cannot open the database ${path}: ${why}. Choose a writable place with --backend-store-uri.`,
    {
      cause: error,
    },
  );
}

/** SQLite's extended error code, or the empty string for errors that are not SQLite's. */
export function sqliteCode(error: unknown): string {
  return error instanceof Database.SqliteError ? error.code : '';
}
