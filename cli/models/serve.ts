/** `mltrack models serve`: a model behind HTTP, until a signal ends it. */
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import { VERSION } from '../../api/version.js';
import type { ProviderChoice, Serving } from '../../packager/index.js';
import { CommandError } from '../failure.js';
import type { ServingMessage } from '../supervisor.js';
import { MODEL_URI } from './model-uri.js';

interface ServeArgs {
  modelUri: string | undefined;
  port: number | undefined;
  host: string;
  workers: number | undefined;
  provider: ProviderChoice | undefined;
  timeout: number | undefined;
  name: string;
}

function options(yargs: Argv): Argv<ServeArgs> {
  // -h is the host here, as in `mlflow models serve`.
  return yargs
    .help('help')
    .option('model-uri', {
      ...MODEL_URI,
      describe: `${MODEL_URI.describe}; may be left out where SAGEMAKER_MULTI_MODEL is true`,
    })
    .option('port', {
      alias: 'p',
      type: 'number',
      defaultDescription: '5000',
      describe: 'Port to listen on; 0 takes a free one [SAGEMAKER_BIND_TO_PORT]',
    })
    .option('host', { alias: 'h', type: 'string', default: '127.0.0.1', describe: 'Address to listen on' })
    .option('workers', {
      alias: 'w',
      type: 'number',
      defaultDescription: 'a core each, 4 at most; 1 for a model of 50 MB or more',
      describe:
        'Worker threads, each with its own copy of the model [SAGEMAKER_MODEL_SERVER_WORKERS, MODEL_SERVER_WORKERS, MLFLOW_MODELS_WORKERS]',
    })
    .option('provider', {
      choices: ['auto', 'cpu', 'cuda', 'webgpu'] as const,
      defaultDescription: 'auto: the best that loads and agrees with cpu',
      describe: 'What runs the model; one that is named and does not work is refused [MLTRACK_PROVIDER]',
    })
    .option('timeout', {
      alias: 't',
      type: 'number',
      defaultDescription: '60',
      describe:
        'Seconds until a request is given up [SAGEMAKER_MODEL_SERVER_TIMEOUT, MLFLOW_SCORING_SERVER_REQUEST_TIMEOUT]',
    })
    .option('name', { type: 'string', default: 'model', describe: 'The model’s name in /v2/models/NAME/infer' })
    .epilog(
      'Of the variables in brackets the first that is set counts, and a flag comes before them. A small parent process starts the server again within a second when it crashes. With MLTRACK_SUPERVISED=0 in the environment there is none: the process ends, for a container’s platform to replace it.',
    ) as unknown as Argv<ServeArgs>;
}

function check({ port, workers, timeout, name }: ServeArgs): void {
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65535)) {
    throw new CommandError('--port must be 0 to 65535');
  }
  if (workers !== undefined && !(Number.isInteger(workers) && workers > 0)) {
    throw new CommandError('--workers must be a whole number above 0');
  }
  if (name === '' || name.includes('/')) throw new CommandError('--name must be a name without /');
  if (timeout !== undefined && !(timeout > 0)) throw new CommandError('--timeout must be a number of seconds above 0');
}

/** Says to the supervisor that requests are answered, and ends with it. Without one, nothing. */
function reportServing(url: string, end: () => void): void {
  if (!process.send) return;
  const message: ServingMessage = { port: Number(new URL(url).port) };
  process.send(message);
  process.once('disconnect', end);
}

async function serveModel(args: ArgumentsCamelCase<ServeArgs>): Promise<void> {
  check(args);
  const { modelUri, port, host, workers, provider, timeout, name } = args;
  // Not by way of the index: a container waits for its server, which needs nothing of the rest.
  const packager = await import('../../packager/serving/serve.js');
  let serving: Serving | undefined;
  const end = async () => {
    await serving?.close();
    process.exit(0);
  };
  // A second signal finds no listener and ends the process at once.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, end);
  serving = await packager.serve({ modelUri, port, host, workers, provider, timeout, name, version: VERSION });
  reportServing(serving.url, end);
  const curl = await serving.curl();
  console.log(`Serving ${modelUri ?? 'models'} at ${serving.url}`);
  if (curl !== undefined) console.log(curl);
}

export const serve: CommandModule<object, ServeArgs> = {
  command: 'serve',
  describe: 'Answer predictions over HTTP: GET /ping, POST /invocations',
  builder: options,
  handler: serveModel,
};
