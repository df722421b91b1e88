/** `mltrack sagemaker push-model`. */
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import { VERSION } from '../../api/version.js';
import { MODEL_URI } from '../models/model-uri.js';
import { configOf, JSON_RESULT, type ModelArgs, modelFlags } from './flags.js';
import { interruptible } from './interruptible.js';

interface Args extends ModelArgs {
  modelName: string;
  modelUri: string;
  json: boolean;
}

function options(yargs: Argv): Argv<Args> {
  const named = yargs
    .option('model-name', { alias: 'n', type: 'string', demandOption: true, describe: 'Name of the SageMaker model' })
    .option('model-uri', { ...MODEL_URI, demandOption: true });
  return modelFlags(named).option('json', JSON_RESULT) as unknown as Argv<Args>;
}

async function run(args: ArgumentsCamelCase<Args>): Promise<void> {
  const { modelName: name, modelUri, json } = args;
  const config = await configOf(args);
  const packager = await import('../../packager/index.js');
  const model = await interruptible((talk) =>
    packager.pushModel({ name, modelUri, config, version: VERSION, ...talk }),
  );
  console.log(json ? JSON.stringify(model) : model.arn);
}

export const pushModel: CommandModule<object, Args> = {
  command: 'push-model',
  describe: 'Create a SageMaker model without an endpoint',
  builder: options,
  handler: run,
};
