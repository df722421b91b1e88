/** `mltrack sync`: what programs have left in a spool reaches its server. */
import { resolve } from 'node:path';
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import type { SyncedRun } from '../../client/node/index.js';
import { CommandError } from '../failure.js';
import { bytesLine } from '../progress.js';
import { JSON_RESULT, type TrackingArgs, withTrackingUri } from '../tracking-server.js';

interface Args extends TrackingArgs {
  dir: string | undefined;
  json: boolean;
}

function options(yargs: Argv): Argv<Args> {
  return withTrackingUri(
    yargs.positional('dir', {
      type: 'string',
      default: process.env.MLTRACK_SPOOL_DIR,
      defaultDescription: '.mltrack',
      describe: 'The spool, or the folder of one run in it [MLTRACK_SPOOL_DIR]',
    }),
  ).option('json', JSON_RESULT) as unknown as Argv<Args>;
}

async function run({ dir = '.mltrack', trackingUri, json }: ArgumentsCamelCase<Args>): Promise<void> {
  const { connect, syncSpool } = await import('../../client/node/index.js');
  const line = bytesLine(process.stderr, 'Delivering');
  const synced = await syncSpool(dir, {
    connect: (recorded) => connect(trackingUri ?? recorded),
    progress: (done, total) => line.update({ done, total }),
  })
    .catch((error) => {
      if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error;
      throw new CommandError(`No spool: '${resolve(dir)}'`);
    })
    .finally(() => line.end());
  if (json) console.log(JSON.stringify(synced));
  else for (const each of synced) console.log(say(each));
  if (!json && synced.length === 0) console.log('Nothing is left to deliver.');
  if (!json && trackingUri === undefined && synced.some(({ left }) => left !== undefined)) {
    console.error('mltrack: A run goes to the server that it was logged for; --tracking-uri URL sends it to another.');
  }
  if (synced.some(({ left, refused }) => left ?? refused)) process.exitCode = 1;
}

function say({ local_id, name, run_id, refused, left }: SyncedRun): string {
  const what = `${run_id ?? local_id}${name === undefined ? '' : ` (${name})`}`;
  if (left !== undefined) return `${what} is left: ${left}`;
  return refused === undefined ? `${what} is delivered` : `${what} is delivered; what was refused is in ${refused}`;
}

export const sync: CommandModule<object, Args> = {
  command: 'sync [dir]',
  describe: 'Deliver the runs that a spool still has, recorded offline or left by a crash',
  builder: options,
  handler: run,
};
