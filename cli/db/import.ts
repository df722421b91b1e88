/** `mltrack db import`: an MLflow database with all its ids. */
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import { countedLine } from '../progress.js';
import { STORE_URI, told } from './store-uri.js';

interface ImportArgs {
  source: string;
  backendStoreUri: string;
  json: boolean;
}

function options(yargs: Argv): Argv<ImportArgs> {
  return yargs
    .positional('source', { type: 'string', describe: 'The MLflow database: sqlite:///PATH', demandOption: true })
    .option('backend-store-uri', { ...STORE_URI, describe: `Where to: ${STORE_URI.describe}` })
    .option('json', { type: 'boolean', default: false, describe: 'Print the counts as JSON' })
    .example('$0 db import sqlite:///mlflow.db', 'into ./mltrack.db') as unknown as Argv<ImportArgs>;
}

async function run({ source, backendStoreUri, json }: ArgumentsCamelCase<ImportArgs>): Promise<void> {
  const { importMlflow } = await import('../../server/import/index.js');
  const line = countedLine(process.stderr, 'Importing runs');
  const imported = await told(() =>
    importMlflow({ from: source, backendStoreUri, progress: (_noun, done, total) => line.update({ done, total }) }),
  ).finally(() => line.end());
  if (json) return console.log(JSON.stringify(imported));
  for (const [noun, count] of Object.entries(imported.counts)) {
    if (count > 0) console.log(`${count.toLocaleString('en').padStart(9)} ${noun}`);
  }
  console.log('Everything is there: counted, and the values of some runs compared.');
  if (imported.tracesWithoutSpans > 0) {
    console.log(
      `${imported.tracesWithoutSpans} traces came without their spans, which MLflow keeps in its own tables.`,
    );
  }
}

export const importDatabase: CommandModule<object, ImportArgs> = {
  command: 'import <source>',
  describe:
    'Bring an MLflow database over: experiments, runs with all values, models, traces. May be stopped and started again',
  builder: options,
  handler: run,
};
