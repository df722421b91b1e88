/** How every command line is read: strictly, with help, and a failure in one line. */
import yargs, { type Argv } from 'yargs';
import { hideBin } from 'yargs/helpers';
import { VERSION } from '../api/version.js';
import { reportFailure, WIDTH } from './failure.js';

/** Runs the one of the commands that this process was started with. A failure ends the process. */
export async function runCommandLine(withCommands: (yargs: Argv) => Argv): Promise<void> {
  const args = hideBin(process.argv);
  // Once a command runs, yargs lays its help out, whether anyone will see it or not: without a width that costs little.
  const helps = args.length === 0 || args.includes('--help');
  await withCommands(yargs(args))
    .scriptName('mltrack')
    .locale('en')
    .usage('$0 <command>\n\nExperiment tracking server, client and model packager that speak MLflow’s protocol.')
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
}
