/** The port to a database: what the store may ask of it, whichever it is. */
import type { Sql } from './sql.js';

/** Statements of one transaction. Rows are objects by column name; integers beyond ±2^53 − 1 come as bigint where `exact` was asked for. */
export interface Db {
  readonly dialect: Dialect;
  all<T>(query: Sql): Promise<T[]>;
  get<T>(query: Sql): Promise<T | undefined>;
  /** The number of rows it changed. */
  run(query: Sql): Promise<number>;
}

/** How one database spells what another spells differently. */
export interface Dialect {
  readonly name: 'sqlite' | 'postgres';
  /** Ends a select whose rows must not change before the transaction ends. Empty where writers are alone. */
  readonly forShare: Sql;
  readonly forUpdate: Sql;
  /** An int64 column whose digits survive the driver. */
  exact(column: string): Sql;
  /** A column of text as a number; null where the text is none as JSON writes it, or one beyond a double. */
  numberOf(column: string): Sql;
  /** A table out of one parameter, a JSON array of arrays: its columns in order, for rows that are in no table. */
  rowsOf(json: string, columns: Readonly<Record<string, 'int' | 'double' | 'text'>>): Sql;
  /** What makes a table number its next rows after those whose ids were given; nothing where it does so by itself. */
  afterGivenIds(table: string): Sql | undefined;
  /** The tokens of the migrations. */
  readonly tokens: Record<string, string>;
}

/** The database cannot be opened or used: the message is one line with cause and cure. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError';
}
