/** The server's settings: what may be given, what holds otherwise, and what is refused at the start. */
import { resolve } from 'node:path';
import { type HostPolicy, hostPolicy } from './artifacts/host-addressed.js';
import { type ArtifactSettings, type Storage, storageOf } from './artifacts/places.js';
import { type AuthSettings, authSettings } from './auth/settings.js';
import { DatabaseError } from './db/db.js';
import { type LengthRules, lengthRules } from './length-rules.js';
import { type FrameOptions, type SecurityCheck, securityCheck } from './security.js';
import type { ServingEngine } from './serving/engine.js';
import { type TrySettings, trySettings } from './serving/settings.js';
import type { StoreUri } from './threads/backend.js';
import { type WebhookSettings, webhookSettings } from './webhooks/settings.js';

export interface ServerConfig {
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 5000; 0 takes a free one. */
  readonly port?: number;
  /** `sqlite:///PATH` or `postgresql://…`. Default sqlite:///mltrack.db. */
  readonly backendStoreUri?: string;
  /** Where new experiments keep artifacts. Default: mlflow-artifacts:/ when serving them, else the destination. */
  readonly defaultArtifactRoot?: string;
  /** Where the artifacts lie that the server serves: a folder or `s3://BUCKET/PREFIX`. Default ./mlartifacts. */
  readonly artifactsDestination?: string;
  /** Default true. */
  readonly serveArtifacts?: boolean;
  /** Serve artifacts and nothing else. Default false. */
  readonly artifactsOnly?: boolean;
  /** Threads that answer searches. Default 2. */
  readonly workers?: number;
  /** Host names that it answers to. Default: this machine's own and private addresses. */
  readonly allowedHosts?: readonly string[];
  /** Origins whose pages may use it. Default: its own only. */
  readonly corsAllowedOrigins?: readonly string[];
  /** Who may show it in a frame. Default SAMEORIGIN. */
  readonly xFrameOptions?: string;
  /** No checks of Host and Origin, no headers of security. Default false. */
  readonly disableSecurityMiddleware?: boolean;
  /** Users sign in, and may do what they were permitted. Default false. */
  readonly basicAuth?: boolean;
  /** How many seconds a run of mltrack's client may be silent until it is marked KILLED; 0: for ever. Default 120. */
  readonly heartbeatTimeout?: number;
  /** What runs models that are tried. Default: none can be. */
  readonly servingEngine?: ServingEngine;
  /** Which requests are logged. Default all. */
  readonly requestLog?: 'all' | 'errors' | 'off';
  /** Takes the log's lines, each with its newline. Default: stderr. */
  readonly writeLog?: (text: string) => void;
}

/** The settings in force. */
export interface Settings {
  readonly host: string;
  readonly port: number;
  readonly storeUri: StoreUri;
  readonly defaultArtifactRoot: string;
  readonly artifacts: ArtifactSettings;
  readonly artifactsOnly: boolean;
  readonly workers: number;
  readonly requestLog: 'all' | 'errors' | 'off';
  readonly writeLog: (text: string) => void;
  /** In ms. */
  readonly heartbeatTimeout: number;
  readonly lengths: LengthRules;
  readonly webhooks: WebhookSettings;
  readonly artifactHosts: HostPolicy;
  readonly modelVersionSourcePattern: string | undefined;
  readonly security: SecurityCheck | undefined;
  readonly frameOptions: FrameOptions;
  readonly auth: AuthSettings | undefined;
  /** Undefined where nothing runs models. */
  readonly trying: { readonly engine: ServingEngine; readonly settings: TrySettings } | undefined;
}

/** A setting that cannot be: the message names it and says what is expected. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

export function settingsOf(config: ServerConfig): Settings {
  const serve = config.serveArtifacts ?? true;
  const { port = 5000, workers = 2, artifactsOnly = false } = config;
  if (artifactsOnly && config.basicAuth) {
    throw new ConfigError(
      '--app-name basic-auth keeps its users in the tracking store, which --artifacts-only leaves out.',
    );
  }
  if (artifactsOnly && !serve)
    throw new ConfigError('--artifacts-only serves artifacts: not with --no-serve-artifacts.');
  const destination = destinationOf(config.artifactsDestination ?? './mlartifacts');
  const root = config.defaultArtifactRoot ?? (serve ? 'mlflow-artifacts:/' : uriOf(destination));
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new ConfigError(`--port must be 0 to 65535, not ${port}.`);
  if (!Number.isInteger(workers) || workers < 1 || workers > 64) {
    throw new ConfigError(`--workers must be 1 to 64, not ${workers}.`);
  }
  const { heartbeatTimeout = 120 } = config;
  if (!(heartbeatTimeout >= 0 && heartbeatTimeout <= 1_000_000)) {
    throw new ConfigError(`--heartbeat-timeout must be 0 to 1,000,000 seconds, not ${heartbeatTimeout}.`);
  }
  const uri = config.backendStoreUri ?? 'sqlite:///mltrack.db';
  const defaultArtifactRoot = artifactRoot(root);
  const host = config.host ?? '127.0.0.1';
  const frameOptions = frameOptionsOf(config.xFrameOptions ?? 'SAMEORIGIN');
  return {
    host,
    port,
    storeUri: storeUriOf(uri),
    defaultArtifactRoot,
    artifacts: { destination: serve ? destination : undefined, root: named('--default-artifact-root', root) },
    artifactsOnly,
    workers,
    requestLog: config.requestLog ?? 'all',
    writeLog: config.writeLog ?? ((text) => process.stderr.write(text)),
    heartbeatTimeout: heartbeatTimeout * 1000,
    lengths: fromEnvironment(lengthRules),
    webhooks: fromEnvironment(webhookSettings),
    artifactHosts: fromEnvironment((env) => hostPolicy(env, [defaultArtifactRoot])),
    modelVersionSourcePattern: fromEnvironment(sourcePattern),
    security: config.disableSecurityMiddleware ? undefined : securityOf(config, host),
    frameOptions,
    trying: tryingOf(config),
    auth: config.basicAuth ? fromEnvironment((env) => authSettings(env, uri)) : undefined,
  };
}

function tryingOf({ servingEngine: engine }: ServerConfig): Settings['trying'] {
  const settings = fromEnvironment(trySettings);
  return engine && { engine, settings };
}

function fromEnvironment<T>(read: (env: NodeJS.ProcessEnv) => T): T {
  try {
    return read(process.env);
  } catch (error) {
    throw new ConfigError((error as Error).message, { cause: error });
  }
}

function frameOptionsOf(text: string): FrameOptions {
  const options = text.toUpperCase();
  if (options === 'SAMEORIGIN' || options === 'DENY' || options === 'NONE') return options;
  throw new ConfigError(`--x-frame-options must be SAMEORIGIN, DENY or NONE, not '${text}'.`);
}

function securityOf(config: ServerConfig, host: string): SecurityCheck {
  const { allowedHosts, corsAllowedOrigins: allowedOrigins = [] } = config;
  try {
    return securityCheck({ allowedHosts, allowedOrigins }, host);
  } catch (error) {
    throw new ConfigError((error as Error).message, { cause: error });
  }
}

const SOURCE_PATTERN = 'MLFLOW_CREATE_MODEL_VERSION_SOURCE_VALIDATION_REGEX';

function sourcePattern(env: NodeJS.ProcessEnv): string | undefined {
  const pattern = env[SOURCE_PATTERN] || undefined;
  if (pattern === undefined) return undefined;
  try {
    new RegExp(pattern, 'u');
  } catch (error) {
    throw new ConfigError(`${SOURCE_PATTERN} is no regular expression: ${(error as Error).message}.`);
  }
  return pattern;
}

/** Throws ConfigError when it names no database. */
export function storeUriOf(uri: string): StoreUri {
  if (/^postgres(ql)?(\+\w+)?:\/\//.test(uri)) return { kind: 'postgres', uri };
  // SQLAlchemy's spelling: three slashes and a relative path, four and an absolute one.
  const path = /^sqlite:\/\/\/(.+)$/.exec(uri)?.[1];
  if (path) return { kind: 'sqlite', path: resolve(path) };
  throw new ConfigError(`--backend-store-uri must be sqlite:///PATH or postgresql://USER@HOST/DATABASE, not '${uri}'.`);
}

/** A path is made absolute, a URI stays; without a slash at the end. */
function artifactRoot(root: string): string {
  const isUri = /^[a-z][a-z0-9+.-]+:/i.test(root);
  return (isUri ? root : resolve(root)).replace(/\/+$/, '');
}

function destinationOf(destination: string): Storage {
  const storage = named('--artifacts-destination', destination);
  if (storage) return storage;
  throw new ConfigError(
    `--artifacts-destination must be a folder of this machine or s3://BUCKET/PREFIX, not '${destination}'.`,
  );
}

/** The storage of a flag's value; undefined for one that only clients use. */
function named(flag: string, location: string): Storage | undefined {
  try {
    return storageOf(location);
  } catch (error) {
    throw new ConfigError(`${flag}: ${(error as Error).message}.`);
  }
}

export function uriOf(storage: Storage): string {
  if (storage.kind === 'folder') return storage.path;
  return `s3://${storage.bucket}${storage.prefix === '' ? '' : `/${storage.prefix}`}`;
}

/** Whether the message alone tells the user what to do. */
export function isExpected(error: unknown): boolean {
  return error instanceof ConfigError || error instanceof DatabaseError;
}
