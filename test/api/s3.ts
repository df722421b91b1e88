/** S3 for a test of artifacts: moto with a bucket, and the environment by which a server finds it. */
import { S3 } from '@aws-sdk/client-s3';
import { startMoto } from '../sagemaker/aws.js';

export const BUCKET = 'mlartifacts';

export interface TestS3 {
  readonly env: Record<string, string>;
  readonly client: S3;
  /** Keys of the bucket, in order. */
  keys(): Promise<string[]>;
  stop(): Promise<void>;
}

export async function startS3(): Promise<TestS3> {
  const moto = await startMoto();
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const client = new S3({ endpoint: moto.url, region: 'us-east-1', credentials, forcePathStyle: true });
  await client.createBucket({ Bucket: BUCKET });
  return {
    env: s3Env(moto.url),
    client,
    async keys() {
      const { Contents = [] } = await client.listObjectsV2({ Bucket: BUCKET });
      return Contents.map(({ Key = '' }) => Key);
    },
    stop: () => moto.stop(),
  };
}

export const s3Env = (url: string): Record<string, string> => ({
  MLFLOW_S3_ENDPOINT_URL: url,
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
});
