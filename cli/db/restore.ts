/** `mltrack db restore`: a backup in the place of the database. */
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import { STORE_URI, sqlitePath, told } from './store-uri.js';

interface RestoreArgs {
  file: string;
  backendStoreUri: string;
}

function options(yargs: Argv): Argv<RestoreArgs> {
  return yargs
    .positional('file', { type: 'string', describe: 'The backup', demandOption: true })
    .option('backend-store-uri', STORE_URI) as unknown as Argv<RestoreArgs>;
}

async function run({ file, backendStoreUri }: ArgumentsCamelCase<RestoreArgs>): Promise<void> {
  const path = await sqlitePath(backendStoreUri, 'pg_restore');
  const { restore } = await import('../../server/db/backup.js');
  const aside = await told(() => restore(file, path));
  console.log(`${path} is now as ${file}.`);
  if (aside) console.log(`What was there before is kept at ${aside}.`);
}

export const restoreDatabase: CommandModule<object, RestoreArgs> = {
  command: 'restore <file>',
  describe: 'Put a backup in the place of the SQLite database; no server may run',
  builder: options,
  handler: run,
};
