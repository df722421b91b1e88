/** `mltrack models predict`: a file of inputs to a file of predictions. */
import { readFile, writeFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import { CommandError } from '../failure.js';
import { MODEL_URI } from './model-uri.js';

interface PredictArgs {
  modelUri: string;
  inputPath: string;
  outputPath: string;
  contentType: 'json' | 'csv' | undefined;
}

/** Standard input or output. */
const STANDARD = '-';

function options(yargs: Argv): Argv<PredictArgs> {
  return yargs
    .option('model-uri', { ...MODEL_URI, demandOption: true })
    .option('input-path', {
      alias: 'i',
      type: 'string',
      default: STANDARD,
      defaultDescription: 'standard input',
      describe: 'File of the inputs: JSON as for /invocations, or CSV',
    })
    .option('output-path', {
      alias: 'o',
      type: 'string',
      default: STANDARD,
      defaultDescription: 'standard output',
      describe: 'File for the predictions, which are JSON',
    })
    .option('content-type', {
      alias: 't',
      choices: ['json', 'csv'] as const,
      defaultDescription: 'csv for a file that ends so, else json',
      describe: 'What the inputs are written in',
    }) as unknown as Argv<PredictArgs>;
}

/** Turns what the file system says into a line that names the file. */
const failed = (doing: string, path: string) => (error: NodeJS.ErrnoException) => {
  const reason = error.code === 'ENOENT' ? 'no such file or folder' : error.message;
  throw new CommandError(`Cannot ${doing} ${path}: ${reason}`);
};

async function predictFile({ modelUri, inputPath, outputPath, contentType }: ArgumentsCamelCase<PredictArgs>) {
  const input = inputPath === STANDARD ? buffer(process.stdin) : readFile(inputPath);
  const body = new Uint8Array(await input.catch(failed('read', inputPath)));
  const type = contentType ?? (/\.csv$/i.test(inputPath) ? 'csv' : 'json');
  const packager = await import('../../packager/index.js');
  const predictions = `${await packager.predict({ modelUri, contentType: type, body })}\n`;
  if (outputPath === STANDARD) process.stdout.write(predictions);
  else await writeFile(outputPath, predictions).catch(failed('write', outputPath));
}

export const predict: CommandModule<object, PredictArgs> = {
  command: 'predict',
  describe: 'Predictions for a file of inputs, without a server',
  builder: options,
  handler: predictFile,
};
