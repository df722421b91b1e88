/** A SageMaker model: made of a model URI, and removed with what was uploaded for it. */
import type { ContainerDefinition, Tag } from '@aws-sdk/client-sagemaker';
import { resolveModel } from '../model-uri.js';
import { pinnedUri } from '../registered-model.js';
import { modelFiles, packModel } from './archive.js';
import { deleted, ensureBucket, removeObject, upload } from './aws/bucket.js';
import type { Aws } from './aws/clients.js';
import { isDenied, isMissing } from './aws/failures.js';
import { inferenceImage } from './aws/image.js';
import { executionRole } from './aws/role.js';
import type { DeploymentConfig } from './deployment-config.js';
import type { Undo } from './undo.js';

export interface ModelRequest {
  readonly name: string;
  /** A folder, or any URI `resolveModel` understands. */
  readonly modelUri: string;
  readonly config: DeploymentConfig;
  /** The tag of the image in ECR that is taken when the configuration names none. */
  readonly version: string;
}

export interface CreatedModel {
  readonly name: string;
  /** What it is made of: an alias or a stage is the version that it meant. */
  readonly modelUri: string;
  readonly arn: string;
  readonly image: string;
  /** `s3:` URL of its model.tar.gz. */
  readonly modelDataUrl: string;
}

/** Packs, uploads and creates. What it makes is told to `undo` before it is made. */
export async function createModel(
  aws: Aws,
  { name, modelUri: given, config, version }: ModelRequest,
  undo: Undo,
  progress: (line: string) => void,
): Promise<CreatedModel> {
  const modelUri = await pinnedUri(given);
  if (modelUri !== given) progress(`${given} is ${modelUri}`);
  const source = await resolveModel(modelUri);
  try {
    const files = await modelFiles(source.path);
    const role = await executionRole(aws, config.execution_role_arn);
    const image = await inferenceImage(aws, config.image_url, version, progress);
    const bucket = config.bucket ?? `mlflow-sagemaker-${aws.region}-${(await aws.caller()).account}`;
    const archive = await packModel(files);
    try {
      await ensureBucket(aws, bucket, undo);
      progress(`uploading model.tar.gz (${files.length} files, ${megabytes(archive.bytes)}) to ${bucket}`);
      const modelDataUrl = await upload(aws, { bucket, key: keyOf(name), archive }, undo, progress);
      const container = { Image: image, ModelDataUrl: modelDataUrl, Environment: environmentOf(config) };
      const arn = await create(aws, { name, role, container, config, tags: tagsOf(modelUri, config) }, undo);
      progress(`created model ${name} with image ${image}`);
      return { name, modelUri, arn, image, modelDataUrl };
    } finally {
      archive.remove();
    }
  } finally {
    source.remove();
  }
}

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(bytes < 1e6 ? 3 : 1)} MB`;

const keyOf = (modelName: string) => `${modelName}/model.tar.gz`;

interface Creation {
  name: string;
  role: string;
  container: ContainerDefinition;
  config: DeploymentConfig;
  tags: Tag[];
}

async function create(aws: Aws, { name, role, container, config, tags }: Creation, undo: Undo): Promise<string> {
  undo.add(`model ${name}`, () => deleted(aws.sagemaker.deleteModel({ ModelName: name })));
  const { ModelArn = '' } = await aws.sagemaker.createModel({
    ModelName: name,
    PrimaryContainer: container,
    ExecutionRoleArn: role,
    ...(config.vpc_config && { VpcConfig: config.vpc_config }),
    Tags: tags,
  });
  return ModelArn;
}

/** As MLflow sets it, so that either image serves the model. */
function environmentOf({ env }: DeploymentConfig): Record<string, string> {
  const proxies = ['http_proxy', 'https_proxy', 'no_proxy'].flatMap((name) => {
    const value = process.env[name];
    return value ? [[name, value]] : [];
  });
  return { ...CONTAINER_ENVIRONMENT, ...Object.fromEntries(proxies), ...env };
}

export const CONTAINER_ENVIRONMENT = {
  MLFLOW_DEPLOYMENT_FLAVOR_NAME: 'python_function',
  SERVING_ENVIRONMENT: 'SageMaker',
} as const;

const MODEL_URI_TAG = 'model_uri';

function tagsOf(modelUri: string, { tags = {} }: DeploymentConfig): Tag[] {
  // What a tag's value may hold, and how much.
  const value = modelUri.replace(/[^\p{L}\p{Z}\p{N}_.:/=+\-@]/gu, '_').slice(-256);
  return Object.entries({ [MODEL_URI_TAG]: value, ...tags }).map(([Key, Value]) => ({ Key, Value }));
}

export interface FoundModel {
  readonly name: string;
  readonly image: string | undefined;
  readonly modelDataUrl: string | undefined;
  /** What it was made of, when it was made here. */
  readonly modelUri: string | undefined;
}

/** Undefined when it is not there. */
export async function findModel(aws: Aws, name: string): Promise<FoundModel | undefined> {
  try {
    const { PrimaryContainer, ModelArn } = await aws.sagemaker.describeModel({ ModelName: name });
    // Who may not read tags may still remove the model.
    const { Tags = [] } = await aws.sagemaker.listTags({ ResourceArn: ModelArn }).catch((error: Error) => {
      if (isDenied(error)) return { Tags: [] };
      throw error;
    });
    return {
      name,
      image: PrimaryContainer?.Image,
      modelDataUrl: PrimaryContainer?.ModelDataUrl,
      modelUri: Tags.find(({ Key }) => Key === MODEL_URI_TAG)?.Value,
    };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Removes a model and its tar, and says so. A tar that was not uploaded for this model alone stays. */
export async function removeModel(aws: Aws, { name, modelDataUrl }: FoundModel, progress: (line: string) => void) {
  if (await deleted(aws.sagemaker.deleteModel({ ModelName: name }))) progress(`removed model ${name}`);
  if (modelDataUrl === undefined) return;
  if (!modelDataUrl.endsWith(`/${keyOf(name)}`)) progress(`left ${modelDataUrl}, which mltrack did not upload`);
  else if (await removeObject(aws, modelDataUrl)) progress(`removed ${modelDataUrl}`);
}
