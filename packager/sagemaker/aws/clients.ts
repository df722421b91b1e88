/**
 * The AWS clients of one command, each loaded when it is first used. Region, credentials and endpoints are found as the
 * SDK finds them; what AWS refuses is thrown as an Error of one line that names the call.
 */
import type { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs';
import type { ECR } from '@aws-sdk/client-ecr';
import type { IAM } from '@aws-sdk/client-iam';
import type { S3 } from '@aws-sdk/client-s3';
import type { SageMaker } from '@aws-sdk/client-sagemaker';
import type { SageMakerRuntime } from '@aws-sdk/client-sagemaker-runtime';
import type { STS } from '@aws-sdk/client-sts';
import { explained } from './failures.js';

export interface AwsOptions {
  /** Default: what the SDK finds in the environment and the profile. */
  readonly region?: string | undefined;
  /** A role to assume for every call. */
  readonly assumeRoleArn?: string | undefined;
  /** Once aborted, no further call is made. */
  readonly signal?: AbortSignal | undefined;
}

export interface Caller {
  /** Twelve digits. */
  readonly account: string;
  readonly arn: string;
  /** `aws`, `aws-cn`, `aws-us-gov`. */
  readonly partition: string;
}

export interface Aws {
  readonly region: string;
  readonly sagemaker: SageMaker;
  runtime(): Promise<SageMakerRuntime>;
  s3(): Promise<S3>;
  ecr(): Promise<ECR>;
  iam(): Promise<IAM>;
  logs(): Promise<CloudWatchLogs>;
  caller(): Promise<Caller>;
  /** What ends a long call or a wait; undefined once it is ignored. */
  readonly signal: AbortSignal | undefined;
  /** From now on calls are made even when the signal is aborted: what was begun is being undone. */
  ignoreSignal(): void;
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

/** Loads the SageMaker client and finds the region. Throws an Error of one line when there is none. */
export async function connectAws({ region, assumeRoleArn, signal }: AwsOptions): Promise<Aws> {
  // On Node 20 the SDK would write a notice of its plans on stderr.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  let ignored = false;
  const watch = watcher(() => {
    if (!ignored) signal?.throwIfAborted();
  });
  const own: Settings = region === undefined ? {} : { region };
  const sts = once(async () => watch('STS', new (await import('@aws-sdk/client-sts')).STS(own)));
  const settings: Settings =
    assumeRoleArn === undefined ? own : { ...own, credentials: async () => assume(await sts(), assumeRoleArn) };
  const callerSts = once(async () => watch('STS', new (await import('@aws-sdk/client-sts')).STS(settings)));
  const sagemaker = watch('SageMaker', new (await import('@aws-sdk/client-sagemaker')).SageMaker(settings));
  return {
    region: await regionOf(sagemaker),
    sagemaker,
    runtime: once(async () => {
      const { SageMakerRuntime } = await import('@aws-sdk/client-sagemaker-runtime');
      return watch('SageMaker', new SageMakerRuntime(settings));
    }),
    s3: once(async () => {
      const { S3 } = await import('@aws-sdk/client-s3');
      return watch('S3', new S3({ ...settings, ...pathStyle() }));
    }),
    ecr: once(async () => watch('ECR', new (await import('@aws-sdk/client-ecr')).ECR(settings))),
    iam: once(async () => watch('IAM', new (await import('@aws-sdk/client-iam')).IAM(settings))),
    logs: once(async () => {
      const { CloudWatchLogs } = await import('@aws-sdk/client-cloudwatch-logs');
      return watch('CloudWatch', new CloudWatchLogs(settings));
    }),
    caller: once(async () => callerOf(await callerSts())),
    get signal() {
      return ignored ? undefined : signal;
    },
    ignoreSignal() {
      ignored = true;
    },
  };
}

/** With an endpoint of its own S3 has no host name per bucket. */
function pathStyle() {
  const { AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL } = process.env;
  return AWS_ENDPOINT_URL_S3 || AWS_ENDPOINT_URL ? { forcePathStyle: true } : {};
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

type Send = (command: object, options?: object) => Promise<unknown>;

/** Every method of a client goes through its `send`. */
function watcher(before: () => void) {
  return <T extends object>(service: string, client: T): T => {
    const target = client as T & { send: Send };
    const send: Send = target.send.bind(client);
    target.send = async (command, options) => {
      before();
      try {
        return await send(command, options);
      } catch (error) {
        throw explained(error as Error, service, command.constructor.name.replace(/Command$/, ''));
      }
    };
    return client;
  };
}

async function regionOf(client: SageMaker): Promise<string> {
  try {
    return await client.config.region();
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
