/** `mltrack artifacts log-artifact`: one file into a run. */
import { stat } from 'node:fs/promises';
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import { CommandError } from '../failure.js';
import { onServer } from '../tracking-server.js';
import { ARTIFACT_PATH, RUN_ID } from './transfer.js';

interface Args {
  localFile: string;
  runId: string;
  artifactPath: string | undefined;
}

function options(yargs: Argv): Argv<Args> {
  return yargs
    .option('local-file', { alias: 'l', type: 'string', demandOption: true, describe: 'The file' })
    .option('run-id', RUN_ID)
    .option('artifact-path', ARTIFACT_PATH) as unknown as Argv<Args>;
}

async function run({ localFile, runId: run_id, artifactPath }: ArgumentsCamelCase<Args>): Promise<void> {
  const found = await stat(localFile).catch(() => undefined);
  if (!found) throw new CommandError(`No such file: '${localFile}'`);
  if (!found.isFile()) throw new CommandError(`${localFile} is no file: for a folder use log-artifacts`);
  const { uploadFile } = await import('../../client/node/index.js');
  await onServer(async (client) => {
    const { info } = (await client.getRun({ run_id })).run;
    await uploadFile(client, info.artifact_uri, localFile, artifactPath);
  });
  console.log(`Logged artifact from local file ${localFile} to artifact_path=${artifactPath ?? ''}`);
}

export const logArtifact: CommandModule<object, Args> = {
  command: 'log-artifact',
  describe: 'Upload a file to a run',
  builder: options,
  handler: run,
};
