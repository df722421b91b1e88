/**
 * `mltrack models serve` and nothing else, built into one file: a container waits for it, and every further file that is loaded
 * takes its part of a millisecond.
 */
import { runCommandLine } from './command-line.js';
import { serve } from './models/serve.js';

runCommandLine((yargs) =>
  yargs.command({ command: 'models', builder: (models) => models.command(serve), handler: () => {} }),
);
