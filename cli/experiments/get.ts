/** `mltrack experiments get`. */
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import type { Experiment } from '../../client/node/index.js';
import { CommandError } from '../failure.js';
import { aligned } from '../table.js';
import { EXPERIMENT_ID, JSON_RESULT, onServer } from '../tracking-server.js';

interface Args {
  experimentId: string | undefined;
  experimentName: string | undefined;
  output: 'json' | 'table';
  json: boolean;
}

function options(yargs: Argv): Argv<Args> {
  return yargs
    .option('experiment-id', { ...EXPERIMENT_ID, demandOption: false })
    .option('experiment-name', { alias: 'n', type: 'string', describe: 'Its name, in place of the ID' })
    .option('output', { choices: ['table', 'json'] as const, default: 'table', describe: 'How it is printed' })
    .option('json', { ...JSON_RESULT, describe: 'The same as --output json' }) as unknown as Argv<Args>;
}

async function run(args: ArgumentsCamelCase<Args>): Promise<void> {
  const { experimentId: experiment_id, experimentName: experiment_name } = args;
  if ((experiment_id === undefined) === (experiment_name === undefined)) {
    throw new CommandError('Must specify exactly one of --experiment-id or --experiment-name.');
  }
  const { experiment } = await onServer((client) =>
    experiment_name === undefined
      ? client.getExperiment({ experiment_id })
      : client.getExperimentByName({ experiment_name }),
  );
  const tags = Object.fromEntries((experiment.tags ?? []).map(({ key, value }) => [key, value]));
  if (args.json || args.output === 'json') console.log(JSON.stringify({ ...experiment, tags }, null, 2));
  else console.log(aligned(rowsOf(experiment, tags)).join('\n'));
}

function rowsOf(experiment: Experiment, tags: Record<string, string>): string[][] {
  return [
    ['Experiment ID', experiment.experiment_id],
    ['Name', experiment.name],
    ['Artifact Location', experiment.artifact_location],
    ['Lifecycle Stage', experiment.lifecycle_stage],
    ['Creation Time', String(experiment.creation_time ?? 'N/A')],
    ['Last Update Time', String(experiment.last_update_time ?? 'N/A')],
    [
      'Tags',
      Object.entries(tags)
        .map(([key, value]) => `${key}=${value}`)
        .join(', '),
    ],
  ].map(([field, value]) => [field as string, `: ${value}`]);
}

export const get: CommandModule<object, Args> = {
  command: 'get',
  describe: 'An experiment, by ID or name',
  builder: options,
  handler: run,
};
