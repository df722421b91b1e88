/** `mltrack db upgrade`: brings a database to this version's schema, as the server does when it starts. */
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import { STORE_URI, told } from './store-uri.js';

interface UpgradeArgs {
  url: string;
}

function options(yargs: Argv): Argv<UpgradeArgs> {
  return yargs.positional('url', { ...STORE_URI, demandOption: false }) as unknown as Argv<UpgradeArgs>;
}

async function run({ url }: ArgumentsCamelCase<UpgradeArgs>): Promise<void> {
  const { upgradeDatabase } = await import('../../server/command-database.js');
  const version = await told(() => upgradeDatabase(url));
  console.log(`The database has schema version ${version}.`);
}

export const upgrade: CommandModule<object, UpgradeArgs> = {
  command: 'upgrade [url]',
  describe: 'Bring the database to this version’s schema; the server does so by itself when it starts',
  builder: options,
  handler: run,
};
