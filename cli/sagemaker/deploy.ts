/** `mltrack sagemaker deploy` and `update`: the same flags and result, for a new endpoint and for one that is there. */
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import { VERSION } from '../../api/version.js';
import type { Mode } from '../../packager/index.js';
import { MODEL_URI } from '../models/model-uri.js';
import { APP_NAME, configOf, type DeployArgs, DRY_RUN, deployFlags, JSON_RESULT } from './flags.js';
import { runVerb } from './interruptible.js';

interface Args extends DeployArgs {
  appName: string;
  modelUri: string;
  dryRun: boolean;
  json: boolean;
}

interface Verb {
  readonly command: 'deploy' | 'update';
  readonly describe: string;
  readonly modes: readonly Mode[];
  readonly defaultMode: Mode;
  readonly describeMode: string;
  readonly epilog?: string;
}

function commandOf({ command, describe, modes, defaultMode, describeMode, epilog }: Verb): CommandModule<object, Args> {
  const options = (yargs: Argv) => {
    const named = yargs.option('app-name', APP_NAME).option('model-uri', { ...MODEL_URI, demandOption: true });
    const all = deployFlags(named, 1200)
      .option('mode', { choices: modes, defaultDescription: defaultMode, describe: describeMode })
      .option('dry-run', DRY_RUN)
      .option('json', JSON_RESULT);
    return (epilog === undefined ? all : all.epilog(epilog)) as unknown as Argv<Args>;
  };
  const run = async (args: ArgumentsCamelCase<Args>) => {
    const { appName: app, modelUri, json } = args;
    const config = await configOf(args);
    const packager = await import('../../packager/index.js');
    await runVerb(
      args,
      (talk) => packager[command]({ app, modelUri, config, version: VERSION, ...talk }),
      (made) => console.log(json ? JSON.stringify(made) : `${made.endpoint} ${made.status}`),
    );
  };
  return { command, describe, builder: options, handler: run };
}

export const deploy = commandOf({
  command: 'deploy',
  describe: 'Create an endpoint that serves a model',
  modes: ['create', 'add', 'replace'],
  defaultMode: 'create',
  describeMode: 'For an endpoint that is there: refuse, add the model as a variant of weight 0, or replace its models',
  epilog:
    'When a step fails, or on Ctrl-C, what was created is removed and named. docs/sagemaker.md has the keys of -C, and what a deployment creates.',
});

export const update = commandOf({
  command: 'update',
  describe: 'Give an endpoint that is there a new model',
  modes: ['add', 'replace'],
  defaultMode: 'replace',
  describeMode: 'Add the model as a variant of weight 0, or replace the endpoint’s models',
});
