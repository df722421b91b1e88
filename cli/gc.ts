/** `mltrack gc`: removes for good what was deleted. */
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import { STORE_URI, told } from './db/store-uri.js';
import { CommandError } from './failure.js';

interface GcArgs {
  backendStoreUri: string;
  artifactsDestination: string;
  defaultArtifactRoot: string | undefined;
  olderThan: string | undefined;
  runIds: string | undefined;
  experimentIds: string | undefined;
  dryRun: boolean;
  json: boolean;
}

function options(yargs: Argv): Argv<GcArgs> {
  return yargs
    .option('backend-store-uri', STORE_URI)
    .option('artifacts-destination', {
      type: 'string',
      default: process.env.MLFLOW_ARTIFACTS_DESTINATION ?? './mlartifacts',
      describe: 'Where the server keeps artifacts [MLFLOW_ARTIFACTS_DESTINATION]',
    })
    .option('default-artifact-root', {
      type: 'string',
      default: process.env.MLFLOW_DEFAULT_ARTIFACT_ROOT,
      describe: 'Where clients keep artifacts by themselves [MLFLOW_DEFAULT_ARTIFACT_ROOT]',
    })
    .option('older-than', { type: 'string', describe: 'Only what was deleted so long ago: 1d2h3m4s' })
    .option('run-ids', { type: 'string', describe: 'Only these runs, with commas between' })
    .option('experiment-ids', { type: 'string', describe: 'Only these experiments and what is in them' })
    .option('dry-run', { type: 'boolean', default: false, describe: 'Only say what would go' })
    .option('json', {
      type: 'boolean',
      default: false,
      describe: 'Print what went as JSON',
    }) as unknown as Argv<GcArgs>;
}

const listOf = (text: string | undefined) =>
  text
    ?.split(',')
    .map((id) => id.trim())
    .filter((id) => id !== '');

async function run(args: ArgumentsCamelCase<GcArgs>): Promise<void> {
  const { collectGarbage, durationOf } = await import('../server/gc/index.js');
  const { MltrackError } = await import('../api/index.js');
  const { dryRun, json, backendStoreUri, artifactsDestination, defaultArtifactRoot } = args;
  const runIds = listOf(args.runIds);
  const experimentIds = listOf(args.experimentIds);
  const verb = dryRun ? 'would go' : 'removed';
  const result = await told(() =>
    collectGarbage({
      backendStoreUri,
      artifactsDestination,
      defaultArtifactRoot,
      ...(args.olderThan !== undefined && { olderThan: durationOf(args.olderThan) }),
      ...(runIds && { runIds }),
      ...(experimentIds && { experimentIds }),
      dryRun,
      progress: (noun, id) => json || console.log(`${noun} ${id} ${verb}`),
    }),
  ).catch((error: Error) => {
    throw error instanceof MltrackError ? new CommandError(error.message) : error;
  });
  if (json) return console.log(JSON.stringify(result));
  for (const { uri, why } of result.unreached) console.error(`artifacts at ${uri} stay: ${why}`);
  const { runs, models, experiments } = result;
  console.log(`${runs.length} runs, ${models.length} logged models, ${experiments.length} experiments ${verb}`);
}

export const gc: CommandModule<object, GcArgs> = {
  command: 'gc',
  describe:
    'Remove deleted runs, logged models and experiments for good, with their artifacts; a server may run meanwhile',
  builder: options,
  handler: run,
};
