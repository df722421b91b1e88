/** `mltrack runs create`: a run that is over as soon as it is there. */
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import { CommandError } from '../failure.js';
import { onServer } from '../tracking-server.js';

interface Args {
  experimentId: string | undefined;
  experimentName: string | undefined;
  runName: string | undefined;
  description: string | undefined;
  tags: readonly string[];
  status: string;
  parentRunId: string | undefined;
}

const STATUSES = ['FINISHED', 'FAILED', 'KILLED'] as const;

function options(yargs: Argv): Argv<Args> {
  return yargs
    .option('experiment-id', { type: 'string', describe: 'ID of the experiment [MLFLOW_EXPERIMENT_ID]' })
    .option('experiment-name', {
      type: 'string',
      describe: 'Its name instead; it is created when there is none [MLFLOW_EXPERIMENT_NAME]',
    })
    .option('run-name', { type: 'string', defaultDescription: 'made up by the server', describe: 'Name of the run' })
    .option('description', { type: 'string', describe: 'What the run is' })
    .option('tags', {
      alias: 't',
      type: 'array',
      string: true,
      nargs: 1,
      default: [],
      defaultDescription: 'none',
      describe: 'key=value; may be given more than once',
    })
    .option('status', { type: 'string', default: 'FINISHED', describe: `How it ended: ${STATUSES.join(', ')}` })
    .option('parent-run-id', { type: 'string', describe: 'ID of the run that it is nested in' })
    .parserConfiguration({ 'duplicate-arguments-array': true }) as unknown as Argv<Args>;
}

async function run(args: ArgumentsCamelCase<Args>): Promise<void> {
  const { runName: name, description, parentRunId: parent } = args;
  const status = STATUSES.find((each) => each === args.status.toUpperCase());
  if (!status) throw new CommandError(`--status must be ${STATUSES.join(', ')}, not '${args.status}'`);
  const tags = tagsOf(args.tags);
  if (description !== undefined) tags['mlflow.note.content'] = description;
  const experiment = experimentOf(args);
  const { experimentIdOf } = await import('../../client/node/index.js');
  await onServer(async (client) => {
    if (parent !== undefined) {
      await client.getRun({ run_id: parent });
      tags['mlflow.parentRunId'] = parent;
    }
    const { info } = (
      await client.createRun({
        experiment_id: await experimentIdOf(client, experiment),
        run_name: name,
        start_time: Date.now(),
        tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
      })
    ).run;
    const { run_id, experiment_id, run_name } = info;
    await client.updateRun({ run_id, status, end_time: Date.now() });
    console.log(JSON.stringify({ run_id, experiment_id, status, run_name }, null, 2));
  });
}

/** A flag counts before the environment. */
function experimentOf({ experimentId, experimentName }: Args): { experiment: string } | { experiment_id: string } {
  const { MLFLOW_EXPERIMENT_ID, MLFLOW_EXPERIMENT_NAME } = process.env;
  const given = experimentId !== undefined || experimentName !== undefined;
  const id = given ? experimentId : MLFLOW_EXPERIMENT_ID || undefined;
  const name = given ? experimentName : MLFLOW_EXPERIMENT_NAME || undefined;
  if (id !== undefined && name === undefined) return { experiment_id: id };
  if (id === undefined && name !== undefined) return { experiment: name };
  throw new CommandError('Must specify exactly one of --experiment-id or --experiment-name.');
}

function tagsOf(pairs: readonly string[]): Record<string, string> {
  const tags: Record<string, string> = {};
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    if (at < 0) throw new CommandError(`Invalid tag format: '${pair}'. Tags must be in key=value format.`);
    const key = pair.slice(0, at);
    if (Object.hasOwn(tags, key)) throw new CommandError(`Duplicate tag key: '${key}'`);
    tags[key] = pair.slice(at + 1);
  }
  return tags;
}

export const create: CommandModule<object, Args> = {
  command: 'create',
  describe: 'Create a run that has ended, and print it as JSON',
  builder: options,
  handler: run,
};
