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
  appName: 'basic-auth' | undefined;
  allowedHosts: string | undefined;
  corsAllowedOrigins: string | undefined;
  xFrameOptions: string;
  disableSecurityMiddleware: boolean;
  heartbeatTimeout: number;
  requestLog: 'all' | 'errors' | 'off';
}

/** MLflow's environment variables; a flag wins. */
const env = process.env;

function isTrue(text: string | undefined): boolean {
  return text === undefined || !['false', '0', 'no', 'off'].includes(text.toLowerCase());
}

/** The entries of a comma-separated list; undefined where there are none, as MLflow reads an empty variable. */
function entries(text: string | undefined): string[] | undefined {
  const found = (text ?? '').split(',').map((entry) => entry.trim());
  const given = found.filter((entry) => entry !== '');
  return given.length > 0 ? given : undefined;
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
    .option('app-name', {
      choices: ['basic-auth'] as const,
      describe: 'basic-auth: users sign in; settings in the file named by MLFLOW_AUTH_CONFIG_PATH',
    })
    .option('allowed-hosts', {
      type: 'string',
      default: env.MLFLOW_SERVER_ALLOWED_HOSTS,
      defaultDescription: 'localhost and private addresses',
      describe: 'Host names to answer to, separated by commas; * for any [MLFLOW_SERVER_ALLOWED_HOSTS]',
    })
    .option('cors-allowed-origins', {
      type: 'string',
      default: env.MLFLOW_SERVER_CORS_ALLOWED_ORIGINS,
      describe:
        'Origins whose pages may use the server, separated by commas; * for any [MLFLOW_SERVER_CORS_ALLOWED_ORIGINS]',
    })
    .option('x-frame-options', {
      type: 'string',
      default: env.MLFLOW_SERVER_X_FRAME_OPTIONS ?? 'SAMEORIGIN',
      describe: 'Who may show the UI in a frame: SAMEORIGIN, DENY or NONE (anyone) [MLFLOW_SERVER_X_FRAME_OPTIONS]',
    })
    .option('disable-security-middleware', {
      type: 'boolean',
      default: env.MLFLOW_SERVER_DISABLE_SECURITY_MIDDLEWARE?.toLowerCase() === 'true',
      describe: 'Check neither Host nor Origin [MLFLOW_SERVER_DISABLE_SECURITY_MIDDLEWARE]',
    })
    .option('heartbeat-timeout', {
      type: 'number',
      default: 120,
      describe:
        'Seconds after which a run of mltrack’s client that is not heard of any more is marked KILLED; 0: never',
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
  const { servingEngine } = await import('./serving-engine.js');
  const {
    host,
    port,
    backendStoreUri,
    defaultArtifactRoot,
    artifactsDestination,
    serveArtifacts,
    artifactsOnly,
    workers,
    heartbeatTimeout,
    requestLog,
  } = args;
  const allowedHosts = entries(args.allowedHosts);
  const corsAllowedOrigins = entries(args.corsAllowedOrigins);
  const server = await createServer({
    host,
    port,
    backendStoreUri,
    ...(defaultArtifactRoot !== undefined && { defaultArtifactRoot }),
    artifactsDestination,
    serveArtifacts,
    artifactsOnly,
    workers,
    basicAuth: args.appName === 'basic-auth',
    ...(allowedHosts && { allowedHosts }),
    ...(corsAllowedOrigins && { corsAllowedOrigins }),
    xFrameOptions: args.xFrameOptions,
    disableSecurityMiddleware: args.disableSecurityMiddleware,
    heartbeatTimeout,
    requestLog,
    servingEngine,
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
