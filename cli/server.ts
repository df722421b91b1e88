/** `mltrack server`: the tracking server and its UI. */
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import { CommandError } from './failure.js';

interface ServerArgs {
  host: string;
  port: number;
  backendStoreUri: string;
  defaultArtifactRoot: string | undefined;
  artifactsDestination: string;
  serveArtifacts: boolean;
  artifactsOnly: boolean;
  workers: number;
  requestLog: 'all' | 'errors' | 'off';
}

/** MLflow's environment variables; a flag wins. */
const env = process.env;

function isTrue(text: string | undefined): boolean {
  return text === undefined || !['false', '0', 'no', 'off'].includes(text.toLowerCase());
}

function options(yargs: Argv): Argv<ServerArgs> {
  return yargs
    .option('host', {
      alias: 'h',
      type: 'string',
      default: env.MLFLOW_HOST ?? '127.0.0.1',
      describe: 'Address to listen on; 0.0.0.0 for all [MLFLOW_HOST]',
    })
    .option('port', {
      alias: 'p',
      type: 'number',
      default: Number(env.MLFLOW_PORT ?? 5000),
      describe: 'Port to listen on; 0 takes a free one [MLFLOW_PORT]',
    })
    .option('backend-store-uri', {
      type: 'string',
      default: env.MLFLOW_BACKEND_STORE_URI ?? 'sqlite:///mltrack.db',
      describe: 'Database: sqlite:///PATH or postgresql://USER@HOST/NAME [MLFLOW_BACKEND_STORE_URI]',
    })
    .option('default-artifact-root', {
      type: 'string',
      default: env.MLFLOW_DEFAULT_ARTIFACT_ROOT,
      defaultDescription: 'mlflow-artifacts:/ when serving artifacts',
      describe: 'Where new experiments keep artifacts [MLFLOW_DEFAULT_ARTIFACT_ROOT]',
    })
    .option('artifacts-destination', {
      type: 'string',
      default: env.MLFLOW_ARTIFACTS_DESTINATION ?? './mlartifacts',
      describe: 'Folder or s3://BUCKET/PREFIX of the artifacts that the server serves [MLFLOW_ARTIFACTS_DESTINATION]',
    })
    .option('serve-artifacts', {
      type: 'boolean',
      default: isTrue(env.MLFLOW_SERVE_ARTIFACTS),
      describe: 'Serve artifacts to clients [MLFLOW_SERVE_ARTIFACTS]',
    })
    .option('artifacts-only', {
      type: 'boolean',
      default: false,
      describe: 'Serve artifacts and nothing else: no database is opened',
    })
    .option('workers', {
      alias: 'w',
      type: 'number',
      default: Number(env.MLFLOW_WORKERS ?? 2),
      describe: 'Threads that answer searches, started when needed [MLFLOW_WORKERS]',
    })
    .option('request-log', {
      choices: ['all', 'errors', 'off'] as const,
      default: 'all' as const,
      describe: 'Which requests are logged to stderr',
    }) as unknown as Argv<ServerArgs>;
}

async function run(args: ArgumentsCamelCase<ServerArgs>): Promise<void> {
  // Loaded here: other commands need none of it.
  const { createServer, isExpected } = await import('../server/index.js');
  const {
    host,
    port,
    backendStoreUri,
    defaultArtifactRoot,
    artifactsDestination,
    serveArtifacts,
    artifactsOnly,
    workers,
    requestLog,
  } = args;
  const server = await createServer({
    host,
    port,
    backendStoreUri,
    ...(defaultArtifactRoot !== undefined && { defaultArtifactRoot }),
    artifactsDestination,
    serveArtifacts,
    artifactsOnly,
    workers,
    requestLog,
  }).catch((error: Error) => {
    throw isExpected(error) ? new CommandError(error.message) : error;
  });
  console.log(`mltrack is listening at ${server.url}`);
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, resolve);
  });
  // A second Ctrl-C does not wait.
  process.once('SIGINT', () => process.exit(130));
  await server.close();
  process.exit(0);
}

export const server: CommandModule<object, ServerArgs> = {
  command: 'server',
  aliases: ['ui'],
  describe: 'Start the tracking server and its UI',
  builder: options,
  handler: run,
};
