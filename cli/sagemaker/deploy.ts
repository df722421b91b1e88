/** `mltrack sagemaker deploy`. */
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import { VERSION } from '../../api/version.js';
import type { Deployment } from '../../packager/index.js';
import { MODEL_URI } from '../models/model-uri.js';
import { APP_NAME, configOf, type DeployArgs, deployFlags, JSON_RESULT } from './flags.js';
import { interruptible } from './interruptible.js';

export interface Args extends DeployArgs {
  appName: string;
  modelUri: string;
  json: boolean;
}

function options(yargs: Argv): Argv<Args> {
  return deployFlags(yargs.option('app-name', APP_NAME).option('model-uri', { ...MODEL_URI, demandOption: true }), 1200)
    .option('mode', {
      choices: ['create', 'add', 'replace'] as const,
      defaultDescription: 'create',
      describe: 'For an endpoint that is there: refuse, add the model as a variant of weight 0, or replace its models',
    })
    .option('json', JSON_RESULT)
    .epilog(
      'When a step fails, or on Ctrl-C, what was created is removed and named. docs/sagemaker.md has the keys of -C, and what a deployment creates.',
    ) as unknown as Argv<Args>;
}

/** What both `deploy` and `update` print: with `--json` everything. */
export function printDeployment(deployment: Deployment, json: boolean): void {
  console.log(json ? JSON.stringify(deployment) : `${deployment.endpoint} ${deployment.status}`);
}

async function run(args: ArgumentsCamelCase<Args>): Promise<void> {
  const { appName: app, modelUri, json } = args;
  const config = await configOf(args);
  const packager = await import('../../packager/index.js');
  const deployment = await interruptible((talk) =>
    packager.deploy({ app, modelUri, config, version: VERSION, ...talk }),
  );
  printDeployment(deployment, json);
}

export const deploy: CommandModule<object, Args> = {
  command: 'deploy',
  describe: 'Create an endpoint that serves a model',
  builder: options,
  handler: run,
};
