/** `mltrack gc`: what is deleted goes for good. */
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import type { Collected } from '../server/gc/index.js';
import { STORE_URI, told } from './db/store-uri.js';
import { CommandError } from './failure.js';
import { countedLine } from './progress.js';

interface Args {
  olderThan: string | undefined;
  runIds: string | undefined;
  experimentIds: string | undefined;
  loggedModelIds: string | undefined;
  backendStoreUri: string;
  artifactsDestination: string | undefined;
  trackingUri: string | undefined;
  dryRun: boolean;
  json: boolean;
}

function options(yargs: Argv): Argv<Args> {
  return yargs
    .option('older-than', { type: 'string', describe: 'Only what has been deleted for so long: 30d, 2d8h5m20s' })
    .option('run-ids', { type: 'string', describe: 'Runs, separated by commas, and nothing but what is named' })
    .option('experiment-ids', { type: 'string', describe: 'The same for experiments, with all that is theirs' })
    .option('logged-model-ids', { type: 'string', describe: 'The same for logged models' })
    .option('backend-store-uri', STORE_URI)
    .option('artifacts-destination', {
      type: 'string',
      default: process.env.MLFLOW_ARTIFACTS_DESTINATION,
      defaultDescription: './mlartifacts',
      describe: 'Where the artifacts lie that the server serves [MLFLOW_ARTIFACTS_DESTINATION]',
    })
    .option('tracking-uri', {
      type: 'string',
      default: process.env.MLTRACK_TRACKING_URI || process.env.MLFLOW_TRACKING_URI,
      defaultDescription: 'none',
      describe:
        'Tracking server through which to remove the artifacts that it serves [MLTRACK_TRACKING_URI, MLFLOW_TRACKING_URI]',
    })
    .option('dry-run', { type: 'boolean', default: false, describe: 'Say what would go, and change nothing' })
    .option('json', { type: 'boolean', default: false, describe: 'Print one JSON object' }) as unknown as Argv<Args>;
}

async function run(args: ArgumentsCamelCase<Args>): Promise<void> {
  const { collectGarbage } = await import('../server/gc/index.js');
  const line = countedLine(process.stderr, 'Removing runs');
  const collected = await refused(() =>
    collectGarbage({
      backendStoreUri: args.backendStoreUri,
      artifactsDestination: args.artifactsDestination,
      olderThan: args.olderThan,
      runIds: idsOf(args.runIds),
      experimentIds: idsOf(args.experimentIds),
      modelIds: idsOf(args.loggedModelIds),
      dryRun: args.dryRun,
      ...(args.trackingUri && { proxied: through(args.trackingUri) }),
      progress: (done, total) => line.update({ done, total }),
    }),
  ).finally(() => line.end());
  if (args.json) console.log(JSON.stringify({ dryRun: args.dryRun, ...collected }));
  else say(collected, args.dryRun);
}

function idsOf(list: string | undefined): string[] | undefined {
  const ids = list
    ?.split(',')
    .map((id) => id.trim())
    .filter((id) => id !== '');
  return ids?.length ? ids : undefined;
}

function through(uri: string): (artifacts: string) => Promise<void> {
  if (!/^https?:\/\//i.test(uri)) throw new CommandError(`--tracking-uri must be the URL of a server, not '${uri}'`);
  return async (artifacts) => {
    const { connect } = await import('../client/node/index.js');
    await connect(uri, { retries: 1 }).artifacts.remove(artifacts, '');
  };
}

/** What is active or not there is told in the words of the refusal. */
async function refused<T>(work: () => Promise<T>): Promise<T> {
  const { MltrackError } = await import('../client/node/index.js');
  try {
    return await told(work);
  } catch (error) {
    throw error instanceof MltrackError ? new CommandError(error.message, { cause: error }) : error;
  }
}

function say({ runs, loggedModels, experiments, skipped }: Collected, dryRun: boolean): void {
  const end = dryRun ? 'would be permanently deleted.' : 'has been permanently deleted.';
  for (const id of runs) console.log(`Run with ID ${id} ${end}`);
  for (const id of loggedModels) console.log(`Logged model with ID ${id} ${end}`);
  for (const id of experiments) console.log(`Experiment with ID ${id} ${end}`);
  for (const { uri, reason } of skipped) console.error(`Skipped the artifacts at ${uri}: ${reason}`);
}

export const gc: CommandModule<object, Args> = {
  command: 'gc',
  describe: 'Permanently delete the runs, logged models and experiments that are deleted, with their artifacts',
  builder: options,
  handler: run,
};
