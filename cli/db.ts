/** `mltrack db`: what is done to a database as a whole. */
import type { CommandModule } from 'yargs';
import { backup } from './db/backup.js';
import { importDatabase } from './db/import.js';
import { restoreDatabase } from './db/restore.js';
import { upgrade } from './db/upgrade.js';

export const db: CommandModule = {
  command: 'db <command>',
  describe: 'The database: import from MLflow, backup, restore, upgrade',
  builder: (yargs) =>
    yargs
      .command(importDatabase)
      .command(backup)
      .command(restoreDatabase)
      .command(upgrade)
      .demandCommand(1, 'Say what to do with the database.'),
  handler: () => {},
};
