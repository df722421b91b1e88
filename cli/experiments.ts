/** `mltrack experiments`: experiments of a tracking server. */
import type { CommandModule } from 'yargs';
import { create } from './experiments/create.js';
import { csv } from './experiments/csv.js';
import { remove } from './experiments/delete.js';
import { get } from './experiments/get.js';
import { rename } from './experiments/rename.js';
import { restore } from './experiments/restore.js';
import { search } from './experiments/search.js';

export const experiments: CommandModule = {
  command: 'experiments <command>',
  describe: 'Experiments of the tracking server at MLTRACK_TRACKING_URI',
  builder: (yargs) =>
    yargs
      .command(create)
      .command(search)
      .command(get)
      .command(rename)
      .command(remove)
      .command(restore)
      .command(csv)
      .demandCommand(1, 'Say what to do with experiments.'),
  handler: () => {},
};
