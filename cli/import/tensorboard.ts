/** `mltrack import tensorboard`: event files as runs. */
import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import type { Connection } from '../../client/node/index.js';
import { CommandError } from '../failure.js';
import { bytesLine } from '../progress.js';
import { printable } from '../table.js';
import { atServer, type TrackingArgs, withTrackingUri } from '../tracking-server.js';
import type { EventFolder } from './tensorboard/folders.js';
import type { Imported } from './tensorboard/import-folder.js';

interface Args extends TrackingArgs {
  dir: string;
  experiment: string | undefined;
  json: boolean;
}

function options(yargs: Argv): Argv<Args> {
  return withTrackingUri(yargs)
    .positional('dir', { type: 'string', demandOption: true, describe: 'The folder that TensorBoard is started with' })
    .option('experiment', {
      type: 'string',
      defaultDescription: 'the folder’s name',
      describe: 'Name of the experiment, created when missing',
    })
    .option('json', { type: 'boolean', default: false, describe: 'Print what was imported as JSON' })
    .example('$0 import tensorboard ./runs', 'one run for each folder below with event files') as unknown as Argv<Args>;
}

async function run(args: ArgumentsCamelCase<Args>): Promise<void> {
  const { dir, json } = args;
  const found = await stat(dir).catch(() => undefined);
  if (!found?.isDirectory()) throw new CommandError(`No such folder: '${dir}'`);
  const { eventFolders } = await import('./tensorboard/folders.js');
  const folders = await eventFolders(dir);
  if (folders.length === 0) throw new CommandError(`No event files (*tfevents*) below '${dir}'`);
  await atServer(args, async (client) => {
    const imported = await importAll(client, args.experiment ?? basename(resolve(dir)), folders);
    if (json) console.log(JSON.stringify(imported, null, 2));
    else tell(imported.runs);
    const problems = imported.runs.flatMap((each) => each.problems);
    for (const problem of problems) console.error(`mltrack: ${printable(problem)}`);
    if (problems.length > 0) process.exitCode = 1;
  });
}

async function importAll(client: Connection, experiment: string, folders: readonly EventFolder[]) {
  const { experimentIdOf } = await import('../../client/node/index.js');
  const { importFolder } = await import('./tensorboard/import-folder.js');
  const experiment_id = await experimentIdOf(client, { experiment });
  const line = bytesLine(process.stderr, 'Importing');
  const total = folders.reduce((sum, { files }) => sum + files.reduce((size, file) => size + file.size, 0), 0);
  let done = 0;
  const read = (bytes: number) => {
    done += bytes;
    line.update({ done: Math.min(done, total), total });
  };
  const runs: Imported[] = [];
  try {
    for (const folder of folders) runs.push(await importFolder(client, experiment_id, folder, read));
  } finally {
    line.end();
  }
  return { experiment_id, experiment, runs };
}

function tell(runs: readonly Imported[]): void {
  const fresh = runs.filter(({ isNew }) => isNew);
  for (const { name, metrics, params } of fresh) {
    console.log(`${printable(name)}: ${counted(metrics, 'value')}, ${counted(params, 'param')}`);
  }
  const before = runs.length - fresh.length;
  console.log(`${counted(fresh.length, 'run')} imported${before > 0 ? `, ${before} there already` : ''}.`);
  const leftOut = new Map<string, number>();
  for (const each of fresh) {
    for (const [kind, count] of Object.entries(each.leftOut)) leftOut.set(kind, (leftOut.get(kind) ?? 0) + count);
  }
  const kinds = [...leftOut].map(([kind, count]) => `${count.toLocaleString('en')} ${printable(kind)}`);
  if (kinds.length > 0) console.log(`Left out, as they are no scalars: ${kinds.join(', ')}.`);
}

const counted = (count: number, noun: string) => `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;

export const tensorboard: CommandModule<object, Args> = {
  command: 'tensorboard <dir>',
  describe: 'Scalars and hparams of TensorBoard’s event files, as runs. May be stopped and started again',
  builder: options,
  handler: run,
};
