/** `mltrack artifacts list`: files of a run, as JSON like MLflow's command. */
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import type { Connection, Listed } from '../../client/node/index.js';
import { onServer, pagesOf } from '../tracking-server.js';
import { ARTIFACT_PATH, RUN_ID } from './transfer.js';

interface Args {
  runId: string;
  artifactPath: string | undefined;
}

function options(yargs: Argv): Argv<Args> {
  return yargs.option('run-id', RUN_ID).option('artifact-path', ARTIFACT_PATH) as unknown as Argv<Args>;
}

/** Files and folders directly below a path of a run's artifacts. */
export function listingOf(client: Connection, run_id: string, path: string): Promise<Listed[]> {
  return pagesOf(async (token) => {
    const { files, next_page_token } = await client.listArtifacts({ run_id, ...(path && { path }), ...token });
    return { items: files, next: next_page_token };
  });
}

async function run({ runId, artifactPath }: ArgumentsCamelCase<Args>): Promise<void> {
  const files = await onServer((client) => listingOf(client, runId, artifactPath ?? ''));
  const written = (_key: string, value: unknown) => (typeof value === 'bigint' ? Number(value) : value);
  console.log(JSON.stringify(files, written, 2));
}

export const list: CommandModule<object, Args> = {
  command: 'list',
  describe: 'Files and folders directly below a folder of a run’s artifacts, as JSON',
  builder: options,
  handler: run,
};
