/** `mltrack db backup`: a copy of the database, beside a running server. */
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import { countedLine } from '../progress.js';
import { STORE_URI, sqlitePath, told } from './store-uri.js';

interface BackupArgs {
  file: string;
  backendStoreUri: string;
}

function options(yargs: Argv): Argv<BackupArgs> {
  return yargs
    .positional('file', { type: 'string', describe: 'The backup to write', demandOption: true })
    .option('backend-store-uri', STORE_URI) as unknown as Argv<BackupArgs>;
}

async function run({ file, backendStoreUri }: ArgumentsCamelCase<BackupArgs>): Promise<void> {
  const path = await sqlitePath(backendStoreUri, 'pg_dump');
  const { backUp } = await import('../../server/db/backup.js');
  const line = countedLine(process.stderr, 'Copying pages');
  await told(() => backUp(path, file, (done, total) => line.update({ done, total }))).finally(() => line.end());
  console.log(`${file} has everything that was acknowledged when the backup began. Artifacts are not in it.`);
}

export const backup: CommandModule<object, BackupArgs> = {
  command: 'backup <file>',
  describe: 'Copy the SQLite database, while the server runs or not',
  builder: options,
  handler: run,
};
