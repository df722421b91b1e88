/** `mltrack db import`: an MLflow database with all its ids. */
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import { countedLine } from '../progress.js';
import { STORE_URI, told } from './store-uri.js';

interface ImportArgs {
  source: string;
  backendStoreUri: string;
  artifactsDestination?: string;
  defaultArtifactRoot?: string;
  json: boolean;
}

function options(yargs: Argv): Argv<ImportArgs> {
  return yargs
    .positional('source', { type: 'string', describe: 'The MLflow database: sqlite:///PATH', demandOption: true })
    .option('backend-store-uri', { ...STORE_URI, describe: `Where to: ${STORE_URI.describe}` })
    .option('artifacts-destination', {
      type: 'string',
      describe:
        'As of `server`: where MLflow’s artifacts lie. Spans that its database holds are written there [default: ./mlartifacts]',
    })
    .option('default-artifact-root', { type: 'string', describe: 'As of `server`' })
    .option('json', { type: 'boolean', default: false, describe: 'Print the counts as JSON' })
    .example('$0 db import sqlite:///mlflow.db', 'into ./mltrack.db') as unknown as Argv<ImportArgs>;
}

async function run({ source, json, ...settings }: ArgumentsCamelCase<ImportArgs>): Promise<void> {
  const { importMlflow } = await import('../../server/import/index.js');
  const line = countedLine(process.stderr, 'Importing runs');
  const imported = await told(() =>
    importMlflow({
      from: source,
      ...placesOf(settings),
      progress: (_noun, done, total) => line.update({ done, total }),
    }),
  ).finally(() => line.end());
  if (json) return console.log(JSON.stringify(imported));
  for (const [noun, count] of Object.entries(imported.counts)) {
    if (count > 0) console.log(`${count.toLocaleString('en').padStart(9)} ${noun}`);
  }
  console.log('Everything is there: counted, and the values of some runs compared.');
  if (imported.tracesWithoutSpans > 0) {
    console.log(
      `${imported.tracesWithoutSpans} traces came without their spans: their artifacts lie elsewhere. Name the place with --artifacts-destination or --default-artifact-root, and import into a new database.`,
    );
  }
}

/** Only what was given: the server's defaults are its own. */
function placesOf({ backendStoreUri, artifactsDestination, defaultArtifactRoot }: Omit<ImportArgs, 'source' | 'json'>) {
  return {
    backendStoreUri,
    ...(artifactsDestination !== undefined && { artifactsDestination }),
    ...(defaultArtifactRoot !== undefined && { defaultArtifactRoot }),
  };
}

export const importDatabase: CommandModule<object, ImportArgs> = {
  command: 'import <source>',
  describe:
    'Bring an MLflow database over: experiments, runs with all values, models, traces. May be stopped and started again',
  builder: options,
  handler: run,
};
