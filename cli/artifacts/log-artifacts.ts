/** `mltrack artifacts log-artifacts`: a folder into a run. */
import { stat } from 'node:fs/promises';
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import { CommandError } from '../failure.js';
import { onServer } from '../tracking-server.js';
import { ARTIFACT_PATH, moving, RUN_ID } from './transfer.js';

interface Args {
  localDir: string;
  runId: string;
  artifactPath: string | undefined;
}

function options(yargs: Argv): Argv<Args> {
  return yargs
    .option('local-dir', { alias: 'l', type: 'string', demandOption: true, describe: 'The folder' })
    .option('run-id', RUN_ID)
    .option('artifact-path', ARTIFACT_PATH) as unknown as Argv<Args>;
}

async function run({ localDir, runId: run_id, artifactPath }: ArgumentsCamelCase<Args>): Promise<void> {
  const found = await stat(localDir).catch(() => undefined);
  if (!found?.isDirectory()) throw new CommandError(`No such folder: '${localDir}'`);
  const { uploadFolder } = await import('../../client/node/index.js');
  await onServer(async (client) => {
    const { info } = (await client.getRun({ run_id })).run;
    await moving('Uploading', (progress) => uploadFolder(client, info.artifact_uri, localDir, artifactPath, progress));
  });
  console.log(`Logged artifact from local dir ${localDir} to artifact_path=${artifactPath ?? ''}`);
}

export const logArtifacts: CommandModule<object, Args> = {
  command: 'log-artifacts',
  describe: 'Upload every file below a folder to a run',
  builder: options,
  handler: run,
};
