/** `mltrack sagemaker update`. */
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import { VERSION } from '../../api/version.js';
import { MODEL_URI } from '../models/model-uri.js';
import { type Args, printDeployment } from './deploy.js';
import { APP_NAME, configOf, deployFlags, JSON_RESULT } from './flags.js';
import { interruptible } from './interruptible.js';

function options(yargs: Argv): Argv<Args> {
  return deployFlags(yargs.option('app-name', APP_NAME).option('model-uri', { ...MODEL_URI, demandOption: true }), 1200)
    .option('mode', {
      choices: ['add', 'replace'] as const,
      defaultDescription: 'replace',
      describe: 'Add the model as a variant of weight 0, or replace the endpoint’s models',
    })
    .option('json', JSON_RESULT) as unknown as Argv<Args>;
}

async function run(args: ArgumentsCamelCase<Args>): Promise<void> {
  const { appName: app, modelUri, json } = args;
  const config = await configOf(args);
  const packager = await import('../../packager/index.js');
  const deployment = await interruptible((talk) =>
    packager.update({ app, modelUri, config, version: VERSION, ...talk }),
  );
  printDeployment(deployment, json);
}

export const update: CommandModule<object, Args> = {
  command: 'update',
  describe: 'Give an endpoint that is there a new model',
  builder: options,
  handler: run,
};
