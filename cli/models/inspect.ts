/** `mltrack models inspect`: what a model is, as tables for people or one JSON object. */
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import { CommandError } from '../failure.js';
import { inTerminal } from '../table.js';
import { inspectionText } from './inspection-text.js';
import { MODEL_URI } from './model-uri.js';

interface InspectArgs {
  uri: string | undefined;
  modelUri: string | undefined;
  json: boolean;
}

function options(yargs: Argv): Argv<InspectArgs> {
  return yargs
    .positional('uri', { type: 'string', describe: MODEL_URI.describe })
    .option('model-uri', { ...MODEL_URI, describe: 'The same as a flag' })
    .option('json', {
      type: 'boolean',
      default: false,
      describe: 'Print one JSON object',
    }) as unknown as Argv<InspectArgs>;
}

async function inspectModel({ uri, modelUri, json }: ArgumentsCamelCase<InspectArgs>): Promise<void> {
  const model = uri ?? modelUri;
  if (model === undefined) throw new CommandError('Say which model: mltrack models inspect URI');
  const packager = await import('../../packager/index.js');
  const inspection = await packager.inspect(model);
  process.stdout.write(`${json ? JSON.stringify(inspection) : inspectionText(inspection, inTerminal())}\n`);
}

export const inspect: CommandModule<object, InspectArgs> = {
  command: 'inspect [uri]',
  describe: 'Inputs, outputs, operators, size, signature, and what can run a model',
  builder: options,
  handler: inspectModel,
};
