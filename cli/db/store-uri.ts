/** Which database a command is about, and how its failures are told. */
import { CommandError } from '../failure.js';

/** The same database as `mltrack server` opens without a flag. */
export const STORE_URI = {
  type: 'string',
  default: process.env.MLFLOW_BACKEND_STORE_URI ?? 'sqlite:///mltrack.db',
  describe: 'Database: sqlite:///PATH or postgresql://USER@HOST/NAME [MLFLOW_BACKEND_STORE_URI]',
} as const;

/** Runs `work`; an error whose message says it all becomes one line. */
export async function told<T>(work: () => T | Promise<T>): Promise<T> {
  const { isExpected } = await import('../../server/index.js');
  try {
    return await work();
  } catch (error) {
    throw isExpected(error) ? new CommandError((error as Error).message) : error;
  }
}

/** The file of a SQLite database; PostgreSQL has tools of its own for what the command does. */
export async function sqlitePath(uri: string, instead: string): Promise<string> {
  const { storeUriOf } = await import('../../server/config.js');
  const store = await told(() => storeUriOf(uri));
  if (store.kind === 'sqlite') return store.path;
  throw new CommandError(`This is for SQLite databases: for PostgreSQL use ${instead}.`);
}
