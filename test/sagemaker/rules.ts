/** What SageMaker refuses and moto does not: names, duplicates, roles, images, model data, variants, tags, things in use. */
import { invalid, type Json, requireName } from './endpoints.js';

/** What is known of the account, as the rules ask for it. */
export interface Account {
  hasModel(name: string): Promise<boolean>;
  hasConfig(name: string): Promise<boolean>;
  /** Names of the models in a configuration. */
  modelsOf(config: string): Promise<string[]>;
  /** Names of the configurations. */
  configs(): Promise<string[]>;
  /** Media type of an image's manifest in ECR; undefined when there is none. */
  manifestType(repository: string, reference: string): Promise<string | undefined>;
  /** Tags of an S3 object; undefined when it is not there. */
  objectTags(bucket: string, key: string): Promise<Record<string, string> | undefined>;
  uses(config: string): boolean;
}

type Rule = (body: Json, account: Account) => Promise<void> | void;

const ROLE = /^arn:aws[a-z-]*:iam::\d{12}:role\/?[a-zA-Z_0-9+=,.@\-_/]+$/;
const TAG = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';

export const RULES: Record<string, Rule> = {
  async CreateModel(body, account) {
    const name = requireName(body.ModelName, 'modelName');
    if (await account.hasModel(name)) throw invalid(`Cannot create already existing model "${name}".`);
    if (!ROLE.test(String(body.ExecutionRoleArn))) throw invalid(`Invalid role ${body.ExecutionRoleArn}`);
    checkTags(body.Tags);
    const container = body.PrimaryContainer as Json;
    await checkImage(String(container.Image), account);
    await checkModelData(String(container.ModelDataUrl), account);
    for (const [key, value] of Object.entries((container.Environment ?? {}) as Json)) {
      if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(key) || typeof value !== 'string') throw invalid(`Invalid variable ${key}`);
    }
  },

  async CreateEndpointConfig(body, account) {
    const name = requireName(body.EndpointConfigName, 'endpointConfigName');
    if (await account.hasConfig(name))
      throw invalid(`Cannot create already existing endpoint configuration "${name}".`);
    checkTags(body.Tags);
    const variants = body.ProductionVariants as Json[];
    if (!(variants.length >= 1 && variants.length <= 10)) throw invalid('1 to 10 variants');
    if (new Set(variants.map((each) => each.VariantName)).size < variants.length) {
      throw invalid('Production variant names must be unique');
    }
    for (const variant of variants) checkVariant(variant);
  },

  async CreateEndpoint(body, account) {
    checkTags(body.Tags);
    await requireConfig(body, account);
  },

  UpdateEndpoint: requireConfig,

  DeleteEndpointConfig(body, account) {
    const name = requireName(body.EndpointConfigName, 'endpointConfigName');
    if (account.uses(name)) throw invalid(`The endpoint configuration ${name} is in use`);
  },

  async DeleteModel(body, account) {
    const name = requireName(body.ModelName, 'modelName');
    for (const config of await account.configs()) {
      if ((await account.modelsOf(config)).includes(name)) throw invalid(`The model ${name} is used by ${config}`);
    }
  },
};

async function requireConfig(body: Json, account: Account): Promise<void> {
  const name = requireName(body.EndpointConfigName, 'endpointConfigName');
  if (!(await account.hasConfig(name))) throw invalid(`Could not find endpoint configuration "${name}".`);
}

function checkTags(tags: unknown): void {
  for (const { Key, Value } of (tags ?? []) as { Key: string; Value: string }[]) {
    const fine = Key.length >= 1 && Key.length <= 128 && Value.length <= 256 && TAG.test(Key) && TAG.test(Value);
    if (!fine) throw invalid(`Invalid tag ${Key}=${Value}`);
  }
}

async function checkImage(image: string, account: Account): Promise<void> {
  if (!/^\S{1,255}$/.test(image)) throw invalid(`Invalid image ${image}`);
  const ecr = /^\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com\/([^:@]+)[:@](.+)$/.exec(image);
  if (!ecr) throw invalid(`Using non-ECR image "${image}" without Vpc repository access mode is not supported.`);
  const type = await account.manifestType(ecr[1] as string, ecr[2] as string);
  if (type === undefined) throw invalid(`Requested image ${image} not found.`);
  if (type !== DOCKER_MANIFEST) {
    throw invalid(
      `Unsupported manifest media type ${type} for image ${image}. Ensure that valid manifest media type is used`,
    );
  }
}

async function checkModelData(url: string, account: Account): Promise<void> {
  const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/(.+\.tar\.gz)$/.exec(url) ?? [];
  if (key === '') throw invalid(`Invalid ModelDataUrl ${url}`);
  const tags = await account.objectTags(bucket, key);
  if (!tags) throw invalid(`Could not find model data at ${url}.`);
  // AmazonSageMakerFullAccess lets SageMaker read only what is tagged so.
  if (tags.SageMaker !== 'true') throw invalid(`Could not access model data at ${url}.`);
}

function checkVariant(variant: Json): void {
  requireName(variant.VariantName, 'variantName');
  const { ServerlessConfig: serverless, InstanceType: type, InitialInstanceCount: count } = variant;
  if (serverless !== undefined) {
    const memory = Number((serverless as Json).MemorySizeInMB);
    if (type !== undefined || count !== undefined) throw invalid('Serverless variants have no instances');
    if (!(memory >= 1024 && memory <= 6144 && memory % 1024 === 0)) throw invalid(`Invalid memory size ${memory}`);
  } else if (!/^ml\.[a-z0-9-]+\.[a-z0-9]+$/.test(String(type)) || !(Number(count) >= 1)) {
    throw invalid(`Invalid instances: ${count} of ${type}`);
  }
}
