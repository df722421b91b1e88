/** `mltrack artifacts download`: a file or folder of a run, or what an artifact URI names. */
import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, posix, resolve } from 'node:path';
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import type { Connection, ListFiles } from '../../client/node/index.js';
import { CommandError } from '../failure.js';
import { onServer } from '../tracking-server.js';
import { listingOf } from './list.js';
import { ARTIFACT_PATH, interruptible, moving, RUN_ID } from './transfer.js';

interface Args {
  runId: string | undefined;
  artifactPath: string | undefined;
  artifactUri: string | undefined;
  dstPath: string | undefined;
}

function options(yargs: Argv): Argv<Args> {
  return yargs
    .option('run-id', { ...RUN_ID, demandOption: false })
    .option('artifact-path', { ...ARTIFACT_PATH, describe: 'File or folder among the run’s artifacts' })
    .option('artifact-uri', {
      alias: 'u',
      type: 'string',
      describe: 'In place of a run: runs:/RUN_ID/PATH, a path or file: URI of this machine',
    })
    .option('dst-path', {
      alias: 'd',
      type: 'string',
      defaultDescription: 'a new temporary folder',
      describe: 'Folder to download into, created when it is missing',
    }) as unknown as Argv<Args>;
}

interface Wanted {
  readonly root: string;
  readonly path: string;
  readonly list: ListFiles;
  /** Where it comes to lie, below the destination. */
  readonly below: string;
}

async function run(args: ArgumentsCamelCase<Args>): Promise<void> {
  const { downloadArtifacts } = await import('../../client/node/index.js');
  await onServer(async (client) => {
    const { root, path, list, below } = await wanted(client, args);
    const folder = args.dstPath === undefined ? await mkdtemp(join(tmpdir(), 'mltrack-')) : resolve(args.dstPath);
    await mkdir(folder, { recursive: true });
    const target = join(folder, below);
    await interruptible((signal) =>
      moving('Downloading', (progress) => downloadArtifacts(client, root, path, list, target, { progress, signal })),
    );
    console.log(target);
  });
}

async function wanted(client: Connection, { runId, artifactPath = '', artifactUri }: Args): Promise<Wanted> {
  if (artifactUri === undefined) {
    if (runId === undefined)
      throw new CommandError('Say what: --run-id, with --artifact-path for a part, or --artifact-uri');
    const path = inside(artifactPath);
    return { ...(await ofRun(client, runId)), path, below: path };
  }
  const [, run, path = ''] = /^runs:\/+([^/]+)\/*(.*)$/s.exec(artifactUri) ?? [];
  if (run !== undefined) {
    const checked = inside(path);
    return { ...(await ofRun(client, run)), path: checked, below: posix.basename(checked) };
  }
  if (!/^file:/i.test(artifactUri) && /^[a-z][a-z0-9+.-]+:/i.test(artifactUri)) {
    throw new CommandError(`Cannot download ${artifactUri}: --artifact-uri takes runs:/RUN_ID/PATH, a path or file:`);
  }
  return { root: artifactUri, path: '', list: async () => [], below: posix.basename(artifactUri.replace(/\/+$/, '')) };
}

/** Throws when the path leads outside the run's artifacts, and so outside the destination. */
function inside(path: string): string {
  const normal = posix.normalize(path).replace(/\/+$/, '');
  if (normal.split('/')[0] === '..' || normal.startsWith('/')) {
    throw new CommandError(`Invalid path: '${path}' is not below the run’s artifacts`);
  }
  return normal === '.' ? '' : normal;
}

async function ofRun(client: Connection, run_id: string): Promise<Pick<Wanted, 'root' | 'list'>> {
  const { info } = (await client.getRun({ run_id })).run;
  return { root: info.artifact_uri, list: (path) => listingOf(client, run_id, path) };
}

export const download: CommandModule<object, Args> = {
  command: 'download',
  describe: 'Download a file or folder, and print where it lies',
  builder: options,
  handler: run,
};
