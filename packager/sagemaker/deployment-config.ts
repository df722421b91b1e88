/**
 * The configuration of a deployment: MLflow's `-C key=value`, checked. Source of the keys: `_create_deployment_config` in
 * `mlflow/sagemaker/__init__.py`; of the objects below them: the SDK's types of `CreateModel` and `CreateEndpointConfig`.
 */
import type {
  AsyncInferenceConfig,
  DataCaptureConfig,
  ProductionVariantServerlessConfig,
  VpcConfig,
} from '@aws-sdk/client-sagemaker';

export interface DeploymentConfig {
  readonly assume_role_arn?: string;
  readonly execution_role_arn?: string;
  readonly bucket?: string;
  readonly image_url?: string;
  readonly region_name?: string;
  /** Keep what a newer deployment replaces. */
  readonly archive?: boolean;
  readonly instance_type?: string;
  readonly instance_count?: number;
  readonly vpc_config?: VpcConfig;
  readonly data_capture_config?: DataCaptureConfig;
  readonly variant_name?: string;
  readonly async_inference_config?: AsyncInferenceConfig;
  readonly serverless_config?: ProductionVariantServerlessConfig;
  /** Further variables of the container. */
  readonly env?: Readonly<Record<string, string>>;
  /** Further tags of the SageMaker model. */
  readonly tags?: Readonly<Record<string, string>>;
  readonly synchronous?: boolean;
  readonly timeout_seconds?: number;
  readonly mode?: Mode;
}

export const MODES = ['create', 'add', 'replace'] as const;
export type Mode = (typeof MODES)[number];

/** What a field of an object must be; `!`: it must be there. */
type Kind = 'text' | 'count' | 'flag' | 'list' | 'texts' | 'object';
type Fields<T> = { readonly [Name in keyof Required<T>]: Kind | `${Kind}!` };

const VPC: Fields<VpcConfig> = { SecurityGroupIds: 'texts!', Subnets: 'texts!' };
const SERVERLESS: Fields<ProductionVariantServerlessConfig> = {
  MemorySizeInMB: 'count!',
  MaxConcurrency: 'count!',
  ProvisionedConcurrency: 'count',
};
const ASYNC: Fields<AsyncInferenceConfig> = { ClientConfig: 'object', OutputConfig: 'object!' };
const DATA_CAPTURE: Fields<DataCaptureConfig> = {
  EnableCapture: 'flag',
  InitialSamplingPercentage: 'count!',
  DestinationS3Uri: 'text!',
  KmsKeyId: 'text',
  CaptureOptions: 'list!',
  CaptureContentTypeHeader: 'object',
};

type Reader = (text: string, key: string) => unknown;

const text: Reader = (value) => value;

const count: Reader = (value, key) => {
  if (/^[1-9]\d{0,8}$/.test(value)) return Number(value);
  throw new Error(`${key} is '${value}': it must be a whole number above 0`);
};

const flag: Reader = (value, key) => {
  if (/^(true|false)$/i.test(value)) return value.toLowerCase() === 'true';
  throw new Error(`${key} is '${value}': it must be True or False`);
};

const mode: Reader = (value, key) => {
  if ((MODES as readonly string[]).includes(value)) return value;
  throw new Error(`${key} is '${value}': it must be one of ${MODES.join(', ')}`);
};

/** A JSON object whose values are text, numbers and booleans: the last two are written as text. */
const texts: Reader = (value, key) => {
  const entries = Object.entries(objectIn(value, key));
  for (const [name, each] of entries) {
    if (!['string', 'number', 'boolean'].includes(typeof each)) throw new Error(`${key}.${name} must be text`);
  }
  return Object.fromEntries(entries.map(([name, each]) => [name, String(each)]));
};

const object = (fields: Readonly<Record<string, string>>): Reader => {
  return (value, key) => {
    const found = objectIn(value, key);
    for (const name of Object.keys(found)) {
      if (!(name in fields)) {
        throw new Error(`${key} has ${name}, which is none of ${Object.keys(fields).join(', ')}`);
      }
    }
    for (const [name, kind] of Object.entries(fields)) checkField(`${key}.${name}`, found[name], kind);
    return found;
  };
};

const READERS: { readonly [Key in keyof Required<DeploymentConfig>]: Reader } = {
  assume_role_arn: text,
  execution_role_arn: text,
  bucket: text,
  image_url: text,
  region_name: text,
  archive: flag,
  instance_type: text,
  instance_count: count,
  vpc_config: object(VPC),
  data_capture_config: object(DATA_CAPTURE),
  variant_name: text,
  async_inference_config: object(ASYNC),
  serverless_config: object(SERVERLESS),
  env: texts,
  tags: texts,
  synchronous: flag,
  timeout_seconds: count,
  mode,
};

/** `key=value` pairs as a configuration. Throws an Error that names the key and what was expected. */
export function readConfig(pairs: readonly string[]): DeploymentConfig {
  const config: Record<string, unknown> = {};
  for (const pair of pairs) {
    const [, key = '', value = ''] = /^([^=]*)=(.*)$/s.exec(pair) ?? [];
    if (key === '') throw new Error(`'${pair}' is no key=value`);
    const read = Object.hasOwn(READERS, key) ? READERS[key as keyof DeploymentConfig] : undefined;
    if (!read) throw new Error(`Unknown key '${key}': it must be one of ${Object.keys(READERS).join(', ')}`);
    config[key] = read(value, key);
  }
  return config;
}

/** Where and as whom its calls are made. */
export const whereOf = ({ region_name, assume_role_arn }: DeploymentConfig) => ({
  region: region_name,
  assumeRoleArn: assume_role_arn,
});

function objectIn(json: string, key: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw new Error(`${key} must be a JSON object: ${(error as Error).message}`);
  }
  if (isObject(value)) return value;
  throw new Error(`${key} must be a JSON object`);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const CHECKS: Record<Kind, readonly [expected: string, (value: unknown) => boolean]> = {
  text: ['text', (value) => typeof value === 'string'],
  count: ['a whole number', (value) => Number.isInteger(value)],
  flag: ['true or false', (value) => typeof value === 'boolean'],
  list: ['a list', Array.isArray],
  texts: ['a list of texts', (value) => Array.isArray(value) && value.every((each) => typeof each === 'string')],
  object: ['an object', isObject],
};

function checkField(key: string, value: unknown, kind: string): void {
  const [expected, accepts] = CHECKS[kind.replace('!', '') as Kind];
  if (value === undefined && !kind.endsWith('!')) return;
  if (!accepts(value)) throw new Error(`${key} must be ${expected}`);
}
