/** The `mltrack` command: one module per noun, loaded when its command runs. */
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { VERSION } from '../api/version.js';
import { reportFailure } from './failure.js';
import { models } from './models.js';
import { sagemaker } from './sagemaker.js';
import { server } from './server.js';

await yargs(hideBin(process.argv))
  .scriptName('mltrack')
  .locale('en')
  .usage('$0 <command>\n\nExperiment tracking server, client and model packager that speak MLflow’s protocol.')
  .command(server)
  .command(models)
  .command(sagemaker)
  .demandCommand(1, 'Say which command to run.')
  // As with MLflow's flags, the last one given wins.
  .parserConfiguration({ 'duplicate-arguments-array': false })
  .recommendCommands()
  .strict()
  .version(VERSION)
  .alias({ version: 'V' })
  .wrap(Math.min(110, process.stdout.columns ?? 110))
  .fail(reportFailure)
  .parseAsync();
