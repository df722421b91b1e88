/** `mltrack artifacts`: files of runs. */
import type { CommandModule } from 'yargs';
import { download } from './artifacts/download.js';
import { list } from './artifacts/list.js';
import { logArtifact } from './artifacts/log-artifact.js';
import { logArtifacts } from './artifacts/log-artifacts.js';

export const artifacts: CommandModule = {
  command: 'artifacts <command>',
  describe: 'Files of runs: upload, list, download',
  builder: (yargs) =>
    yargs
      .command(logArtifact)
      .command(logArtifacts)
      .command(list)
      .command(download)
      .demandCommand(1, 'Say what to do with artifacts.'),
  handler: () => {},
};
