/** The `mltrack` command: one module per noun, loaded when its command runs. */
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { VERSION } from '../api/version.js';
import { reportFailure, WIDTH } from './failure.js';
import { models } from './models.js';
import { server } from './server.js';

const args = hideBin(process.argv);
// Once a command runs, yargs lays its help out, whether anyone will see it or not: without a width that costs little.
const helps = args.length === 0 || args.includes('--help');

await yargs(args)
  .scriptName('mltrack')
  .locale('en')
  .usage('$0 <command>\n\nExperiment tracking server, client and model packager that speak MLflow’s protocol.')
  .command(server)
  .command(models)
  .demandCommand(1, 'Say which command to run.')
  // As with MLflow's flags, the last one given wins.
  .parserConfiguration({ 'duplicate-arguments-array': false })
  .recommendCommands()
  .strict()
  .version(VERSION)
  .alias({ version: 'V' })
  .wrap(helps ? WIDTH : null)
  .fail(reportFailure)
  .parseAsync();
