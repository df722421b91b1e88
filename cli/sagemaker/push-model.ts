/** `mltrack sagemaker push-model`. */
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import { VERSION } from '../../api/version.js';
import { MODEL_URI } from '../models/model-uri.js';
import { configOf, DRY_RUN, JSON_RESULT, type ModelArgs, modelFlags } from './flags.js';
import { runVerb } from './interruptible.js';

interface Args extends ModelArgs {
  modelName: string;
  modelUri: string;
  dryRun: boolean;
  json: boolean;
}

function options(yargs: Argv): Argv<Args> {
  const named = yargs
    .option('model-name', { alias: 'n', type: 'string', demandOption: true, describe: 'Name of the SageMaker model' })
    .option('model-uri', { ...MODEL_URI, demandOption: true });
  return modelFlags(named).option('dry-run', DRY_RUN).option('json', JSON_RESULT) as unknown as Argv<Args>;
}

async function run(args: ArgumentsCamelCase<Args>): Promise<void> {
  const { modelName: name, modelUri, json } = args;
  const config = await configOf(args);
  const packager = await import('../../packager/index.js');
  await runVerb(
    args,
    (talk) => packager.pushModel({ name, modelUri, config, version: VERSION, ...talk }),
    (model) => console.log(json ? JSON.stringify(model) : model.arn),
  );
}

export const pushModel: CommandModule<object, Args> = {
  command: 'push-model',
  describe: 'Create a SageMaker model without an endpoint',
  builder: options,
  handler: run,
};
