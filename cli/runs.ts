/** `mltrack runs`: runs of a tracking server. */
import type { CommandModule } from 'yargs';
import { create } from './runs/create.js';
import { remove } from './runs/delete.js';
import { describe } from './runs/describe.js';
import { linkTraces } from './runs/link-traces.js';
import { list } from './runs/list.js';
import { restore } from './runs/restore.js';

export const runs: CommandModule = {
  command: 'runs <command>',
  describe: 'Runs of the tracking server at MLTRACK_TRACKING_URI',
  builder: (yargs) =>
    yargs
      .command(list)
      .command(describe)
      .command(create)
      .command(remove)
      .command(restore)
      .command(linkTraces)
      .demandCommand(1, 'Say what to do with runs.'),
  handler: () => {},
};
