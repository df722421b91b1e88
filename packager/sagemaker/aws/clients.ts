/**
 * The AWS clients of one command, each loaded when it is first used. Region, credentials and endpoints are found as the
 * SDK finds them; what AWS refuses is thrown as an Error of one line that names the call. In a dry run they make no changes.
 */
import type { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs';
import type { ECR } from '@aws-sdk/client-ecr';
import type { IAM } from '@aws-sdk/client-iam';
import type { S3 } from '@aws-sdk/client-s3';
import type { SageMaker } from '@aws-sdk/client-sagemaker';
import type { SageMakerRuntime } from '@aws-sdk/client-sagemaker-runtime';
import type { STS } from '@aws-sdk/client-sts';
import { type DryRun, type PlannedCall, type Rehearse, rehearsal } from './dry-run.js';
import { explained } from './failures.js';

export interface AwsOptions {
  /** Default: what the SDK finds in the environment and the profile. */
  readonly region?: string | undefined;
  /** A role to assume for every call. */
  readonly assumeRoleArn?: string | undefined;
  /** Once aborted, no further call is made. */
  readonly signal?: AbortSignal | undefined;
  /** No call is made that changes anything: it is told instead. */
  readonly dryRun?: DryRun | undefined;
  /** Whether a dry run without credentials takes the endpoint as being there. Default: it does. */
  readonly endpointExists?: boolean | undefined;
}

/** The clients there are, by what errors and dry runs call their service. */
interface Clients {
  readonly sagemaker: SageMaker;
  readonly runtime: SageMakerRuntime;
  readonly s3: S3;
  readonly ecr: ECR;
  readonly iam: IAM;
  readonly logs: CloudWatchLogs;
}

export interface Caller {
  /** Twelve digits. */
  readonly account: string;
  readonly arn: string;
  /** `aws`, `aws-cn`, `aws-us-gov`. */
  readonly partition: string;
}

/** Of the clients only what makes a call is there. */
export interface Aws extends Clients {
  readonly region: string;
  caller(): Promise<Caller>;
  /** What ends a long call or a wait; undefined once it is ignored. */
  readonly signal: AbortSignal | undefined;
  /** From now on calls are made even when the signal is aborted: what was begun is being undone. */
  ignoreSignal(): void;
  /** A change outside of AWS that is part of a command: made, or told with `planned` as its result. */
  change<T>(call: PlannedCall, make: () => Promise<T>, planned: T): Promise<T>;
}

interface Settings {
  readonly region?: string;
  readonly credentials?: () => Promise<Credentials>;
}

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

/** Each package is as large as its service: it is loaded when a command needs it. */
const LOADERS: { readonly [Name in keyof Clients]: (settings: Settings) => Promise<Clients[Name]> } = {
  sagemaker: async (settings) => new (await import('@aws-sdk/client-sagemaker')).SageMaker(settings),
  runtime: async (settings) => new (await import('@aws-sdk/client-sagemaker-runtime')).SageMakerRuntime(settings),
  s3: async (settings) => new (await import('@aws-sdk/client-s3')).S3({ ...settings, ...pathStyle(), logger: QUIET }),
  ecr: async (settings) => new (await import('@aws-sdk/client-ecr')).ECR(settings),
  iam: async (settings) => new (await import('@aws-sdk/client-iam')).IAM(settings),
  logs: async (settings) => new (await import('@aws-sdk/client-cloudwatch-logs')).CloudWatchLogs(settings),
};

/** Without it the SDK writes on stderr that it sends no stream a second time. */
const QUIET = { debug() {}, info() {}, warn() {}, error() {} };

/** What errors and dry runs call the services. */
const SERVICES: Readonly<Record<keyof Clients, string>> = {
  sagemaker: 'SageMaker',
  runtime: 'SageMaker',
  s3: 'S3',
  ecr: 'ECR',
  iam: 'IAM',
  logs: 'CloudWatch',
};

/**
 * Finds the region, with the client of `first`, the service that the command will need anyway. Throws an Error of one line
 * when there is none.
 */
export async function connectAws(options: AwsOptions, first: keyof Clients = 'sagemaker'): Promise<Aws> {
  const { region, assumeRoleArn, signal, dryRun, endpointExists = true } = options;
  // On Node 20 the SDK would write a notice of its plans on stderr.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  let ignored = false;
  const before = () => {
    if (!ignored) signal?.throwIfAborted();
  };
  const own: Settings = region === undefined ? {} : { region };
  const ownSts = once(async () =>
    watch('STS', new (await import('@aws-sdk/client-sts')).STS(own), { before, rehearse }),
  );
  const assumed = async () => assume(await ownSts(), assumeRoleArn as string);
  const credentials = dryRun ? once(assumed) : assumed;
  const settings: Settings = assumeRoleArn === undefined ? own : { ...own, credentials };
  let rehearse: Rehearse | undefined;
  const client = <Name extends keyof Clients>(name: Name): Clients[Name] =>
    lazy(async () => {
      const loaded: Clients[Name] = await LOADERS[name](settings);
      return watch(SERVICES[name], loaded, { before, rehearse, credentials: settings.credentials });
    });
  const found = await regionOf(await LOADERS[first](settings));
  const hasCredentials = once(async () => hasOwn(await ownSts()));
  if (dryRun) rehearse = rehearsal(dryRun, { region: found, hasCredentials, endpointExists });
  return {
    region: found,
    sagemaker: client('sagemaker'),
    runtime: client('runtime'),
    s3: client('s3'),
    ecr: client('ecr'),
    iam: client('iam'),
    logs: client('logs'),
    caller: once(async () => {
      const sts = new (await import('@aws-sdk/client-sts')).STS(settings);
      return callerOf(watch('STS', sts, { before, rehearse, credentials: settings.credentials }));
    }),
    get signal() {
      return ignored ? undefined : signal;
    },
    ignoreSignal() {
      ignored = true;
    },
    async change(call, make, planned) {
      if (!dryRun) return make();
      dryRun.record(call);
      return planned;
    },
  };
}

/** Whether the SDK finds credentials, wherever it looks. */
async function hasOwn(sts: STS): Promise<boolean> {
  return sts.config.credentials().then(
    () => true,
    () => false,
  );
}

/** With an endpoint of its own S3 has no host name per bucket. */
function pathStyle() {
  const { AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL } = process.env;
  return AWS_ENDPOINT_URL_S3 || AWS_ENDPOINT_URL ? { forcePathStyle: true } : {};
}

/** A client that is loaded by its first call. */
function lazy<T extends object>(load: () => Promise<T>): T {
  const loaded = once(load);
  return new Proxy({} as T, {
    get: (_target, name) => async (input: unknown, options?: unknown) => {
      const client = (await loaded()) as Record<PropertyKey, (input: unknown, options?: unknown) => unknown>;
      return client[name]?.(input, options);
    },
  });
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

type Send = (command: { readonly input: Readonly<Record<string, unknown>> }, options?: object) => Promise<unknown>;

interface Watch {
  before(): void;
  readonly rehearse: Rehearse | undefined;
  /** Of a role: they are asked for before a call is told, as they are before it is made. */
  readonly credentials?: Settings['credentials'];
}

/** Every method of a client goes through its `send`. */
function watch<T extends object>(service: string, client: T, { before, rehearse, credentials }: Watch): T {
  const target = client as T & { send: Send };
  const send: Send = target.send.bind(client);
  target.send = async (command, options) => {
    before();
    const operation = command.constructor.name.replace(/Command$/, '');
    const make = async () => {
      try {
        return await send(command, options);
      } catch (error) {
        throw explained(error as Error, service, operation);
      }
    };
    if (!rehearse) return make();
    await credentials?.();
    return rehearse(service, operation, command.input, make);
  };
  return client;
}

async function regionOf({ config }: Clients[keyof Clients]): Promise<string> {
  try {
    return await config.region();
  } catch {
    throw new Error('No AWS region: give --region-name, or set AWS_REGION or the profile’s region');
  }
}

async function callerOf(sts: STS): Promise<Caller> {
  const { Account: account = '', Arn: arn = '' } = await sts.getCallerIdentity({});
  return { account, arn, partition: arn.split(':')[1] ?? 'aws' };
}

async function assume(sts: STS, arn: string): Promise<Credentials> {
  const { Credentials: found } = await sts.assumeRole({ RoleArn: arn, RoleSessionName: 'mltrack-sagemaker' });
  if (!found?.AccessKeyId || !found.SecretAccessKey) throw new Error(`STS gave no credentials for ${arn}`);
  return {
    accessKeyId: found.AccessKeyId,
    secretAccessKey: found.SecretAccessKey,
    ...(found.SessionToken !== undefined && { sessionToken: found.SessionToken }),
    ...(found.Expiration !== undefined && { expiration: found.Expiration }),
  };
}
