/** `mltrack sagemaker run-local`: what SageMaker would run, on this machine. */
import { spawn } from 'node:child_process';
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import { VERSION } from '../../api/version.js';
import { CommandError } from '../failure.js';
import { MODEL_URI } from '../models/model-uri.js';

interface Args {
  modelUri: string;
  port: number;
  host: string;
  engine: 'docker' | 'podman' | undefined;
  imageUrl: string | undefined;
}

function options(yargs: Argv): Argv<Args> {
  // -h is the host here, as in `mltrack models serve`.
  return yargs
    .help('help')
    .option('model-uri', { ...MODEL_URI, demandOption: true })
    .option('port', { alias: 'p', type: 'number', default: 5000, describe: 'Port to listen on' })
    .option('host', { alias: 'h', type: 'string', default: '127.0.0.1', describe: 'Address to listen on' })
    .option('engine', {
      choices: ['docker', 'podman'] as const,
      defaultDescription: 'none: the container’s server as a process',
      describe: 'Run the image itself',
    })
    .option('image-url', {
      alias: 'i',
      type: 'string',
      defaultDescription: 'mlflow-pyfunc with the tag of this version',
      describe: 'Image that --engine runs',
    }) as unknown as Argv<Args>;
}

async function run({ modelUri, port, host, engine, imageUrl }: ArgumentsCamelCase<Args>): Promise<void> {
  if (!(Number.isInteger(port) && port > 0 && port <= 65535)) throw new CommandError('--port must be 1 to 65535');
  if (imageUrl !== undefined && engine === undefined) throw new CommandError('--image-url needs --engine');
  const packager = await import('../../packager/index.js');
  const container = await packager.layOut(modelUri);
  const own = packager.containerProgram(container, { host, port });
  const [program, ...flags] = engine
    ? [engine, ...packager.engineArguments(container, { host, port }, imageUrl ?? packager.localImage(VERSION))]
    : [...own.command.slice(0, 1), ...process.execArgv, ...own.command.slice(1)];
  const child = spawn(program as string, flags, {
    stdio: 'inherit',
    env: { ...process.env, ...(engine ? container : own).environment },
    // In a group of its own, a Ctrl-C reaches it once: from here.
    detached: true,
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) =>
      reject(new CommandError(error.code === 'ENOENT' ? `There is no ${program} on this machine` : error.message)),
    );
    child.once('exit', (status, signal) => {
      if (signal) console.error(`mltrack: the server ended by ${signal}`);
      resolve(status ?? 1);
    });
  });
  container.remove();
  process.exit(code);
}

export const runLocal: CommandModule<object, Args> = {
  command: 'run-local',
  describe: 'Serve a model as its container on SageMaker would, without Docker',
  builder: options,
  handler: run,
};
