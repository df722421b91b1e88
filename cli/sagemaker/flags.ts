/** Flags that several `sagemaker` commands share, and the way from them to a deployment's configuration. */
import { readFile } from 'node:fs/promises';
import type { Argv } from 'yargs';
import type { DeploymentConfig, Mode } from '../../packager/index.js';
import { CommandError } from '../failure.js';

export const APP_NAME = {
  alias: 'a',
  type: 'string',
  demandOption: true,
  describe: 'Name of the application, which is the endpoint’s',
} as const;

export const REGION_NAME = {
  type: 'string',
  defaultDescription: 'as the AWS SDK finds it: AWS_REGION, the profile',
  describe: 'AWS region',
} as const;

export const JSON_RESULT = {
  type: 'boolean',
  default: false,
  describe: 'Print one JSON object',
} as const;

export const DRY_RUN = {
  type: 'boolean',
  default: false,
  describe: 'Change nothing: print the calls that would be made, in their order',
} as const;

export const ARCHIVE = {
  type: 'boolean',
  describe: 'Keep the models, configurations and S3 objects that are not used any more',
} as const;

export const ASYNC = {
  type: 'boolean',
  describe: 'Do not wait; where something is replaced or removed, with --archive',
} as const;

export const TIMEOUT = { type: 'number', describe: 'Seconds to wait at most' } as const;

/** What a SageMaker model is made of. */
export interface ModelArgs {
  executionRoleArn: string | undefined;
  bucket: string | undefined;
  imageUrl: string | undefined;
  regionName: string | undefined;
  vpcConfig: string | undefined;
  config: readonly string[] | undefined;
}

/** What an endpoint is made of. */
export interface DeployArgs extends ModelArgs {
  instanceType: string | undefined;
  instanceCount: number | undefined;
  mode: Mode | undefined;
  archive: boolean | undefined;
  async: boolean | undefined;
  timeout: number | undefined;
}

export function modelFlags<T>(yargs: Argv<T>): Argv<T & ModelArgs> {
  return (
    yargs
      .option('execution-role-arn', {
        alias: 'e',
        type: 'string',
        defaultDescription: 'the role that the caller has assumed',
        describe: 'Role that SageMaker takes to read image and model',
      })
      .option('bucket', {
        alias: 'b',
        type: 'string',
        defaultDescription: 'mlflow-sagemaker-REGION-ACCOUNT',
        describe: 'S3 bucket for the model, created when it is missing',
      })
      .option('image-url', {
        alias: 'i',
        type: 'string',
        defaultDescription: 'mlflow-pyfunc in ECR with the tag of this version, by its digest',
        describe: 'Image that serves the model [MLTRACK_SAGEMAKER_DEPLOY_IMG_URL]',
      })
      .option('region-name', REGION_NAME)
      .option('vpc-config', {
        alias: 'v',
        type: 'string',
        describe: 'JSON, or a file of it: {"SecurityGroupIds": […], "Subnets": […]}',
      })
      .option('config', {
        alias: 'C',
        type: 'array',
        string: true,
        describe: 'key=value of MLflow’s deployment configuration; may be given more than once; flags come before it',
      })
      .parserConfiguration({ 'duplicate-arguments-array': true, 'greedy-arrays': false })
      // Of any other flag the last one counts, as with all commands.
      .middleware((argv) => {
        const values: Record<string, unknown> = argv;
        for (const [name, value] of Object.entries(values)) {
          if (Array.isArray(value) && !['_', 'config', 'C'].includes(name)) values[name] = value.at(-1);
        }
      }, true) as unknown as Argv<T & ModelArgs>
  );
}

/** `timeout`: seconds by default. */
export function deployFlags<T>(yargs: Argv<T>, timeout: number): Argv<T & DeployArgs> {
  return modelFlags(yargs)
    .option('instance-type', {
      alias: 't',
      type: 'string',
      defaultDescription: 'ml.m4.xlarge',
      describe: 'SageMaker instance type',
    })
    .option('instance-count', {
      alias: 'c',
      type: 'number',
      defaultDescription: '1',
      describe: 'How many instances',
    })
    .option('archive', ARCHIVE)
    .option('async', ASYNC)
    .option('timeout', { ...TIMEOUT, defaultDescription: String(timeout) }) as unknown as Argv<T & DeployArgs>;
}

/** The configuration of `-C` with the flags over it. Throws an Error that names the flag or key that is wrong. */
export async function configOf(args: ModelArgs & Partial<DeployArgs>): Promise<DeploymentConfig> {
  const { readConfig } = await import('../../packager/index.js');
  const given: Record<string, unknown> = {
    execution_role_arn: args.executionRoleArn,
    bucket: args.bucket,
    image_url: args.imageUrl,
    region_name: args.regionName,
    vpc_config: args.vpcConfig === undefined ? undefined : await jsonOrFile(args.vpcConfig),
    instance_type: args.instanceType,
    instance_count: args.instanceCount,
    mode: args.mode,
    archive: args.archive,
    synchronous: args.async === undefined ? undefined : !args.async,
    timeout_seconds: args.timeout,
  };
  const flags = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...readConfig(args.config ?? []), ...readConfig(flags.map(([key, value]) => `${key}=${value}`)) };
}

async function jsonOrFile(text: string): Promise<string> {
  if (text.trimStart().startsWith('{')) return text;
  return readFile(text, 'utf8').catch((error: Error) => {
    throw new CommandError(`Cannot read --vpc-config ${text}: ${error.message}`);
  });
}
