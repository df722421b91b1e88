/** An MLflow database, opened to be read: tables and columns that an older schema lacks are empty. */
import { existsSync } from 'node:fs';
import { DatabaseError } from '../db/db.js';
import { listed, raw, type Sql, sql } from '../db/sql.js';
import { openReader, type SqliteDb } from '../db/sqlite.js';
import { REVISIONS } from './revisions.js';

/** Integers that no number holds are texts of their digits. */
export type Row = Readonly<Record<string, string | number | null>>;

export interface Source {
  /** Rows; with a column, distinct values of it. */
  count(table: string, column?: string): Promise<number>;
  /** Rows in the order in which they lie, some thousands at a time. */
  batches(table: string): AsyncGenerator<Row[]>;
  /** The rows that have a value in a column, some thousands at a time. */
  matching(table: string, column: string, value: string | number): AsyncGenerator<Row[]>;
  /** Rows whose column is one of the values. */
  rowsOf(table: string, column: string, values: readonly (string | number)[]): Promise<Row[]>;
  close(): void;
}

const BATCH = 5000;

/** Throws DatabaseError when there is no MLflow database of a known version at the path. */
export async function openSource(path: string): Promise<Source> {
  if (!existsSync(path)) throw new DatabaseError(`There is no database at ${path}.`);
  const db = openReader(path);
  try {
    await checkVersion(db, path);
    await checkWorkspaces(db);
  } catch (error) {
    db.close();
    throw error;
  }
  const tables = new Map<string, Promise<Sql | undefined>>();
  const columnsOf = (table: string) => {
    const columns = tables.get(table) ?? readColumns(db, table);
    tables.set(table, columns);
    return columns;
  };
  async function* pages(table: string, where: Sql): AsyncGenerator<Row[]> {
    const columns = await columnsOf(table);
    if (!columns) return;
    for (let last = 0; ; ) {
      const found = await db.all<Row>(
        sql`select rowid as row_number, ${columns} from ${raw(table)} where rowid > ${last} and ${where} order by rowid limit ${BATCH}`,
      );
      if (found.length === 0) return;
      yield found;
      last = Number(found.at(-1)?.row_number);
    }
  }
  return {
    async count(table, column) {
      if (!(await columnsOf(table))) return 0;
      const what = raw(column === undefined ? '*' : `distinct ${column}`);
      return (await db.get<{ n: number }>(sql`select count(${what}) as n from ${raw(table)}`))?.n ?? 0;
    },
    batches: (table) => pages(table, sql`1 = 1`),
    matching: (table, column, value) => pages(table, sql`${raw(column)} = ${value}`),
    async rowsOf(table, column, values) {
      const columns = await columnsOf(table);
      if (!columns || values.length === 0) return [];
      return db.all<Row>(sql`select ${columns} from ${raw(table)} where ${raw(column)} in (${listed(values)})`);
    },
    close: () => db.close(),
  };
}

async function readColumns(db: SqliteDb, table: string): Promise<Sql | undefined> {
  const columns = await db.all<{ name: string; type: string }>(sql`select name, type from pragma_table_info(${table})`);
  if (columns.length === 0) return undefined;
  const texts = columns.map(({ name, type }) =>
    /INT/i.test(type) ? `${db.dialect.exact(`"${name}"`).strings.join('')} as "${name}"` : `"${name}"`,
  );
  return raw(texts.join(', '));
}

async function checkVersion(db: SqliteDb, path: string): Promise<void> {
  const [table] = await db.all(sql`select name from sqlite_master where name = 'alembic_version'`);
  if (!table) throw new DatabaseError(`${path} is no MLflow database: it has no table alembic_version.`);
  const found = await db.all<{ version_num: string }>(sql`select version_num from alembic_version`);
  const version = found[0]?.version_num ?? '';
  if (found.length !== 1 || !REVISIONS.has(version)) {
    throw new DatabaseError(
      `${path} has version '${version}' of MLflow's schema, which this mltrack does not know: it knows those up to MLflow 3.17.`,
    );
  }
}

/** What lies in other workspaces would meet what has the same name here. */
async function checkWorkspaces(db: SqliteDb): Promise<void> {
  for (const table of ['experiments', 'registered_models']) {
    const columns = await db.all<{ name: string }>(sql`select name from pragma_table_info(${table})`);
    if (!columns.some(({ name }) => name === 'workspace')) continue;
    const other = await db.get<{ workspace: string }>(
      sql`select workspace from ${raw(table)} where workspace <> 'default' limit 1`,
    );
    if (other) {
      throw new DatabaseError(
        `The database has a workspace '${other.workspace}': mltrack has no workspaces, and takes none in.`,
      );
    }
  }
}
