/**
 * The connection to S3: one client for the process, loaded when the first S3 location is used, set up by the environment as
 * MLflow's is; and what S3 refuses, as errors of the protocol. Source: `mlflow/store/artifact/s3_artifact_repo.py`.
 */
import { readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import type { S3, S3ClientConfig } from '@aws-sdk/client-s3';
import { invalid, MltrackError, missing } from '../../../api/index.js';

/** A bucket, or what lies below a prefix of it; the prefix has no slash at its ends. */
export interface S3Location {
  readonly bucket: string;
  readonly prefix: string;
}

export interface S3Connection {
  readonly client: S3;
  /** Parameters of every call: the account that must own the bucket. */
  readonly owner: { ExpectedBucketOwner?: string };
  /** Parameters of every upload: encryption, storage class, … */
  readonly uploads: Readonly<Record<string, string>>;
}

/** `s3://bucket/prefix`, or undefined for another scheme. Throws an Error that says what is wrong. */
export function parseS3Uri(uri: string): S3Location | undefined {
  const match = /^s3:\/\/([^/?#]*)([^?#]*)/i.exec(uri);
  if (!match) return undefined;
  const [, bucket = '', path = ''] = match;
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/i.test(bucket)) throw new Error(`'${uri}' names no bucket`);
  return { bucket, prefix: path.replace(/^\/+|\/+$/g, '') };
}

let connection: Promise<S3Connection> | undefined;

/** Throws an Error that names the variable whose value cannot be. */
export function connectS3(): Promise<S3Connection> {
  connection ??= open(process.env);
  return connection;
}

async function open(env: NodeJS.ProcessEnv): Promise<S3Connection> {
  const uploads = uploadParameters(env.MLFLOW_S3_UPLOAD_EXTRA_ARGS);
  // On Node 20 the SDK would write a notice of its plans on stderr.
  env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  const sdk = await import('@aws-sdk/client-s3');
  const config = configOf(env);
  let client = new sdk.S3(config);
  const hasRegion = await client.config.region().then(
    () => true,
    () => false,
  );
  // S3's own default, which boto takes too; a bucket elsewhere is found by a redirect.
  if (!hasRegion) client = new sdk.S3({ ...config, region: 'us-east-1' });
  const owner = env.MLFLOW_S3_EXPECTED_BUCKET_OWNER;
  return { client, uploads, owner: owner ? { ExpectedBucketOwner: owner } : {} };
}

function configOf(env: NodeJS.ProcessEnv): S3ClientConfig {
  const endpoint = env.MLFLOW_S3_ENDPOINT_URL || undefined;
  const region = env.AWS_REGION || env.AWS_DEFAULT_REGION;
  const style = env.MLFLOW_BOTO_CLIENT_ADDRESSING_STYLE;
  const isCustom = endpoint || env.AWS_ENDPOINT_URL_S3 || env.AWS_ENDPOINT_URL;
  const ignoreTls = /^(true|1)$/i.test(env.MLFLOW_S3_IGNORE_TLS ?? '');
  const tls = {
    ...(ignoreTls && { rejectUnauthorized: false }),
    ...(env.AWS_CA_BUNDLE && { ca: readFileSync(env.AWS_CA_BUNDLE) }),
  };
  return {
    ...(region && { region }),
    ...(endpoint && { endpoint }),
    forcePathStyle: style === 'path' || (!!isCustom && style !== 'virtual'),
    followRegionRedirects: true,
    // Other makers' S3 does not know the newer checksums.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: 5000,
      httpsAgent: new Agent({ keepAlive: true, maxSockets: 256, ...tls }),
    },
    logger: { debug() {}, info() {}, warn() {}, error() {} },
  };
}

function uploadParameters(json: string | undefined): Record<string, string> {
  if (!json) return {};
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, string>;
  } catch {
    // Told below.
  }
  throw new Error('MLFLOW_S3_UPLOAD_EXTRA_ARGS must be a JSON object, such as {"ServerSideEncryption": "aws:kms"}');
}

interface S3Failure extends Error {
  code?: string;
  $metadata?: { httpStatusCode?: number };
}

const NO_CREDENTIALS = new Set(['CredentialsProviderError', 'InvalidAccessKeyId', 'SignatureDoesNotMatch']);
const TOO_MUCH = new Set(['EntityTooLarge', 'KeyTooLongError', 'KeyTooLong', 'InvalidURI']);
const UPLOAD_MISTAKES = new Set(['NoSuchUpload', 'InvalidPart', 'InvalidPartOrder', 'EntityTooSmall', 'MalformedXML']);

/** What S3 refused, as the client is told: what was asked of it, and its own words. Other errors stay as they are. */
export function s3Failure(error: unknown, doing: string, uri: string): unknown {
  const { name, message, code, $metadata } = error as S3Failure;
  const isNetwork = $metadata === undefined && code !== undefined && /^E[A-Z]+$/.test(code);
  if (!isNetwork && $metadata === undefined && name !== 'CredentialsProviderError' && name !== 'TimeoutError')
    return error;
  const status = $metadata?.httpStatusCode ?? 0;
  const told = `Cannot ${doing} ${uri}: ${name === 'UnknownError' || name === message ? '' : `${name}: `}${message || code}`;
  const options = { cause: error };
  if (name === 'NoSuchBucket') return missing(`Cannot ${doing} ${uri}: the bucket does not exist`);
  if (NO_CREDENTIALS.has(name)) {
    return new MltrackError('PERMISSION_DENIED', `${told} (the credentials of the server)`, options);
  }
  if (TOO_MUCH.has(name) || UPLOAD_MISTAKES.has(name)) return invalid(told);
  if (status === 401 || status === 403) return new MltrackError('PERMISSION_DENIED', told, options);
  if (status === 404) return missing(told);
  return new MltrackError('TEMPORARILY_UNAVAILABLE', told, options);
}
