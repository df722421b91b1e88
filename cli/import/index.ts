/** `mltrack import`: what other trackers have recorded, into a tracking server. */
import type { CommandModule } from 'yargs';
import { tensorboard } from './tensorboard.js';

export const importRuns: CommandModule = {
  command: 'import <source>',
  describe: 'Bring over what other trackers have recorded',
  builder: (yargs) => yargs.command(tensorboard).demandCommand(1, 'Say what to import from.'),
  handler: () => {},
};
