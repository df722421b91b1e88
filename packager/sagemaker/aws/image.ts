/** The image that serves a deployment's model. */
import type { Aws } from './clients.js';

/** MLflow's name of the repository. */
export const REPOSITORY = 'mlflow-pyfunc';

/**
 * `given`, else `MLTRACK_SAGEMAKER_DEPLOY_IMG_URL`, else ECR's `mlflow-pyfunc:VERSION` by its digest, so that a later push to
 * the tag changes no endpoint. An image that ECR does not show is named by its tag, with a warning: SageMaker has the last word.
 */
export async function inferenceImage(
  aws: Aws,
  given: string | undefined,
  version: string,
  warn: (line: string) => void,
): Promise<string> {
  const named = given ?? process.env.MLTRACK_SAGEMAKER_DEPLOY_IMG_URL;
  if (named) return checked(named);
  const { account, partition } = await aws.caller();
  const domain = partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
  const repository = `${account}.dkr.ecr.${aws.region}.${domain}/${REPOSITORY}`;
  try {
    const { imageDetails } = await aws.ecr.describeImages({
      repositoryName: REPOSITORY,
      imageIds: [{ imageTag: version }],
    });
    const digest = imageDetails?.[0]?.imageDigest;
    if (digest) return `${repository}@${digest}`;
  } catch (error) {
    warn(
      `${(error as Error).message}. The image comes from \`mltrack sagemaker build-and-push\`; going on with its tag`,
    );
  }
  return `${repository}:${version}`;
}

/** SageMaker's pattern of `Image`: no blanks, 255 characters at most. */
function checked(image: string): string {
  if (/^\S{1,255}$/.test(image)) return image;
  throw new Error(`The image URL '${image}' must have 1 to 255 characters and no blanks`);
}
